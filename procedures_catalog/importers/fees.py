"""What a fee cell of the portal says, once its default is not taken for a fact.

"Miễn phí" is what the portal prints where nobody filled anything in: it counts as *not published*
unless the text beside it says more. An amount counts only where number and text agree, and keeps
the text as its note where that says more than the amount.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from msgspec.structs import replace

from procedures_catalog.importers.money import Amount, amounts_in, clauses, has_run_out
from procedures_catalog.importers.page import Way, short_about, tidy
from procedures_catalog.importers.words import words
from procedures_catalog.model import ChannelName, Fee
from procedures_catalog.recognise import legal_numbers, separated

LONGEST_NOTE = 600
# No procedure costs as much: what is more is a slip.
MOST = 100_000_000_000

_HEAD = re.compile(
    r"^\W*(?:(?:Phí|Lệ phí|Phí, lệ phí)\s*:\s*)?"
    r"(?:(?P<default>Miễn phí|Không có thông tin)"
    r"|(?P<amount>\d[\d.,]*) ?(?P<currency>Việt Nam Đồng|VNĐ|VND|Đồng|đồng|USD))",
)
_UNIT = re.compile(r"^\W*/\s*([^\d.,;:()/]{2,40})\W*$")
_PROVINCE = re.compile(
    r"(?:Hội đồng nhân dân|HĐND)[^.]*(?:quy định|quyết định|ban hành)"
    r"|(?:quy định|quyết định)[^.]*(?:Hội đồng nhân dân|HĐND)"
    r"|theo (?:mức thu|quy định)[^.]*(?:cấp tỉnh|địa phương)",
    re.IGNORECASE,
)
_FREE = re.compile(
    r"^\W*(?:miễn (?:thu )?(?:lệ phí|phí)|không (?:thu|mất|phải nộp) (?:phí|lệ phí))\s*(?:\.|;|\(|$)",
    re.IGNORECASE,
)
_EXEMPT = re.compile(
    r"(?:Miễn (?:lệ phí|phí)[^.:;()]{0,40}?|^\W*)\b(?:cho|đối với)\b(?: các)?(?: trường hợp)?:? ([^.()]+)"
)
_COPIES = re.compile(r"Phí cấp bản sao[^.]*(?:\.(?!\s|$)[^.]*)*\.?")
_BY_LAW = re.compile(r"theo (?:các )?quy định|Luật phí|biểu phí", re.IGNORECASE)
_DENIED = re.compile(r"không (?:được )?quy định|%", re.IGNORECASE)
_OF_MONEY = re.compile(r"lệ phí|phí, |Phí |\d[.,]\d{3} ?(?:đồng|đ\b)")


def fees_of(ways: list[Way], code: str, day: date) -> tuple[list[Fee], list[str]]:
    """The lines of fees on ``day``, and remarks on what was unclear. Equal lines of channels are one."""
    merged: dict[str, tuple[Fee, list[ChannelName]]] = {}
    remarks: list[str] = []
    for way in ways:
        told = _told(way, day)
        several = len({tidy(w.fee) for w in ways if w.channel == way.channel and w.fee}) > 1
        for fee in _judge(told, code):
            if several and fee.state == "amount" and not (fee.note or fee.name):
                fee.note = short_about(way.about)
            known = merged.setdefault(repr(fee), (fee, []))[1]
            if way.channel not in known:
                known.append(way.channel)
        if told.remark and told.remark not in remarks:
            remarks.append(told.remark)
    channels = {way.channel for way in ways}
    rows = [replace(fee, channels=[] if set(of) == channels else of) for fee, of in merged.values()]
    return rows, remarks


@dataclass
class _Told:
    """A fee cell in parts: what it begins with, what the text beside it says on the day asked."""

    value: int | None
    dollars: str
    unit: str
    text: str
    whole: str
    amounts: list[Amount]
    run_out: list[Amount]
    exemptions: list[str]
    remark: str = ""


def _told(way: Way, day: date) -> _Told:
    head = _HEAD.match(way.fee)
    inside = (way.fee[head.end() :] if head else way.fee).strip()
    if inside.startswith("(") and inside.endswith(")"):
        inside = inside[1:-1].strip()
    unit = _UNIT.match(inside)
    beside = [clause for clause in clauses(way.about) if _OF_MONEY.search(clause)]
    whole = separated(". ".join(part for part in ("" if unit else inside, *beside) if part))
    whole = _COPIES.sub("", whole).strip(" ;")
    exempt = _EXEMPT.search(whole)
    exemptions = [part.strip() for part in exempt[1].split(";")] if exempt else []
    text = whole.replace(exempt.group(), "") if exempt else whole
    dated = amounts_in(text)
    text = ". ".join(clause for clause in clauses(text) if not has_run_out(clause, day)).replace(":. ", ": ")
    dollars = bool(head) and head["currency"] == "USD"
    number = head["amount"] if head and head["amount"] else ""
    return _Told(
        value=int(re.sub(r"\D", "", number)) if number and not dollars else None,
        dollars=number if dollars else "",
        unit=unit[1].strip() if unit else "",
        text=text,
        whole=whole,
        amounts=[a for a in dated if (a.until is None or a.until >= day) and a.value <= MOST],
        run_out=[a for a in dated if a.until is not None and a.until < day],
        exemptions=[e for e in exemptions if 3 <= len(e) <= 250],
    )


def _judge(told: _Told, code: str) -> list[Fee]:
    if _PROVINCE.search(told.whole):
        return [_elsewhere(told, words("fee_by_province"))]
    if told.dollars:
        unit = f"/{told.unit}" if told.unit else ""
        note = words("fee_in_dollars", amount=told.dollars, unit=unit)
        return [Fee(state="not_published", note=note, exemptions=told.exemptions)]
    numbers = list(dict.fromkeys(number for _, _, number in legal_numbers(told.text)))
    if told.value is not None:
        return _beginning_with_amount(told, numbers)
    if _FREE.match(told.text):
        own = [number for _, _, number in legal_numbers(clauses(told.text)[0])]
        return [Fee(state="free", basis=own[0] if own else words("free_on_page", code=code).strip())]
    if rows := _amount_rows(told, told.amounts, numbers):
        return rows
    if told.amounts and len(told.text) <= LONGEST_NOTE:
        return [_elsewhere(told, words("fee_by_case", text=told.text))]
    return _without_amount(told, numbers)


def _beginning_with_amount(told: _Told, numbers: list[str]) -> list[Fee]:
    """The cell begins with an amount: it holds if the text agrees, or says nothing of money."""
    value = told.value or 0
    # The portal's form takes thousands for units at times: "135 VNĐ (135.000 đồng/lần)".
    meant = {value, value * 1000} if value < 1000 else {value}
    if value > MOST:
        told.remark = f"the fee is unclear: {value} đồng cannot be"
        return [_unpublished(told)]
    if denied := _DENIED.search(told.text):
        told.remark = f"the fee is unclear: {value} đồng, but the text says {told.text[:90]!r}"
        a_share = denied.group() == "%"
        return _without_amount(told, numbers) if a_share else [_unpublished(told)]
    if not told.amounts and not told.run_out and value >= 1000:
        return _amount_rows(told, [Amount(value, told.unit)], numbers)
    agreeing = [amount for amount in told.amounts if amount.value in meant]
    if agreeing:
        rows = _amount_rows(told, told.amounts, numbers) or _amount_rows(told, agreeing[:1], numbers)
        if rows:
            return rows
    if any(amount.value in meant for amount in told.run_out):
        told.remark = f"the fee of {value} đồng has run out by its own text"
    else:
        told.remark = f"the fee is unclear: {value} đồng, but the text says {told.whole[:90]!r}"
    return [_unpublished(told)]


def _amount_rows(told: _Told, amounts: list[Amount], numbers: list[str]) -> list[Fee]:
    """One lasting amount, one temporary amount, or one of each; none when there are more."""
    distinct = list({(a.value, bool(a.until)): a for a in amounts}.values())
    lasting = [a for a in distinct if not a.until]
    if not distinct or len(lasting) > 1 or len(distinct) - len(lasting) > 1:
        return []
    more = _says_more(told, amounts)
    if more and len(told.text) > LONGEST_NOTE:
        return []
    return [
        Fee(
            state="amount",
            amount=a.value,
            unit=a.unit or told.unit or None,
            name=a.name or None,
            layer="temporary" if a.until else "national",
            valid_from=a.since,
            valid_until=a.until,
            basis=a.number or (numbers[0] if len(numbers) == 1 else None),
            note=told.text.strip(" .;-+") if more else None,
            exemptions=told.exemptions,
        )
        for a in distinct
    ]


def _says_more(told: _Told, amounts: list[Amount]) -> bool:
    """Whether the text holds words beyond the amounts, their names, units, dates and legal texts."""
    rest = told.text
    for amount in amounts:
        for part in (amount.printed, amount.name):
            rest = rest.replace(part, " ") if part else rest
    rest = re.sub(r"\([^()]*\)", " ", rest)
    return len(re.sub(r"[\W\d_]+|đồng|Lệ phí|Mức thu|Phí", "", rest)) > 12


def _without_amount(told: _Told, numbers: list[str]) -> list[Fee]:
    if numbers and not told.run_out:
        return [_elsewhere(told, words("fee_by_law", numbers=", ".join(numbers)))]
    if _BY_LAW.search(told.text) and not told.run_out:
        return [_elsewhere(told, words("fee_by_general_law"))]
    return [_unpublished(told)]


def _unpublished(told: _Told) -> Fee:
    return Fee(state="not_published", exemptions=told.exemptions)


def _elsewhere(told: _Told, note: str) -> Fee:
    return Fee(state="set_elsewhere", note=note, exemptions=told.exemptions)
