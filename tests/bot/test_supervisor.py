"""Real child processes: small Python programs that do what real ones do at their worst."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from bot import supervisor
from bot.errors import ChildFailed
from bot.settings import ROOT
from bot.supervisor import EXIT_CONFIG, Child, Supervisor, free_port, port_is_free
from tests.bot.running import wait_until

STEADY = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + STEADY
PARENT = f"""
import subprocess, sys, time
inner = subprocess.Popen([sys.executable, "-c", {STEADY!r}])
time.sleep(600)
"""


def child(folder: Path, code: str, name: str = "child") -> Child:
    argv = [sys.executable, "-c", textwrap.dedent(code)]
    return Child(name, argv, dict(os.environ), folder, folder / f"{name}.log")


def logged(folder: Path, name: str = "child") -> list[str]:
    log = folder / f"{name}.log"
    return log.read_text(encoding="utf-8").splitlines() if log.exists() else []


def pids(folder: Path, name: str = "child") -> list[int]:
    return [int(line) for line in logged(folder, name) if line.isdigit()]


def gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def when(true: Callable[[], bool]) -> Callable[[], object]:
    async def ready() -> bool:
        return true()

    return ready


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "BACK_OFF", (0.05,))
    monkeypatch.setattr(supervisor, "STOP_WITHIN", 1.0)


def run(children: list[Child], ready: Callable[[], bool], said: list[str] | None = None) -> None:
    """Starts, waits until ready, stops."""

    async def main() -> None:
        async with Supervisor(children, (said if said is not None else []).append) as running:
            await running.until_ready(when(ready), 90)

    asyncio.run(main())


@pytest.mark.parametrize("code", [STEADY, STUBBORN, PARENT], ids=["steady", "ignores SIGTERM", "has a child"])
def test_nothing_is_left_after_the_stop(tmp_path: Path, code: str) -> None:
    run([child(tmp_path, code)], lambda: bool(pids(tmp_path)))
    # What was killed may take the kernel a moment to clear away.
    wait_until(lambda: all(gone(pid) for pid in pids(tmp_path)))


def test_a_stop_right_after_the_start_leaves_nothing(tmp_path: Path) -> None:
    before = set(psutil.Process().children())
    run([child(tmp_path, STEADY, name) for name in ("a", "b", "c")], lambda: True)
    assert set(psutil.Process().children()) <= before


def test_the_last_one_started_is_stopped_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    marks = tmp_path / "marks"
    code = f"""
    import os, signal, sys, time
    def stop(*_):
        with open({str(marks)!r}, "a") as f: f.write(sys.argv[1] + " ")
        sys.exit()
    signal.signal(signal.SIGTERM, stop)
    print(os.getpid(), flush=True)
    time.sleep(600)
    """
    monkeypatch.setattr(supervisor, "STOP_WITHIN", 60.0)
    children = [child(tmp_path, code, name) for name in ("actions", "engine", "gateway")]
    for one in children:
        one.argv = [*one.argv, one.name]
    run(children, lambda: all(pids(tmp_path, one.name) for one in children))
    assert marks.read_text().split() == ["gateway", "engine", "actions"]


def test_a_child_that_dies_is_started_again(tmp_path: Path) -> None:
    said: list[str] = []
    one = child(tmp_path, STEADY)

    async def main() -> None:
        async with Supervisor([one], said.append) as running:
            await running.until_ready(when(lambda: len(pids(tmp_path)) == 1), 90)
            for count in (2, 3):
                os.kill(pids(tmp_path)[-1], signal.SIGKILL)
                while len(pids(tmp_path)) < count:
                    await asyncio.sleep(0.05)

    asyncio.run(main())
    assert len(set(pids(tmp_path))) == 3
    assert "was killed (SIGKILL)" in said[0]
    assert all(gone(pid) for pid in pids(tmp_path))


def test_what_a_dead_child_left_is_gone_before_the_next_start(tmp_path: Path) -> None:
    code = f"""
    import subprocess, sys
    left = subprocess.Popen([sys.executable, "-c", {STEADY!r}], stdout=subprocess.PIPE, text=True)
    print(left.stdout.readline(), end="", flush=True)
    """

    async def main() -> None:
        async with Supervisor([child(tmp_path, code)], lambda words: None):
            while len(pids(tmp_path)) < 2:
                await asyncio.sleep(0.05)
            assert gone(pids(tmp_path)[0])

    asyncio.run(main())


def test_a_child_that_cannot_start_is_told_with_its_last_words(tmp_path: Path) -> None:
    code = "print('first'); raise SystemExit('centre.yml: hours: must be there')"
    with pytest.raises(
        ChildFailed, match=r"child ended \(status 1\): centre.yml: hours: must be there"
    ) as caught:
        run([child(tmp_path, code)], lambda: False)
    assert str(tmp_path / "child.log") in str(caught.value)
    assert logged(tmp_path).count("first") == supervisor.TRIES_BEFORE_READY


def test_a_wrong_configuration_is_not_tried_again(tmp_path: Path) -> None:
    with pytest.raises(ChildFailed):
        run([child(tmp_path, f"print('x'); raise SystemExit({EXIT_CONFIG})")], lambda: False)
    assert logged(tmp_path) == ["x"]


def test_a_program_that_is_not_there_is_told(tmp_path: Path) -> None:
    one = child(tmp_path, STEADY)
    one.argv = [str(tmp_path / "none")]
    with pytest.raises(ChildFailed, match="child cannot be started"):
        run([one], lambda: False)


def test_waiting_for_readiness_ends(tmp_path: Path) -> None:
    async def main() -> None:
        async with Supervisor([child(tmp_path, STEADY)], lambda words: None) as running:
            await running.until_ready(when(lambda: False), 0.3)

    with pytest.raises(ChildFailed, match="not ready within"):
        asyncio.run(main())


def test_logs_are_cut_into_files_of_bounded_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "LOG_BYTES", 10_000)
    monkeypatch.setattr(supervisor, "LOG_FILES", 3)
    code = """
    import sys, time
    for n in range(2000): print("line", n, "Tiếng Việt")
    sys.stdout.buffer.write(b"\\xff\\xfe broken\\n")
    print("the end", flush=True)
    time.sleep(600)
    """
    run([child(tmp_path, code)], lambda: "the end" in logged(tmp_path))
    files = sorted(tmp_path.glob("child.log*"))
    assert [file.name for file in files] == ["child.log", "child.log.1", "child.log.2"]
    assert all(file.stat().st_size <= 10_000 for file in files)


def test_output_without_an_end_of_line_is_kept(tmp_path: Path) -> None:
    code = "import sys, time; sys.stdout.write('x' * 3_000_000); print('!', flush=True); time.sleep(600)"
    run([child(tmp_path, code)], lambda: bool(logged(tmp_path)) and logged(tmp_path)[-1].endswith("!"))


def test_no_child_outlives_a_killed_supervisor(tmp_path: Path) -> None:
    code = f"""
    import asyncio, os, sys
    from pathlib import Path
    from bot.supervisor import Child, Supervisor
    folder = Path(sys.argv[1])
    children = [
        Child(name, [sys.executable, "-c", {STEADY!r}], dict(os.environ), folder, folder / (name + ".log"))
        for name in ("a", "b")
    ]
    async def main():
        async with Supervisor(children, print):
            await asyncio.sleep(600)
    asyncio.run(main())
    """
    parent = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code), str(tmp_path)], cwd=ROOT)
    try:
        wait_until(lambda: bool(pids(tmp_path, "a")) and bool(pids(tmp_path, "b")))
    finally:
        parent.kill()
        parent.wait()
    for name in ("a", "b"):
        wait_until(lambda name=name: gone(pids(tmp_path, name)[0]))


def test_free_ports_are_free_and_apart() -> None:
    first = free_port()
    second = free_port([first])
    assert first != second and port_is_free(first) and port_is_free(second)
