"""What was approved, as the file that the catalogue's search takes in (``centre/learned/questions.yml``)."""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import Row

from bot.desk import questions
from bot.desk.desk import Desk
from bot.desk.errors import Refusal
from procedures_catalog.centre import centre_learned

_HEAD = "# Câu hỏi đã được duyệt ở bàn tình nguyện. Tệp này được ghi tự động; muốn bỏ thì hoàn tác ở đó.\n"


async def write_learned(desk: Desk) -> bool:
    """Brings the file up to date with the database; whether it was not.

    Raises:
        Refusal: 503 ``learned_unwritable``: it is approved all the same, and written when it can be.
    """
    path, store = centre_learned(desk.centre_file), desk.store
    try:
        return await asyncio.to_thread(_write, path, lambda: store.read_now(questions.approved))
    except OSError:
        raise Refusal(503, "learned_unwritable", path=str(path)) from None


def _write(path: Path, read: Callable[[], Sequence[Row]]) -> bool:
    """Several processes may do it: one at a time, each with what the database says then."""
    if not path.exists() and not read():
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    with (path.parent / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        text = as_yaml(read())
        if path.exists() and path.read_text(encoding="utf-8") == text:
            return False
        fresh = path.with_name(f".{path.name}.{os.getpid()}")
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(path)
        return True


def as_yaml(rows: Sequence[Row]) -> str:
    """The file's text: each question once."""
    asked: dict[tuple[str, str], dict[str, Any]] = {}
    outside: dict[str, str] = {}
    for row in rows:
        if row.verdict == "procedure":
            one = {"text": row.text, "procedure": row.procedure, "aspects": row.aspects or []}
            asked.setdefault((row.procedure, row.plain), one)
        elif row.verdict == "out_of_scope":
            outside.setdefault(row.plain, row.text)
    data = {"questions": list(asked.values()), "out_of_scope": list(outside.values())}
    return _HEAD + yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=100)
