from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vietnamese import canonical_tone, decode_telex, decode_vni, fold, normalize
from vietnamese.noise import to_telex, to_vni

WORDS_TEXT = """
thủ tục đăng ký khai sinh tử kết hôn ly độc thân xác nhận tình trạng hộ tịch khẩu thường trú tạm vắng lưu
căn cước công dân định danh điện chiếu lý lịch tư pháp chứng thực bản sao chữ cải chính trích lục giấy phép
xây dựng nhà ở riêng lẻ kinh doanh thành lập thay đổi chấm dứt trợ cấp hưu trí xã hội người cao tuổi khuyết
tật mai táng bảo hiểm y tế trẻ em phản ánh kiến nghị đất đai quyền sử dụng chuyển nhượng tặng cho thừa kế
biến động tách thửa mục đích sổ đỏ hồng lệ phí bao nhiêu lâu mất mấy ngày làm việc nộp đâu cần những gì mang
theo được không phải có muốn hỏi xin cảm ơn chào anh chị rồi chưa đã đang sẽ nếu thì vì với của và hay hoặc
còn cũng mới cũ lại lần đầu quá hạn trễ hẹn kết quả trả bưu điện qua mạng trực tuyến tiếp uỷ quyền hộ đơn tờ
mẫu khuỷu thuở quở huỷ nghĩa nghiêng ngoằn khuya quýnh giếng gìn ướt ừ ấy
"""
WORDS = WORDS_TEXT.split()


@pytest.mark.parametrize("word", WORDS)
def test_a_word_typed_in_telex_or_vni_comes_back(word: str) -> None:
    for typed, decode in ((to_telex(word), decode_telex), (to_vni(word), decode_vni)):
        assert typed == word or decode(typed) == canonical_tone(word)


@given(st.sampled_from(WORDS), st.integers())
def test_wherever_the_tone_is_typed(word: str, seed: int) -> None:
    for encode in (to_telex, to_vni):
        typed = encode(word, random.Random(seed))
        assert normalize(f"{encode('đi')} {typed}") == normalize(f"đi {word}")


@given(st.lists(st.sampled_from(WORDS), min_size=3, max_size=12), st.integers())
def test_a_sentence_left_in_telex_or_vni_normalises_as_the_clean_one(words: list[str], seed: int) -> None:
    chance = random.Random(seed)
    words = ["đi", *words]
    clean = normalize(" ".join(words))
    assert normalize(" ".join(to_telex(word, chance) for word in words)) == clean
    assert normalize(" ".join(to_vni(word, chance) for word in words)) == clean


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("dduwowcj", "được"), ("dduowjc", "được"), ("nhw", "như"), ("did", "đi"),
        ("đươcj", "được"), ("luwu", "lưu"), ("luuw", "lưu"), ("quow", "quơ"), ("thuowr", "thuở"),
        ("khoong", "không"), ("duocj", "duọc"), ("hoawcj", "hoặc"), ("hoacwj", "hoặc"),
    ],
)  # fmt: skip
def test_telex_as_it_is_really_typed(typed: str, meant: str) -> None:
    assert decode_telex(typed) == meant


@pytest.mark.parametrize(
    "word", ["text", "new", "form", "server", "boss", "zalo", "email", "tr", "hoso", "", "a b"]
)
def test_other_words_are_no_telex(word: str) -> None:
    assert decode_telex(word) is None


@pytest.mark.parametrize(
    "word", ["b2", "h15", "c06", "2tr", "50k", "m2", "kt3", "0912345678", "12", "", "a0"]
)
def test_codes_and_amounts_are_no_vni(word: str) -> None:
    assert decode_vni(word) is None


@given(st.text(max_size=20))
def test_decoding_never_raises_and_leaves_a_foldable_word(word: str) -> None:
    for decoded in (decode_telex(word.lower()), decode_vni(word.lower())):
        assert decoded is None or fold(decoded).isalpha()
