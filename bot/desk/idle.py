"""Cases that nobody moves on: an idle one is closed, one that was left alone goes back into the queue."""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from bot.desk import cases as acts
from bot.desk.speech import Speech
from bot.desk.tables import cases, conversations

IDLE_SECONDS = 20 * 60.0
MOST = 50

_c, _v = cases.c, conversations.c


def settle(connection: Connection, now: float, speech: Speech) -> int:
    """Settles what is idle; how many. When the last word was the person's, nobody has answered them:
    they are put back into the queue rather than sent away."""
    old = select(_c.id).where(
        _c.state == "claimed", _c.owner_id.is_not(None), _c.active_at < now - IDLE_SECONDS
    )
    settled = 0
    for case_id in connection.scalars(old.limit(MOST)).all():
        case = acts.locked(connection, case_id)
        if case is None or case.state != "claimed" or case.active_at >= now - IDLE_SECONDS:
            continue
        said = connection.scalar(select(_v.last_seen).where(_v.id == case.conversation)) or 0.0
        if said > now - IDLE_SECONDS:
            continue
        if case.answered_at is None or said > case.active_at:
            acts.release(connection, now, speech, case)
        else:
            acts.end(connection, now, speech, case, "idle", "idle")
        settled += 1
    return settled


def follow_staff(connection: Connection, now: float, speech: Speech) -> int:
    """Whom staff answer in the platform's own tool is claimed as long as the assistant is silent there."""
    joined = select(_c.id).join(conversations, _v.id == _c.conversation)
    begun = joined.where(_c.state == "waiting", _v.silent_until > now)
    for case_id in (beginning := connection.scalars(begun.limit(MOST)).all()):
        values = {"state": "claimed", "owner_id": None, "claimed_at": now, "active_at": now}
        case = acts.locked(connection, case_id)
        mine = update(cases).where(_c.id == case_id, _c.state == "waiting").values(**values)
        if case is not None and connection.execute(mine).rowcount:
            acts.answered(connection, now, case)
    over = joined.where(_c.state == "claimed", _c.owner_id.is_(None), _v.silent_until <= now)
    for case_id in (ending := connection.scalars(over.limit(MOST)).all()):
        case = acts.locked(connection, case_id)
        if case is not None and case.state == "claimed" and case.owner_id is None:
            acts.end(connection, now, speech, case, "elsewhere", "idle")
    return len(beginning) + len(ending)
