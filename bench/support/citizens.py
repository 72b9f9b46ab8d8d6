"""Citizens who write to an engine: as many at once as wanted, each in turn, over plain sockets.

The client is as light as it can be, since it shares the machine with what it measures.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from statistics import quantiles

# What one citizen says before the next one comes; each turn runs a custom action.
TALK = (
    "đăng ký kết hôn cần giấy tờ gì",
    "lệ phí bao nhiêu",
    "mất bao lâu",
    "nộp ở đâu",
    "còn đăng ký tạm trú thì sao",
    "lam ho chieu can giay to gi",
    "căn cứ pháp lý là gì",
    "hồ sơ H99.10.01.05-261119-9999 tới đâu rồi",
    "mấy giờ mở cửa",
    "đổi căn cước mất bao nhiêu tiền",
)
_names = count()
# So many of the last turns of a long conversation are compared with early ones.
LATE = 40

# (conversation, text) → (path, headers, body) of a request.
Ask = Callable[[str, str], tuple[str, dict[str, str], dict]]


@dataclass
class Times:
    """Seconds of each answer, and of the whole."""

    each: list[float] = field(default_factory=list)
    whole: float = 0.0

    @property
    def per_second(self) -> float:
        return len(self.each) / self.whole

    def percentile(self, percent: int) -> float:
        return quantiles(self.each, n=100, method="inclusive")[percent - 1]


class Connection:
    """One kept-alive HTTP/1.1 connection."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, path: str, headers: dict[str, str], body: dict) -> bytes:
        """The body of the answer.

        Raises:
            RuntimeError: another status than 200.
        """
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        data = json.dumps(body).encode()
        lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        writer.write("\r\n".join([*lines, f"Content-Length: {len(data)}", "", ""]).encode() + data)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = int(head.partition("content-length:")[2].partition("\r\n")[0])
        answer = await reader.readexactly(length)
        if " 200 " not in head.partition("\r\n")[0] + " ":
            raise RuntimeError(f"{head.partition(chr(13))[0]}: {answer[:300].decode('utf-8', 'replace')}")
        if "connection: close" in head:
            self.close()
        return answer

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


def talk(port: int, ask: Ask, at_once: int, most: int, seconds: float) -> Times:
    """``at_once`` citizens talk until ``most`` messages or so many seconds have passed."""
    return asyncio.run(_talk(port, ask, at_once, most, seconds))


async def _talk(port: int, ask: Ask, at_once: int, most: int, seconds: float) -> Times:
    times, began = Times(), time.perf_counter()
    left = iter(range(most))

    async def citizen() -> None:
        connection = Connection(port)
        try:
            while True:
                name = _new_name()
                for text in TALK:
                    if time.perf_counter() - began > seconds or next(left, None) is None:
                        return
                    times.each.append(await _one(connection, ask, name, text))
        finally:
            connection.close()

    await asyncio.gather(*(citizen() for _ in range(at_once)))
    times.whole = time.perf_counter() - began
    return times


def late_turns(port: int, ask: Ask, turns: int) -> tuple[list[float], list[float]]:
    """Seconds of the turns of fresh conversations, and of the last turns of one with ``turns`` of them.

    Both say the same, one after the other in turns, so that what slows the machine slows both.
    """

    async def run() -> tuple[list[float], list[float]]:
        connection, long, early, late = Connection(port), _new_name(), [], []
        for number in range(turns):
            text = TALK[number % len(TALK)]
            if number % len(TALK) == 0:
                fresh = _new_name()
            seconds = await _one(connection, ask, long, text)
            if number >= turns - LATE:
                late.append(seconds)
                early.append(await _one(connection, ask, fresh, text))
        connection.close()
        return early, late

    return asyncio.run(run())


def _new_name() -> str:
    return f"web:bench-{next(_names)}"


async def _one(connection: Connection, ask: Ask, name: str, text: str) -> float:
    began = time.perf_counter()
    answer = json.loads(await connection.post(*ask(name, text)))
    passed = time.perf_counter() - began
    replies = answer["replies"] if isinstance(answer, dict) else answer
    if not replies:
        raise RuntimeError(f"no reply to {text!r}")
    return passed
