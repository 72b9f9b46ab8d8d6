from __future__ import annotations

import pytest

from bot.errors import TooManyRequests
from bot.gateway import limits
from bot.gateway.limits import Rate, RateLimiter


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def accepted(limiter: RateLimiter, key: str, times: int) -> int:
    count = 0
    for _ in range(times):
        try:
            limiter.check_session(key)
            count += 1
        except TooManyRequests:
            pass
    return count


def test_a_burst_passes_and_then_what_time_allows() -> None:
    clock = Clock()
    limiter = RateLimiter(session=Rate(burst=5, per_second=0.5), clock=clock)
    assert accepted(limiter, "a", 9) == 5
    with pytest.raises(TooManyRequests) as caught:
        limiter.check_session("a")
    assert caught.value.wait == pytest.approx(2.0)
    clock.now += 2.0
    assert accepted(limiter, "a", 9) == 1
    clock.now += 3600
    assert accepted(limiter, "a", 9) == 5


def test_one_session_does_not_use_up_anothers() -> None:
    limiter = RateLimiter(session=Rate(burst=2, per_second=0.1), clock=Clock())
    assert accepted(limiter, "a", 5) == 2
    assert accepted(limiter, "b", 5) == 2


def test_this_machine_is_not_limited_by_address_and_others_are() -> None:
    limiter = RateLimiter(address=Rate(burst=3, per_second=0.1), clock=Clock())
    for _ in range(50):
        limiter.check_address("127.0.0.1")
        limiter.check_address("::1")
    for _ in range(3):
        limiter.check_address("203.0.113.7")
    with pytest.raises(TooManyRequests):
        limiter.check_address("203.0.113.7")


def test_memory_is_bounded_and_the_busiest_is_not_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_KEYS", 10)
    limiter = RateLimiter(session=Rate(burst=1, per_second=0.001), clock=Clock())
    limiter.check_session("flood")
    for number in range(100):
        limiter.check_session(f"new-{number}")
        assert accepted(limiter, "flood", 1) == 0
