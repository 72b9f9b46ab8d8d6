"""What a centre's people asked and what they meant (``centre/learned/questions.yml``), approved by its leads.

The desk writes it from its database; whoever edits it by hand loses that with the next approval. Search
takes the questions in as further wordings of their procedures at once, with no training; the next training
takes them in as examples of what is asked::

    questions:
    - {text: lam ghe cho be, procedure: dang-ky-khai-sinh, aspects: [documents]}
    out_of_scope:
    - mua vé máy bay
"""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from procedures_catalog.errors import EntryError
from procedures_catalog.loading import read_yaml, schema_fault
from procedures_catalog.model import Id, Row, Text

# What stands where a name or a number was: no word of the question.
_MASK = re.compile(r"\[[^\]\n]{0,20}\]")

# In place of a procedure's id: what is out of scope.
OUTSIDE = ""


class Question(Row):
    """What somebody wrote, redacted, and the procedure and aspects that were meant."""

    text: Text
    procedure: Id
    aspects: list[Text] = []


class Learned(Row):
    """The whole file. ``out_of_scope``: what is none of the centre's business."""

    questions: list[Question] = []
    out_of_scope: list[Text] = []

    def __bool__(self) -> bool:
        return bool(self.questions or self.out_of_scope)

    def by_procedure(self) -> dict[str, list[str]]:
        """The questions by the id of their procedure, without masks; under :data:`OUTSIDE` the others."""
        found = {OUTSIDE: [without_masks(text) for text in self.out_of_scope]} if self.out_of_scope else {}
        for question in self.questions:
            found.setdefault(question.procedure, []).append(without_masks(question.text))
        return found


def read_learned(path: Path | None) -> tuple[Learned, list[EntryError]]:
    """(What was learned, what is wrong with the file); nothing when there is no file or it is faulty."""
    if path is None or not path.exists():
        return Learned(), []
    try:
        return msgspec.convert(read_yaml(path), Learned), []
    except EntryError as error:
        return Learned(), [error]
    except msgspec.ValidationError as error:
        return Learned(), [schema_fault(path, error, "file")]


def without_masks(text: str) -> str:
    """A redacted question with nothing where a name or a number was."""
    return " ".join(_MASK.sub(" ", text).split()) or text
