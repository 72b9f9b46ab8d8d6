"""What a citizen takes for true and wants confirmed: "500.000 đúng không", "3 ngày là có phải không", "nộp sổ
hộ khẩu được không". The reply begins with a clear yes or no, and what the catalogue says of it."""

from __future__ import annotations

from collections.abc import Sequence

from actions.bootstrap import Services
from procedures_catalog import Procedure
from procedures_catalog.claims import is_amount_of, money_in, notes_amount, notes_time, time_in
from procedures_catalog.facts import Answers, durations_for, fees_for
from procedures_catalog.obsolete import obsolete_in
from procedures_catalog.phrasing import phrasing
from vietnamese import normalize

# A question of so many words about what no longer exists is about nothing else.
SHORT = 10
# "Không" stands among so many words at the end of a question: "… được không vậy ạ".
AT_THE_END = 3


def confirmed(
    procedure: Procedure, aspects: Sequence[str], answers: Answers, services: Services, asked: str
) -> list[str]:
    """The lines that an answer begins with: what no longer exists, an amount, a time."""
    text = normalize(asked)
    lines = put_right(asked, services)
    if confirms(text):
        lines += [
            line
            for aspect, judge in (("fee", _fee), ("time", _time))
            if aspect in aspects and (line := judge(procedure, text, answers, services))
        ]
    return lines


def put_right(asked: str, services: Services) -> list[str]:
    """A line for each thing named in ``asked`` that no longer exists; the first says no where it is asked
    whether it will do, and yes where it is taken to be gone."""
    rows = obsolete_in(asked, services.obsolete)
    lead = _lead(normalize(asked), services) if rows else ""
    return [services.texts.say("answers", "obsolete", row, "" if n else lead) for n, row in enumerate(rows)]


def asks_of_what_is_gone(said: str, services: Services) -> bool:
    """Whether it is asked if something will do that no longer exists."""
    return bool(obsolete_in(said, services.obsolete)) and bool(_lead(normalize(said), services))


def confirms(text: str) -> bool:
    """Whether normalised text wants something confirmed."""
    known, words = phrasing(), text.split()
    at_the_end = known.phrases("confirming_at_the_end").before(words, len(words)) > 0
    free = known.says("free_of_charge", words) and "khong" in words[-AT_THE_END:]
    return at_the_end or free or known.says("confirming", words)


def _lead(text: str, services: Services) -> str:
    known, words = phrasing(), text.split()
    asks = "khong" in words[-AT_THE_END:] or confirms(text)
    if not asks or known.says("lacking", words):
        return ""
    if known.says("done_away", words):
        return services.texts.say("answers", "yes")
    will_it_do = len(words) <= SHORT or known.says("bringing", words) or known.says("needing", words)
    return services.texts.say("answers", "no") if will_it_do else ""


def _fee(procedure: Procedure, text: str, answers: Answers, services: Services) -> str:
    claim = money_in(text)
    rows = [row for row in fees_for(procedure, services.today, answers) if row.layer != "exemption"]
    if claim is None or not rows:
        return ""
    right = [row for row in rows if is_amount_of(claim, row)]
    settled = all(row.state in ("amount", "free") for row in rows)
    only = services.texts.say("answers", "fee_row", rows[0], [], apart=False) if len(rows) == 1 else None
    noted = any(notes_amount(claim, row) for row in rows)
    return services.texts.say("answers", "confirmed", _verdict(right, rows, noted, settled), only)


def _time(procedure: Procedure, text: str, answers: Answers, services: Services) -> str:
    claim, rows = time_in(text), durations_for(procedure, answers)
    if claim is None or not rows:
        return ""
    right = [row for row in rows if claim.is_that_of(row)]
    only = services.texts.say("answers", "duration", rows[0]) if len(rows) == 1 else None
    noted = any(notes_time(claim, row) for row in rows)
    return services.texts.say("answers", "confirmed", _verdict(right, rows, noted, True), only)


def _verdict(right: Sequence[object], rows: Sequence[object], noted: bool, settled: bool) -> str:
    """``yes``, ``in_part`` (in some cases, or by a note), ``open`` (others fix it) or ``no``."""
    if right or noted:
        return "yes" if len(right) == len(rows) else "in_part"
    return "no" if settled else "open"
