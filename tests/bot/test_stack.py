"""``motcua demo`` and ``serve`` as processes; engine and actions are one fake beside them."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from bot import stack, training
from bot.errors import NotSetUp, PortInUse, SettingsError, StackError
from bot.prepare import check_files
from bot.settings import Settings, load_settings
from tests.bot.running import SECRET, FakeEngine, wait_until
from tests.ports import free_port
from tests.warm import warm

MOTCUA = Path(sys.executable).parent / "motcua"


class Running:
    """A ``motcua`` process that keeps running, and what it says."""

    def __init__(self, *words: str, env: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [MOTCUA, *words], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.out: list[str] = []
        self.err: list[str] = []
        self._readers = [
            threading.Thread(target=lambda: self.out.extend(iter(self.process.stdout.readline, ""))),
            threading.Thread(target=lambda: self.err.extend(iter(self.process.stderr.readline, ""))),
        ]
        for reader in self._readers:
            reader.start()

    def url(self) -> str:
        wait_until(lambda: bool(self.out) or self.process.poll() is not None, within=150)
        assert self.out, "".join(self.err)
        assert self.out[0].startswith("Ready: http://127.0.0.1:")
        return self.out[0].removeprefix("Ready: ").strip()

    def children(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def end(self, number: int = signal.SIGTERM) -> int:
        """Its exit status after the signal; asserts that nothing of it is left."""
        children = self.children() if self.process.poll() is None else []
        self.process.send_signal(number)  # does nothing to one that has ended
        status = self.process.wait(90)
        for reader in self._readers:
            reader.join()
        self.process.stdout.close()
        self.process.stderr.close()
        _, alive = psutil.wait_procs(children, timeout=60)
        assert not alive
        return status


@pytest.fixture
def environment(steady_engine: FakeEngine, tmp_path: Path) -> dict[str, str]:
    """No settings but those of this test."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MOTCUA_")}
    return {
        **kept,
        "MOTCUA_VAR": str(tmp_path / "var"),
        "MOTCUA_ENGINE_URLS": steady_engine.url,
        "MOTCUA_ACTIONS_URL": steady_engine.url,
        "MOTCUA_ENGINE_SECRET": SECRET,
    }


@pytest.fixture
def start(environment: dict[str, str]) -> Iterator[Callable[..., Running]]:
    running: list[Running] = []

    def start_one(*words: str, **more: str) -> Running:
        warm(Path(environment["MOTCUA_VAR"]))
        running.append(Running(*words, env={**environment, **more}))
        return running[-1]

    yield start_one
    for one in running:
        one.end(signal.SIGKILL)


def count_dossiers(file: Path) -> int:
    connection = sqlite3.connect(file)
    try:
        return connection.execute("SELECT count(*) FROM dossiers").fetchone()[0]
    finally:
        connection.close()


def test_demo_from_start_to_stop(start: Callable[..., Running], tmp_path: Path) -> None:
    demo = start("demo", "--port", "0")
    url, var = demo.url(), tmp_path / "var"
    assert httpx.get(f"{url}/readyz", trust_env=False, timeout=60).status_code == 200
    answer = httpx.post(
        f"{url}/api/v1/messages", json={"session": "a", "text": "khai sinh"}, trust_env=False, timeout=60
    )
    assert answer.json()["replies"][0]["procedure"] == "dang-ky-khai-sinh"
    assert count_dossiers(var / "demo.db") == 200
    (state,) = var.glob("stack-*.json")
    assert json.loads(state.read_text()) == {"pid": demo.process.pid, "url": url}
    assert (var / "log" / "gateway.log").exists()

    (gateway,) = demo.children()
    gateway.kill()
    gateway.wait()
    # The supervisor holds the port: this connection waits until the new gateway takes it.
    assert httpx.get(f"{url}/healthz", trust_env=False, timeout=60).status_code == 200
    assert "gateway was killed" in "".join(demo.err)

    assert demo.end() == 0
    assert demo.out == [f"Ready: {url}\n"]
    assert not list(var.glob("stack-*.json"))
    with pytest.raises(httpx.ConnectError):
        httpx.get(url, trust_env=False, timeout=60)


