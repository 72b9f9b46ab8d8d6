"""Finding the procedure: over the entries that come with us, and over small catalogues of the test's own."""

from __future__ import annotations

import json
import os
import time
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from procedures_catalog import Catalog, CatalogStore
from procedures_catalog.background import read_background, read_everyday
from procedures_catalog.errors import EntryError
from procedures_catalog.model import Procedure, Source
from procedures_catalog.search import Hit, Ranker
from tests.warm import warm
from vietnamese import fold, make_variant, normalize

ROOT = Path(__file__).parents[2]
DAY = date(2026, 11, 21)


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MOTCUA_VAR", str(warm(tmp_path_factory.mktemp("var"))))
        loaded = Catalog.load()
        assert loaded.ranker
        return loaded


@pytest.fixture(scope="module")
def in_force(catalog: Catalog) -> list[Procedure]:
    return catalog.all(DAY)


def by_name_alone(procedures: list[Procedure]) -> dict[str, set[str]]:
    """Whose each official name is: twins for the province and the commune share one."""
    owners: dict[str, set[str]] = {}
    for procedure in procedures:
        owners.setdefault(normalize(procedure.name.rstrip(". ")), set()).add(procedure.id)
    return owners


@pytest.mark.parametrize("typed", [str, str.lower, fold], ids=["as written", "lower case", "without marks"])
def test_official_names_find_themselves_first(in_force: list[Procedure], catalog: Catalog, typed) -> None:
    first = [p.id for p in in_force if catalog.search(typed(p.name), 1)[0].procedure.id == p.id]
    assert len(first) >= 0.95 * len(in_force)


def test_an_official_name_finds_nothing_else_surely(in_force: list[Procedure], catalog: Catalog) -> None:
    owners = by_name_alone(list(catalog))
    for procedure in in_force:
        best = catalog.search(procedure.name, 1)[0]
        own = owners[normalize(procedure.name.rstrip(". "))]
        assert best.procedure.id in own, (procedure.id, best)
        if len(own) > 1:
            assert best.score < 0.84, f"{procedure.id} has a twin of the same name: nobody can be sure"


def test_a_long_official_name_is_found_in_a_question(in_force: list[Procedure], catalog: Catalog) -> None:
    owners = by_name_alone(list(catalog))
    long = [
        p for p in in_force if len(p.name.split()) > 8 and len(owners[normalize(p.name.rstrip(". "))]) == 1
    ]
    assert len(long) > 50
    missed = [
        p.id
        for p in long
        if catalog.search(f"cho hỏi {p.name} thì lệ phí bao nhiêu", 1)[0].procedure.id != p.id
    ]
    assert len(missed) <= 0.02 * len(long), missed


@pytest.mark.parametrize("typed", [str, fold], ids=["as written", "without marks"])
def test_everyday_names_find_their_procedure(in_force: list[Procedure], catalog: Catalog, typed) -> None:
    names = [(p.id, name) for p in in_force for name in p.also_called]
    assert len(names) > 500
    first = [pair for pair in names if catalog.search(typed(pair[1]), 1)[0].procedure.id == pair[0]]
    assert len(first) >= 0.98 * len(names), sorted(set(names) - set(first))[:20]


@pytest.mark.parametrize("variant", ["telex", "vni", "teencode", "typos"])
def test_everyday_names_are_found_however_typed(variant: str, catalog: Catalog) -> None:
    full = [p for p in catalog.all(DAY) if p.completeness == "full" and p.also_called]
    found = [
        p.id
        for seed, p in enumerate(full)
        if p.id in [h.procedure.id for h in catalog.search(make_variant(p.also_called[0], variant, seed), 3)]
    ]
    assert len(found) >= 0.9 * len(full)


def test_follow_ups_name_nothing(catalog: Catalog) -> None:
    background = read_background()
    wrong = [text for text in background.unnamed if catalog.find_in(text).named >= 0.5]
    assert len(wrong) <= 0.02 * len(background.unnamed), wrong


