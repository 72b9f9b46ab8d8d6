"""JSON that comes from outside: from browsers, platforms, software of the centre's."""

from __future__ import annotations

import re
from typing import Any

import msgspec

# An escaped surrogate without its other half; escaped backslashes and whole pairs are passed over.
_HALF = re.compile(
    rb"\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
)


def decode_json(body: bytes, shape: type = object) -> Any:
    """The JSON of a body. Half an emoji, which fields of limited length cut off, is left out.

    Raises:
        msgspec.DecodeError, UnicodeDecodeError, RecursionError: it is not JSON, or not of that shape.
    """
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        whole = _HALF.sub(lambda match: b"" if match[1] else match[0], body)
        if whole == body:
            raise
        return msgspec.json.decode(whole, type=shape)
