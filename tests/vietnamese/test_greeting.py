"""What stands before the matter is put aside; the matter never is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vietnamese import fold, without_greeting


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("Xin chào, bên mình có làm sổ hồng không ạ", "bên mình có làm sổ hồng không ạ"),
        ("dạ cho em hỏi chút ạ, làm lại cccd ở đâu", "làm lại cccd ở đâu"),
        ("em chao chi a, chi cho em hoi thu tuc khai sinh", "thu tuc khai sinh"),
        ("alo ad ơi tách thửa đất", "tách thửa đất"),
        ("tôi muốn hỏi về hộ chiếu", "về hộ chiếu"),
        ("chào em, bố tôi mất hôm qua", "bố tôi mất hôm qua"),
        ("chào ad. nhà em vừa có tang", "nhà em vừa có tang"),
        ("chào buổi sáng em ơi cho hỏi đổi bằng lái", "đổi bằng lái"),
        ("cho hỏi căn cước làm ở đâu", "căn cước làm ở đâu"),
        ("cho hoi can cuoc lam o dau", "can cuoc lam o dau"),
        ("cho hỏi lý lịch tư pháp số 2", "lý lịch tư pháp số 2"),
        ("em hỏi người có công được gì", "người có công được gì"),
        ("chị ơi cho hỏi hộ kinh doanh đóng thuế", "hộ kinh doanh đóng thuế"),
        ("cho em hoi chi phi cap lai so do", "chi phi cap lai so do"),
        ("cho hỏi bán nhà cần gì", "bán nhà cần gì"),
        ("chào cán bộ căn cước bị mất", "căn cước bị mất"),
        ("chao anh chi, nha em co tang", "nha em co tang"),
        ("alo moi nguoi oi lam ho chieu", "lam ho chieu"),
        ("cho hỏi nhà ở xã hội", "nhà ở xã hội"),
    ],
)
def test_greetings_are_put_aside(text: str, rest: str) -> None:
    assert without_greeting(text) == rest


@pytest.mark.parametrize(
    "text",
    [
        "xin chào",
        "chào anh chị ạ",
        "chào buổi chiều cả nhà nhé",
        "con tôi mới sinh",
        "cho thuê nhà trọ",
        "cho con nhập hộ khẩu",
        "xin phép xây nhà",
        "muốn làm hộ chiếu",
        "thủ tục chào bán cổ phần",
        "hàng xóm hỏi mua đất",
        "",
    ],
)
def test_what_is_no_greeting_stays(text: str) -> None:
    assert without_greeting(text) == text


@given(st.text(max_size=60) | st.text("chào hỏi xin cho em alo ad ơi ạ,. ", max_size=60))
def test_the_rest_is_an_end_of_the_text_and_holds_words(text: str) -> None:
    rest = without_greeting(text)
    assert text.endswith(rest)
    assert rest == text or any(map(str.isalnum, fold(rest)))