@pytest.mark.parametrize(
    "text",
    ["lệ phí bao nhiêu vậy em", "thế còn giấy tờ thì sao", "mất mấy ngày hả chị", "nop o dau", "ok cảm ơn"],
)
def test_follow_ups_of_other_words_name_nothing(catalog: Catalog, text: str) -> None:
    assert catalog.find_in(text).named < 0.5


@pytest.mark.parametrize("text", ["1", "2", "x 1", "số 1", "cái số 2", 'dossier_status{"x":1}', "hello 1"])
def test_a_number_names_nothing(catalog: Catalog, text: str) -> None:
    assert catalog.find_in(text).named < 0.5


def test_a_number_in_a_name_counts(catalog: Catalog) -> None:
    found = catalog.find_in("định danh mức 1")
    assert found.named >= 0.5 and found.hits[0].procedure.id == "dinh-danh-dien-tu-muc-1"


def test_matters_elsewhere_are_elsewhere(catalog: Catalog) -> None:
    """Some of them speak of our matters too ("đăng ký tạm trú muộn bị phạt thế nào")."""
    texts = read_background().elsewhere
    assert len([text for text in texts if catalog.find_in(text).elsewhere < 0.5]) <= 0.01 * len(texts)
    named = [text for text in texts if catalog.find_in(text).named >= 0.5]
    assert len(named) <= 0.08 * len(texts), named


def test_names_are_named_and_familiar(in_force: list[Procedure], catalog: Catalog) -> None:
    full = [p for p in in_force if p.completeness == "full"]
    for procedure in full:
        found = catalog.find_in(procedure.name)
        assert found.named >= 0.5 and found.familiar >= 0.5, procedure.id


def test_the_names_in_a_message_are_told_to_the_letter(catalog: Catalog) -> None:
    called = catalog.ranker.called_in
    assert "dang-ky-khai-sinh" in called("cho em hỏi đăng ký khai sinh với ạ")
    assert "dang-ky-khai-sinh" in called("DANG KY KHAI SINH")
    assert called("hôm nay trời đẹp") == frozenset()
    assert called("") == frozenset()


def test_a_life_event_is_found_by_its_story(catalog: Catalog) -> None:
    for event in catalog.life_events.values():
        found = [catalog.find_in(text) for text in event.asked_as]
        assert [f.event.id for f in found].count(event.id) >= len(found) - 1, event.id


TEXTS = st.one_of(
    st.text(max_size=200),
    st.text("đăng ký khai sinh kết hôn lệ phí 🙂\x00\u200b\n?!,.0123", max_size=120),
)


@given(TEXTS)
@settings(max_examples=150, deadline=None)
def test_any_text_gets_ranked_scores(catalog: Catalog, text: str) -> None:
    found = catalog.find_in(text)
    scores = [hit.score for hit in found.hits]
    assert all(
        0 <= score <= 1
        for score in (*scores, found.named, found.familiar, found.elsewhere, found.event_score)
    )
    assert scores == sorted(scores, reverse=True)
    assert sum(scores) <= 1 + 1e-6
    assert len({hit.procedure.id for hit in found.hits}) == len(found.hits)


@pytest.mark.parametrize("text", ["", "   ", "\n", "\u200b", "?!…", "😀🎉👍", "\x00\x07\x1b", "\ufeff"])
def test_nothing_said_finds_nothing_surely(catalog: Catalog, text: str) -> None:
    found = catalog.find_in(text)
    assert found.named < 0.5
    assert catalog.search(text, 3) == []


def test_ten_thousand_characters_are_read(catalog: Catalog) -> None:
    story = "tôi muốn làm khai sinh cho con, " * 313
    assert len(story) > 10_000
    assert catalog.search(story, 1)[0].procedure.id == "dang-ky-khai-sinh"
    assert catalog.find_in("x" * 10_000).hits


@pytest.mark.parametrize("limit", [0, 1, 3, 100])
def test_at_most_as_many_as_asked_for(catalog: Catalog, limit: int) -> None:
    assert len(catalog.search("khai sinh", limit)) <= limit


