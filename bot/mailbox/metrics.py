"""What the mailbox counts, for Prometheus: channels, states and reasons, never a text or a person."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge

from bot.mailbox.figures import Figures, Queue


class Metrics:
    """Counters of this process, and gauges of the whole mailbox as :meth:`show` last saw it."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry()
        kept = {"registry": self.registry}
        self._accepted = Counter("motcua_messages", "Messages taken in", ["channel", "delivery"], **kept)
        self._turns = Counter("motcua_turns", "Turns settled", ["channel", "state", "reason"], **kept)
        self._letters = Counter("motcua_letters", "Attempts to send a reply", ["channel", "result"], **kept)
        self._doubts = Counter("motcua_in_doubt", "What a dead process held", ["what"], **kept)
        self._lengths = Gauge(
            "motcua_queue_length", "Entries to be done", ["queue", "channel", "state"], **kept
        )
        self._ages = Gauge(
            "motcua_queue_age_seconds", "Age of the oldest", ["queue", "channel", "state"], **kept
        )
        self._dead = Gauge("motcua_dead_letters", "Replies given up", ["channel"], **kept)
        self._paused = Gauge("motcua_paused", "1 while the assistant is paused", **kept)

    def accepted(self, channel: str, new: bool) -> None:
        self._accepted.labels(channel, "new" if new else "repeated").inc()

    def turn(self, channel: str, state: str, reason: str | None) -> None:
        self._turns.labels(channel, state, reason or "").inc()

    def letter(self, channel: str, result: str) -> None:
        """``result``: ``sent``, ``retry``, ``in_doubt`` or ``dead``."""
        self._letters.labels(channel, result).inc()

    def in_doubt(self, what: str, count: int) -> None:
        self._doubts.labels(what).inc(count)

    def show(self, figures: Figures) -> None:
        for gauge in (self._lengths, self._ages, self._dead):
            gauge.clear()
        for name, queues in (("inbox", figures.inbox), ("outbox", figures.outbox)):
            for queue in queues:
                self._queue(name, queue)
        for channel, _, count in figures.dead:
            self._dead.labels(channel).inc(count)
        self._paused.set(figures.paused)

    def _queue(self, name: str, queue: Queue) -> None:
        self._lengths.labels(name, queue.channel, queue.state).set(queue.length)
        self._ages.labels(name, queue.channel, queue.state).set(queue.age)
