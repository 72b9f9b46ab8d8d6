"""A page as an entry: only what is certain, nothing guessed, nobody sent to a body that is gone."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date

import msgspec

from procedures_catalog.errors import ImportFault
from procedures_catalog.importers.dossier import dossier_of
from procedures_catalog.importers.fees import fees_of
from procedures_catalog.importers.naming import procedure_slug
from procedures_catalog.importers.page import Page, Way, said, short_about, tidy
from procedures_catalog.importers.words import words
from procedures_catalog.loading import inner_faults
from procedures_catalog.model import (
    Channel,
    ChannelName,
    Duration,
    LegalBasis,
    Level,
    Procedure,
    Source,
    TimeUnit,
)
from procedures_catalog.recognise import gone_bodies

LONGEST_CONDITIONS = 2000
LONGEST_STEP = 300
# Official names of a thousand letters exist.
LONGEST_NAME = 2000

_CODE = re.compile(r"(\d\.\d{6})(?:\.000\.00\.00\.[A-Z]\d{2,3})?")
_TIME = re.compile(
    r"^\W*(?:(?:trong )?(?:vòng |thời hạn |thời gian )?(?:là )?(?:không quá|tối đa)?:? )?"
    r"(\d+(?:[.,]5)?)\s*(?:\([^()]*\)\s*)?(ngày làm việc|ngày|giờ(?: làm việc)?)\b",
    re.IGNORECASE,
)
_UNITS: dict[str, TimeUnit] = {"ngày làm việc": "working_days", "ngày": "days", "giờ": "hours"}
_COMMUNE = re.compile(
    r"[UỦ][ỷy] ban nhân dân (?:cấp )?xã, phường(?:, (?:thị trấn|đặc khu))*\.?", re.IGNORECASE
)
_COMMUNE_POLICE = re.compile(r"Công an (?:cấp )?xã, phường(?:, (?:thị trấn|đặc khu))*\.?", re.IGNORECASE)
# "Sở Văn hóa, Thể thao và Du lịch" is one body: a new one begins with a word that bodies begin with.
_SPLIT_AGENCIES = re.compile(
    r",\s*(?=(?:[UỦ][ỷy] ban|UBND|Chủ tịch|Sở|Bộ|Cục|Chi cục|Tổng cục|Công an|Cảnh sát|Chi nhánh|Văn phòng"
    r"|Phòng|Ban|Bảo hiểm|Cơ quan|Tổ chức|Trung tâm|Tòa|Toà|Đơn vị|Hội đồng|Công đoàn|Ngân hàng|Trường|Quỹ"
    r"|Thanh tra|Viện)\b)|\n|;"
)


@dataclass
class Draft:
    """An entry as one source gives it; ``covers``: the fields that this kind of source speaks for."""

    procedure: Procedure
    covers: frozenset[str]
    remarks: list[str] = field(default_factory=list)


LIST_COVERS = frozenset({"name", "field", "level", "agency", "code"})
PAGE_COVERS = LIST_COVERS | {
    "submit_at", "channels", "documents", "cases", "forms", "fees", "processing_time", "steps",
    "eligibility", "result", "notes", "legal_basis",
}  # fmt: skip


def draft_of(page: Page, source: Source, day: date, covers: frozenset[str] = PAGE_COVERS) -> Draft:
    """The entry that a page gives, as of ``day`` (the day the page was saved).

    Raises:
        ImportFault: the page lacks a name or a field, or its code has no possible form.
    """
    name, domain, code = tidy(page.name), tidy(page.domain), _code(page.code)
    if not name:
        raise ImportFault("it names no procedure (no «Tên thủ tục»)")
    if len(name) > LONGEST_NAME:
        raise ImportFault(f"its name has {len(name)} characters: it is no name of a procedure")
    if not domain:
        raise ImportFault(f"{code or name!r} names no field (no «Lĩnh vực»)")
    full = covers is PAGE_COVERS
    if not (page.level or any(page.agencies)):
        covers -= {"level"}  # "other" is then only for want of a better word
    draft = Draft(
        Procedure(
            id=procedure_slug(name),
            name=name,
            field=domain,
            level=_level(page),
            completeness="listed",
            checked_on=day,
            sources=[source],
            code=code,
        ),
        covers,
    )
    entry = draft.procedure
    draft.remarks += page.remarks
    entry.agency = _agency(page.agencies, draft.remarks)
    if not full:
        return _checked(draft)
    entry.submit_at = _living([said(page.place)], draft.remarks)
    entry.channels = [
        Channel(channel=name, url=(page.url or None) if name == "online" else None)
        for name in dict.fromkeys(w.channel for w in page.ways if page.channels is None)
        or (page.channels or [])
    ]
    entry.fees, unclear = fees_of(page.ways, code or "", day)
    draft.remarks += unclear
    entry.processing_time = _times(page.ways)
    draft.remarks += _unclear_times(page.ways)
    papers = dossier_of(page.groups)
    entry.documents, entry.cases, entry.forms = papers.documents, papers.cases, papers.forms
    entry.notes = papers.notes
    for document in entry.documents:
        if document.note:
            document.note = next(iter(_living([document.note], draft.remarks)), None)
    if papers.left_out:
        draft.remarks.append(f"{papers.left_out} rows among the papers are instructions: left out")
    entry.eligibility = _conditions(page.conditions, draft.remarks)
    entry.result = list(dict.fromkeys(page.results))
    entry.steps = [s for s in _living(page.steps, draft.remarks) if len(s) <= LONGEST_STEP]
    entry.legal_basis = [LegalBasis(number=number, title=title or None) for number, title in page.laws]
    return _checked(draft)


def _checked(draft: Draft) -> Draft:
    """The draft, once its entry is one by the schema and its references hold."""
    try:
        entry = msgspec.convert(msgspec.to_builtins(draft.procedure), Procedure)
    except msgspec.ValidationError as error:
        raise ImportFault(f"what it says makes no entry: {error}") from error
    for name, expected in inner_faults(entry):
        raise ImportFault(f"what it says makes no entry: {name} {expected}")
    return Draft(entry, draft.covers, draft.remarks)


def _code(text: str) -> str | None:
    text = tidy(text)
    if not text:
        return None
    match = _CODE.fullmatch(text)
    if match is None:
        raise ImportFault(f"its code {text!r} is not a national code such as 1.001193")
    return match[1]


def _level(page: Page) -> Level:
    """The lowest level named: where the citizen goes."""
    named = (page.level or " ".join(page.agencies)).lower()
    if re.search(r"\bxã\b|\bphường\b", named):
        return "commune"
    return "province" if re.search(r"\btỉnh\b|\bsở\b", named) else "other"


def _agency(named: list[str], remarks: list[str]) -> str | None:
    parts: list[str] = []
    for text in named:
        text = _COMMUNE.sub("Ủy ban nhân dân cấp xã\n", said(text))
        text = _COMMUNE_POLICE.sub("Công an cấp xã\n", text)
        parts += [part for raw in _SPLIT_AGENCIES.split(text) if (part := said(raw).strip(" .,"))]
    living = _living([part for part in parts if len(part) <= 200], remarks)
    return words("agencies_joined").join(dict.fromkeys(living)) or None


def _living(texts: list[str], remarks: list[str]) -> list[str]:
    """The texts that name no body that is gone; the others become remarks."""
    kept = []
    for text in texts:
        gone = gone_bodies(text) if text else []
        if gone:
            remarks.append(f"names a body that no longer exists: {gone[0]}: left out")
        elif text:
            kept.append(text)
    return kept


def _conditions(text: str, remarks: list[str]) -> list[str]:
    if len(text) > LONGEST_CONDITIONS:
        remarks.append("the conditions are too long for an answer: left out")
        return []
    lines = [line.lstrip("-+* ").strip() for line in text.splitlines()]
    return _living([line for line in lines if said(line)], remarks)


def _unclear_times(ways: list[Way]) -> list[str]:
    """Remarks on time limits without their unit, or with one that entries do not know."""
    told = dict.fromkeys(said(way.time) for way in ways)
    return [
        f"the time limit {time[:60]!r} is unclear: left out" for time in told if time and not _limit(time)
    ]


def _limit(text: str) -> re.Match[str] | None:
    found = _TIME.match(text)
    return found if found and float(found[1].replace(",", ".")) > 0 else None


def _times(ways: list[Way]) -> list[Duration]:
    """The time limits by channel; one without its unit is left out."""
    read = [(way, found) for way in ways if (found := _limit(way.time))]
    several = {
        way.channel
        for way, _ in read
        if len({(m[1], m[2].lower()) for w, m in read if w.channel == way.channel}) > 1
    }
    merged: dict[tuple[float, TimeUnit, str | None], list[ChannelName]] = {}
    for way, match in read:
        unit = _UNITS[
            match[2].lower().removesuffix(" làm việc") if "giờ" in match[2].lower() else match[2].lower()
        ]
        note = _about_time(way.about) if way.channel in several else None
        of = merged.setdefault((float(match[1].replace(",", ".")), unit, note), [])
        if way.channel not in of:
            of.append(way.channel)
    every = {way.channel for way in ways}
    return [
        Duration(unit=unit, amount=amount, note=note, channels=[] if set(of) == every else of)
        for (amount, unit, note), of in merged.items()
    ]


def _about_time(text: str) -> str | None:
    """The sentence that says for whom a time limit holds, where a channel has several."""
    sentences = re.split(r"(?<=[.;])\s+|\n", text)
    telling = [s.strip(" -;.") for s in sentences if re.search(r"\d+ (?:ngày|giờ)", s) and len(s) <= 250]
    note = telling[0] if telling else short_about(text)
    return note if note and not gone_bodies(note) else None
