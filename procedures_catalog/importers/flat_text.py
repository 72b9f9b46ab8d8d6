"""Portal tables that lost their cell borders, put apart again.

«Trực tuyến3 Ngày làm việc7,000 Việt Nam Đồng(…)Trực tiếp…» and «… theo mẫu1 bản chính,1 bản saoĐơn …».
What cannot be put apart with certainty comes back empty.
"""

from __future__ import annotations

import re

from procedures_catalog.importers.page import Group, Paper, Way, channel_of, said, tidy
from procedures_catalog.recognise import legal_numbers, separated

_WAYS_HEAD = re.compile(r"^\s*Hình thức nộp\s*Thời (?:gian|hạn giải quyết)\s*Phí, lệ phí\s*Mô tả")
_WAY = re.compile(
    r"(?P<channel>Trực tuyến|Dịch vụ bưu chính|Trực tiếp)"
    r"(?:(?P<time>\d+ (?:Ngày làm việc|Ngày|Giờ|Phút|Tháng|Năm))"
    r"|(?P<digits>\d+)(?=Miễn|Không|[\d., ])|Không có thông tin)"
    r"(?P<fee>Miễn phí|Không có thông tin|(?P<amount>[\d.,]*) ?(?P<currency>Việt Nam Đồng|VNĐ|USD))"
)
_LOST_WAY = re.compile(r"(?:Trực tuyến|Dịch vụ bưu chính|Trực tiếp)(?:\d|Miễn phí|Không có thông tin)")
_PAPERS_HEAD = "Tên giấy tờMẫu đơn, tờ khaiSố lượng"
_QUANTITY = re.compile(
    r"(?:(?P<originals>\d+) ?bản chính(?:, ?(?P<copies>\d+) ?bản sao)?|(?P<only>\d+) ?bản sao)"
    r"(?=$|[^\s,.;:)])"
)
_FILE_END = re.compile(r"\.(?:docx?|pdf|xlsx?|rar|zip|png|jpe?g)\s*$", re.IGNORECASE)
_LAST_WORD = re.compile(r"\s*\S+$")
# Where a form's file name was glued to the paper's name.
_GLUE = re.compile(
    r"(?<=[a-zà-ỹ])(?=[A-ZĐ0-9])|(?<=[);:,])(?=[^\s.])|(?<=[a-zà-ỹ)]\.)(?=[A-ZĐ0-9])|(?<=\)\.)(?=\S)"
    r"|(?<=[A-ZĐ]{3})(?=[A-ZĐ][a-zà-ỹ])"
)
_RESULT_CODE = re.compile(r"Mã:\s*KQ\.[A-Z]\d{1,2}\.\d{5,6}")
_PAGE_END = re.compile(r"Từ khóa(?:Không có thông tin)?Mô tả.*", re.DOTALL)
_LAW_LEAD = re.compile(
    r"^\W*(?:(?:Nghị định|Nghị quyết|Thông tư|Quyết định)(?: số)?\s+(?=ngày|của|về|quy|sửa|hướng))?"
    r"(?:ngày (?:\d+/\d+/\d+|\d+ tháng \d+ năm \d+)\W*)?"
    r"(?:của (?:Chính phủ|Thủ tướng Chính phủ|Quốc hội"
    r"|(?:Bộ trưởng )?Bộ [A-ZĐÀ-Ỹ][\wà-ỹ]*(?: (?!quy|hướng|về|sửa|ban)[\wà-ỹ]+){0,6})\s*[:,]?\s*)?"
    r"(?:về việc |về )?",
)
# A number after these belongs to the title that holds it: "sửa đổi … của Thông tư số 16/2025/…".
_NAMED_INSIDE = re.compile(
    r"(?:\b(?:của|và|với|bởi|tại|theo|thi hành|thực hiện)|,)\s+"
    r"(?:Luật|Bộ luật|Nghị định|Nghị quyết|Thông tư|Quyết định)(?:\s+số)?\s*$",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"/\d{4}/|\d/[A-ZĐ]{2}")
GROUPED = re.compile(r"[1-9]\d{0,2}(?:[.,]\d{3})+")


def ways(text: str) -> list[Way]:
    """The rows of "Cách thức thực hiện"."""
    text = _WAYS_HEAD.sub("", text)
    heads = list(_WAY.finditer(text))
    rows: list[Way] = []
    for index, head in enumerate(heads):
        end = heads[index + 1].start() if index + 1 < len(heads) else len(text)
        inside, about = _parenthesis(text[head.end() : end])
        channel = channel_of(head["channel"])
        if channel is not None:
            time = head["time"] or (head["digits"] if not head["currency"] else "")
            rows.append(Way(channel, tidy(time), _fee_cell(head, inside), tidy(about)))
    return rows


def lost_ways(text: str) -> bool:
    """Whether rows of "Cách thức thực hiện" are among what :func:`ways` cannot put apart."""
    text = _WAYS_HEAD.sub("", text)
    first = _WAY.search(text)
    return bool(said(text[: first.start()] if first else text)) or bool(_LOST_WAY.search(_WAY.sub("", text)))


