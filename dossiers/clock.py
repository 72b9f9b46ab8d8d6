"""What time it is in Viet Nam, the way this room stores it: naive, whole seconds, UTC+7."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

VIET_NAM = timezone(timedelta(hours=7), "ICT")


def local_now() -> datetime:
    """The present time in Viet Nam."""
    return as_local(datetime.now(VIET_NAM))


def as_local(moment: datetime) -> datetime:
    """``moment`` as stored; a naive one is taken to be Viet Nam's time already."""
    if moment.tzinfo is not None:
        moment = moment.astimezone(VIET_NAM).replace(tzinfo=None)
    return moment.replace(microsecond=0)
