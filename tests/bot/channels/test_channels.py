"""Which channels there are, by the settings."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.channels import build_channels
from bot.channels.channels import Channels
from bot.errors import SettingsError
from bot.gateway.app import create_app
from bot.gateway.services import Services
from bot.mailbox import Mailbox
from bot.settings import Settings
from tests.bot.channels import rig as rigs
from tests.ports import free_port

NOWHERE = f"http://127.0.0.1:{free_port()}"


def built(folder: Path, settings: Settings) -> Channels:
    async def whole() -> Channels:
        mailbox = Mailbox(f"sqlite:///{folder}/test.db", folder)
        channels = build_channels(settings, mailbox, rigs.CENTRE, rigs.catalog())
        await channels.stop()
        await mailbox.close()
        return channels

    return asyncio.run(whole())


@pytest.mark.parametrize(
    ("settings", "names", "paths"),
    [
        (rigs.settings_for(None, None), set(), []),
        (rigs.settings_for(NOWHERE, None), {"zalo"}, ["/webhooks/zalo"]),
        (rigs.settings_for(None, NOWHERE), {"telegram", "telegram-group"}, ["/webhooks/telegram"]),
        (rigs.settings_for(None, NOWHERE, telegram_mode="polling"), {"telegram", "telegram-group"}, []),
    ],
)
def test_a_channel_is_there_when_its_settings_are(
    tmp_path: Path, settings: Settings, names: set[str], paths: list[str]
) -> None:
    channels = built(tmp_path, settings)
    assert channels.names == names
    assert [route.path for route in channels.routes] == paths


def test_a_channel_that_is_set_up_in_part_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="MOTCUA_ZALO_OA_SECRET: must be set as well"):
        built(tmp_path, rigs.settings_for(NOWHERE, None, zalo_oa_secret=None))


def test_only_people_are_greeted() -> None:
    assert Channels.greets("zalo") and Channels.greets("telegram")
    assert not Channels.greets("telegram-group") and not Channels.greets("web")


def test_the_gateway_mounts_them(make_services: Any, tmp_path: Path) -> None:
    services: Services = make_services(NOWHERE)
    settings = rigs.settings_for(NOWHERE, NOWHERE)
    services.channels = build_channels(settings, services.mailbox, rigs.CENTRE, rigs.catalog())
    app = create_app(services)

    async def whole() -> None:
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://gateway") as http,
        ):
            assert (await http.post("/webhooks/zalo", content=b"{}")).status_code == 200
            refused = await http.post("/webhooks/telegram", content=b"{}")
            assert refused.status_code == 403 and set(refused.json()["error"]) == {"code", "message"}
            wrong = await http.get("/webhooks/zalo")
            assert wrong.status_code == 405 and "error" in wrong.json()

    asyncio.run(whole())