def test_stacks_run_side_by_side_even_in_one_folder(start: Callable[..., Running], tmp_path: Path) -> None:
    var, port = tmp_path / "var", free_port()
    demo, serve = start("demo", "--port", "0"), start("serve", MOTCUA_PORT=str(port))
    demo_url = demo.url()
    assert serve.url() == f"http://127.0.0.1:{port}"
    assert set(stack.running_stacks(var)) == {demo_url, serve.url()}
    assert demo.end(signal.SIGINT) == 0
    assert "Traceback" not in "".join(demo.err)
    assert httpx.get(f"{serve.url()}/readyz", trust_env=False, timeout=60).status_code == 200
    assert count_dossiers(var / "demo.db") == 200
    assert count_dossiers(var / "motcua.db") == 0
    # Killed outright it leaves no process, only its state file, which the next look clears away.
    serve.end(signal.SIGKILL)
    assert list(var.glob("stack-*.json"))
    assert list(stack.running_stacks(var)) == []
    assert not list(var.glob("stack-*.json"))


def test_samples_go_into_an_empty_database_only(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "environ", environment)
    settings, file = load_settings(None), tmp_path / "var" / "motcua.db"
    stack.prepare(settings, print)
    assert count_dossiers(file) == 0
    stack.prepare(settings, print, samples=7)
    stack.prepare(settings, print, samples=200)
    assert count_dossiers(file) == 7