def test_letters_thrown_together_find_nothing_and_no_name_is_lost(catalog: Catalog) -> None:
    assert not [text for text in ("xyzqwkj", "asdfgh jkl", "zzz", "12345") if catalog.search(text)]
    said = [name for entry in list(catalog)[::5] for name in (entry.name, *entry.also_called[:1])]
    assert not [name for name in said if catalog.search(name, 1)[0].score < 0.3]


def listed(key: str, name: str, **fields: object) -> Procedure:
    given = {"field": "Hộ tịch", "level": "commune", "completeness": "listed", "checked_on": DAY}
    return Procedure(id=key, name=name, sources=[Source(title="Cổng")], **{**given, **fields})


SMALL = [
    listed("mai-tang", "Hỗ trợ chi phí mai táng cho đối tượng bảo trợ xã hội"),
    listed("chan-nuoi", "Cấp giấy chứng nhận đủ điều kiện chăn nuôi trang trại quy mô lớn"),
    listed("ban-ruou", "Cấp giấy phép bán lẻ rượu"),
]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_entries_without_everyday_names_are_found_by_their_official_ones(number: int) -> None:
    ranker = Ranker(SMALL[:number])
    for procedure in SMALL[:number]:
        for text in (procedure.name, fold(procedure.name), f"em hỏi {procedure.name.lower()} ạ"):
            best = ranker.search(text, 1)[0]
            assert best.procedure is procedure
            assert best.score > 0.8 or number > 1
    assert ranker.find("bán lẻ rượu cần giấy phép gì").hits[0].procedure is SMALL[min(2, number - 1)]


def test_a_catalogue_of_official_names_alone_still_knows_what_names_nothing() -> None:
    """Only the background is left to learn from: two classes, which a linear model holds as one."""
    ranker = Ranker(SMALL)
    follow_up, outside = ranker.find("lệ phí bao nhiêu vậy em"), ranker.find("hôm nay thời tiết thế nào")
    assert follow_up.named < 0.5
    assert follow_up.elsewhere < 0.5
    assert outside.named < 0.5
    assert outside.elsewhere > 0.5
    assert ranker.find("cấp giấy phép bán lẻ rượu").named > 0.5


def test_official_names_alone_find_most_of_what_is_asked(catalog: Catalog) -> None:
    """As imported entries have them; the words of the law for everyday ones are in everyday.yml."""
    names_only = Ranker([replace(procedure, also_called=[], asked_as=[]) for procedure in catalog])
    lines = (ROOT / "evaluation" / "development.jsonl").read_text(encoding="utf-8").splitlines()
    asked = [question for line in lines if (question := json.loads(line)).get("procedure")]
    right = [
        question["text"]
        for question in asked
        if names_only.search(question["text"], 1)[0].procedure.id == catalog.get(question["procedure"]).id
    ]
    assert len(asked) > 300
    assert len(right) >= 0.58 * len(asked)


def test_of_everyday_words_that_overlap_the_longer_counts() -> None:
    licence, vehicle = (
        listed("bang", "Cấp giấy phép lái xe"),
        listed("dang-ky", "Chứng nhận đăng ký xe, biển số xe"),
    )
    ranker = Ranker([*SMALL, licence, vehicle])
    assert ranker.search("em mất bằng lái thì sao", 1)[0].procedure is licence
    assert ranker.search("cà vẹt của em đâu", 1)[0].procedure is vehicle


@pytest.mark.parametrize("content", ["- said: a\n  means: b\n", "- means: b\n", "{}"])
def test_everyday_words_of_the_wrong_shape_name_the_file(tmp_path: Path, content: str) -> None:
    path = tmp_path / "everyday.yml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(EntryError, match=r"everyday\.yml"):
        read_everyday(path)


def test_an_empty_catalogue_finds_nothing() -> None:
    assert Ranker([]).find("khai sinh").hits == []
    assert Ranker([]).search("khai sinh") == []


def test_twins_of_one_name_share_the_score() -> None:
    twins = [
        listed(f"giao-dat-cap-{level}", "Giao đất, cho thuê đất không qua đấu giá")
        for level in ("xa", "tinh")
    ]
    first, second = Ranker([*SMALL, *twins]).search("giao đất, cho thuê đất không qua đấu giá", 2)
    assert {first.procedure.id, second.procedure.id} == {"giao-dat-cap-xa", "giao-dat-cap-tinh"}
    assert first.score < 0.6 and second.score > 0.3


