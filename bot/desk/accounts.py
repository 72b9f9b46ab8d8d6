"""Accounts of the desk: invitations, sessions, roles. Each function runs in its caller's transaction.

Tokens are random and only their hashes are kept, so that a copy of the database opens no door.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, Row, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.desk.audit import note
from bot.desk.errors import AccountFault
from bot.desk.tables import people, sessions

Role = Literal["volunteer", "lead", "admin"]
RANK: dict[str, int] = {"volunteer": 1, "lead": 2, "admin": 3}
INVITED_SECONDS = 3 * 86_400.0
# A shift is ten hours; a phone that was left somewhere is of no use after four.
SESSION_SECONDS, IDLE_SECONDS = 12 * 3600.0, 4 * 3600.0
TOUCH_SECONDS = 60.0
LONGEST_NAME = 60

_p, _s = people.c, sessions.c


@dataclass(frozen=True)
class Person:
    """Somebody with an account."""

    id: int
    name: str
    role: Role

    def may(self, least: Role) -> bool:
        return RANK[self.role] >= RANK[least]


@dataclass(frozen=True)
class Visit:
    """A person and the session they are here with; ``csrf`` has to come with everything that changes."""

    person: Person
    csrf: str
    token: str


def login_of(name: str) -> str:
    """What a name is found by: small letters, single spaces, NFC."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def invite(connection: Connection, now: float, name: str, role: Role) -> str:
    """The token of a new one-time invitation; a person who is known already is invited anew.

    They keep their old password until they set the new one.

    Raises:
        AccountFault: that cannot be a name.
    """
    name = " ".join(unicodedata.normalize("NFC", name).split())
    if not re.fullmatch(r"[\w][\w .'’-]*", name) or not name[0].isalpha():
        raise AccountFault(f"{name!r} cannot be a name: use letters, digits and spaces, a letter first")
    if len(name) > LONGEST_NAME or len(login_of(name)) > LONGEST_NAME:
        raise AccountFault(f"a name has {LONGEST_NAME} characters at most")
    token = secrets.token_urlsafe(24)
    values = {
        "name": name,
        "role": role,
        "invitation": _hash(token),
        "invited_until": now + INVITED_SECONDS,
        "disabled": False,
    }
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    new = dialect.insert(people).values(login=login_of(name), created_at=now, **values)
    connection.execute(new.on_conflict_do_update(index_elements=["login"], set_=values))
    note(connection, now, None, "invite", name, {"role": role})
    return token


def invited(connection: Connection, now: float, token: str) -> Person | None:
    """Who an invitation that still holds is for."""
    row = connection.execute(select(people).where(_p.invitation == _hash(token))).first()
    if row is None or row.disabled or row.invited_until < now:
        return None
    return _person(row)


def accept(connection: Connection, now: float, token: str, password: str) -> Person | None:
    """Takes an invitation up with the hash of a password; None when it no longer holds.

    Whoever was signed in with the old password is signed out.
    """
    person = invited(connection, now, token)
    if person is None:
        return None
    # In one statement, so that a link which is opened twice at once works once.
    used = update(people).where(_p.id == person.id, _p.invitation == _hash(token))
    if not connection.execute(used.values(password=password, invitation=None, invited_until=None)).rowcount:
        return None
    connection.execute(delete(sessions).where(_s.person_id == person.id))
    note(connection, now, person, "password", person.name)
    return person


def password_of(connection: Connection, now: float, name: str) -> tuple[Person, str] | None:
    """A person and the hash of their password; None for a name that cannot sign in."""
    row = connection.execute(select(people).where(_p.login == login_of(name))).first()
    if row is None or row.disabled or row.password is None:
        return None
    return _person(row), row.password


def begin(connection: Connection, now: float, person: Person, password: str) -> Visit | None:
    """A new session; sessions that are over are cleared away. None when the hash ``password``, which was
    looked at, is theirs no more: a new one was set while the old one was being checked."""
    still = (_p.id == person.id) & (_p.password == password) & ~_p.disabled
    if connection.scalar(select(_p.id).where(still).with_for_update()) is None:
        return None
    over = (_s.created_at < now - SESSION_SECONDS) | (_s.seen_at < now - IDLE_SECONDS)
    connection.execute(delete(sessions).where(over))
    token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(24)
    row = {"token": _hash(token), "person_id": person.id, "csrf": csrf, "created_at": now, "seen_at": now}
    connection.execute(insert(sessions).values(row))
    note(connection, now, person, "sign_in", person.name)
    return Visit(person, csrf, token)


def visit(connection: Connection, now: float, token: str) -> tuple[Visit | None, bool]:
    """(Who comes with a session's token, None when it is over; whether :func:`touch` is due)."""
    joined = select(people, _s.csrf, _s.created_at.label("begun_at"), _s.seen_at)
    row = connection.execute(joined.join(sessions).where(_s.token == _hash(token))).first()
    if row is None or row.disabled:
        return None, False
    if row.begun_at < now - SESSION_SECONDS or row.seen_at < now - IDLE_SECONDS:
        return None, False
    return Visit(_person(row), row.csrf, token), row.seen_at < now - TOUCH_SECONDS


def touch(connection: Connection, now: float, token: str) -> None:
    """A session is in use."""
    connection.execute(update(sessions).where(_s.token == _hash(token)).values(seen_at=now))


def end(connection: Connection, now: float, gone: Visit) -> None:
    """Signs out."""
    connection.execute(delete(sessions).where(_s.token == _hash(gone.token)))
    note(connection, now, gone.person, "sign_out", gone.person.name)


def change(
    connection: Connection,
    now: float,
    by: Person | None,
    person_id: int,
    *,
    role: Role | None = None,
    disabled: bool | None = None,
) -> Person | None:
    """Gives a person another role, or closes or opens their account; None when there is no such person.

    A closed account is signed out at once.

    Raises:
        AccountFault: nobody would be left who can administer.
    """
    # With all who administer, in one order: two who take it from each other must not both see the other one.
    concerned = select(people).where((_p.id == person_id) | (_p.role == "admin")).order_by(_p.id)
    rows = {row.id: row for row in connection.execute(concerned.with_for_update())}
    row = rows.pop(person_id, None)
    if row is None:
        return None
    given = {"role": role, "disabled": disabled}
    values = {name: value for name, value in given.items() if value is not None}
    loses = row.role == "admin" and (disabled or role not in (None, "admin"))
    if loses and not any(_administers(other) for other in rows.values()):
        raise AccountFault("this is the last account that can administer; make another one first")
    if values:
        connection.execute(update(people).where(_p.id == person_id).values(**values))
        if disabled:
            connection.execute(delete(sessions).where(_s.person_id == person_id))
        note(connection, now, by, "account", row.name, values)
    return _person(row)


def _administers(row: Row) -> bool:
    return row.role == "admin" and not row.disabled and row.password is not None


def everybody(connection: Connection, now: float) -> list[Row]:
    """All accounts by name, with when they were last seen."""
    last = select(func.max(_s.seen_at)).where(_s.person_id == _p.id).scalar_subquery()
    return list(connection.execute(select(people, last.label("seen_at")).order_by(_p.login)))


def here(connection: Connection, now: float, within: float) -> list[Person]:
    """Who has used the desk in the last ``within`` seconds, by name."""
    seen = select(_s.person_id).where(_s.seen_at > now - within)
    rows = connection.execute(select(people).where(_p.id.in_(seen), ~_p.disabled).order_by(_p.login))
    return [_person(row) for row in rows]


def _person(row: Row) -> Person:
    return Person(row.id, row.name, row.role)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
