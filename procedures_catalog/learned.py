"""What a centre's people asked and what they meant (``centre/learned/questions.yml``), approved by its leads.

The desk writes it from its database; whoever edits it by hand loses that with the next approval. Search
takes the questions in as further wordings of their procedures at once, with no training::

    questions:
    - {text: lam ghe cho be, procedure: dang-ky-khai-sinh, aspects: [documents]}
    out_of_scope:
    - mua vé máy bay
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from procedures_catalog.errors import EntryError
from procedures_catalog.loading import read_yaml, schema_fault
from procedures_catalog.model import Id, Row, Text


class Question(Row):
    """What somebody wrote, redacted, and the procedure and aspects that were meant."""

    text: Text
    procedure: Id
    aspects: list[Text] = []


class Learned(Row):
    """The whole file. ``out_of_scope``: what is none of the centre's business."""

    questions: list[Question] = []
    out_of_scope: list[Text] = []


def read_learned(path: Path | None) -> tuple[dict[str, list[str]], list[EntryError]]:
    """(The questions by the id of their procedure, what is wrong); nothing when there is no file."""
    if path is None or not path.exists():
        return {}, []
    try:
        learned = msgspec.convert(read_yaml(path), Learned)
    except EntryError as error:
        return {}, [error]
    except msgspec.ValidationError as error:
        return {}, [schema_fault(path, error, "file")]
    found: dict[str, list[str]] = {}
    for question in learned.questions:
        found.setdefault(question.procedure, []).append(question.text)
    return found, []
