"""News of dossiers through a real mailbox, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
import csv
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, select, text

from bot.gateway.payloads import parse_payload
from bot.mailbox import Mailbox, Postman, Workers
from bot.notifications import Notifier, quiet_at
from bot.notifications.notifier import compose
from bot.settings import ROOT
from dossiers import Database, WorkCalendar, open_database, subscriptions
from dossiers.importing import import_file
from dossiers.lookup import public_status
from dossiers.models import Dossier, Kind, Subscription
from dossiers.statuses import statuses
from dossiers.subscriptions import subscribe, subscribed
from dossiers.throttle import Caller, allow
from dossiers.view import LiveView
from procedures_catalog.centre import Dossiers, load_centre
from tests.bot.mailbox.helpers import (
    Answerer,
    Platform,
    notices,
    open_mailbox,
    outbox_rows,
    say,
    ungreeted,
    until,
)
from tests.dossiers.conftest import make_dossier
from tests.postgres import postgresql_server, postgresql_url

__all__ = ["postgresql_server", "postgresql_url"]

CODE = "H99.10.01.05-261102-0001"
DAY, NIGHT = datetime(2026, 11, 20, 10, 0), datetime(2026, 11, 20, 23, 0)
CENTRE = load_centre(ROOT / "centre.yml")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        return request.getfixturevalue("postgresql_url")
    return f"sqlite:///{tmp_path}/motcua.db"


class House:
    """A mailbox, the tracking database below it, and somebody who looks for news."""

    def __init__(self, url: str, var: Path, view: LiveView | None = None) -> None:
        self.url, self.moment = url, DAY
        self.database: Database = open_database(url)
        self.mailbox: Mailbox = open_mailbox(url, var)
        self.notifier = Notifier(self.mailbox, CENTRE, view, now=lambda: self.moment)

    async def knows(self, conversation: str, *codes: str, status: int = 4) -> None:
        """A person who has written, and follows these dossiers."""
        await say(self.mailbox, conversation, "xin chào")
        with self.database.write() as session:
            for code in codes:
                subscribe(session, conversation, code, status, None, DAY)

    def add(self, *codes: str, **fields: object) -> None:
        with self.database.write() as session:
            for code in codes:
                session.add(make_dossier(code, **{"kind": Kind(procedure_name=f"Thủ tục {code}"), **fields}))

    def move(self, code: str = CODE, **values: object) -> None:
        with self.database.write() as session:
            dossier = session.scalar(select(Dossier).where(Dossier.code == code))
            for name, value in values.items():
                setattr(dossier, name, value)

    def news(self, conversation: str | None = None) -> list[str]:
        """What was put into the outbox unasked."""
        rows = [
            row for row in outbox_rows(self.url) if row.inbox_id is None and row.reply["kind"] == "dossier"
        ]
        return [row.reply["text"] for row in rows if conversation in (None, row.conversation)]


@asynccontextmanager
async def house_at(url: str, tmp_path: Path, view: LiveView | None = None) -> AsyncIterator[House]:
    house = House(url, tmp_path, view)
    await house.mailbox.open()
    try:
        yield house
    finally:
        await house.mailbox.close()
        house.database.close()


def run(url: str, tmp_path: Path, scene: Callable[[House], Awaitable[Any]]) -> None:
    async def play() -> None:
        async with house_at(url, tmp_path) as house:
            await scene(house)

    asyncio.run(play())


def test_a_change_is_told_once(url: str, tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        house.add(CODE, missing_papers="Tờ khai có chữ ký")
        await house.knows("zalo:1", CODE)
        assert await house.notifier.look() == 0
        house.move(status=5)
        assert await house.notifier.look() == 1
        assert await house.notifier.look() == 0
        [told] = house.news("zalo:1")
        assert CODE in told and "Yêu cầu bổ sung giấy tờ" in told and "Tờ khai có chữ ký" in told
        assert "Trần Thị Mẫu" not in told and "0000123456" not in told

    run(url, tmp_path, scene)


def test_on_zalo_news_carry_what_a_template_needs(url: str, tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        house.add(CODE, kind=Kind(procedure_name="Đăng ký " + "rất dài " * 30))
        for person in ("zalo:1", "telegram:1"):
            await house.knows(person, CODE)
        house.move(status=9)
        await house.notifier.look()
        facts = {
            row.channel: row.reply.get("template") for row in outbox_rows(house.url) if row.inbox_id is None
        }
        assert facts["telegram"] is None
        assert set(facts["zalo"]) == {"ma_ho_so", "thu_tuc", "tinh_trang", "ngay"}
        assert facts["zalo"]["ma_ho_so"] == CODE and facts["zalo"]["ngay"] == "20/11/2026"
        assert all(0 < len(value) <= 100 for value in facts["zalo"].values())

    run(url, tmp_path, scene)


def test_several_gateways_that_look_at_once_tell_it_once(url: str, tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        codes = [f"H99.10.01.05-261102-{n:04d}" for n in range(1, 6)]
        house.add(*codes)
        for person in range(4):
            await house.knows(f"zalo:{person}", *codes)
        for code in codes:
            house.move(code, status=9)
        others = [Notifier(open_mailbox(house.url, tmp_path), CENTRE, now=lambda: DAY) for _ in range(3)]
        counts = await asyncio.gather(*(n.look() for n in [house.notifier, *others]))
        assert sum(counts) == 20
        assert len(house.news()) == 20
        assert {len(house.news(f"zalo:{person}")) for person in range(4)} == {5}
        for other in others:
            await other._mailbox.close()

    run(url, tmp_path, scene)


def test_killed_at_any_moment_nothing_is_lost_and_nothing_told_twice(url: str, tmp_path: Path) -> None:
    codes = [f"H99.10.01.05-261102-{n:04d}" for n in range(1, 16)]

    async def change(house: House) -> None:
        house.add(*codes)
        for n, code in enumerate(codes):
            await house.knows(f"zalo:{n % 4}", code)
            house.move(code, status=9)

    run(url, tmp_path, change)
    told: list[list[str]] = []
    for moment in (("before", "4"), ("after", "5"), ()):
        process = [sys.executable, "-m", "tests.bot.notifying_process", url, str(tmp_path), *moment]
        status = subprocess.run(process, cwd=ROOT, timeout=120, check=False).returncode
        assert status == (-signal.SIGKILL if moment else 0)
        rows = [row for row in outbox_rows(url) if row.inbox_id is None and row.reply["kind"] == "dossier"]
        told.append(sorted(code for row in rows for code in codes if code in row.reply["text"]))
    # What was killed before its commit is not there; what came after, and all before it, is.
    assert [len(found) for found in told] == [3, 8, 15]
    assert told[-1] == codes


def test_an_import_reaches_the_person_on_their_platform(url: str, tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        house.add(CODE)
        await house.knows("zalo:1", CODE)
        path = tmp_path / "night.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(
                [["Mã hồ sơ", "Ngày tiếp nhận", "Ngày có kết quả"], [CODE, "02/11/2026 08:00", "19/11/2026"]]
            )
        platform, answerer = Platform(), Answerer()
        async with (
            Workers(house.mailbox, answerer, notices(), greet=ungreeted),
            Postman(house.mailbox, platform),
            house.notifier,
        ):
            import_file(house.database, path)
            await until(lambda: len(platform.texts("zalo:1")) == 2, within=60)
        told, hello = sorted(platform.texts("zalo:1"))
        assert hello == "xin chào"
        assert "Đã xử lý xong" in told

    run(url, tmp_path, scene)


def test_at_night_nobody_is_woken_and_in_the_morning_it_is_told(url: str, tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        house.add(CODE)
        await house.knows("zalo:1", CODE)
        house.move(status=5)
        house.moment = NIGHT
        assert await house.notifier.look() == 0
        house.move(status=4)
        house.move(status=9)
        house.moment = datetime(2026, 11, 21, 7, 0)
        assert await house.notifier.look() == 1
        [told] = house.news()
        assert "Đã xử lý xong" in told

    run(url, tmp_path, scene)


def test_on_the_web_it_waits_for_the_next_message(url: str, tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        house.add(CODE)
        async with Workers(house.mailbox, Answerer(), notices(), greet=ungreeted):
            await house.knows("web:a", CODE)
            house.move(status=9)
            assert await house.notifier.look() == 1
            number = await say(house.mailbox, "web:a", "có gì mới không")
            outcome = await house.mailbox.wait(number, 20)
            assert [reply["kind"] for reply in outcome.replies] == ["dossier", "notice"]
            assert "Đã xử lý xong" in outcome.replies[0]["text"]
            number = await say(house.mailbox, "web:a", "nữa đi")
            assert [r["kind"] for r in (await house.mailbox.wait(number, 20)).replies] == ["notice"]
            number = await say(house.mailbox, "web:b", "tôi là người khác")
            assert [r["kind"] for r in (await house.mailbox.wait(number, 20)).replies] == ["notice"]

    run(url, tmp_path, scene)


def test_whoever_is_forgotten_or_left_is_not_told(url: str, tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        house.add(CODE)
        for person in ("zalo:1", "zalo:2", "zalo:3"):
            await house.knows(person, CODE)
        with house.database.write() as session:
            subscribe(session, "zalo:never-wrote", CODE, 4, None, DAY)
        await house.mailbox.people.erase("zalo:1")
        await house.mailbox.people.block("zalo:2")
        house.move(status=9)
        assert await house.notifier.look() == 1
        assert len(house.news("zalo:3")) == 1
        with house.database.read() as session:
            assert subscribed(session, "zalo:1") == subscribed(session, "zalo:2") == []
            assert session.scalar(select(Subscription).where(Subscription.conversation == "zalo:1")) is None

    run(url, tmp_path, scene)


def test_a_purge_keeps_whoever_waits_for_news(url: str, tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        house.add(CODE)
        async with Workers(house.mailbox, Answerer(), notices(), greet=ungreeted):
            await house.knows("web:a", CODE)
            await say(house.mailbox, "web:b", "chỉ hỏi thôi")
            await until(lambda: _all_settled(house))
            await house.mailbox.people.purge(-1)
        assert await house.mailbox.people.conversation("web:b") is None
        assert await house.mailbox.people.conversation("web:a") is not None
        house.move(status=9)
        assert await house.notifier.look() == 1

    run(url, tmp_path, scene)


async def _all_settled(house: House) -> bool:
    return await house.mailbox.waiting_in("web:a") + await house.mailbox.waiting_in("web:b") == 0


def test_the_last_news_ends_it(url: str, tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        house.add(CODE)
        await house.knows("zalo:1", CODE)
        house.move(status=10)
        await house.notifier.look()
        [told] = house.news()
        assert "tin cuối" in told
        with house.database.read() as session:
            assert subscribed(session, "zalo:1") == []
        with house.database.write() as session:
            assert allow(session, Caller("zalo:1"), CODE, DAY)
        assert await house.notifier.keep_house() == 0
        house.moment = DAY + timedelta(hours=1)
        assert await house.notifier.keep_house() == 4, "of person, network, dossier and channel"
        house.moment = datetime(2027, 6, 1)
        assert await house.notifier.keep_house() == 1

    run(url, tmp_path, scene)


def test_a_database_that_goes_away_does_not_end_it(tmp_path: Path) -> None:
    async def scene() -> None:
        url = f"sqlite:///{tmp_path}/motcua.db"
        async with house_at(url, tmp_path) as house:
            house.add(CODE)
            await house.knows("zalo:1", CODE)
            (tmp_path / "motcua.db").rename(tmp_path / "aside.db")
            house.mailbox.core.ledger.engine().dispose()
            (tmp_path / "motcua.db").mkdir()
            async with house.notifier:
                await asyncio.sleep(0.3)
                assert house.notifier._task is not None and not house.notifier._task.done()
            (tmp_path / "motcua.db").rmdir()
            (tmp_path / "aside.db").rename(tmp_path / "motcua.db")

    asyncio.run(scene())


def test_dossiers_of_the_centres_own_database(url: str, tmp_path: Path) -> None:
    theirs = create_engine(f"sqlite:///{tmp_path}/theirs.db")
    with theirs.begin() as connection:
        connection.execute(text("CREATE TABLE t (code text, n text, s text)"))
        connection.execute(text(f"INSERT INTO t VALUES ('{CODE}', '02/11/2026', '4')"))
    mapping = tmp_path / "view.yml"
    mapping.write_text("table: t\ncolumns: {code: code, received_at: n, status: s}\n", encoding="utf-8")
    view = LiveView(f"sqlite:///{tmp_path}/theirs.db", mapping, timeout=60)

    async def scene() -> None:
        async with house_at(url, tmp_path, view) as house:
            await house.knows("zalo:1", CODE, "H99.10.01.05-261102-7777")
            assert await house.notifier.look_elsewhere(view) == 0
            with theirs.begin() as connection:
                connection.execute(text("UPDATE t SET s = '9'"))
            assert await house.notifier.look() == 0
            assert await house.notifier.look_elsewhere(view) == 1
            assert await house.notifier.look_elsewhere(view) == 0
            assert "Đã xử lý xong" in house.news()[0]

    asyncio.run(scene())
    view.close()
    theirs.dispose()


def test_one_look_tells_everybody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where an import changed more than is looked for at once."""
    monkeypatch.setattr(subscriptions, "MOST", 2)
    monkeypatch.setattr(subscriptions, "changed", partial(subscriptions.changed, most=2))
    codes = [f"H99.10.01.05-261102-{n:04d}" for n in range(5)]

    async def scene(house: House) -> None:
        house.add(*codes)
        for number, code in enumerate(codes):
            await house.knows(f"telegram:{number}", code)
            house.move(code, status=9)
        assert await house.notifier.look() == 5
        assert await house.notifier.look() == 0

    run(f"sqlite:///{tmp_path}/motcua.db", tmp_path, scene)


