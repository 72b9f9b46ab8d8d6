"""The way to the centre: address, distance, the week's hours, a link that shows the way."""

from __future__ import annotations

from datetime import datetime, time
from math import asin, cos, radians, sin, sqrt

from bot.channels.words import Words, day
from bot.mailbox import Reply
from procedures_catalog.centre import WEEKDAYS, Centre

EARTH_KM = 6371.0
NEAR_KM = 0.2
# The phone's own map opens it, from where the person stands.
_MAP = "https://www.google.com/maps/dir/?api=1&destination={latitude:.6f},{longitude:.6f}"


def distance_km(centre: Centre, latitude: float, longitude: float) -> float | None:
    """Kilometres from a place to the centre as the crow flies; None when the centre's is not known."""
    if centre.map is None:
        return None
    here, there = (
        (radians(latitude), radians(longitude)),
        (radians(centre.map.latitude), radians(centre.map.longitude)),
    )
    half = sin((there[0] - here[0]) / 2) ** 2
    half += cos(here[0]) * cos(there[0]) * sin((there[1] - here[1]) / 2) ** 2
    return 2 * EARTH_KM * asin(sqrt(min(1.0, half)))


def directions(centre: Centre, words: Words, now: datetime, km: float | None) -> Reply:
    """The reply to somebody who sent where they are, ``km`` away.

    It has a ``place`` (``latitude``, ``longitude``, ``title``, ``address``) for channels that can show one.
    """
    lines = [words.say("location.text")]
    if km is not None:
        near = km < NEAR_KM
        lines.append(words.say("location.near") if near else words.say("location.distance", km=_km(km)))
    lines += ["", words.say("location.hours"), *opening_lines(centre, words), _state(centre, words, now)]
    if centre.sample:
        lines.append(words.say("location.sample"))
    reply = words.notice("choose") | {"text": "\n".join(line for line in lines if line is not None)}
    if centre.map is None:
        return reply
    place = {"latitude": centre.map.latitude, "longitude": centre.map.longitude}
    link = {"title": words.say("location.directions"), "url": _MAP.format(**place)}
    return reply | {
        "links": [link],
        "place": {**place, "title": centre.short_name, "address": centre.address},
    }


def opening_lines(centre: Centre, words: Words) -> list[str]:
    """The week in as few lines as it takes: days in a row with the same hours stand together."""
    runs: list[tuple[int, int, list[tuple[time, time]]]] = []
    for index, weekday in enumerate(WEEKDAYS):
        hours = [
            (time.fromisoformat(row.opens), time.fromisoformat(row.closes))
            for row in centre.hours.get(weekday, [])
        ]
        if runs and runs[-1][2] == hours:
            runs[-1] = (runs[-1][0], index, hours)
        else:
            runs.append((index, index, hours))
    return [words.say("location.day", days=_days(words, run), times=_times(words, run[2])) for run in runs]


def _days(words: Words, run: tuple[int, int, list[tuple[time, time]]]) -> str:
    first, last = words["weekdays"][run[0]], words["weekdays"][run[1]]
    return first if first == last else words.say("days", first=first, last=last)


def _times(words: Words, hours: list[tuple[time, time]]) -> str:
    if not hours:
        return words.say("location.shut")
    shown = (
        words.say("location.interval", opens=f"{opens:%H:%M}", closes=f"{closes:%H:%M}")
        for opens, closes in hours
    )
    return ", ".join(shown)


def _state(centre: Centre, words: Words, now: datetime) -> str | None:
    if centre.is_open(now):
        return words.say("location.open")
    opens = centre.opens_next(now)
    if opens is None:
        return None
    return words.say("location.opens", clock=words.clock(opens), day=day(opens))


def _km(value: float) -> str:
    """``2.34`` → ``2,3``; ``12.6`` → ``13``."""
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}".replace(".", ",")
