"""Which papers a portal's tables ask for: papers kept, instructions left out, cases told apart."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from procedures_catalog.importers.flat_text import paper_name
from procedures_catalog.importers.naming import slug
from procedures_catalog.importers.page import Group, Paper
from procedures_catalog.importers.words import words
from procedures_catalog.model import Case, Choice, Document, Form
from procedures_catalog.recognise import is_instruction

CASE_ID = "truong-hop"
MOST_CHOICES = 6
MOST_ROWS = 40
LONG_NAME = 160

_ALWAYS = re.compile(
    r"^\W*(?:giấy tờ phải nộp|giấy tờ cần nộp|hồ sơ(?: phải nộp)?|thành phần hồ sơ)?"
    r"(?: gồm| bao gồm)?\W*$"
    r"|^(?!.*(?:trường hợp|đối với|nếu |ủy quyền)).*\b(?:hồ sơ|giấy tờ)\b.*(?:gồm|sau đây|sau)\W*$",
    re.IGNORECASE,
)
_FORM_NUMBER = re.compile(r"\s*\((?P<number>(?:theo )?mẫu[^()]{2,150})\)", re.IGNORECASE)
_SHOWN = re.compile(r"xuất trình", re.IGNORECASE)
_REMARK = re.compile(r"^\W*(?:lưu ý|ghi chú|chú ý)", re.IGNORECASE)
_ADDED = re.compile(
    r"ủy quyền|uỷ quyền|kèm theo|bưu chính|ngoài ra|bổ sung|xác thực|trực tuyến|trực tiếp|nhận kết quả",
    re.IGNORECASE,
)
_CONDITION = re.compile(
    r"^\W*(?P<when>(?:trường hợp|nếu|đối với|khi|người|công dân)\b[^.;:]{4,240}?)\s*(?:[,:;]\s*)?\b(?:thì )?"
    # Not the paper that is missing, was handed in, or need not be: "không có …", "đã nộp …".
    r"(?:(?:phải|cần) )?(?<!không )(?<!chưa )(?<!đã )(?<!không phải )(?<!không cần )"
    r"(?:có|nộp|xuất trình|gửi kèm|kèm theo|nộp kèm)(?: theo| thêm)?:?\s+"
    r"(?P<paper>(?:văn bản|giấy|bản|đơn|tờ khai|quyết định|biên bản|hợp đồng|phiếu|sổ|thẻ|trích lục"
    r"|hồ sơ|hộ chiếu)\b.+)$",
    re.IGNORECASE | re.DOTALL,
)
# What begins like a paper's name and names none.
_NO_NAME = re.compile(
    r"(?:(?:các )?(?:giấy tờ|hồ sơ|tài liệu)|bản (?:chính|sao))(?: bao| gồm| sau| sau đây| nêu trên| trên)*"
    r"|(?:ngoài|người|công dân|bên|sau khi|trong đó) .*|.* thì .*",
    re.IGNORECASE | re.DOTALL,
)
# Where a paper's name ends and the talk about it begins; in a long one also earlier.
_CUT = re.compile(
    r"[.;]\s+(?=[A-ZĐÀ-Ỹ]|trường hợp|nếu|đối với)|\s\((?=trường hợp|nếu|đối với|áp dụng)", re.IGNORECASE
)
_LATE_CUT = re.compile(
    r"[.;:]\s+|\s\(|,? (?=(?:có )?ghi (?:rõ|đầy đủ)|trong đó|(?:bao )?gồm |kèm theo |theo mẫu )"
)
_CASE_WORDS = re.compile(
    r"^\W*(?:\(?\d+(?:\.\d+)*\)?\.?\s*)?(?:đối với(?: trường hợp)?|trường hợp)\s*", re.IGNORECASE
)


@dataclass
class Dossier:
    """What an entry is given of the papers; ``left_out`` counts rows that are no papers."""

    documents: list[Document] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    left_out: int = 0


def dossier_of(groups: list[Group]) -> Dossier:
    """The papers of a page's tables."""
    result = Dossier()
    groups = [group for group in groups if group.papers and not _REMARK.match(group.heading)]
    special = [
        group for group in groups if not (_ALWAYS.match(group.heading) or _SHOWN.search(group.heading))
    ]
    cases = _cases(special) if len(special) == len(groups) else {}
    if sum(len(group.papers) for group in groups) > MOST_ROWS and len(special) > MOST_CHOICES:
        # Dozens of rows under a dozen headings are no checklist for anybody.
        result.notes.append(words("papers_by_case", count=len(special)))
        return result
    if cases:
        choices = [Choice(id=key, label=label) for key, label in cases.values()]
        result.cases = [Case(id=CASE_ID, question=words("case_question"), choices=choices)]
    for index, group in enumerate(groups):
        for paper in group.papers:
            document = _document(paper, group, shown=bool(_SHOWN.search(group.heading)))
            if document is None:
                result.left_out += 1
                continue
            if index in cases:
                document.when = {CASE_ID: cases[index][0]}
            elif group in special:
                document.note = _joined(_capital(_short(group.heading, 200)), document.note)
            _add(result, document, paper)
    return result


