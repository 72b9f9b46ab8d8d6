"""Vietnamese as people type it: folding, Telex and VNI repair, short forms, tokens, clauses.

Pure functions over strings; they never raise on any text. `vietnamese.noise` makes such text for evaluation.
"""

from __future__ import annotations

from vietnamese.clauses import Clause, clauses
from vietnamese.fuzzy import closest, one_slip
from vietnamese.greeting import without_greeting
from vietnamese.keyboard import decode_telex, decode_vni
from vietnamese.noise import VARIANTS, make_variant
from vietnamese.places import without_places
from vietnamese.questions import asks, questions
from vietnamese.syllables import canonical as canonical_tone
from vietnamese.syllables import is_syllable, looks_like_syllable
from vietnamese.text import clean, fold, nfc
from vietnamese.tokens import Token, normalize, normalize_accented, tokenize

__all__ = [
    "VARIANTS",
    "Clause",
    "Token",
    "asks",
    "canonical_tone",
    "clauses",
    "clean",
    "closest",
    "decode_telex",
    "decode_vni",
    "fold",
    "is_syllable",
    "looks_like_syllable",
    "make_variant",
    "nfc",
    "normalize",
    "normalize_accented",
    "one_slip",
    "questions",
    "tokenize",
    "without_greeting",
    "without_places",
]
