from __future__ import annotations

from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.reply import MAX_TITLE, button, payload, reply
from bot.gateway.payloads import parse_payload
from procedures_catalog import Catalog
from tests.actions.talk import REPLY_KEYS

VALUES = st.text(
    st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters=","), min_size=1, max_size=40
)


@given(
    st.dictionaries(st.sampled_from(["procedure", "case", "choice", "field", "dossier"]), VALUES, max_size=3)
)
def test_what_a_button_carries_comes_back_as_it_was(values: dict[str, str]) -> None:
    parsed = parse_payload(payload("ask", **values))
    assert parsed.intent == "ask"
    assert dict(parsed.entities) == {key: value.strip() for key, value in values.items() if value.strip()}


def test_a_list_travels_with_commas() -> None:
    text = payload("ask", procedure="khai-sinh", aspect=["fee", "time"])
    assert dict(parse_qsl(text.partition("?")[2])) == {"procedure": "khai-sinh", "aspect": "fee,time"}
    assert parse_payload(text).entities == [("procedure", "khai-sinh"), ("aspect", "fee"), ("aspect", "time")]


def test_nothing_to_carry_is_the_intent_alone() -> None:
    assert payload("talk_to_person") == payload("talk_to_person", procedure="", aspect=[]) == "talk_to_person"


@given(st.text(min_size=1, max_size=300).filter(str.strip))
def test_titles_fit_a_button(title: str) -> None:
    made = button(title, "ask")["title"]
    assert len(made) <= MAX_TITLE
    assert made == title if len(title) <= MAX_TITLE else made.endswith("…")


def test_a_cut_title_ends_with_a_word() -> None:
    made = button("Cấp bản sao trích lục hộ tịch, bản sao Giấy khai sinh, từ năm 2016, (mới)", "ask")["title"]
    assert made.endswith("…")
    assert made[-2] not in " ,;("


@pytest.mark.parametrize("with_sources", [True, False])
def test_a_reply_has_all_its_keys(catalog: Catalog, with_sources: bool) -> None:
    procedure = catalog.get("dang-ky-khai-sinh")
    made = reply("answer", " chữ \n", procedure=procedure, aspects=("fee",), with_sources=with_sources)
    assert set(made) == REPLY_KEYS
    assert (made["text"], made["procedure"], made["procedure_code"]) == ("chữ", procedure.id, procedure.code)
    assert made["aspects"] == ["fee"]
    assert bool(made["sources"]) == with_sources
    for source in made["sources"]:
        assert source["checked_on"] == procedure.checked_on.isoformat()


def test_without_a_procedure_there_is_none() -> None:
    made = reply("notice", "chữ", with_sources=True)
    assert (made["procedure"], made["procedure_code"], made["sources"], made["buttons"]) == (
        None,
        None,
        [],
        [],
    )
