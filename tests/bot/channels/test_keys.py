from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.channels.keys import as_reply, looks_like_key, more_key, payload_key, resolve
from bot.channels.rendering import choices_of

BUTTONS = st.lists(
    st.fixed_dictionaries({"title": st.text(min_size=1), "payload": st.text(min_size=1)}), max_size=8
)


@given(BUTTONS, st.data())
def test_a_key_leads_back_to_its_button(buttons: list[dict[str, str]], data: st.DataObject) -> None:
    choices = choices_of({"buttons": buttons})
    if not choices:
        return
    chosen = data.draw(st.sampled_from(choices))
    key = payload_key(str(chosen.payload))
    assert looks_like_key(key) and len(key) == 17
    assert resolve(key, [{"buttons": []}, {"buttons": buttons}]) == {"payload": chosen.payload}


@given(BUTTONS, st.integers(1, 7))
def test_more_leads_to_the_rest(buttons: list[dict[str, str]], start: int) -> None:
    reply: dict[str, Any] = {"buttons": buttons, "links": [{"title": "Cổng", "url": "https://x.vn"}]}
    choices = choices_of(reply)
    found = resolve(more_key(choices, start), [reply])
    assert found == {"event": "more", **as_reply(choices[start:])}


def test_a_key_of_nothing_that_was_sent_leads_nowhere() -> None:
    assert resolve(payload_key("ask"), [{"buttons": [{"title": "a", "payload": "b"}]}]) is None
    assert resolve("chào", [{"buttons": [{"title": "a", "payload": "b"}]}]) is None


@given(st.text(max_size=30))
def test_what_people_type_is_no_key(text: str) -> None:
    assert not looks_like_key(text)
