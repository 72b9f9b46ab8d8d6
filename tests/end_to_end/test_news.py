"""Somebody follows a dossier; in the night the centre's software puts its export into the watched folder."""

from __future__ import annotations

import csv
import sqlite3
from contextlib import closing

import pytest

from tests.end_to_end.stack import Conversation, Stack, wait_until

pytestmark = pytest.mark.stack

# A minute is promised; a busy machine may take longer.
TOLD_WITHIN = 150.0


def news(stack: Stack, conversation: Conversation) -> list[str]:
    """What was put into the conversation unasked."""
    query = "SELECT reply FROM outbox WHERE conversation = ? AND inbox_id IS NULL"
    with closing(sqlite3.connect(f"file:{stack.var}/demo.db?mode=ro", uri=True)) as database:
        return [row[0] for row in database.execute(query, [f"web:{conversation.session}"])]


def test_a_change_is_told_once_after_the_nightly_export(stack: Stack, conversation: Conversation) -> None:
    dossier = [d for d in stack.dossiers("--status", "4") if not d["late"]][-1]
    conversation.say(f"hồ sơ {dossier['code']} tới đâu rồi, có kết quả thì báo em")
    conversation.press(f"dossier_subscribe?dossier={dossier['code']}")
    conversation.say(dossier["applicant"]["phone"][-6:])
    assert "Đã ghi nhận" in conversation.tap("Đồng ý").text

    received = dossier["received_at"][:10]
    with (stack.var / "exports" / "dem.csv").open("w", encoding="utf-8-sig", newline="") as file:
        rows = csv.writer(file, delimiter=";")
        rows.writerow(["Mã hồ sơ", "Ngày tiếp nhận", "Ngày kết thúc xử lý", "Trạng thái"])
        rows.writerow([dossier["code"], received, "2026-11-20 09:00", "Đã xử lý xong"])
    wait_until(lambda: bool(news(stack, conversation)), TOLD_WITHIN, "the news are in the mailbox")

    told = conversation.say("xin chào").text
    assert f"Hồ sơ {dossier['code']}" in told and "có thay đổi: Đã xử lý xong" in told
    assert "có thay đổi" not in conversation.say("cảm ơn").text
    assert news(stack, conversation) == []
    report = next((stack.var / "exports" / "done").glob("*-dem.csv.report.txt")).read_text("utf-8")
    assert "0 new, 1 changed, 0 unchanged, 0 rejected of 1 rows" in report
