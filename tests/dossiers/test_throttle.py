"""Who may still try a proof while somebody tries to shut the door for everybody."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count

from sqlalchemy import select
from sqlalchemy.orm import Session

from dossiers import Database
from dossiers.models import Access, ThrottleWindow
from dossiers.subscriptions import subscribe
from dossiers.throttle import DEFAULT_LIMITS, Caller, Limits, allow, hashed

CODE = "H99.10.01.05-261102-0001"
NOW = datetime(2026, 11, 20, 10, 0)
_numbers = count(1)


def tried(
    session: Session, *callers: str | Caller, code: str | None = CODE, limits: Limits = DEFAULT_LIMITS
) -> list[bool]:
    """Whether each was let in; ``code`` None: each tries at another dossier."""
    return [
        allow(session, Caller(who) if isinstance(who, str) else who, code or f"{n} {who}", NOW, limits)
        for n, who in enumerate(callers)
    ]


def crowd(size: int, channel: str = "web", network: str | None = None) -> list[Caller]:
    """So many people who have not been seen before."""
    return [Caller(f"{channel}:{next(_numbers)}", network) for _ in range(size)]


def test_a_person_a_network_and_a_dossier_have_limits(database: Database) -> None:
    limits = Limits(per_person=2, per_network=3, per_code=4)
    with database.write() as session:
        assert tried(session, *["zalo:1"] * 3, code="a", limits=limits) == [True, True, False]
        assert tried(session, *crowd(4, network="hall"), code=None, limits=limits) == [True] * 3 + [False]
        assert tried(session, *crowd(5, "zalo"), code="b", limits=limits) == [True] * 4 + [False]


def test_whoever_is_refused_takes_nothing_from_the_others(database: Database) -> None:
    """One session that goes on and on, and one network of many sessions, leave the rest alone."""
    limits = Limits(per_person=2, per_network=4, per_code=9, in_all=8, newcomers=0)
    with database.write() as session:
        assert sum(tried(session, *["web:prankster"] * 50, limits=limits)) == 2
        assert sum(tried(session, *crowd(50, network="his"), limits=limits)) == 4
        assert tried(session, "web:b", "web:c", limits=limits) == [True, True]
        assert tried(session, "web:d", limits=limits) == [False], "the channel has had its eight"


def test_another_channel_goes_on(database: Database) -> None:
    limits = Limits(in_all=3, newcomers=0)
    with database.write() as session:
        assert sum(tried(session, *crowd(9), code=None, limits=limits)) == 3
        assert tried(session, "zalo:1", "telegram:1", "desk:1", code=None, limits=limits) == [True] * 3


def test_a_flood_leaves_a_try_to_whoever_has_not_had_one(database: Database) -> None:
    limits = Limits(per_network=10, in_all=8, newcomers=3)
    with database.write() as session:
        assert all(tried(session, Caller("web:early", "early"), code=None))
        assert sum(tried(session, *crowd(30), code=None, limits=limits)) == 7
        # Many sessions are nobody new; a network that nobody has tried from is, once.
        assert tried(session, Caller("web:late", "late"), code=None, limits=limits) == [True]
        assert tried(session, Caller("web:late2", "late"), code=None, limits=limits) == [False]
        assert tried(session, Caller("web:early2", "early"), code=None, limits=limits) == [False]
        assert sum(tried(session, *(Caller(f"web:n{n}", f"n{n}") for n in range(9)), limits=limits)) == 2


def test_who_has_seen_a_dossier_is_not_held_up_by_others(database: Database) -> None:
    limits = Limits(per_person=5, per_network=2, per_code=2, in_all=2, newcomers=0)
    seen = Access(at=NOW, code=CODE, channel="web", person=hashed("person", "web:owner"))
    with database.write() as session:
        session.add(seen)
        subscribe(session, "zalo:follower", CODE, 4, None, NOW)
        tried(session, *crowd(9, network="hall"), *crowd(9, "zalo"), limits=limits)
        assert tried(session, "web:x", "zalo:x", limits=limits) == [False, False]
        owner = Caller("web:owner", "hall")
        assert tried(session, owner, "zalo:follower", limits=limits) == [True, True]
        assert tried(session, owner, code="another", limits=limits) == [False]
        assert sum(tried(session, *[owner] * 9, limits=limits)) == 3, "but not for ever"


def test_nothing_personal_is_kept_and_old_windows_go(database: Database) -> None:
    with database.write() as session:
        tried(session, Caller("zalo:1234567", "a-network"))
        kept = " ".join(session.scalars(select(ThrottleWindow.key)))
        assert "1234567" not in kept and CODE not in kept and "a-network" not in kept
        allow(session, Caller("zalo:1234567"), CODE, NOW + timedelta(hours=2))
        assert set(session.scalars(select(ThrottleWindow.began_at))) == {datetime(2026, 11, 20, 12, 0)}
