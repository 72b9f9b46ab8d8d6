from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.settings import ROOT, Settings, absolute_sqlite, load_settings, local_address, sqlite_file

EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def no_settings_around(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("MOTCUA_")]:
        monkeypatch.delenv(name)


def test_example_documents_every_setting_and_nothing_else() -> None:
    documented = re.findall(r"^#?(MOTCUA_[A-Z_]+)=", EXAMPLE, re.MULTILINE)
    assert sorted(documented) == sorted("MOTCUA_" + name.upper() for name in Settings.model_fields)


def test_example_shows_the_defaults() -> None:
    defaults = Settings(_env_file=None)
    for line in EXAMPLE.splitlines():
        name, _, shown = line.lstrip("#").partition("=")
        field = name.removeprefix("MOTCUA_").lower()
        if line.startswith("#MOTCUA_") and getattr(defaults, field) not in (None, []):
            assert str(getattr(defaults, field)) == shown, name


def test_example_as_it_stands_is_a_valid_file(tmp_path: Path) -> None:
    env = tmp_path / ".env"
    env.write_text(re.sub(r"^#(MOTCUA_)", r"\1", EXAMPLE, flags=re.MULTILINE), encoding="utf-8")
    assert load_settings(env).port == 8080


def test_environment_wins_over_file_and_empty_counts_as_not_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    env = tmp_path / ".env"
    env.write_text("MOTCUA_PORT=9001\nMOTCUA_HOST=10.0.0.1\n# MOTCUA_VAR=x\nOTHER=1\n", encoding="utf-8")
    monkeypatch.setenv("MOTCUA_PORT", "9002")
    monkeypatch.setenv("MOTCUA_TELEGRAM_TOKEN", "")
    settings = load_settings(env)
    assert (settings.port, settings.host, settings.telegram_token) == (9002, "10.0.0.1", None)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MOTCUA_PORT", "eighty"),
        ("MOTCUA_PORT", "70000"),
        ("MOTCUA_DATABASE_URL", "mysql://root:hush@db/x"),
        ("MOTCUA_DATABASE_URL", "var/motcua.db"),
        ("MOTCUA_PUBLIC_URL", "motcua.example.vn"),
        ("MOTCUA_PUBLIC_URL", "https://motcua.example.vn:80800"),
        ("MOTCUA_ENGINE_URLS", "http://127.0.0.1:1,elsewhere"),
        ("MOTCUA_LOG_LEVEL", "loud"),
        ("MOTCUA_TELEGRAM_MODE", "pigeon"),
        ("MOTCUA_TELEGRAM_TOKEN", "123 hush"),
        ("MOTCUA_TELEGRAM_SECRET", "hush hush!"),
        ("MOTCUA_ZALO_APP_ID", "app-hush"),
        ("MOTCUA_HOST", "two words"),
    ],
)
def test_wrong_setting_is_one_line_that_names_it(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load_settings(None)
    told = str(caught.value)
    assert name in told and "\n" not in told
    assert "hush" not in told or name == "MOTCUA_ZALO_APP_ID"


def test_every_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTCUA_PORT", "x")
    monkeypatch.setenv("MOTCUA_LOG_LEVEL", "x")
    with pytest.raises(SettingsError, match=r"MOTCUA_PORT.*MOTCUA_LOG_LEVEL"):
        load_settings(None)


def test_telegram_webhook_needs_its_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTCUA_TELEGRAM_TOKEN", "1:a")
    monkeypatch.setenv("MOTCUA_TELEGRAM_MODE", "webhook")
    with pytest.raises(SettingsError, match="MOTCUA_TELEGRAM_SECRET"):
        load_settings(None)
    monkeypatch.setenv("MOTCUA_TELEGRAM_SECRET", "abc_-9")
    assert load_settings(None).telegram_mode == "webhook"


def test_unreadable_env_file_is_told(tmp_path: Path) -> None:
    env = tmp_path / ".env"
    env.write_bytes(b"MOTCUA_HOST=\xff\xfe")
    with pytest.raises(SettingsError, match="UTF-8"):
        load_settings(env)


def test_secrets_are_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTCUA_ZALO_ACCESS_TOKEN", "very-secret")
    assert "very-secret" not in repr(load_settings(None))


def test_default_database_lies_below_var(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MOTCUA_VAR", str(tmp_path))
    assert load_settings(None).database == f"sqlite:///{tmp_path}/motcua.db"
    monkeypatch.setenv("MOTCUA_DATABASE_URL", "postgresql://u:p@h/d")
    assert load_settings(None).database == "postgresql://u:p@h/d"


def test_relative_sqlite_paths_become_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert absolute_sqlite("sqlite:///a/b.db?x=1") == f"sqlite:///{tmp_path}/a/b.db?x=1"
    assert absolute_sqlite("sqlite:////abs/b.db") == "sqlite:////abs/b.db"
    assert absolute_sqlite("sqlite:///:memory:") == "sqlite:///:memory:"
    assert sqlite_file("sqlite:////abs/b.db?x=1") == Path("/abs/b.db")
    assert sqlite_file("postgresql://h/d") is None


def test_a_child_reads_back_the_same_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    given = {
        "MOTCUA_ENGINE_URLS": "http://a:1,http://b:2",
        "MOTCUA_TELEGRAM_TOKEN": "1:x",
        "MOTCUA_PORT": "81",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    parent = load_settings(None)
    for name, value in parent.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir("/")
    child = load_settings(None)
    assert child.engine_urls == ["http://a:1", "http://b:2"]
    assert child.telegram_token is not None and child.telegram_token.get_secret_value() == "1:x"
    assert child.database == f"sqlite:///{tmp_path}/var/motcua.db"


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("0.0.0.0", "http://127.0.0.1:80"),
        ("::1", "http://[::1]:80"),
        ("::", "http://[::1]:80"),
        ("a.vn", "http://a.vn:80"),
    ],
)
def test_address_for_this_machine(host: str, address: str) -> None:
    assert local_address(host, 80) == address


def test_start_stops_with_one_line_and_status_1(tmp_path: Path) -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "motcua", "serve"],
        env={**os.environ, "MOTCUA_PORT": "eighty", "MOTCUA_VAR": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1 and done.stdout == ""
    assert len(done.stderr.splitlines()) == 1 and "MOTCUA_PORT" in done.stderr
