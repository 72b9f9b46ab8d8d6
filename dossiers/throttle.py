"""How often a second proof may be tried wrongly: by a person, from a network, at a dossier, over a channel.

It is counted in the database: several gateways on one PostgreSQL count together. Who asked for what is not
kept: keys are hashed, and windows that are over are deleted. Nobody can shut the door for everybody: a try
that is refused by one count does not weigh on the next, a right proof is taken off again, each channel
counts for itself, and where a channel's count is full, who has not tried yet is still let in, to a limit.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, delete, exists, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from dossiers.clock import as_local
from dossiers.models import Access, Subscription, ThrottleWindow

# A session on the web costs nothing; there only a network is somebody new.
FREE = "web"
# A volunteer sees dossiers of others.
STAFF = "desk"
BOUNDLESS = 2**31 - 1


@dataclass(frozen=True)
class Limits:
    """Wrong tries within one window of ``minutes``.

    Six digits and ten tries an hour: a million guesses at one dossier take eleven years. A waiting room
    may stand behind one network. ``in_all``: over one channel; once it is full, newcomers have one try each,
    until there were ``newcomers`` more.
    """

    per_person: int = 5
    per_network: int = 30
    per_code: int = 10
    in_all: int = 1000
    newcomers: int = 2000
    minutes: int = 60


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Caller:
    """Who tries: the conversation (``web:…``, ``zalo:…``), and on the web a word for the network that they
    come from, which tells nobody which one it is; None where it is not known."""

    person: str
    network: str | None = None

    @property
    def channel(self) -> str:
        return self.person.partition(":")[0]


def allow(
    session: Session, caller: Caller, code: str, now: datetime, limits: Limits = DEFAULT_LIMITS
) -> bool:
    """Counts one try; whether its proof may be looked at. The same work whatever the answer.

    Whoever was let see this very dossier before is not held up by what others try.
    """
    window = _window(as_local(now), limits.minutes)
    person, network, dossier, everybody = _keys(caller, code)
    seen = exists().where(Access.code == code, Access.person == person)
    told = exists().where(Subscription.code == code, Subscription.conversation == caller.person)
    known = bool(session.scalar(select(seen | told))) and caller.channel != STAFF
    tries = _take(session, person, window, limits.per_person)
    per_network = BOUNDLESS if known or caller.network is None else limits.per_network
    from_there = _take(session, network, window, per_network, tries > 0)
    per_code = BOUNDLESS if known else limits.per_code
    at_it = _take(session, dossier, window, per_code, from_there > 0)
    first = tries == 1 and (caller.channel != FREE or (caller.network is not None and from_there == 1))
    most = BOUNDLESS if known else limits.in_all + (limits.newcomers if first else 0)
    in_all = _take(session, everybody, window, most, at_it > 0)
    if in_all == 1:
        # The first of a new window clears the old ones away.
        _clear(session, window)
    return in_all > 0


def take_back(
    session: Session, caller: Caller, code: str, now: datetime, limits: Limits = DEFAULT_LIMITS
) -> None:
    """A try that :func:`allow` let in was right, and does not count."""
    counted = ThrottleWindow.key.in_(_keys(caller, code))
    counted &= ThrottleWindow.began_at == _window(as_local(now), limits.minutes)
    less = case((ThrottleWindow.attempts > 0, ThrottleWindow.attempts - 1), else_=0)
    session.execute(update(ThrottleWindow).where(counted).values(attempts=less))


def forget(session: Session, now: datetime, limits: Limits = DEFAULT_LIMITS) -> int:
    """Deletes the windows that are over; how many counts that were."""
    return _clear(session, _window(as_local(now), limits.minutes))


def _clear(session: Session, window: datetime) -> int:
    """But for what somebody counts in just now, whose clock is a moment behind: to wait for them while they
    wait for the next row would be for ever."""
    row = tuple_(ThrottleWindow.key, ThrottleWindow.began_at)
    over = select(ThrottleWindow.key, ThrottleWindow.began_at).where(ThrottleWindow.began_at < window)
    free = over.with_for_update(skip_locked=True)
    gone = delete(ThrottleWindow).where(row.in_(free)).execution_options(synchronize_session=False)
    return session.execute(gone).rowcount


def _keys(caller: Caller, code: str) -> tuple[str, str, str, str]:
    """Of person, network, dossier and channel, in the order in which their rows are locked."""
    return (
        hashed("person", caller.person),
        hashed("network", caller.network or ""),
        hashed("code", code),
        f"all:{caller.channel[:20]}",
    )


def _window(now: datetime, minutes: int) -> datetime:
    midnight = now.replace(hour=0, minute=0, second=0)
    passed = (now - midnight) // timedelta(minutes=minutes)
    return midnight + passed * timedelta(minutes=minutes)


def hashed(kind: str, value: str) -> str:
    """What is kept of a person or a code: enough to know it again, not to read it."""
    return f"{kind}:{hashlib.sha256(value.encode('utf-8', 'replace')).hexdigest()[:32]}"


def _take(session: Session, key: str, window: datetime, most: int, wanted: bool = True) -> int:
    """The number of this try of ``key`` among the ``most``; 0 where it is beyond them, or not ``wanted``."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    one = int(wanted and most > 0)
    once = dialect.insert(ThrottleWindow).values(key=key, began_at=window, attempts=one)
    again = once.on_conflict_do_update(
        index_elements=["key", "began_at"],
        set_={"attempts": ThrottleWindow.attempts + one},
        where=ThrottleWindow.attempts < most,
    )
    taken = session.execute(again.returning(ThrottleWindow.attempts)).scalar()
    return (taken or 0) * one
