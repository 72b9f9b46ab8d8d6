"""``X-ZEvent-Signature: mac=<hex>``: sha256(app id + raw body + the body's timestamp + OA secret key)."""

from __future__ import annotations

import hashlib
import hmac


def mac(app_id: str, body: bytes, timestamp: str, oa_secret: str) -> str:
    """The signature in hexadecimal digits. ``body``: the bytes as they came in."""
    return hashlib.sha256(app_id.encode() + body + timestamp.encode() + oa_secret.encode()).hexdigest()


def is_signed(header: str, app_id: str, body: bytes, timestamp: str, oa_secret: str) -> bool:
    """Whether ``header`` is the signature of ``body``; takes the same time wherever it differs."""
    given = header.strip().removeprefix("mac=").strip().lower()
    return hmac.compare_digest(
        given.encode("utf-8", "replace"), mac(app_id, body, timestamp, oa_secret).encode()
    )
