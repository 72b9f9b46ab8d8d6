"""A live view: the centre's own database, read only, one dossier at a time; nothing is copied.

A mapping names the table and its columns (docs/dossiers.md); rows go through the same checks as an
import. Whatever hangs over there is cut off after ``timeout``, and for a few seconds after a failure
nobody waits for it again.
"""

from __future__ import annotations

import sqlite3
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooSlow
from datetime import datetime
from decimal import Decimal
from functools import partial
from math import ceil
from pathlib import Path
from typing import Any

from sqlalchemy import (
    VARCHAR,
    Engine,
    QueuePool,
    String,
    bindparam,
    cast,
    column,
    create_engine,
    event,
    make_url,
    select,
    table,
)
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from dossiers.clock import local_now
from dossiers.codes import dossier_code
from dossiers.errors import ViewAway
from dossiers.importing.mapping import load_table_mapping
from dossiers.importing.rows import KIND_FIELDS, Record, Rejected, RowReader
from dossiers.models import Applicant, Dossier, Kind
from dossiers.statuses import ENDED, FINISHED, RECEIVED, RETURNED

TIMEOUT = 3.0
REST_SECONDS = 10.0
AT_ONCE = 4
# What is taken for each kind of database where the URL names no driver.
DRIVERS = {
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
    "mssql": "mssql+pymssql",
    "sqlite": "sqlite+pysqlite",
}
# Where a driver that a URL names is called otherwise than its package.
_PACKAGES = {"MySQLdb": "mysqlclient", "psycopg2": "psycopg2-binary"}


class LiveView:
    """``url``: an SQLAlchemy address (``MOTCUA_DOSSIERS_VIEW_URL``); ``mapping``: the mapping's file.

    Safe to share between threads. Nothing is contacted before the first look-up. Raises
    :class:`ViewAway` for an address that cannot be used and :class:`DataFileError` for a faulty mapping.
    """

    def __init__(
        self,
        url: str,
        mapping: Path,
        timeout: float = TIMEOUT,
        now: Callable[[], datetime] = local_now,
    ) -> None:
        found = load_table_mapping(mapping)
        fields = list(found.columns)
        self._fields, self._names, self._words = fields, found.columns, found.words
        self._timeout, self._now = timeout, now
        self._engine = _engine(url, timeout)
        source = table(
            found.table,
            *(column(name) for name in dict.fromkeys(found.columns.values())),
            schema=found.schema,
        )
        columns = [source.c[found.columns[field]] for field in fields]
        wanted: Any = bindparam("wanted", type_=String)
        if self._engine.dialect.name == "mssql":
            # Drivers send NVARCHAR, for which the index of a VARCHAR column is not used.
            wanted = cast(wanted, VARCHAR(64))
        self._query = select(*columns).where(source.c[found.columns["code"]] == wanted).limit(1)
        self._threads = ThreadPoolExecutor(AT_ONCE, "live-view")
        self._rests_until = 0.0

    def find(self, code: str) -> Dossier | None:
        """The dossier with ``code``, as typed or canonical, with its applicant; None when there is none.

        It belongs to no session. Raises :class:`ViewAway` after ``timeout`` at the latest.
        """
        canonical = dossier_code(code)
        if canonical is None:
            return None
        if time.monotonic() < self._rests_until:
            raise ViewAway("it gave no answer a moment ago")
        try:
            row = self._threads.submit(self._row, canonical).result(self._timeout)
        except TooSlow:
            self._rest()
            raise ViewAway(f"no answer within {self._timeout:g} s") from None
        except SQLAlchemyError as error:
            self._rest()
            raise ViewAway(_reason(error)) from error
        return None if row is None else self._dossier(row)

    def close(self) -> None:
        """Gives the connections back, after what still hangs has come to its own time limit."""
        self._threads.shutdown(cancel_futures=True)
        self._engine.dispose()

    def _row(self, code: str) -> list[object] | None:
        with self._engine.connect() as connection:
            found = connection.execute(self._query, {"wanted": code}).first()
        return None if found is None else [_cell(value) for value in found]

    def _rest(self) -> None:
        self._rests_until = time.monotonic() + REST_SECONDS

    def _dossier(self, row: list[object]) -> Dossier:
        places = {field: index for index, field in enumerate(self._fields)}
        reader = RowReader(self._words, places, self._names, Counter(), quoting=False)
        record = reader.read(1, row)
        if not isinstance(record, Record):
            reason = record.reason if isinstance(record, Rejected) else "the row is empty"
            raise ViewAway(f"a row cannot be read: {reason}")
        [parts] = reader.kinds
        return _as_dossier(record, dict(zip(KIND_FIELDS, parts, strict=True)), self._now())


def _cell(value: object) -> object:
    """A value of a database as an export would have it."""
    if isinstance(value, bool) or (isinstance(value, Decimal) and value == value.to_integral_value()):
        return int(value)
    if isinstance(value, str) and value.startswith("0000-00-00"):
        # MySQL's way to say that there is no date.
        return None
    if value in (b"\0", b"\1"):
        return int(value == b"\1")
    return value