@pytest.mark.parametrize(
    ("at", "begins", "ends", "quiet"),
    [
        ("20:59", "21:00", "07:00", False),
        ("21:00", "21:00", "07:00", True),
        ("00:00", "21:00", "07:00", True),
        ("06:59", "21:00", "07:00", True),
        ("07:00", "21:00", "07:00", False),
        ("12:30", "12:00", "13:00", True),
        ("13:00", "12:00", "13:00", False),
        ("03:00", "00:00", "00:00", False),
    ],
)
def test_quiet_hours(at: str, begins: str, ends: str, quiet: bool) -> None:
    centre = CENTRE.__class__(**{name: getattr(CENTRE, name) for name in CENTRE.__struct_fields__})
    centre.dossiers = Dossiers(province_part="H99", quiet_from=begins, quiet_until=ends)
    assert quiet_at(centre, datetime.combine(DAY, time.fromisoformat(at))) is quiet


@pytest.mark.parametrize("status", range(1, 11))
def test_every_stage_has_its_words_and_buttons_that_work(status: int) -> None:
    dossier = make_dossier(CODE, status=status, missing_papers="Tờ khai", new_due_at=datetime(2026, 12, 1))
    reply = compose(public_status(dossier, DAY, WorkCalendar()), dossier.missing_papers)
    assert statuses()[status].stage in reply["text"]
    assert ("Tờ khai" in reply["text"]) == (status == 5)
    assert "None" not in reply["text"] and "{" not in reply["text"]
    for button in reply["buttons"]:
        assert dict(parse_payload(button["payload"]).entities) == {"dossier": CODE}


@pytest.mark.parametrize(
    ("new_due", "day", "words"),
    [
        (None, DAY, "Đã quá ngày hẹn trả 13/11/2026 và chưa có ngày hẹn mới. Trung tâm xin lỗi"),
        (datetime(2026, 11, 18), DAY, "Đã quá ngày hẹn trả 18/11/2026 và chưa có ngày hẹn mới."),
        (datetime(2026, 12, 1), DAY, "Ngày hẹn trả mới: 01/12/2026. Trung tâm xin lỗi"),
        (None, datetime(2026, 11, 9), "Ngày hẹn trả: 13/11/2026."),
    ],
)
def test_news_of_what_is_late_say_so(new_due: datetime | None, day: datetime, words: str) -> None:
    dossier = make_dossier(CODE, new_due_at=new_due)
    assert words in compose(public_status(dossier, day, WorkCalendar()), None)["text"]
