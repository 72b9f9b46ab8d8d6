"""A reply as what Telegram is sent: parts of one call each, in order.

Limits: text of 4,096 after entities, captions of 1,024, 64 bytes in a button. Everything that comes
from elsewhere is escaped; each part has its plain form too, for when Telegram cannot read the HTML.
"""

from __future__ import annotations

from html import escape
from typing import Any

from bot.channels.cutting import cut, units
from bot.channels.folding import folded
from bot.channels.keys import full_key, payload_key
from bot.channels.rendering import Choice, Source, choices_of, forms_of, shorten, sources_of, text_of
from bot.channels.words import Words
from bot.mailbox import Reply

LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024
LONGEST_DATA = 64
LONGEST_TITLE = 60
MOST_BUTTONS = 90
# Two buttons of up to so many characters stand side by side on a small phone.
SHORT_TITLE = 16
Part = dict[str, Any]


def render(reply: Reply, words: Words) -> list[Part]:
    """``{"text", "html", "keyboard"?}``, ``{"form": {"title", "url"}}`` and ``{"place": {…}}``.

    ``keyboard``: rows of ``{"text", "callback_data"}`` or ``{"text", "url"}``.
    """
    choices, short = choices_of(reply), folded(reply, words)
    text = text_of(reply) if short is None else short
    # No button dials a telephone number here.
    numbers = [f"{choice.title}: {choice.phone}" for choice in choices if choice.phone]
    parts = _texts(reply, "\n".join([text, *numbers]), words)
    keyboard = _keyboard([choice for choice in choices if choice.phone is None][:MOST_BUTTONS])
    if short is not None:
        keyboard.insert(0, [{"text": words.say("whole"), "callback_data": full_key(reply)}])
    if keyboard and not parts:
        parts = [_plain(words.say("choose"))]
    if keyboard:
        parts[-1]["keyboard"] = keyboard
    parts += [{"form": {"title": form.title, "url": form.url}} for form in forms_of(reply)]
    place = reply.get("place")
    return [*parts, {"place": place}] if place else parts


def link_to_form(title: str, url: str, words: Words) -> Part:
    """What is sent in place of a form that cannot be had as a file now."""
    keyboard = _keyboard([Choice(words.say("open_form", title=title), url=url)])
    return {**_plain(shorten(title, LONGEST_TEXT)), "keyboard": keyboard}


def without_links(part: Part) -> Part:
    """The part with its pages as text: Telegram refuses a whole message for one address it dislikes."""
    rows = part.get("keyboard") or []
    links = [f"{button['text']}: {button['url']}" for row in rows for button in row if "url" in button]
    buttons = [[button for button in row if "url" not in button] for row in rows]
    text = "\n".join([part["text"], *links])
    text = text if units(text) <= LONGEST_TEXT else part["text"]
    kept = [row for row in buttons if row]
    return {**_plain(text), **({"keyboard": kept} if kept else {})}


def _texts(reply: Reply, text: str, words: Words) -> list[Part]:
    """``text`` and the sources."""
    parts = [_plain(piece) for piece in cut(text, LONGEST_TEXT)]
    sources = sources_of(reply)
    if sources is None:
        return parts
    line = sources.line(words, [source.title for source in sources.shown])
    marked = sources.line(words, [_link(source) for source in sources.shown])
    last = {"text": line, "html": f"<i>{marked}</i>"}
    if parts and units(parts[-1]["text"]) + 2 + units(line) <= LONGEST_TEXT:
        joined = {key: f"{parts[-1][key]}\n\n{last[key]}" for key in last}
        return [*parts[:-1], joined]
    return [*parts, last]


def _link(source: Source) -> str:
    title = escape(source.title, quote=False)
    return f'<a href="{escape(source.url)}">{title}</a>' if source.url else title


def _plain(text: str) -> Part:
    return {"text": text, "html": escape(text, quote=False)}


def _keyboard(choices: list[Choice]) -> list[list[dict[str, str]]]:
    rows: list[list[dict[str, str]]] = []
    for choice in choices:
        button = _button(choice)
        last = rows[-1] if rows else []
        if len(last) == 1 and all(_short(row) for row in (last[0], button)):
            last.append(button)
        else:
            rows.append([button])
    return rows


def _short(button: dict[str, str]) -> bool:
    return "url" not in button and len(button["text"]) <= SHORT_TITLE


def _button(choice: Choice) -> dict[str, str]:
    title = shorten(choice.title, LONGEST_TITLE)
    if choice.payload is None:
        return {"text": title, "url": choice.url or ""}
    fits = len(choice.payload.encode("utf-8", "replace")) <= LONGEST_DATA
    return {"text": title, "callback_data": choice.payload if fits else payload_key(choice.payload)}
