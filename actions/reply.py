"""The channel-neutral reply: what INTERFACES calls ``Reply``, built in one place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlencode

from procedures_catalog.model import Procedure

Reply = dict[str, Any]
MAX_TITLE = 60


def payload(intent: str, **values: str | Sequence[str]) -> str:
    """What a button sends back: ``intent?key=value&…``; lists are joined by commas."""
    pairs = {k: v if isinstance(v, str) else ",".join(v) for k, v in values.items() if v}
    return f"{intent}?{urlencode(pairs, safe=',:')}" if pairs else intent


def button(title: str, intent: str, **values: str | Sequence[str]) -> dict[str, str]:
    if len(title) > MAX_TITLE:
        title = title[: MAX_TITLE - 1].rstrip(" ,;(") + "…"
    return {"title": title, "payload": payload(intent, **values)}


def reply(
    kind: str,
    text: str,
    *,
    buttons: Iterable[dict[str, str]] = (),
    links: Iterable[dict[str, str]] = (),
    procedure: Procedure | None = None,
    aspects: Iterable[str] = (),
    with_sources: bool = False,
) -> Reply:
    """One reply. ``with_sources``: the procedure's sources and day of check go with it."""
    return {
        "kind": kind,
        "text": text.strip(),
        "buttons": list(buttons),
        "links": list(links),
        "procedure": procedure.id if procedure else None,
        "procedure_code": procedure.code if procedure else None,
        "aspects": list(aspects),
        "sources": sources_of(procedure) if procedure and with_sources else [],
    }


def sources_of(procedure: Procedure) -> list[dict[str, str | None]]:
    """The entry's sources, each with the day on which the entry was checked against them."""
    checked_on = procedure.checked_on.isoformat()
    return [
        {"title": source.title, "url": source.url, "checked_on": checked_on} for source in procedure.sources
    ]
