"""A case: somebody waits for a person, one person claims it, answers, and closes it.

Each function is one transaction of its caller, together with what it does to the mailbox: while a case
is claimed its conversation is marked there and the assistant keeps silent; what people say goes out
through the outbox.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.channels.zalo.events import CHANNEL as ZALO
from bot.channels.zalo.sender import WINDOW_SECONDS
from bot.desk import audit
from bot.desk.accounts import Person
from bot.desk.errors import Refusal
from bot.desk.satisfaction import may_ask
from bot.desk.speech import Speech
from bot.desk.tables import OPEN, cases, conversations, handovers, notes, people, sayings
from bot.mailbox import Reply, outbox
from bot.mailbox.inbox import lock_conversation

_c = cases.c


def claim(connection: Connection, now: float, speech: Speech, person: Person, case_id: int) -> Row:
    """Claims a case that waits: of all who try at once, one.

    Raises:
        Refusal: 409 ``taken`` (by whom), 404 ``unknown_case``.
    """
    _lock_conversation_of(connection, case_id)
    own = {"state": "claimed", "owner_id": person.id, "claimed_at": now, "active_at": now}
    won = update(cases).where(_c.id == case_id, _c.state == "waiting").values(**own).returning(cases)
    case = connection.execute(won).first()
    if case is None:
        case = read(connection, case_id)
        if case.owner_id == person.id and case.state == "claimed":
            return case  # the answer to the first tap was lost on its way
        raise Refusal(409, "closed" if case.state == "closed" else "taken", name=owner_name(connection, case))
    connection.execute(update(handovers).where(handovers.c.id == case_id).values(state="claimed"))
    _silence(connection, case, True)
    _post(connection, now, case, [speech.notice("claimed", name=person.name)])
    audit.note(connection, now, person, "claim", str(case.id))
    return case


def say(
    connection: Connection, now: float, person: Person, case_id: int, key: str, reply: Reply
) -> tuple[int | None, str]:
    """Sends what a person wrote; under the same ``key`` only once. (Letter's number, its channel).

    Raises:
        Refusal: 409 ``not_yours``, ``unreachable`` or ``window_closed``, 404 ``unknown_case``.
    """
    case = own(connection, person, case_id)
    if case.channel == ZALO and now > _last_seen(connection, case) + WINDOW_SECONDS:
        raise Refusal(409, "window_closed")
    new = _once(connection, {"key": key, "case_id": case_id, "person_id": person.id, "at": now})
    if connection.scalar(new) is None:
        known = select(sayings.c.letter_id).where(sayings.c.key == key, sayings.c.case_id == case_id)
        return connection.scalar(known), case.channel
    letters = _post(connection, now, case, [reply])
    if not letters:
        raise Refusal(409, "unreachable")
    connection.execute(update(sayings).where(sayings.c.key == key).values(letter_id=letters[0]))
    connection.execute(update(cases).where(_c.id == case_id).values(active_at=now))
    answered(connection, now, case)
    audit.note(connection, now, person, "say", str(case_id))
    return letters[0], case.channel


def answered(connection: Connection, now: float, case: Row) -> None:
    """A person has answered: the first time it shows whether the promise was kept."""
    kept = None if case.promised_at is None else now <= case.promised_at
    first = update(cases).where(_c.id == case.id, _c.answered_at.is_(None))
    connection.execute(first.values(answered_at=now, kept=kept))


def add_note(connection: Connection, now: float, person: Person, case_id: int, text: str) -> None:
    """A note that only the desk sees."""
    case = read(connection, case_id)
    if not may_read(person, case):
        raise Refusal(403, "not_yours", name=owner_name(connection, case))
    _note(connection, now, person.name, case_id, "note", text)
    audit.note(connection, now, person, "note", str(case_id))


def pass_on(
    connection: Connection, now: float, speech: Speech, person: Person, case_id: int, to: int | None
) -> Row:
    """Gives a case to a colleague, or (``to`` None) back into the queue; the person is told.

    Raises:
        Refusal: 409 ``not_yours``, 404 ``unknown_case`` or ``unknown_person``.
    """
    case, name = own(connection, person, case_id), None
    if to is None:
        _release(connection, now, case)
        _note(connection, now, person.name, case_id, "released", "")
        notice = speech.notice("released")
    else:
        query = select(people).where(people.c.id == to, ~people.c.disabled, people.c.password.is_not(None))
        colleague = connection.execute(query).first()
        if colleague is None or colleague.id == case.owner_id:
            raise Refusal(404, "unknown_person")
        connection.execute(update(cases).where(_c.id == case_id).values(owner_id=to, active_at=now))
        name = colleague.name
        _note(connection, now, person.name, case_id, "passed", name)
        notice = speech.notice("passed", name=name)
    _post(connection, now, case, [notice])
    audit.note(connection, now, person, "pass", str(case_id), {"to": name})
    return case


def close(
    connection: Connection, now: float, speech: Speech, person: Person, case_id: int, reason: str
) -> Row:
    """Closes a case; the assistant answers that conversation again.

    Raises:
        Refusal: 409 ``not_yours``, 404 ``unknown_case``.
    """
    case = own(connection, person, case_id)
    end(connection, now, speech, case, reason, "closed")
    _note(connection, now, person.name, case_id, "closed", reason)
    audit.note(connection, now, person, "close", str(case.id), {"reason": reason})
    return case


def end(
    connection: Connection, now: float, speech: Speech, case: Row, reason: str, goodbye: str | None
) -> None:
    """What every way to close has in common. Who was answered is asked how it was, not twice in a row."""
    broken = {} if case.answered_at is not None or case.promised_at is None else {"kept": False}
    values: dict[str, Any] = {"state": "closed", "closed_at": now, "close_reason": reason, **broken}
    asks = (
        goodbye is not None and case.answered_at is not None and may_ask(connection, now, case.conversation)
    )
    if asks:
        values["asked"] = True
    connection.execute(update(cases).where(_c.id == case.id).values(**values))
    connection.execute(update(handovers).where(handovers.c.id == case.id).values(state="closed"))
    _silence(connection, case, False)
    if goodbye is not None:
        _post(connection, now, case, [speech.goodbye(goodbye, asks)])


def release(connection: Connection, now: float, speech: Speech, case: Row) -> None:
    """Back into the queue, without anybody having asked for it."""
    _release(connection, now, case)
    _note(connection, now, owner_name(connection, case), case.id, "idle", "")
    _post(connection, now, case, [speech.notice("released")])


def read(connection: Connection, case_id: int) -> Row:
    """The case. Raises Refusal 404 ``unknown_case``: there is none, or its person has been forgotten."""
    case = connection.execute(select(cases).where(_c.id == case_id)).first()
    if case is None:
        raise Refusal(404, "unknown_case")
    return case


def own(connection: Connection, person: Person, case_id: int) -> Row:
    """A claimed case that this person may act on: their own, or any for a lead.

    Raises:
        Refusal: 409 ``not_yours``, 404 ``unknown_case``.
    """
    case = locked(connection, case_id) or read(connection, case_id)
    mine = case.owner_id == person.id or person.may("lead")
    if case.state != "claimed" or not mine:
        name = owner_name(connection, case)
        raise Refusal(409, "closed" if case.state == "closed" else "not_yours", name=name)
    return case


def locked(connection: Connection, case_id: int) -> Row | None:
    """The case, locked; its conversation is locked before it, as everywhere."""
    _lock_conversation_of(connection, case_id)
    return connection.execute(select(cases).where(_c.id == case_id).with_for_update()).first()


def may_read(person: Person, case: Row) -> bool:
    """Volunteers read what waits and what is or was theirs; leads read everything."""
    return case.state == "waiting" or case.owner_id == person.id or person.may("lead")


def owner_name(connection: Connection, case: Row) -> str:
    """Who has a case; empty when nobody of the desk has."""
    return connection.scalar(select(people.c.name).where(people.c.id == case.owner_id)) or ""


def _release(connection: Connection, now: float, case: Row) -> None:
    free = {"state": "waiting", "owner_id": None, "claimed_at": None, "active_at": now}
    connection.execute(update(cases).where(_c.id == case.id, _c.state.in_(OPEN)).values(**free))
    connection.execute(update(handovers).where(handovers.c.id == case.id).values(state="waiting"))
    _silence(connection, case, False)


def _last_seen(connection: Connection, case: Row) -> float:
    return (
        connection.scalar(select(conversations.c.last_seen).where(conversations.c.id == case.conversation))
        or 0.0
    )


def _silence(connection: Connection, case: Row, silent: bool) -> None:
    known = update(conversations).where(conversations.c.id == case.conversation)
    connection.execute(known.values(paused=silent))


def _post(connection: Connection, now: float, case: Row, replies: Sequence[Reply]) -> list[int]:
    """Puts replies into the outbox; none where the conversation is not one that can be written to."""
    c = conversations.c
    locked = select(c.channel, c.blocked).where(c.id == case.conversation).with_for_update()
    row = connection.execute(locked).first()
    if row is None:
        return []
    return outbox.add(connection, now, case.conversation, row.channel, replies, blocked=row.blocked)


def _note(connection: Connection, now: float, name: str, case_id: int, kind: str, text: str) -> None:
    row = {"case_id": case_id, "at": now, "kind": kind, "person": name, "text": text}
    connection.execute(insert(notes).values(row))


def _lock_conversation_of(connection: Connection, case_id: int) -> None:
    lock_conversation(connection, select(_c.conversation).where(_c.id == case_id).scalar_subquery())


def _once(connection: Connection, row: dict[str, Any]) -> Any:
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    return dialect.insert(sayings).values(row).on_conflict_do_nothing().returning(sayings.c.key)
