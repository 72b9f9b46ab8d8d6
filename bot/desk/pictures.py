"""Pictures that people send: made anew, so that nothing but the picture is left of what was sent.

A file of an image holds more than one sees: where it was taken, on whose phone, text, scripts for a careless
viewer. What is kept here is a JPEG of the colours alone.
"""

from __future__ import annotations

import hashlib
from io import BytesIO
from typing import Any

from PIL import Image, ImageOps
from sqlalchemy import Connection, insert, select

from bot.desk import feedback
from bot.desk.errors import Refusal
from bot.desk.tables import feedback as table
from bot.desk.tables import pictures

LARGEST = 10 * 1024 * 1024
MEDIA_TYPE = "image/jpeg"
_FORMATS = ("JPEG", "PNG", "WEBP")
# A phone takes 12 to 50 million; a small file can claim far more than the memory holds.
_MOST_POINTS = 60_000_000
_LONGEST_SIDE, _QUALITY = 2048, 85
_p = pictures.c


def made_anew(data: bytes) -> bytes:
    """The picture in ``data`` (JPEG, PNG, WebP) as a JPEG of at most 2048 points a side, the right way up.

    Raises:
        Refusal: 413 ``picture_too_big``, 422 ``no_picture``.
    """
    try:
        with Image.open(BytesIO(data), formats=_FORMATS) as given:
            if given.width * given.height > _MOST_POINTS:
                raise Refusal(413, "picture_too_big", most=LARGEST // 2**20)
            given.draft("RGB", (_LONGEST_SIDE, _LONGEST_SIDE))  # a large JPEG is read small at once
            given.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
            upright = ImageOps.exif_transpose(given).convert("RGBA")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Refusal(413, "picture_too_big", most=LARGEST // 2**20) from None
    except (OSError, ValueError, SyntaxError, EOFError):
        raise Refusal(422, "no_picture") from None
    # A new one: comments and profiles would be written along with the old one.
    fresh = Image.new("RGB", upright.size, "white")
    fresh.paste(upright, mask=upright)
    out = BytesIO()
    fresh.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


def keep(connection: Connection, now: float, conversation: str, number: int, data: bytes) -> int:
    """Puts a picture to one's own feedback; how many more there may be.

    Raises:
        Refusal: 404 ``unknown_feedback`` (not theirs, or answered), 409 ``pictures_full``.
    """
    files = feedback.files_of(connection, conversation, number)
    if files is None:
        raise Refusal(404, "unknown_feedback")
    digest = hashlib.blake2b(data, digest_size=32).hexdigest()
    mine = (_p.feedback_id == number) & (_p.digest == digest)
    if connection.scalar(select(_p.id).where(mine)) is None:
        if len(files) >= feedback.MOST_FILES:
            raise Refusal(409, "pictures_full", most=feedback.MOST_FILES)
        row = {"feedback_id": number, "digest": digest, "data": data}
        made = connection.scalar(insert(pictures).values(row).returning(_p.id))
        feedback.add(connection, now, conversation, number, files=[{"picture": made}])
        files = [*files, {}]
    return feedback.MOST_FILES - len(files)


def read(connection: Connection, now: float, number: int, place: int) -> dict[str, Any]:
    """The file at that place of a feedback: ``{"data"}`` or ``{"file_id", "name"}``.

    Raises:
        Refusal: 404 ``unknown_file``.
    """
    rows = connection.scalar(select(table.c.files).where(table.c.id == number)) or []
    file = rows[place] if place < len(rows) else {}
    if "picture" in file:
        return {"data": connection.scalar(select(_p.data).where(_p.id == file["picture"]))}
    if not file.get("file_id"):
        raise Refusal(404, "unknown_file")
    return file
