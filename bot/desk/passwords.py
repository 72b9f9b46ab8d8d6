"""Passwords: what is good enough, and argon2."""

from __future__ import annotations

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from bot.desk.accounts import login_of
from bot.desk.errors import Refusal

SHORTEST, LONGEST = 8, 200
_TOO_EASY = ("12345678", "87654321", "password", "matkhau", "motcua", "qwerty", "abcdefgh")
_hasher = PasswordHasher()
# Compared against where there is no such account, so that both take the same time.
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$ObDzLN5lJLeEIb1SMMfiow$HQMtw1swbqH2+CZLuA+76paZx7L+91MdERMGn8qAeTQ"


def hash_password(password: str, name: str) -> str:
    """The argon2 hash to be kept; takes about 50 ms.

    Raises:
        Refusal: 422 ``password_short``, ``password_long``, ``password_easy``.
    """
    password = _same(password)
    if len(password) < SHORTEST:
        raise Refusal(422, "password_short", least=SHORTEST)
    if len(password) > LONGEST:
        raise Refusal(422, "password_long", most=LONGEST)
    plain = login_of(password)
    if len(set(plain)) < 4 or any(easy in plain for easy in _TOO_EASY) or plain == login_of(name):
        raise Refusal(422, "password_easy")
    return _hasher.hash(password)


def right_password(password: str, kept: str | None) -> bool:
    """Whether it is the password behind ``kept``; the same work when there is none."""
    try:
        return _hasher.verify(kept or _NOBODY, _same(password[: LONGEST * 2])) and kept is not None
    except (VerifyMismatchError, VerificationError, InvalidHashError):
        return False


def _same(password: str) -> str:
    """One form of what different keyboards send for the same letters."""
    return unicodedata.normalize("NFC", password)
