"""A private MariaDB for tests: its own data in a temporary folder, on a free loopback port.

Use in a conftest: ``from tests.mariadb import mariadb_server`` (a fixture): the address of its superuser.
Without MariaDB the tests that ask for it are skipped with the reason; where ``CI`` is set they fail.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pymysql
import pytest

from bot.supervisor import die_with
from tests.ports import free_port
from tests.postgres import leave_out

STARTED_WITHIN = 60.0
# Nothing here has to survive a power cut.
SMALL = ("--innodb-log-file-size=4M", "--innodb-flush-log-at-trx-commit=0")


def _program(name: str) -> str:
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found is None:
        leave_out(f"{name} is missing (Debian: apt-get install mariadb-server-core mariadb-client-core)")
    return found


def _answers(port: int) -> bool:
    try:
        pymysql.connect(host="127.0.0.1", port=port, user="root", connect_timeout=5).close()
    except pymysql.err.OperationalError:
        return False
    return True


@pytest.fixture(scope="session")
def mariadb_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a running server without a database's name; it ends with the tests, however they do."""
    install, server = _program("mariadb-install-db"), _program("mariadbd")
    folder = tmp_path_factory.mktemp("mariadb")
    # MariaDB asks for a name before it runs as root.
    user = ["--user=root"] if os.geteuid() == 0 else []
    common = ["--no-defaults", f"--datadir={folder}/data", *SMALL, *user]
    made = [install, *common, "--auth-root-authentication-method=normal", "--skip-test-db"]
    done = subprocess.run(made, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode:
        leave_out(f"mariadb-install-db failed: {(done.stderr or done.stdout).strip()[-500:]}")
    port = free_port()
    place = ["--bind-address=127.0.0.1", f"--port={port}", "--socket=mariadb.socket", "--skip-name-resolve"]
    with (folder / "log").open("w") as log:
        running = subprocess.Popen(
            [server, *common, *place], cwd=folder, stdout=log, stderr=log, preexec_fn=die_with(os.getpid())
        )
    try:
        give_up = time.monotonic() + STARTED_WITHIN
        while not _answers(port):
            if running.poll() is not None or time.monotonic() > give_up:
                leave_out(f"mariadbd does not start: {Path(folder, 'log').read_text()[-500:]}")
            time.sleep(0.1)
        yield f"mariadb://root@127.0.0.1:{port}"
    finally:
        running.kill()
        running.wait()
        shutil.rmtree(folder, ignore_errors=True)
