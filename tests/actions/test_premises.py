"""What a citizen takes for true gets a clear yes or no first, and the catalogue's own figure."""

from __future__ import annotations

import pytest
from msgspec.structs import replace as changed

from actions.bootstrap import Services
from actions.compose import answer
from actions.outside import is_in_english
from procedures_catalog import Catalog, Procedure
from procedures_catalog.model import Duration, Fee
from tests.actions.talk import Talk, check


def begins(procedure: Procedure, asked: str, s: Services, *aspects: str) -> str:
    reply = answer(procedure, aspects, {}, s, asked)
    check(reply)
    return reply["text"].splitlines()[0]


@pytest.fixture(scope="module")
def entry(catalog: Catalog) -> Procedure:
    """One fee and one time, without a case."""
    fees = [Fee(state="amount", name="Lệ phí", amount=50_000)]
    times = [Duration(unit="working_days", amount=5)]
    return changed(catalog.get("dang-ky-ket-hon"), fees=fees, processing_time=times, cases=[], documents=[])


@pytest.mark.parametrize(
    ("fees", "asked", "first"),
    [
        ([Fee(state="amount", amount=50_000)], "lệ phí 500.000 đúng không", "Không ạ: 50.000 đồng."),
        ([Fee(state="amount", amount=50_000)], "nghe nói 50k phải ko", "Đúng ạ: 50.000 đồng."),
        ([Fee(state="amount", amount=50_000)], "miễn phí đúng không", "Không ạ: 50.000 đồng."),
        ([Fee(state="free", basis="X")], "het 100k phai khong", "Không ạ: miễn phí."),
        ([Fee(state="free", basis="X")], "có miễn phí không", "Đúng ạ: miễn phí."),
        ([Fee(state="set_elsewhere", note="Tỉnh quy định")], "500k đúng không", "Danh mục không ghi"),
        ([Fee(state="not_published")], "500k đúng không", "Danh mục không ghi"),
        (
            [Fee(state="amount", amount=50_000, name="A"), Fee(state="amount", amount=70_000, name="B")],
            "500k đúng không",
            "Không ạ, danh mục ghi khác",
        ),
        (
            [Fee(state="amount", amount=50_000, name="A"), Fee(state="free", basis="X", name="B")],
            "50k đúng không",
            "Đúng ạ, nhưng tùy trường hợp",
        ),
    ],
)  # fmt: skip
def test_an_amount_is_right_or_wrong(
    fees: list[Fee], asked: str, first: str, entry: Procedure, s: Services
) -> None:
    assert begins(changed(entry, fees=fees), asked, s, "fee").startswith(first)


def test_the_wrong_figure_is_not_said_again(entry: Procedure, s: Services) -> None:
    assert "500" not in answer(entry, ["fee"], {}, s, "lệ phí 500.000 đúng không")["text"]


@pytest.mark.parametrize(
    ("asked", "first"),
    [
        ("3 ngày là có đúng không", "Không ạ: 5 ngày làm việc."),
        ("1 tuần là xong phải không", "Đúng ạ: 5 ngày làm việc."),
        ("lấy liền trong ngày phải không", "Không ạ: 5 ngày làm việc."),
    ],
)
def test_a_time_is_right_or_wrong(asked: str, first: str, entry: Procedure, s: Services) -> None:
    assert begins(entry, asked, s, "time") == first


@pytest.mark.parametrize(
    "asked", ["lệ phí 500.000", "có 500k mà lệ phí bao nhiêu", "3 trang 500k đúng không"]
)
def test_what_is_only_told_is_not_judged(asked: str, entry: Procedure, s: Services) -> None:
    assert begins(entry, asked, s, "fee").startswith("Đăng ký kết hôn")