def _document(paper: Paper, group: Group, shown: bool) -> Document | None:
    """The row as a paper, or None when it is an instruction."""
    if not (paper.originals or paper.copies):
        return None
    name, note = _FORM_NUMBER.sub("", paper.name), None
    condition = _CONDITION.match(name)
    if condition:
        name, note = condition["paper"], condition["when"].strip()
    name, rest = _first_sentence(name)
    name = paper_name(_capital(name))
    if not name or _NO_NAME.fullmatch(name) or is_instruction(name):
        return None
    return Document(
        name=name,
        originals=paper.originals,
        copies=paper.copies,
        present=shown,
        optional=paper.required is False,
        note=_joined(_capital(note) if note else None, rest),
    )


def _first_sentence(name: str) -> tuple[str, str | None]:
    """A paper's name and what is said of it: "Giấy chứng sinh; trường hợp không có …"."""
    cuts = _CUT.finditer(name) if len(name) <= LONG_NAME else _LATE_CUT.finditer(name)
    for cut in cuts:
        head, rest = name[: cut.start()], name[cut.end() :].strip(" .;")
        if cut.start() >= 8 and head.count("(") == head.count(")"):
            if rest.count(")") > rest.count("("):
                rest = rest.replace(")", "", 1)
            return head, _capital(rest) if rest else None
    return name, None


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _add(result: Dossier, document: Document, paper: Paper) -> None:
    number = _FORM_NUMBER.search(paper.name)
    if paper.form or number:
        document.form = _form(result, document.name, _capital(number["number"]) if number else None).id
    same = next((d for d in result.documents if d.name == document.name and d.note == document.note), None)
    if same is None:
        result.documents.append(document)
    elif same.when is None or document.when is None:
        same.when = None
    else:
        # The same paper in several cases is one row.
        same.when = {CASE_ID: list(dict.fromkeys([*_choices(same), *_choices(document)]))}


def _choices(document: Document) -> list[str]:
    chosen = (document.when or {})[CASE_ID]
    return [chosen] if isinstance(chosen, str) else chosen


def _form(result: Dossier, name: str, number: str | None) -> Form:
    for form in result.forms:
        if form.name == name:
            return form
    key = base = slug(name, 40)
    while any(form.id == key for form in result.forms):
        key = f"{base}-{len(result.forms) + 1}"
    result.forms.append(Form(id=key, name=name, number=number))
    return result.forms[-1]


def _cases(groups: list[Group]) -> dict[int, tuple[str, str]]:
    """(id, label) of the choice for each group, if the groups are alternatives; else nothing.

    Alternatives are told by their headings ("Đối với …", "Trường hợp …") and by asking, in part,
    for the same papers; headings that add something to a dossier make no choice.
    """
    if not 2 <= len(groups) <= MOST_CHOICES:
        return {}
    if not all(_CASE_WORDS.match(g.heading) and not _ADDED.search(g.heading) for g in groups):
        return {}
    names = [{paper_name(paper.name).lower() for paper in group.papers} for group in groups]
    if not any(a & b for i, a in enumerate(names) for b in names[i + 1 :]):
        return {}
    labels = [_short(_label(group.heading), 60) for group in groups]
    keys = [slug(label, 40) for label in labels]
    if len(set(keys)) < len(keys) or len(set(labels)) < len(labels):
        return {}
    return dict(enumerate(zip(keys, labels, strict=True)))


def _label(heading: str) -> str:
    return _capital(_CASE_WORDS.sub("", heading).strip(" :.;,-"))


def _short(text: str, most: int) -> str:
    """The text, or as many whole words of it as fit with an ellipsis."""
    if len(text) <= most:
        return text
    return text[: most - 1].rsplit(" ", 1)[0].rstrip(" ,;") + "…"


def _joined(*parts: str | None) -> str | None:
    return ". ".join(part.rstrip(" .") for part in parts if part) or None
