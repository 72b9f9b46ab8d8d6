"""Text for the TCVN3 (ABC) fonts, which give the letters of Latin-1 other shapes: told, never guessed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vietnamese import nfc

ADVICE = (
    "the text is written for TCVN3 (ABC) fonts such as .VnTime: convert it to Unicode first "
    "(in UniKey: Toolkit, TCVN3 to Unicode), nothing was imported"
)
# The letters that the fonts put into the upper half of Latin-1, as plain letters.
_LETTERS = {
    "a": "¨©µ¶·¸¹»¼½¾ÆÇÈÉÊË", "A": "¡¢", "d": "®", "D": "§", "e": "ªÌÎÏÐÑÒÓÔÕÖ", "E": "£",
    "i": "×ØÜÝÞ", "o": "«¬ßáâãäåæçèéêëìíî", "O": "¤¥", "u": "\xadïñòóôõö÷øù", "U": "¦", "y": "úûüýþ",
}  # fmt: skip
_PLAIN = {ord(sign): letter for letter, signs in _LETTERS.items() for sign in signs}
# Vietnamese has these as well, so they tell nothing.
_SHARED = set("ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝàáâãèéêìíòóôõùúý")
# A tone that no letter takes is what is left of one of the fonts' letters, read as windows-1258.
_FONTS_ONLY = {chr(sign) for sign in _PLAIN} - _SHARED | set("\u0300\u0301\u0303\u0309\u0323")


def as_plain(cell: object) -> str:
    """The cell read as TCVN3, whichever way its bytes have been taken for letters so far."""
    text = "" if cell is None else str(cell)
    if any(ord(sign) > 0xFF for sign in text):
        text = text.encode("cp1258", "ignore").decode("latin-1")
    return text.translate(_PLAIN)


def first_row_for_fonts(rows: Iterable[tuple[int, Sequence[object]]]) -> int | None:
    """The number of the first such row, where more cells speak for the fonts than for Vietnamese letters."""
    first, against = None, 0
    for number, row in rows:
        for cell in row:
            if not isinstance(cell, str) or cell.isascii():
                continue
            letters = set(nfc(cell))
            # The fonts know none of the letters with two marks; quotation marks and names of other
            # countries stand beside those.
            if not letters & _FONTS_ONLY or any("\u1ea0" <= sign <= "\u1ef9" for sign in letters):
                against -= 1
            else:
                first = first or number
                against += 1
    return first if against > 0 else None