def _fee_cell(head: re.Match[str], inside: str) -> str:
    fee = head["fee"]
    if head["digits"] and head["currency"]:
        # A time without its unit ran into the amount: "1100 VNĐ" is 1 and 100, "11" and "00", …
        amount = _split_amount(head["digits"] + head["amount"], inside)
        fee = f"{amount} {head['currency']}" if amount else ""
    return f"{tidy(fee)} ({tidy(inside)})" if inside else tidy(fee)


def _split_amount(glued: str, inside: str) -> str:
    """The amount at the end of ``glued``, after at least one digit of a time; empty if in doubt."""
    ends = [glued[i:] for i in range(1, len(glued)) if glued[i] not in "0.,"]
    ends = [end for end in ends if GROUPED.fullmatch(end) or end.isdigit()]
    digits = re.sub(r"\D", "", " ".join(GROUPED.findall(inside)))
    told = [e for e in ends if (n := re.sub(r"\D", "", e)) and _tells(inside, n)] if digits else []
    candidates = told or [end for end in ends if GROUPED.fullmatch(end)]
    return candidates[0] if len(candidates) == 1 else ""


def _tells(text: str, digits: str) -> bool:
    numbers = {re.sub(r"\D", "", found) for found in GROUPED.findall(text)}
    return digits in numbers or f"{digits}000" in numbers


def _parenthesis(text: str) -> tuple[str, str]:
    """What stands in the parenthesis that opens the text, and what follows it."""
    if not text.startswith("("):
        return "", text
    depth = 0
    for index, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            inside = text[1:index]
            while inside.startswith("(") and inside.endswith(")"):
                inside = inside[1:-1]
            return inside, text[index + 1 :]
    return text.lstrip("("), ""


def papers(text: str) -> list[Group]:
    """The tables of "Thành phần hồ sơ"; none where the text holds no table."""
    parts = text.split(_PAPERS_HEAD)
    groups: list[Group] = []
    heading = parts[0]
    for part in parts[1:]:
        rows, rest = _rows(part)
        groups.append(Group(_heading(heading), rows))
        heading = rest
    return groups


def _rows(text: str) -> tuple[list[Paper], str]:
    """The rows of one table, and what follows the last of them: the next heading."""
    rows: list[Paper] = []
    start = 0
    for quantity in _QUANTITY.finditer(text):
        name = text[start : quantity.start()]
        group = "originals" if quantity["originals"] is not None else "only"
        glued, count = _count(name, quantity[group])
        name, form = _form(name + glued)
        originals, copies = (count, int(quantity["copies"] or 0)) if group == "originals" else (0, count)
        rows.append(Paper(paper_name(name), originals, copies, form))
        start = quantity.end()
    return rows, text[start:]


def _count(before: str, digits: str) -> tuple[str, int]:
    """The digits that belong to the name, and the count: "Mẫu số 18" + "1 bản chính"."""
    keep = 2 if not before or before[-1] in ".;:)" else 1
    return digits[:-keep], int(digits[-keep:])


def _form(name: str) -> tuple[str, str]:
    """The name without the form's file, and that file's name."""
    if not _FILE_END.search(name):
        return name, ""
    cut = _GLUE.search(name, max(0, len(name) - 120)) or _LAST_WORD.search(name.rstrip())
    at = cut.start() if cut else len(name)
    return name[:at], tidy(name[at:])


def paper_name(text: str) -> str:
    """A paper's name without bullets before and marks after it."""
    return re.sub(r"^(?:[-+*•–]+\)?|\(?[ivxa-z0-9]{1,4}[.)])\s*", "", tidy(text)).strip(" ;:,.-–")


def _heading(text: str) -> str:
    return tidy(text).strip(" *:-–.;")


def laws(text: str) -> list[tuple[str, str]]:
    """(number, title) of each legal text; where a title holds the number as well, once."""
    text = separated(re.sub(r"^\s*Tên văn bản pháp lý\s*Mã văn bản", "", text))
    found: dict[str, str] = {}
    start = 0
    for begin, end, number in legal_numbers(text):
        if _NAMED_INSIDE.search(text[start:begin]):
            found.setdefault(number, "")
            continue
        title = law_title(text[start:begin])
        if number not in found or len(title) > len(found[number]):
            found[number] = title
        start = end
    return list(found.items())


def law_title(text: str) -> str:
    """The title of a legal text: what it is about, without number, date and issuer before it."""
    title = _LAW_LEAD.sub("", tidy(text))
    title = re.sub(
        r"\s*(?:Luật|Bộ luật|Nghị định|Nghị quyết|Thông tư|Quyết định)?(?: số)?\s*$", "", title
    ).strip(" .;")
    says = 12 <= len(title) <= 300 or title.startswith("Luật ")
    return title[:1].upper() + title[1:] if says and not _NUMBERED.search(title) else ""


def results(text: str) -> list[str]:
    """The names of "Kết quả xử lý": what stands before each "Mã: KQ…"; the page's end cut off."""
    text = _PAGE_END.sub("", text)
    parts = _RESULT_CODE.split(text)
    names = parts[:-1] if len(parts) > 1 else parts
    return [name for part in names if (name := said(part).strip(" .;"))]
