"""Questions that were not understood or not liked, on their way to what the assistant has learned.

waiting → labelled (a volunteer says what was meant) → approved (a lead) or dropped; a lead can undo.
Each function runs in its caller's transaction.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from rapidfuzz import fuzz, process
from sqlalchemy import Connection, Row, func, insert, select, update

from bot.desk import audit
from bot.desk.accounts import Person
from bot.desk.errors import Refusal
from bot.desk.redact import redacted
from bot.desk.tables import questions
from bot.mailbox.inbox import lock_conversation
from bot.mailbox.tables import inbox
from vietnamese import normalize

VERDICTS = ("procedure", "out_of_scope", "lacking", "nothing")
# Below these the assistant was not sure of what it answered.
SURE_PROCEDURE, SURE_INTENT = 0.5, 0.4
ALIKE = 86
MOST, LONGEST = 600, 300
_RATED_WITHIN = 1800.0
_ONCE_IN = 7 * 86_400.0

_q, _i = questions.c, inbox.c


def why_of(replies: Sequence[Mapping[str, Any]], understood: Mapping[str, Any]) -> str | None:
    """Why a question is worth a look: ``unknown``, ``unsure``; None when it is not."""
    if any(reply["kind"] == "unknown" for reply in replies):
        return "unknown"
    if not any(reply["kind"] in ("answer", "choice") for reply in replies):
        return None
    scores = [float(row.get("score") or 0.0) for row in understood.get("procedures") or ()]
    unsure = scores and max(scores) < SURE_PROCEDURE
    return "unsure" if unsure or float(understood.get("confidence") or 1.0) < SURE_INTENT else None


def keep(
    connection: Connection,
    now: float,
    conversation: str,
    channel: str,
    text: str,
    why: str,
    understood: Mapping[str, Any],
) -> None:
    """Keeps a question, without what could name a person; what somebody asks again and again once a week:
    how many wanted something counts people."""
    plain = redacted(text)[:LONGEST].strip()
    norm = normalize(plain)
    if not any(letter.isalpha() for letter in plain):
        return
    # What one looks for in vain, nobody else puts in at the same moment.
    lock_conversation(connection, conversation)
    if _asked_before(connection, now, conversation, norm):
        return
    row = {"text": plain, "plain": norm, "why": why, "channel": channel, "asked_at": now}
    meant = {key: understood.get(key) for key in ("intent", "procedures", "aspects")}
    connection.execute(
        insert(questions).values(
            row | {"understood": meant, "conversation": conversation, "state": "waiting"}
        )
    )


def _asked_before(connection: Connection, now: float, conversation: str, plain: str) -> bool:
    lately = (_q.conversation == conversation) & (_q.asked_at > now - _ONCE_IN)
    before = connection.scalars(select(_q.plain).where(lately).order_by(_q.id.desc()).limit(MOST))
    return (
        process.extractOne(plain, before.all(), scorer=fuzz.token_sort_ratio, score_cutoff=ALIKE) is not None
    )


def keep_disliked(connection: Connection, now: float, conversation: str) -> None:
    """The last question that was answered before a low rating or a thumb down."""
    asked = (_i.conversation == conversation) & (_i.kind == "text") & (_i.state == "answered")
    lately = asked & (_i.accepted_at > now - _RATED_WITHIN)
    rows = connection.execute(
        select(_i.channel, _i.body, _i.understood).where(lately).order_by(_i.id.desc()).limit(10)
    )
    for row in rows:
        understood = row.understood or {}
        if understood.get("procedures"):
            text = str(row.body.get("text") or "")
            keep(connection, now, conversation, row.channel, text, "disliked", understood)
            return


def groups(connection: Connection, now: float, state: str, *only: Any) -> list[dict[str, Any]]:
    """Questions in a state (``only``: further conditions), similar ones together; the most frequent first."""
    some = select(questions).where(_q.state == state, *only).order_by(_q.asked_at.desc()).limit(MOST)
    rows = connection.execute(some).all()
    found: dict[tuple[Any, ...], list[Row]] = {}
    keys: dict[tuple[Any, ...], dict[int, str]] = {}
    for number, row in enumerate(rows):
        # What was said to mean different things never stands together.
        label = (row.verdict, row.procedure, tuple(row.aspects or ()))
        heads = keys.setdefault(label, {})
        best = process.extractOne(row.plain, heads, scorer=fuzz.token_sort_ratio, score_cutoff=ALIKE)
        head = best[2] if best else number
        if best is None:
            heads[number] = row.plain
        found.setdefault((*label, head), []).append(row)
    return sorted((_group(rows) for rows in found.values()), key=lambda g: (-g["count"], -g["latest"]))


def _group(rows: Sequence[Row]) -> dict[str, Any]:
    first = rows[0]
    return {
        "ids": [row.id for row in rows],
        "text": first.text,
        "others": list(dict.fromkeys(row.text for row in rows if row.text != first.text))[:8],
        "count": len(rows),
        "why": dict(Counter(row.why for row in rows)),
        "channels": sorted({row.channel for row in rows}),
        "latest": first.asked_at,
        "understood": first.understood or {},
        "verdict": first.verdict,
        "procedure": first.procedure,
        "aspects": first.aspects or [],
        "labelled_by": first.labelled_by,
        "approved_by": first.approved_by,
    }


def counts(connection: Connection, now: float) -> dict[str, int]:
    """How many questions are in each state."""
    rows = connection.execute(select(_q.state, func.count()).group_by(_q.state))
    return {state: number for state, number in rows}


def label(
    connection: Connection,
    now: float,
    person: Person,
    ids: Sequence[int],
    verdict: str,
    procedure: str | None,
    aspects: Sequence[str],
) -> int:
    """Says what questions mean; how many still waited. Who asked is forgotten with it."""
    values = {
        "state": "labelled",
        "verdict": verdict,
        "procedure": procedure,
        "aspects": list(aspects),
        "labelled_by": person.name,
        "labelled_at": now,
        "conversation": None,
    }
    waiting = update(questions).where(_q.id.in_(ids), _q.state == "waiting")
    return _count(connection, now, person, "label", waiting.values(**values), verdict)


def approve(connection: Connection, now: float, person: Person, ids: Sequence[int]) -> int:
    """A lead agrees: what it means is learned, or (``nothing``) dropped."""
    values = {"approved_by": person.name, "approved_at": now}
    labelled = update(questions).where(_q.id.in_(ids), _q.state == "labelled")
    dropped = labelled.where(_q.verdict == "nothing").values(state="dropped", **values)
    count = _count(connection, now, person, "approve", dropped, "nothing")
    return count + _count(connection, now, person, "approve", labelled.values(state="approved", **values), "")


def undo(connection: Connection, now: float, person: Person, ids: Sequence[int]) -> int:
    """Back to the beginning, whatever it was."""
    values = dict.fromkeys(("verdict", "procedure", "aspects", "labelled_by", "approved_by"))
    done = update(questions).where(_q.id.in_(ids), _q.state != "waiting")
    return _count(connection, now, person, "undo", done.values(state="waiting", **values), "")


def teach(
    connection: Connection,
    now: float,
    person: Person,
    where: tuple[str, str],
    text: str,
    understood: Mapping[str, Any],
    procedure: str,
    aspects: Sequence[str],
) -> int:
    """Keeps a question of the conversation and channel ``where``, labelled already; how many wait for a lead
    with it."""
    norm = normalize(redacted(text)[:LONGEST].strip())
    lock_conversation(connection, where[0])
    taught = (_q.state != "waiting") & (_q.plain == norm) & (_q.procedure == procedure)
    if connection.scalar(select(_q.id).where(taught).limit(1)) is not None:
        return 0
    keep(connection, now, *where, text, "taught", understood)
    same = (_q.conversation == where[0]) & (_q.state == "waiting")
    ids = connection.scalars(select(_q.id).where(same, _q.plain == norm)).all()
    return label(connection, now, person, ids, "procedure", procedure, aspects)


def approved(connection: Connection, now: float) -> list[Row]:
    """What was approved, in a stable order."""
    done = select(questions).where(_q.state == "approved")
    return list(connection.execute(done.order_by(_q.procedure, _q.plain, _q.id)))


def check_label(verdict: Any, procedure: Any, aspects: Any) -> None:
    """Raises Refusal 422 ``bad_field`` when a verdict and what it says do not go together."""
    named = isinstance(procedure, str) and bool(procedure)
    if verdict not in VERDICTS or (verdict == "procedure") != named:
        raise Refusal(422, "bad_field", field="procedure" if verdict in VERDICTS else "verdict")
    if verdict != "procedure" and aspects:
        raise Refusal(422, "bad_field", field="aspects")


def _count(connection: Connection, now: float, person: Person, act: str, change: Any, verdict: str) -> int:
    count = connection.execute(change).rowcount
    if count:
        audit.note(connection, now, person, act, f"{count}", {"verdict": verdict} if verdict else None)
    return count


def labelled_lines(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Approved questions as `motcua evaluate` reads them, each once."""
    asked = {row.plain: row for row in rows if row.verdict in ("procedure", "out_of_scope")}
    return [
        {"text": row.text, "procedure": row.procedure, "aspects": row.aspects or []} for row in asked.values()
    ]
