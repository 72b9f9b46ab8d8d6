"""The portal's structured records: one JSON object a procedure (shape in docs/catalog.md)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from procedures_catalog.errors import ImportFault
from procedures_catalog.importers import flat_text
from procedures_catalog.importers.entry import Draft, draft_of
from procedures_catalog.importers.page import (
    Group,
    Page,
    Paper,
    Way,
    channels_of,
    said,
    tidy,
    tidy_lines,
    unread,
    web_address,
)
from procedures_catalog.importers.words import words
from procedures_catalog.model import ChannelName, Source
from procedures_catalog.recognise import legal_numbers, separated

_CODE = re.compile(r"\d\.\d{6}(?:\.000\.00\.00\.[A-Z]\d{2,3})?")
_UNITS = {"working_day": "Ngày làm việc", "work_day": "Ngày làm việc", "day": "Ngày", "hour": "Giờ"}
_SUMS = ("amount", "value", "fee", "fee_amount", "fee_qty", "price", "muc_phi")
_ABOUT_SUMS = ("description", "note", "fee_text", "text", "mo_ta", "name", "fee_name", "type")
_LISTS = ("fees", "checklist", "cases", "steps", "methods", "legal_basis")


def is_record(record: Mapping[str, object]) -> bool:
    """Whether a JSON object has the shape of a structured record."""
    return "proc_id" in record and "name" in record


def record_draft(record: Mapping[str, Any], day: date) -> Draft:
    """The entry of one record.

    Raises:
        ImportFault: a part is missing or has the wrong shape.
    """
    for key in ("name", "domain"):
        if not isinstance(record.get(key), str):
            raise ImportFault(f"it is no record of a procedure: {key!r} is missing or not text")
    for key in _LISTS:
        rows = record.get(key) or []
        if not isinstance(rows, list):
            raise ImportFault(f"{key!r} must be a list")
    code, ways = _code(record), _ways(record)
    fees = [text for _, text in map(_fee, record.get("fees") or [])]
    page = Page(
        name=tidy(record["name"]),
        code=code,
        domain=tidy(record["domain"]),
        level=_text(record.get("agency_levels")),
        agencies=[_text(record.get("executing_agency"))],
        url=web_address(record.get("online_url")),
        ways=ways
        or [Way("in_person", tidy(record.get("processing_time_text")), fee) for fee in fees or [""]],
        channels=None if ways else ["online"] if record.get("has_online_submission") is True else [],
        groups=_groups(record),
        laws=_laws(record),
        conditions=_lines(record.get("requirements")),
        results=[line for line in _lines(record.get("results")).splitlines() if said(line)],
        steps=_steps(record),
        remarks=_unread(record, ways),
    )
    title = words("source_page", code=code) if code else words("source_record")
    return draft_of(page, Source(title=title, url=page.url or None), day)


def _code(record: Mapping[str, Any]) -> str:
    """The national code: the record's own number when it has that form, else a field that holds it."""
    for key in ("proc_id", "code", "proc_code", "procedure_code"):
        value = record.get(key)
        text = f"{value:.6f}" if isinstance(value, float) else tidy(value)
        if _CODE.fullmatch(text):
            return text
    return tidy(record.get("code"))


def _ways(record: Mapping[str, Any]) -> list[Way]:
    ways: list[Way] = []
    general = tidy(record.get("processing_time_text"))
    for row in _rows(record, "methods"):
        channels = channels_of(_text(row.get("submission_method")))
        quantity, unit = tidy(row.get("processing_time_qty")), tidy(row.get("processing_time_unit"))
        unit = _UNITS.get(unit.lower().rstrip("s").replace(" ", "_"), unit)
        time = f"{quantity.removesuffix('.0')} {unit}" if quantity[:1].isdigit() and unit else ""
        if not time and not general and quantity[:1].isdigit():
            time = quantity  # without its unit it is no limit, and named as unclear
        about = tidy_lines(row.get("description"))
        ways += [Way(channel, time or general, about=about) for channel in channels]
    return _with_fees(ways, record)


def _with_fees(ways: list[Way], record: Mapping[str, Any]) -> list[Way]:
    """The ways, each with the fees that name its channel or no channel."""
    rows: list[Way] = []
    fees = [_fee(fee) for fee in record.get("fees") or []]
    for way in ways:
        own = [text for channels, text in fees if not channels or way.channel in channels]
        # A second fee of the same channel is a row of its own, without the time told already.
        rows.append(Way(way.channel, way.time, own[0] if own else "", way.about))
        rows += [Way(way.channel, "", text, "") for text in own[1:]]
    return rows


