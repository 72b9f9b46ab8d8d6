"""Addresses that are passed on, and their QR codes."""

from __future__ import annotations

import io
from collections.abc import Mapping
from urllib.parse import quote, urlencode

import qrcode
from starlette.requests import Request


def base_address(request: Request, public_url: str | None) -> str:
    """What a link begins with: the public address, else the one that this request came to."""
    return public_url or str(request.base_url).rstrip("/")


def invitation_link(base: str, token: str) -> str:
    return f"{base}/desk/moi/{token}"


def checklist_link(base: str, procedure_id: str, answers: Mapping[str, str]) -> str:
    """The page of a procedure; with the citizen's answers, at the papers of their case."""
    query = f"?{urlencode(answers)}#giay-to" if answers else ""
    return f"{base}/thu-tuc/{quote(procedure_id)}{query}"


def matrix(text: str) -> list[list[bool]]:
    """The modules of a QR code, quiet zone included; True is dark."""
    return _code(text).get_matrix()


def in_terminal(text: str) -> str:
    """A QR code of half blocks, dark on light whatever the terminal's colours."""
    out = io.StringIO()
    _code(text).print_ascii(out, invert=True)
    return out.getvalue()


def _code(text: str) -> qrcode.QRCode:
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=3)
    code.add_data(text)
    code.make(fit=True)
    return code
