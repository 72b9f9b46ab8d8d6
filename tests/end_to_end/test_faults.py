"""Processes that are killed, starts that cannot work, stops: nothing hangs, nothing is left behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psutil
import pytest

from tests.end_to_end.stack import MOTCUA, ROOT, Conversation, Stack, environment, wait_until

pytestmark = pytest.mark.stack
RESTARTED_WITHIN = 150.0


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack for this module: what is killed here disturbs no other test."""
    running = Stack(tmp_path_factory.mktemp("stack")).start()
    yield running
    assert running.stop() == 0


def kill(stack: Stack, name: str) -> None:
    """Kills one process; nothing is left of it when this returns."""
    process = stack.child(name)
    process.kill()
    wait_until(lambda: not process.is_running(), 60, f"{name} is gone")


def lies_unread(process: psutil.Process) -> bool:
    """Whether something was sent to a process that it has not read."""
    [port] = {place.laddr.port for place in process.net_connections("tcp") if place.status == "LISTEN"}
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    # Own address, state (1: connected), bytes to be sent and to be read: all hexadecimal.
    waits = [row[4].partition(":")[2] for row in rows if row[1].endswith(f":{port:04X}") and row[3] == "01"]
    return any(int(count, 16) for count in waits)


def test_engine_killed_between_two_turns(stack: Stack) -> None:
    talk = Conversation(stack.url)
    assert talk.say("đăng ký kết hôn lệ phí bao nhiêu").replies[0]["procedure"] == "dang-ky-ket-hon"
    kill(stack, "engine")

    meanwhile = talk.say("mất bao lâu")
    assert meanwhile.status == 503
    assert meanwhile.body["error"]["code"] == "engine_unavailable"
    assert "chưa được nhận" in meanwhile.body["error"]["message"]
    readiness = httpx.get(f"{stack.url}/readyz", trust_env=False, timeout=60)
    assert readiness.status_code == 503
    checks = readiness.json()["checks"]
    assert set(checks) == {"engine", "actions", "database"}
    assert checks["engine"] == "unavailable"
    assert httpx.get(f"{stack.url}/healthz", trust_env=False, timeout=60).status_code == 200

    wait_until(stack.ready, RESTARTED_WITHIN, "the engine runs again")
    again = talk.say("mất bao lâu")
    assert again.replies[0]["procedure"] == "dang-ky-ket-hon", "the conversation goes on where it was"
    assert again.replies[0]["aspects"] == ["time"]


def test_engine_killed_in_the_middle_of_a_turn(stack: Stack) -> None:
    talk = Conversation(stack.url)
    assert talk.say("đăng ký tạm trú cần giấy tờ gì").status == 200
    engine = stack.child("engine")
    engine.suspend()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(talk.say, "lệ phí bao nhiêu")
        wait_until(lambda: lies_unread(engine), 60, "the message is there")
        assert not waiting.done()
        engine.kill()
        answer = waiting.result(90)
    assert answer.status == 503
    assert answer.body["error"]["code"] == "answer_in_doubt"
    wait_until(stack.ready, RESTARTED_WITHIN, "the engine runs again")
    assert talk.say("lệ phí bao nhiêu").replies[0]["procedure"] == "dang-ky-tam-tru"


def test_actions_killed(stack: Stack) -> None:
    talk = Conversation(stack.url)
    assert talk.say("đăng ký kết hôn lệ phí bao nhiêu").status == 200
    kill(stack, "actions")
    meanwhile = talk.say("mất bao lâu")
    assert meanwhile.status in (200, 503)  # they are back within a second or two
    if meanwhile.status == 503:
        assert meanwhile.body["error"]["code"] == "engine_error"
    wait_until(stack.ready, RESTARTED_WITHIN, "the actions run again")
    assert talk.say("mất bao lâu").replies[0]["procedure"] == "dang-ky-ket-hon"


def test_gateway_killed_refuses_nobody(stack: Stack) -> None:
    talk = Conversation(stack.url)
    assert talk.say("đăng ký kết hôn lệ phí bao nhiêu").status == 200
    kill(stack, "gateway")
    # The supervisor holds the socket: who comes meanwhile waits a little and is answered.
    assert talk.say("mất bao lâu").replies[0]["procedure"] == "dang-ky-ket-hon"


def test_control_c_leaves_no_process_and_no_port(own_stack: Callable[..., Stack]) -> None:
    stack = own_stack()
    port = int(stack.url.rpartition(":")[2])
    assert stack.stop(signal.SIGINT) == 0
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
    assert not list(stack.var.glob("stack-*.json"))


def test_killed_itself_it_takes_its_processes_along(own_stack: Callable[..., Stack]) -> None:
    stack = own_stack()
    processes = stack.processes()
    assert {p.name() for p in processes[1:]}, "there are children"
    stack.process.kill()
    stack.process.wait()
    stack.process.stdout.close()
    _, left = psutil.wait_procs(processes[1:], timeout=60)
    assert left == []


def refused(var: Path, *arguments: str, **settings: str) -> str:
    """The one line with which the demo refuses to start."""
    done = subprocess.run(
        [MOTCUA, "demo", *(arguments or ("--port", "0"))],
        cwd=ROOT,
        env=environment(var, **settings),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Ready" not in done.stdout
    assert "Traceback" not in done.stderr
    return done.stderr.strip().splitlines()[-1]


def test_port_in_use(stack: Stack, tmp_path: Path) -> None:
    port = stack.url.rpartition(":")[2]
    said = refused(tmp_path, "--port", port)
    assert port in said
    assert "in use" in said
    assert not list(tmp_path.iterdir()), "nothing was made"


def test_wrong_setting(tmp_path: Path) -> None:
    assert "MOTCUA_LOG_LEVEL" in refused(tmp_path, MOTCUA_LOG_LEVEL="loud")


def test_wrong_database(tmp_path: Path) -> None:
    assert "MOTCUA_DATABASE_URL" in refused(tmp_path, MOTCUA_DATABASE_URL="mysql://nowhere/none")


def test_broken_centre_file(tmp_path: Path) -> None:
    centre = tmp_path / "centre.yml"
    centre.write_text("name: [half\n", "utf-8")
    assert "centre.yml" in refused(tmp_path / "var", MOTCUA_CENTRE_FILE=str(centre))


def test_database_is_no_database(tmp_path: Path) -> None:
    database = tmp_path / "letters.db"
    database.write_text("Dear database, " * 100)
    assert "MOTCUA_DATABASE_URL" in refused(tmp_path / "var", MOTCUA_DATABASE_URL=f"sqlite:///{database}")


def test_folder_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert "MOTCUA_VAR" in refused(tmp_path / "file" / "var")


def test_database_not_writable(tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o555)
    if os.geteuid() == 0:
        locked = Path("/proc")  # root writes everywhere but there
    assert "MOTCUA_DATABASE_URL" in refused(tmp_path, MOTCUA_DATABASE_URL=f"sqlite:///{locked}/x.db")
