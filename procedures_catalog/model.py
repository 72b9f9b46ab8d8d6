"""What an administrative procedure (thủ tục hành chính) is.

One :class:`Procedure` is one YAML file under ``entries/<field>/<id>.yml``. Every field that a
citizen is told comes from here, with its legal basis, its source and the day it was checked.
A field that is not known is absent, and is answered as not known.

Conditions: ``when`` maps the id of a :class:`Case` to the choice (or list of choices) for which
the row applies; all of its keys must match. No ``when``: the row always applies.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, Struct

Id = Annotated[str, Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
Code = Annotated[str, Meta(pattern=r"^\d\.\d{6}$")]
Text = Annotated[str, Meta(min_length=1)]
Count = Annotated[int, Meta(ge=0, le=99)]
When = dict[str, str | list[str]]

Level = Literal["province", "commune", "other"]
ChannelName = Literal["in_person", "online", "post"]
FeeState = Literal["free", "amount", "set_elsewhere", "not_published"]
FeeLayer = Literal["national", "temporary", "exemption", "provincial"]
TimeUnit = Literal["working_days", "days", "hours", "same_day"]
Completeness = Literal["full", "listed"]


class Row(Struct, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """Base of the parts of an entry: unknown keys are errors, defaults are not written."""


class Channel(Row):
    """A way to file: ``service`` says how far the online one goes (full = toàn trình)."""

    channel: ChannelName
    url: Text | None = None
    service: Literal["full", "partial"] | None = None
    note: Text | None = None


class Document(Row):
    """One paper of the dossier (thành phần hồ sơ), by its official name.

    ``originals`` and ``copies`` count what is handed in; ``present`` is True for a paper that is
    only shown (xuất trình) and taken home again. ``form`` is the id of one of the entry's forms.
    """

    name: Text
    originals: Count = 0
    copies: Count = 0
    present: bool = False
    optional: bool = False
    form: Id | None = None
    when: When | None = None
    note: Text | None = None


class Choice(Row):
    """One answer to a case question; ``also`` holds how people say it."""

    id: Id
    label: Annotated[str, Meta(min_length=1, max_length=60)]
    also: list[Text] = []


class Case(Row):
    """A question whose answer decides which rows apply; asked only if its own ``when`` matches."""

    id: Id
    question: Text
    choices: Annotated[list[Choice], Meta(min_length=2, max_length=6)]
    when: When | None = None


class Form(Row):
    """A form (biểu mẫu, tờ khai): ``number`` as printed in the law, ``url`` where it can be had."""

    id: Id
    name: Text
    number: Text | None = None
    url: Text | None = None
    note: Text | None = None


class Fee(Row):
    """One line of fees (phí, lệ phí), in đồng.

    ``state``: ``free`` (a text says so: give ``basis``), ``amount`` (``amount`` in đồng, ``unit``
    such as "bản" or "lần đăng ký"), ``set_elsewhere`` (by the provincial People's Council, say:
    give ``note``), ``not_published``. ``channels`` empty: all. Dates bound temporary rows.
    """

    state: FeeState
    name: Text | None = None
    amount: Annotated[int, Meta(ge=0)] | None = None
    maximum: Annotated[int, Meta(ge=0)] | None = None
    unit: Text | None = None
    layer: FeeLayer = "national"
    channels: list[ChannelName] = []
    when: When | None = None
    exemptions: list[Text] = []
    valid_from: date | None = None
    valid_until: date | None = None
    basis: Text | None = None
    note: Text | None = None

    def __post_init__(self) -> None:
        if self.state == "amount" and self.amount is None:
            raise ValueError("state 'amount' needs an amount in đồng")
        if self.state != "amount" and self.amount is not None:
            raise ValueError(f"state '{self.state}' takes no amount")


class Duration(Row):
    """One line of time limits (thời hạn giải quyết); ``same_day`` has no amount."""

    unit: TimeUnit
    amount: Annotated[float, Meta(gt=0)] | None = None
    when: When | None = None
    channels: list[ChannelName] = []
    note: Text | None = None

    def __post_init__(self) -> None:
        if (self.amount is None) != (self.unit == "same_day"):
            raise ValueError("amount goes with working_days, days, hours, and not with same_day")


class LegalBasis(Row):
    """One legal text (căn cứ pháp lý) by its full number, such as ``123/2015/NĐ-CP``."""

    number: Text
    title: Text | None = None
    article: Text | None = None
    in_force_from: date | None = None
    in_force_until: date | None = None


class Source(Row):
    """Where the facts were read."""

    title: Text
    url: Text | None = None
    note: Text | None = None


class Procedure(Row):
    """One procedure. Field by field: docs/catalog.md.

    ``local_codes`` are the codes under which a province announces the same procedure as its own; they
    find the entry like ``code`` does, and belong into the centre's overlay.

    ``imported`` is the fingerprint that an importer leaves on an entry it wrote; an entry without
    it, or changed since, counts as written by hand.
    """

    id: Id
    name: Text
    field: Text
    level: Level
    completeness: Completeness
    checked_on: date
    sources: Annotated[list[Source], Meta(min_length=1)]
    code: Code | None = None
    local_codes: list[Code] = []
    also_called: list[Text] = []
    asked_as: list[Text] = []
    agency: Text | None = None
    submit_at: list[Text] = []
    channels: list[Channel] = []
    documents: list[Document] = []
    cases: Annotated[list[Case], Meta(max_length=5)] = []
    forms: list[Form] = []
    fees: list[Fee] = []
    processing_time: list[Duration] = []
    steps: list[Text] = []
    eligibility: list[Text] = []
    result: list[Text] = []
    notes: list[Text] = []
    legal_basis: list[LegalBasis] = []
    life_events: list[Id] = []
    siblings: list[Id] = []
    valid_from: date | None = None
    valid_until: date | None = None
    replaced_by: Id | None = None
    imported: Text | None = None

    @property
    def codes(self) -> list[str]:
        """Every code that means it, the national one first."""
        return [*([self.code] if self.code else []), *self.local_codes]

    def in_force(self, day: date) -> bool:
        """Whether the procedure is in force on ``day`` (both ends included)."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day <= self.valid_until
        )