def test_two_builds_rank_alike() -> None:
    procedures = [p for p in Catalog.load() if p.field in ("Hộ tịch", "Chứng thực")]
    assert len(procedures) > 20
    one, two = Ranker(procedures), Ranker(procedures)
    for text in (
        "khai sinh",
        "lấy bản sao giấy tờ",
        "chứng chữ ký",
        "lệ phí bao nhiêu",
        "đi máy bay",
        "con tôi",
    ):
        assert ranks(one.find(text).hits) == ranks(two.find(text).hits)
        assert one.find(text).named == two.find(text).named


def ranks(hits: list[Hit]) -> list[tuple[str, float]]:
    return [(hit.procedure.id, round(hit.score, 9)) for hit in hits]


def test_a_new_entry_is_answered_at_once(entries: Path, write_entry) -> None:
    write_entry("khai-sinh", name="Thủ tục đăng ký khai sinh")
    store = CatalogStore(entries, interval=0.0)
    assert store.current().search("bán lẻ rượu", 1) == []
    write_entry("ban-ruou", name="Cấp giấy phép bán lẻ rượu")
    best = store.current().search("xin giấy phép bán lẻ rượu", 1)[0]
    assert best.procedure.id == "ban-ruou"


def test_a_changed_name_is_found_at_once(entries: Path, write_entry) -> None:
    path = write_entry("mot", name="Cấp giấy phép bán lẻ rượu")
    write_entry("hai", name="Thủ tục đăng ký khai sinh")
    store = CatalogStore(entries, interval=0.0)
    assert store.current().ranker.called_in("đăng ký nuôi chim yến") == frozenset()
    write_entry("mot", name="Đăng ký nuôi chim yến", also_called=["nuôi yến"])
    later = time.time() + 5
    os.utime(path, (later, later))
    assert store.current().search("nuôi yến", 1)[0].procedure.id == "mot"


def test_background_of_the_wrong_shape_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "background.yml"
    path.write_text("unnamed: [a]\nelsewhere: 3\ntopics_elsewhere: []\n", encoding="utf-8")
    with pytest.raises(EntryError, match=r"background\.yml"):
        read_background(path)


def test_the_background_has_no_doubles() -> None:
    background = read_background()
    for rows in (background.unnamed, background.elsewhere, background.topics_elsewhere):
        assert rows
    both = {normalize(x) for x in background.unnamed} & {normalize(x) for x in background.elsewhere}
    assert both == set()


@pytest.mark.parametrize(
    "text",
    [
        "làm khai sinh cho thằng cu thì cần những giấy tờ gì, bao lâu xong và hết bao nhiêu tiền vậy ạ",
        "khai sinh nộp qua mạng trên cổng dịch vụ công được không ad",
    ],
)
def test_long_questions_do_not_drown_a_short_name(catalog: Catalog, text: str) -> None:
    assert catalog.search(text)[0].procedure.id == "dang-ky-khai-sinh"


def test_a_name_more_for_one_entry_moves_nobody_elses_answers(catalog: Catalog) -> None:
    """A centre that adds what its people say of one matter finds all others as they were."""
    procedures = list(catalog)
    more = [
        replace(p, also_called=[*p.also_called, "xin giấy cho đám cưới của cháu"])
        if p.id == "dang-ky-ket-hon"
        else p
        for p in procedures
    ]
    before, after = Ranker(procedures), Ranker(more)
    for text in (
        "tách thửa cho con hết bao nhiêu",
        "bằng lái bị mất thì xin lại ở đâu",
        "nhập hộ khẩu cho em bé cần gì",
        "mẹ tôi 82 tuổi có được trợ cấp hưu trí xã hội hàng tháng không",
        "nghỉ bán ba tháng có phải báo không",
    ):
        was, now = before.search(text, 1)[0], after.search(text, 1)[0]
        assert was.procedure.id == now.procedure.id
        assert was.score == pytest.approx(now.score, abs=0.05)