@pytest.mark.parametrize(
    ("asked", "first"),
    [
        ("có cần sổ hộ khẩu không", "Không ạ. Sổ hộ khẩu giấy đã bỏ từ ngày 01/01/2023"),
        ("so ho khau con xai dc ko", "Không ạ. Sổ hộ khẩu giấy"),
        ("cmnd 9 số còn dùng được không", "Không ạ. Chứng minh nhân dân hết giá trị sử dụng"),
        ("nộp giấy tạm trú kèm theo phải không", "Không ạ. Giấy xác nhận tạm trú"),
        ("lên quận nộp phải không", "Không ạ. Cấp huyện (quận, huyện) đã bỏ từ ngày 01/07/2025"),
        ("bỏ sổ hộ khẩu rồi đúng không", "Đúng ạ. Sổ hộ khẩu giấy đã bỏ"),
        ("không có sổ hộ khẩu thì làm được không", "Sổ hộ khẩu giấy đã bỏ"),
        ("bố mất sổ hộ khẩu giờ làm sao", "Sổ hộ khẩu giấy đã bỏ"),
    ],
)  # fmt: skip
def test_what_no_longer_exists_is_a_clear_no(asked: str, first: str, entry: Procedure, s: Services) -> None:
    assert begins(entry, asked, s, "documents").startswith(first)


def test_it_is_said_of_the_matter_talked_of_and_without_any(s: Services) -> None:
    talk = Talk()
    alone = talk.ask("nộp sổ hộ khẩu được không", "eligibility", confidence=0.3)
    assert alone["kind"] in ("choice", "notice") and alone["text"].startswith("Không ạ. Sổ hộ khẩu giấy")
    talk = Talk()
    talk.ask("đăng ký tạm trú ở đâu", "place")
    reply = talk.ask("có cần giấy xác nhận tạm trú không", "documents")
    assert (reply["kind"], reply["procedure"]) == ("answer", "dang-ky-tam-tru")
    assert reply["text"].startswith("Không ạ")


def test_whoever_complains_again_of_being_overcharged_gets_a_person(s: Services) -> None:
    talk = Talk()
    talk.ask("lệ phí đăng ký kết hôn", "fee")
    for text, intent in (("thu của em 100k là sao", "out_of_scope"), ("ai cho thu vậy", "abuse")):
        reply = talk.say(text, intent, confidence=0.4)
        assert reply["kind"] == "handover"
        assert [b["title"] for b in reply["buttons"]] == ["Phản ánh, kiến nghị", "Gặp cán bộ"]


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("what papers do I need to register a birth", True),
        ("where is the office please", True),
        ("lam can cuoc o dau", False),
        ("em muon doi passport thi sao", False),
        ("hello ad", False),
        ("check giúp em the status với", False),
        ("", False),
    ],
)
def test_english_is_told_from_vietnamese(text: str, english: bool) -> None:
    assert is_in_english(text) is english


def test_english_gets_a_line_in_both_languages(talk: Talk) -> None:
    for reply in (
        talk.ask("how much does it cost to get married", "fee"),
        talk.say("where is the office please", "out_of_scope"),
    ):
        assert reply["kind"] == "unknown"
        assert "tiếng Việt" in reply["text"] and "Vietnamese" in reply["text"]


def test_tax_is_another_offices_unless_the_entry_tells_of_it(talk: Talk, s: Services) -> None:
    reply = talk.ask("thành lập hộ kinh doanh thì một năm nộp thuế bao nhiêu", "fee")
    assert reply["kind"] == "unknown" and "cơ quan thuế" in reply["text"]
    reply = talk.ask("sang tên sổ đỏ đóng thuế bao nhiêu", "fee")
    assert (reply["kind"], reply["procedure"]) == ("answer", "bien-dong-chuyen-nhuong-tang-cho-thua-ke")


def test_what_is_gone_leads_to_what_is_needed_in_its_place(talk: Talk) -> None:
    reply = talk.ask("sổ hộ khẩu giấy của tôi thất lạc, xin cấp lại ở đâu", "place")
    assert reply["kind"] == "choice"
    assert reply["text"].startswith("Sổ hộ khẩu giấy đã bỏ từ ngày 01/01/2023")
    assert "procedure=xac-nhan-thong-tin-cu-tru" in reply["buttons"][0]["payload"]
    assert talk.understood["procedures"][0]["id"] == "xac-nhan-thong-tin-cu-tru"


def test_what_is_needed_in_the_place_of_what_is_gone_is_in_the_catalogue(s: Services) -> None:
    needed = {key for row in s.obsolete for key in row.procedures}
    assert needed
    assert all((entry := s.catalog.find(key)) and entry.in_force(s.today) for key in needed)


def test_a_greeting_in_english_gets_the_line_in_both_languages(talk: Talk) -> None:
    assert "Vietnamese" in talk.say("hello can i get a birth certificate here", "greet")["text"]
