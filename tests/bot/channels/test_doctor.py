from __future__ import annotations

from pathlib import Path

import pytest

from bot.channels import Finding, check
from bot.settings import ROOT, Settings
from tests.bot.channels import rig as rigs
from tests.bot.channels.fake_telegram import FakeTelegram
from tests.bot.channels.fake_zalo import FakeZalo
from tests.ports import free_port


@pytest.fixture
def settings(url: str, tmp_path: Path, zalo_url: str, telegram_url: str) -> Settings:
    return rigs.settings_for(zalo_url, telegram_url, database_url=url, var=tmp_path)


def states(found: list[Finding], subject: str) -> list[str]:
    return [finding.state for finding in found if finding.subject == subject]


def words(found: list[Finding]) -> str:
    return "\n".join(f"{finding.words} {finding.advice}" for finding in found)


def test_nothing_set_up_is_a_note(tmp_path: Path) -> None:
    found = check(rigs.settings_for(None, None, var=tmp_path))
    assert [(f.subject, f.state) for f in found] == [("zalo", "note"), ("telegram", "note")]
    assert all("docs/channels.md" in f.advice for f in found)


def test_zalo_in_part_names_what_is_missing(tmp_path: Path) -> None:
    found = check(rigs.settings_for(None, None, var=tmp_path, zalo_app_id="1"))
    assert found[0].state == "fault"
    assert "MOTCUA_ZALO_OA_SECRET, MOTCUA_ZALO_ACCESS_TOKEN" in found[0].advice


def test_both_platforms_are_asked(settings: Settings) -> None:
    found = check(settings)
    assert "fault" not in states(found, "zalo") + states(found, "telegram")
    assert "Trung tâm thử answers" in words(found) and "@motcua_thu_bot answers" in words(found)


def test_an_expired_token_is_renewed_and_a_refused_renewal_is_a_fault(
    settings: Settings, zalo: FakeZalo
) -> None:
    zalo.expire()
    assert "fault" not in states(check(settings), "zalo")
    assert zalo.refreshes == 1
    zalo.expire()
    zalo.refresh_tokens.clear()
    found = check(settings)
    assert "fault" in states(found, "zalo") and "new pair of tokens" in words(found)
    assert "access-1" not in words(found) and "refresh-1" not in words(found)


def test_what_zalo_says_no_to_is_explained(settings: Settings, zalo: FakeZalo) -> None:
    zalo._token_fault = lambda request: -221  # type: ignore[method-assign]
    assert "the Official Account is not verified" in words(check(settings))


def test_a_wrong_telegram_token_is_a_fault_without_the_token(settings: Settings) -> None:
    wrong = settings.model_copy(
        update=rigs.settings_for(None, None, telegram_token="1:AAwrong").model_dump(
            include={"telegram_token"}
        )
    )
    found = check(wrong)
    assert states(found, "telegram")[0] == "fault" and "@BotFather" in words(found)
    assert "AAwrong" not in words(found)


def test_who_cannot_be_reached_is_named(tmp_path: Path, url: str) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"
    found = check(rigs.settings_for(nowhere, nowhere, database_url=url, var=tmp_path))
    assert "fault" in states(found, "zalo") and "fault" in states(found, "telegram")
    assert words(found).count(nowhere) == 2


def test_how_updates_come_is_held_against_the_settings(settings: Settings, telegram: FakeTelegram) -> None:
    polling = settings.model_copy(update={"telegram_mode": "polling"})
    telegram.webhook = {"url": "https://elsewhere.example.vn"}
    assert "but a webhook is set" in words(check(polling))
    telegram.webhook = {}
    assert "polling, 0 updates wait" in words(check(polling))
    public = settings.model_copy(update={"public_url": f"http://127.0.0.1:{free_port()}"})
    found = check(public)
    assert "Telegram sends to nowhere" in words(found)
    assert "is `motcua serve` running" in words(found)
    plain = settings.model_copy(update={"public_url": "http://motcua.example.vn"})
    assert "is not https" in words(check(plain))


@pytest.mark.parametrize(
    ("group", "told"),
    [
        ({}, "the bot may manage them"),
        ({"is_forum": False}, "turn on Topics"),
        ({"status": "member"}, "no administrator"),
        ({"can_manage_topics": False}, "may not manage topics"),
        ({"can_delete_messages": False}, "may not delete messages"),
    ],
)
def test_the_desks_group_must_be_a_forum_that_the_bot_runs(
    settings: Settings, telegram: FakeTelegram, group: dict[str, object], told: str
) -> None:
    own = settings.model_copy(update={"telegram_desk_chat": -1_001_500})
    telegram.groups[-1_001_500] = group
    found = check(own)
    assert told in words(found) and ("fault" in states(found, "telegram")) == bool(group)


def test_a_desks_group_without_the_bot_is_a_fault(settings: Settings, telegram: FakeTelegram) -> None:
    telegram.unknown.add(-1_001_500)
    found = check(settings.model_copy(update={"telegram_desk_chat": -1_001_500}))
    assert "fault" in states(found, "telegram") and "the bot is not in the group" in words(found)


def test_the_page_about_channels_names_every_setting_of_theirs() -> None:
    page = (ROOT / "docs" / "channels.md").read_text(encoding="utf-8")
    names = [name for name in Settings.model_fields if name.startswith(("zalo_", "telegram_"))]
    assert [name for name in names if f"MOTCUA_{name.upper()}" not in page] == []
