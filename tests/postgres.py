"""A private PostgreSQL for tests: its own cluster in a temporary folder, on a free loopback port.

Use in a conftest: ``from tests.postgres import postgresql_server, postgresql_url`` (both are fixtures);
``postgresql_url`` is the address of a new, empty database for one test. Without PostgreSQL the tests
that ask for it are skipped with the reason; where ``CI`` is set they fail.
"""

from __future__ import annotations

import os
import pwd
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from typing import NoReturn

import psycopg
import pytest

from tests.ports import free_port

SUPERUSER = "postgres"
_numbers = count(1)


class Unavailable(Exception):
    """PostgreSQL cannot be started here; the text says why and what would help."""


def _binaries() -> Path:
    versions = [p for p in Path("/usr/lib/postgresql").glob("*/bin") if (p / "initdb").exists()]
    if versions:
        return max(versions, key=lambda p: int(p.parent.name) if p.parent.name.isdigit() else 0)
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    raise Unavailable("PostgreSQL is not installed (Debian: apt-get install postgresql)")


def _as_server_user(command: list[str]) -> list[str]:
    """PostgreSQL refuses to run as root: the system's ``postgres`` user does it then."""
    return ["runuser", "-u", SUPERUSER, "--", *command] if os.geteuid() == 0 else command


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(
        _as_server_user(command), cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )
    if done.returncode:
        raise Unavailable(f"{Path(command[0]).name} failed: {(done.stderr or done.stdout).strip()}")


def _start(binaries: Path, folder: Path) -> str:
    """Makes and starts a cluster; its address without a database's name."""
    data, log = folder / "data", folder / "log"
    initdb = [str(binaries / "initdb"), "-D", str(data), "-U", SUPERUSER, "-A", "trust", "-E", "UTF8"]
    _run([*initdb, "--locale=C.UTF-8", "--no-sync"], folder)
    # Nothing here has to survive a power cut.
    settings = f"-c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
    for attempt in range(3):
        port = free_port()
        start = [str(binaries / "pg_ctl"), "-D", str(data), "-l", str(log), "-w", "-o"]
        try:
            _run([*start, f"-p {port} {settings}", "start"], folder)
        except Unavailable:
            # Somebody may have taken the port meanwhile.
            if attempt == 2:
                raise
        else:
            return f"postgresql://{SUPERUSER}@127.0.0.1:{port}"
    raise AssertionError("unreachable")


def _tidy_up_after(folder: Path, binaries: Path) -> subprocess.Popen[bytes]:
    """A shell that stops the server and removes its folder once this process closes the pipe, or dies."""
    stop = [str(binaries / "pg_ctl"), "-D", str(folder / "data"), "-m", "immediate", "stop"]
    script = f"read _; {shlex.join(_as_server_user(stop))}; rm -rf {shlex.quote(str(folder))}"
    return subprocess.Popen(
        ["sh", "-c", script],
        cwd="/",
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # Ctrl-C in the terminal is for the tests; this one ends when they have.
        start_new_session=True,
    )


@contextmanager
def postgresql() -> Iterator[str]:
    """Address of a running server without a database's name; stopped and removed at the end.

    Raises:
        Unavailable: it cannot be started here.
    """
    folder = Path(tempfile.mkdtemp(prefix="motcua-postgresql-"))
    try:
        binaries = _binaries()
        if os.geteuid() == 0:
            user = pwd.getpwnam(SUPERUSER)
            os.chown(folder, user.pw_uid, user.pw_gid)
        tidier = _tidy_up_after(folder, binaries)
    except (Unavailable, KeyError) as reason:
        folder.rmdir()
        raise Unavailable(str(reason)) from reason
    try:
        yield _start(binaries, folder)
    finally:
        tidier.communicate(timeout=60)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """:func:`postgresql` for all tests."""
    with ExitStack() as stack:
        try:
            address = stack.enter_context(postgresql())
        except Unavailable as reason:
            leave_out(str(reason))
        yield address


def leave_out(reason: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(f"CI leaves no test out, but: {reason}")
    pytest.skip(reason)


@contextmanager
def new_database(server: str) -> Iterator[str]:
    """Address of a new, empty database of that server, dropped at the end."""
    name = f"test_{next(_numbers)}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")  # type: ignore[call-overload]
        yield f"{server}/{name}"
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[call-overload]


@pytest.fixture
def postgresql_url(postgresql_server: str) -> Iterator[str]:
    """Address of a new, empty database, dropped after the test."""
    with new_database(postgresql_server) as url:
        yield url
