"""What a request carries, taken apart with clear refusals."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import Request

from bot.desk.errors import Refusal
from bot.gateway.api import read_body
from bot.gateway.messages import clean
from bot.json_body import decode_json

# PostgreSQL refuses to compare with more.
LARGEST_NUMBER = 2**31 - 1


async def json_body(request: Request) -> dict[str, Any]:
    """The JSON object in the body.

    Raises:
        Refusal: 400 ``bad_json``.
        BadRequest: it is too large or too slow.
    """
    try:
        data = decode_json(await read_body(request))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Refusal(400, "bad_json") from None
    if not isinstance(data, dict):
        raise Refusal(400, "bad_json")
    return data


async def form_body(request: Request) -> dict[str, str]:
    """The fields of a form; of a field that is there twice, the last. PostgreSQL takes no NUL in a text."""
    pairs = parse_qsl((await read_body(request)).decode("utf-8", "replace"), keep_blank_values=True)
    return {name: value.replace("\0", "") for name, value in pairs}


def text_of(data: dict[str, Any], field: str, most: int, least: int = 1) -> str:
    """A field's text, cleaned. Raises Refusal 422 ``bad_field`` when it is none, too short or too long."""
    value = data.get(field, "")
    if not isinstance(value, str) or len(value) > most * 4:
        raise Refusal(422, "bad_field", field=field)
    value = clean(value)
    if not least <= len(value) <= most:
        raise Refusal(422, "bad_field", field=field)
    return value


def one_of(data: dict[str, Any], field: str, allowed: Any) -> Any:
    """A field whose value is among ``allowed``. Raises Refusal 422 ``bad_field``."""
    value = data.get(field)
    if not isinstance(value, str | int) or isinstance(value, bool) or value not in allowed:
        raise Refusal(422, "bad_field", field=field)
    return value


def number_in(text: str | None, field: str, default: int = 0) -> int:
    """A number in a path or query. Raises Refusal 422 ``bad_field``."""
    if text is None or text == "":
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 16 and is_number(int(text))):
        raise Refusal(422, "bad_field", field=field)
    return int(text)


def is_number(value: Any) -> bool:
    """Whether it may be the number of a row."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST_NUMBER
