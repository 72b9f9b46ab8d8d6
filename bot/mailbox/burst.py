"""Which of the waiting messages make up the next turn, and when it may begin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# A person who sends five short lines in three seconds gets one answer.
QUIET_SECONDS = 1.2
LONGEST_SECONDS = 3.0
# What a turn may hold in all: the engine takes no more from one message.
LONGEST_TEXT = 1000


@dataclass(frozen=True)
class Line:
    """A waiting message: when it came in (seconds) and how long its text is (0: no text)."""

    kind: str
    at: float
    length: int = 0


@dataclass(frozen=True)
class Rhythm:
    """How long to wait for another line: so long after the last one, at most so long in all.

    With ``quiet`` 0 every message is a turn of its own.
    """

    quiet: float = QUIET_SECONDS
    longest: float = LONGEST_SECONDS


AT_ONCE = Rhythm(0, 0)


def next_turn(lines: Sequence[Line], rhythm: Rhythm) -> tuple[int, float]:
    """(How many of ``lines``, in order of arrival, are answered together; from when on).

    ``lines`` is not empty. Only text is put together: a button or an event stands alone and ends
    what came before it.
    """
    first = lines[0]
    if first.kind != "text" or not rhythm.quiet:
        return 1, first.at
    count, length = 1, first.length
    for line in lines[1:]:
        length += 1 + line.length
        late = line.at - lines[count - 1].at > rhythm.quiet or line.at - first.at > rhythm.longest
        if line.kind != "text" or late or length > LONGEST_TEXT:
            return count, first.at
        count += 1
    return count, min(lines[count - 1].at + rhythm.quiet, first.at + rhythm.longest)
