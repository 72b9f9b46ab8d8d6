"""Codes and days: what is in force is answered, what took the place of the rest is said."""

from __future__ import annotations

from datetime import date

import pytest

from actions.bootstrap import Services
from procedures_catalog import Catalog
from tests.actions.talk import Talk

BIRTH, MARRIAGE, RESIDENCE = "dang-ky-khai-sinh", "dang-ky-ket-hon", "dang-ky-thuong-tru"


def test_by_national_code(talk: Talk, catalog: Catalog) -> None:
    reply = talk.ask("thủ tục 1.001193 lệ phí bao nhiêu", "fee")
    assert (reply["procedure"], reply["procedure_code"]) == (BIRTH, "1.001193")
    talk.ask("1.001193 với 1.004222 mất bao lâu", "time")
    assert [reply["procedure"] for reply in talk.replies] == [BIRTH, RESIDENCE]


def test_an_unknown_code_is_said_to_be_unknown(talk: Talk) -> None:
    reply = talk.ask("thủ tục 9.999999 lệ phí bao nhiêu", "fee")
    assert reply["kind"] == "unknown"
    assert {"Gặp cán bộ", "Danh mục đầy đủ"} <= set(talk.titles)


def test_every_abolished_procedure_says_so_and_what_holds_now(catalog: Catalog, s: Services) -> None:
    old = [p for p in catalog if p.code and not p.in_force(s.today) and catalog.find(p.code) is p]
    assert old
    for procedure in old:
        talk = Talk()
        reply = talk.ask(f"thủ tục {procedure.code} nộp ở đâu", "place")
        assert (reply["procedure"], reply["kind"]) == (procedure.id, "answer")
        assert "đã hết hiệu lực" in reply["text"]
        assert f"{procedure.valid_until:%d/%m/%Y}" in reply["text"]
        now = catalog.current(procedure, s.today)
        assert now.in_force(s.today), f"{procedure.id} leads to nothing in force"
        assert now.name in reply["text"]
        assert [r["procedure"] for r in talk.replies[1:]] == [now.id]
        assert talk.slots["procedure"] == now.id


def test_a_procedure_that_is_still_to_come_says_from_when_and_what_holds_until_then(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Services, "today", date(2026, 8, 17))
    reply = talk.press("ask?procedure=cap-can-cuoc&aspect=documents")
    assert (reply["kind"], reply["procedure"]) == ("answer", "cap-can-cuoc")
    assert "áp dụng từ ngày 18/08/2026" in reply["text"]
    assert "hết hiệu lực" not in reply["text"]
    assert len(talk.replies) == 1
    assert talk.press(reply["buttons"][0]["payload"])["procedure"].endswith("-cu")
    monkeypatch.setattr(Services, "today", date(2026, 8, 18))
    assert "CC01" in talk.press("ask?procedure=cap-can-cuoc&aspect=documents")["text"]


def test_a_question_gets_the_facts_of_its_day(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Vehicle registration was merged under one code on 24 July 2026."""
    monkeypatch.setattr(Services, "today", date(2026, 7, 23))
    reply = talk.ask("sang tên xe mất bao lâu", "time")
    assert (reply["procedure"], reply["procedure_code"]) == ("sang-ten-xe-cu", "1.013076")
    assert "30 ngày" in reply["text"]
    monkeypatch.setattr(Services, "today", date(2026, 7, 24))
    reply = talk.ask("sang tên xe mất bao lâu", "time")
    assert (reply["procedure"], reply["procedure_code"]) == ("sang-ten-xe", "1.115970")
    assert "30 ngày" not in reply["text"]


def test_a_code_of_several_matters_asks_which(talk: Talk, catalog: Catalog, s: Services) -> None:
    reply = talk.ask("thủ tục 1.115970 lệ phí bao nhiêu", "fee")
    assert reply["kind"] == "choice"
    for procedure in catalog.with_code("1.115970", s.today):
        assert any(f"procedure={procedure.id}" in b["payload"] for b in reply["buttons"]), procedure.id


def test_abolished_procedures_are_not_found_by_name(catalog: Catalog, s: Services) -> None:
    for procedure in [p for p in catalog if not p.in_force(s.today)]:
        talk = Talk()
        talk.say(procedure.name, "name_procedure")
        told = [reply["procedure"] for reply in talk.replies if reply["procedure"]]
        assert all(catalog.get(key).in_force(s.today) for key in told), procedure.id


def test_a_provinces_own_code_is_answered(s: Services, talk: Talk, tmp_path, monkeypatch) -> None:
    overlay = tmp_path / "overlay.yml"
    overlay.write_text('tach-hop-thua-dat: {add: {local_codes: ["1.116499"]}}', encoding="utf-8")
    here = Catalog.load(overlay=overlay)
    monkeypatch.setattr(s.store, "current", lambda: here)
    reply = talk.ask("thủ tục 1.116499 nộp ở đâu", "place")
    assert reply["procedure"] == "tach-hop-thua-dat"
    assert "mã 1.012784, 1.116499" in reply["text"]