def _fee(fee: Any) -> tuple[list[ChannelName], str]:
    """The channels that a fee names (none: it holds for all), and its text as a page would print it."""
    if not isinstance(fee, Mapping):
        return [], tidy(fee)
    channels = channels_of(_text(fee.get("submission_method") or fee.get("method") or fee.get("channel")))
    amount = next((fee[key] for key in _SUMS if fee.get(key) not in (None, "")), None)
    about = ". ".join(dict.fromkeys(text for key in _ABOUT_SUMS if (text := tidy(fee.get(key)))))
    if isinstance(amount, float) and amount.is_integer():
        amount = int(amount)
    head = tidy(amount)
    if head.replace(".", "").replace(",", "").isdigit():
        unsaid = head.strip("0.,") == ""  # 0 is the form's default, as "Miễn phí" is the page's
        head = "Miễn phí" if unsaid else f"{head} {tidy(fee.get('currency')) or 'VNĐ'}"
    return channels, f"{head} ({about})" if about else head


def _groups(record: Mapping[str, Any]) -> list[Group]:
    """The papers in the order of their cases; names of cases are the headings."""
    names = {tidy(case.get("ordinal")): tidy(case.get("case_name")) for case in _rows(record, "cases")}
    groups: dict[str, Group] = {}
    for row in _rows(record, "checklist"):
        ordinal = tidy(row.get("case_ordinal"))
        heading = tidy(row.get("case_name")) or names.get(ordinal, "")
        group = groups.setdefault(ordinal or heading, Group("" if len(names) <= 1 else heading))
        group.papers.append(
            Paper(
                name=flat_text.paper_name(tidy(row.get("name"))),
                originals=_count(row.get("original_qty")),
                copies=_count(row.get("copy_qty")),
                required=row.get("required") if isinstance(row.get("required"), bool) else None,
            )
        )
    return list(groups.values())


def _laws(record: Mapping[str, Any]) -> list[tuple[str, str]]:
    found: dict[str, str] = {}
    for row in _rows(record, "legal_basis"):
        code, name = separated(tidy(row.get("doc_code"))), tidy(row.get("doc_name"))
        numbers = [number for _, _, number in legal_numbers(code)]
        numbers = numbers or [number for _, _, number in legal_numbers(separated(name))][:1]
        for number in numbers:
            found.setdefault(number, flat_text.law_title(name.replace(number, " ")))
    return list(found.items())


def _unread(record: Mapping[str, Any], ways: list[Way]) -> list[str]:
    """What the record says and the entry will not."""
    methods = [_text(row.get("submission_method")) for row in _rows(record, "methods")]
    known = {way.channel for way in ways}
    fees = [(channels, text) for channels, text in map(_fee, record.get("fees") or []) if known and channels]
    laws = [(tidy(row.get("doc_code")), tidy(row.get("doc_name"))) for row in _rows(record, "legal_basis")]
    return [
        *(unread(f"methods: {told[:60]}", "its time") for told in methods if told and not channels_of(told)),
        *(unread(f"fees: {text[:60]}", "a fee of no method") for of, text in fees if not known & set(of)),
        *(
            unread(f"legal_basis: {f'{code} {name}'.strip()[:60]}", "a text without its full number")
            for code, name in laws
            if (code or name) and not list(legal_numbers(separated(f"{code} {name}")))
        ),
    ]


def _steps(record: Mapping[str, Any]) -> list[str]:
    steps = sorted(_rows(record, "steps"), key=lambda row: _count(row.get("ordinal")))
    texts = (
        ": ".join(part for key in ("name", "description") if (part := said(step.get(key)).rstrip(" :")))
        for step in steps
    )
    return [text for text in texts if text]


def _rows(record: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    return [row for row in record.get(key) or [] if isinstance(row, Mapping)]


def _text(value: Any) -> str:
    return ", ".join(tidy(part) for part in value) if isinstance(value, list) else said(value)


def _lines(value: Any) -> str:
    return "\n".join(tidy(part) for part in value) if isinstance(value, list) else tidy_lines(value)


def _count(value: Any) -> int:
    match = re.match(r"\s*(\d{1,2})(?:\.0)?\s*$", str(value if value is not None else ""))
    return int(match[1]) if match else 0