def _as_dossier(record: Record, kind: dict[str, str], now: datetime) -> Dossier:
    """A dossier as an import would have stored it; what is seen live is as of now."""

    def moment(name: str) -> datetime | None:
        value = getattr(record, name)
        return datetime.fromisoformat(value) if value else None

    status = RECEIVED if record.status is None else record.status
    since = moment("status_since") or (moment("received_at") if status == RECEIVED else None)
    ended = (since or now) if status in (*ENDED, FINISHED, RETURNED) else None
    return Dossier(
        code=record.code,
        status=status,
        # A view may not say; see lookup.public_status.
        status_since=since,  # type: ignore[arg-type]
        received_at=moment("received_at"),
        due_at=moment("due_at"),
        new_due_at=moment("new_due_at"),
        finished_at=moment("finished_at"),
        returned_at=moment("returned_at"),
        closed_at=moment("finished_at") or moment("returned_at") or ended,
        updated_at=moment("updated_at") or now,
        channel=record.channel,
        return_channel=record.return_channel,
        applicant_kind=record.applicant_kind,
        paid=record.paid,
        late_reason=record.late_reason,
        missing_papers=record.missing_papers,
        kind=Kind(**kind),
        applicant=Applicant(
            name=record.name,
            phone=record.phone,
            personal_number=record.personal_number,
            address=record.address,
        ),
    )


def _engine(url: str, timeout: float) -> Engine:
    try:
        parsed = make_url(url.strip())
    except (ArgumentError, ValueError):
        raise ViewAway(
            "it is not a database address such as postgresql://reader:password@host/name"
        ) from None
    if parsed.drivername in DRIVERS:
        parsed = parsed.set(drivername=DRIVERS[parsed.drivername])
    backend, driver = parsed.drivername.partition("+")[0], parsed.drivername.partition("+")[2]
    if backend not in DRIVERS:
        raise ViewAway(f"{backend!r} is not supported; it may be postgresql, mysql, mariadb, mssql or sqlite")
    kept: dict[str, Any] = {"poolclass": QueuePool, "pool_size": AT_ONCE, "max_overflow": 0}
    kept |= {"pool_timeout": timeout, "pool_recycle": 600}
    try:
        if backend == "sqlite":
            engine = create_engine("sqlite+pysqlite://", creator=_sqlite(parsed, timeout), **kept)
        else:
            arguments = _ARGUMENTS.get(driver, lambda seconds: {})(timeout)
            engine = create_engine(parsed, connect_args=arguments, pool_pre_ping=True, **kept)
    except ModuleNotFoundError as error:
        package = _PACKAGES.get(error.name or "", error.name)
        how = f"uv pip install --python .venv/bin/python {package}"
        raise ViewAway(f"the driver {error.name} is missing; install its package: {how}") from error
    except (NoSuchModuleError, SQLAlchemyError) as error:
        raise ViewAway(_reason(error)) from error
    # An error that is logged must not show whose dossier was asked for.
    engine.hide_parameters = True
    if driver == "pymysql":
        event.listen(engine, "connect", partial(_prepare_mysql, timeout))
    return engine


def _postgresql(seconds: float) -> dict[str, Any]:
    limit = f"-c statement_timeout={round(seconds * 1000)} -c default_transaction_read_only=on"
    unanswered = {"tcp_user_timeout": round(seconds * 1000), "keepalives_idle": 10}
    return {"connect_timeout": max(2, ceil(seconds)), "options": limit, **unanswered}


def _mysql(seconds: float) -> dict[str, Any]:
    whole = max(1, ceil(seconds))
    return {"connect_timeout": whole, "read_timeout": whole, "write_timeout": whole, "charset": "utf8mb4"}


def _sql_server(seconds: float) -> dict[str, Any]:
    whole = max(1, ceil(seconds))
    return {"login_timeout": whole, "timeout": whole, "charset": "UTF-8"}


_ARGUMENTS: dict[str, Callable[[float], dict[str, Any]]] = {
    "psycopg": _postgresql,
    "pymysql": _mysql,
    "pymssql": _sql_server,
    "pyodbc": lambda seconds: {"timeout": max(1, ceil(seconds))},
}


def _prepare_mysql(seconds: float, connection: Any, _record: object) -> None:
    """Nothing is written, and what takes too long is ended over there, too. Each of the comments is read by
    servers from that version on: the first one by MySQL only, the second by MariaDB only."""
    whole = max(1, ceil(seconds))
    limits = (
        f"lock_wait_timeout = {whole} /*!50708 , max_execution_time = {round(seconds * 1000)} */ "
        f"/*M!100101 , max_statement_time = {seconds} */"
    )
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION TRANSACTION READ ONLY")
        cursor.execute(f"SET SESSION {limits}")


def _sqlite(url: URL, timeout: float) -> Callable[[], sqlite3.Connection]:
    path = Path(url.database or "").absolute()

    def connect() -> sqlite3.Connection:
        address = f"{path.as_uri()}?mode=ro"
        connection = sqlite3.connect(address, uri=True, timeout=timeout, check_same_thread=False)
        connection.execute("PRAGMA query_only = ON")
        return connection

    return connect


def _reason(error: SQLAlchemyError) -> str:
    """One line without the statement."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    return " ".join(str(cause).split())[:300]
