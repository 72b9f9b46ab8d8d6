"""Two transactions at once, without chance: who waits is seen to wait, who comes between comes between."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, text

T = TypeVar("T")
_WAITING = text(
    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
)


@contextmanager
def engine_of(url: str) -> Iterator[Engine]:
    """An engine of the test's own for a PostgreSQL database."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    try:
        yield engine
    finally:
        engine.dispose()


class Race:
    """A transaction of one's own that is open (``first``), and others that come meanwhile."""

    def __init__(self, engine: Engine, first: Connection, pool: ThreadPoolExecutor) -> None:
        self.first = first
        self._engine, self._pool = engine, pool
        first.begin()

    def commit(self) -> None:
        """What was done in ``first`` holds; the next transaction begins there."""
        self.first.commit()
        self.first.begin()

    def also(self, work: Callable[[Connection], T]) -> Future[T]:
        """Begins ``work`` in a second transaction; returns once that has ended or waits for a lock."""

        def second() -> T:
            with self._engine.begin() as connection:
                return work(connection)

        late = self._pool.submit(second)
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as looking:
            while not late.done() and not looking.scalar(_WAITING):
                time.sleep(0.01)
        return late


@contextmanager
def race(engine: Engine) -> Iterator[Race]:
    """What is not committed in the block is undone."""
    with ThreadPoolExecutor() as pool, engine.connect() as connection:
        # Undone before the threads are waited for: one of them may wait for this.
        yield Race(engine, connection, pool)


@contextmanager
def just_before(engine: Engine, words: str, act: Callable[[], object]) -> Iterator[None]:
    """``act()`` comes once, before the first statement with these words that goes through ``engine``."""
    done: list[bool] = []

    def look(_connection, _cursor, statement, *_rest) -> None:
        if words in statement and not done:
            done.append(True)
            act()

    event.listen(engine, "before_cursor_execute", look)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", look)
    assert done, f"nothing was said with {words!r}"