def failing(environment: dict[str, str], *words: str, **more: str) -> str:
    """The one line that a command which must fail says; status 1, no trace."""
    done = subprocess.run(
        [MOTCUA, *words], env={**environment, **more}, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1 and done.stdout == "" and "Traceback" not in done.stderr
    return done.stderr.strip().splitlines()[-1]


def test_port_in_use_is_told_before_anything_is_made(environment: dict[str, str], tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert f"port {port} on 127.0.0.1 is in use" in failing(environment, "demo", "--port", port)
    assert not (tmp_path / "var").exists()


def test_database_that_cannot_be_written_is_told(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "folder.db").mkdir()
    told = failing(environment, "demo", "--port", "0", MOTCUA_DATABASE_URL=f"sqlite:///{tmp_path}/folder.db")
    assert "MOTCUA_DATABASE_URL" in told


def test_a_centre_file_that_is_wrong_stops_the_start_with_one_line(
    environment: dict[str, str], tmp_path: Path
) -> None:
    centre = tmp_path / "centre.yml"
    centre.write_text("name: 5\n")
    done = subprocess.run(
        [MOTCUA, "serve"],
        env={**environment, "MOTCUA_PORT": str(free_port()), "MOTCUA_CENTRE_FILE": str(centre)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    (told,) = done.stderr.splitlines()
    assert done.returncode == 1 and told.startswith(f"motcua: MOTCUA_CENTRE_FILE: {centre}: name")


@pytest.mark.parametrize(
    "name", ["CENTRE_FILE", "DOSSIERS_MAPPING", "DOSSIERS_VIEW_MAPPING", "DOSSIERS_FOLDER"]
)
def test_each_file_that_a_setting_names_is_read_before_anything_starts(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(os, "environ", {"MOTCUA_DOSSIERS_VIEW_URL": "sqlite:///x.db"})
    view = tmp_path / "view.yml"
    view.write_text("table: t\ncolumns: {code: c, received_at: r}\n")
    settings = load_settings(None, dossiers_view_mapping=view)
    check_files(settings)
    settings = settings.model_copy(update={name.lower(): tmp_path / "none"})
    with pytest.raises(SettingsError, match=f"MOTCUA_{name}: {tmp_path}/none"):
        check_files(settings)


def test_reset_refuses_a_database_that_was_named(environment: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "real.db"
    file.write_bytes(b"")
    told = failing(environment, "demo", "--reset", "--port", "0", MOTCUA_DATABASE_URL=f"sqlite:///{file}")
    assert "MOTCUA_DATABASE_URL" in told and file.exists()


def test_missing_engine_environment_says_what_to_run(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("MOTCUA_ENGINE_URLS", "MOTCUA_ACTIONS_URL"):
        environment.pop(name)
    monkeypatch.setattr(os, "environ", environment)
    monkeypatch.setattr(training, "ENGINE_PYTHON", tmp_path / "none")
    with pytest.raises(NotSetUp, match="make setup"):
        stack.prepare(load_settings(None), print)


def test_missing_model_is_trained_first(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment.pop("MOTCUA_ENGINE_URLS")
    monkeypatch.setattr(os, "environ", environment)
    monkeypatch.setattr(training, "ENGINE_PYTHON", Path(sys.executable))
    monkeypatch.setattr(training, "MODEL", tmp_path / "none.tar.gz")
    trained: list[bool] = []
    monkeypatch.setattr(stack, "train", lambda say, learned: trained.append(True))
    stack.prepare(load_settings(None), print)
    assert trained == [True]


def test_listening_is_refused_in_words() -> None:
    with stack.listen("127.0.0.1", 0) as held, pytest.raises(PortInUse, match="--port"):
        stack.listen("127.0.0.1", held.getsockname()[1])
    for host in ("no-such-host.invalid", "192.0.2.1"):
        with pytest.raises(StackError, match="MOTCUA_HOST"):
            stack.listen(host, 0)


def test_tracker_follows_the_database(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MOTCUA_VAR", str(tmp_path))
    assert stack.tracker_url(load_settings(None), "engine") == f"sqlite:///{tmp_path}/engine.db"
    monkeypatch.setenv("MOTCUA_DATABASE_URL", "postgresql+psycopg://u:p@h:5432/motcua")
    assert stack.tracker_url(load_settings(None), "engine") == "postgresql+psycopg2://u:p@h:5432/motcua"


def test_channel_secrets_stay_with_the_gateway(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "environ", {"PATH": os.environ["PATH"], "MOTCUA_TELEGRAM_TOKEN": "1:x"})
    with stack.listen("127.0.0.1", 0) as listener:
        plan = stack.Plan(load_settings(None), listener, tmp_path, "sqlite:///x.db")
        children = {child.name: child for child in stack._children(plan)}
    assert list(children) == ["actions", "engine", "gateway"]
    assert children["gateway"].env["MOTCUA_TELEGRAM_TOKEN"] == "1:x"
    for name in ("actions", "engine"):
        assert "MOTCUA_TELEGRAM_TOKEN" not in children[name].env
        assert children[name].env["MOTCUA_ENGINE_SECRET"] == children["gateway"].env["MOTCUA_ENGINE_SECRET"]


def test_no_address_with_a_password_is_among_the_arguments(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Every user of the machine can read those."""
    monkeypatch.setenv("MOTCUA_DATABASE_URL", "postgresql://u:geheim@h/motcua")
    settings = load_settings(None)
    with stack.listen("127.0.0.1", 0) as listener:
        plan = stack.Plan(settings, listener, tmp_path, stack.tracker_url(settings, "engine"))
        children = {child.name: child for child in stack._children(plan)}
    assert "geheim" in children["engine"].env["MOTCUA_ENGINE_DATABASE_URL"]
    assert [child.name for child in children.values() if "geheim" in " ".join(child.argv)] == []


def test_state_files_of_others_are_no_stacks(tmp_path: Path) -> None:
    (tmp_path / "stack-1.json").write_text("not json")
    (tmp_path / "stack-2.json").write_text("[]")
    (tmp_path / "stack-3.json").write_text(json.dumps({"pid": 2**22 + 1, "url": "http://x"}))
    assert list(stack.running_stacks(tmp_path)) == []
    assert list(tmp_path.iterdir()) == []


def test_who_looks_while_a_state_file_is_written_leaves_it_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slowly(path: Path, text: str) -> None:
        with path.open("w") as file:
            assert list(stack.running_stacks(tmp_path)) == []
            file.write(text)

    monkeypatch.setattr(Path, "write_text", slowly)
    with stack.listen("127.0.0.1", 0) as listener:
        plan = stack.Plan(Settings(var=tmp_path), listener, tmp_path, "sqlite://")
        with stack.state_file(plan):
            assert list(stack.running_stacks(tmp_path)) == [plan.url]
    assert not list(tmp_path.iterdir())
