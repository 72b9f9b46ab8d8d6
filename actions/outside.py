"""What is not the catalogue's, and what is too little to tell: told apart before anything is answered."""

from __future__ import annotations

import math
import re
import unicodedata

from actions.turn import Turn
from procedures_catalog.phrasing import phrasing
from procedures_catalog.search import Finding, Ranker
from vietnamese import is_syllable, normalize

# What each sign adds to the log-odds that a message is about the catalogue's matters: the log-odds of what
# search and the engine say of it, and whether a whole name stands in it. Fitted by logistic regression on
# messages whose family neither had seen (docs/decisions/0009-what-is-not-ours.md).
BIAS = -0.40
NAMED, ELSEWHERE, SCORE, CALLED, REFUSAL, QUESTION = 0.32, -0.29, 0.37, 0.74, -0.58, 0.34
# No sign is surer than one in a hundred.
_SUREST = 0.99
# Below these probabilities a message is turned down: when it names something, or something is talked of; when
# it names nothing. From the last on, facts may be told.
OURS_NAMED, OURS_UNNAMED, OURS_SURELY = 0.45, 0.8, 0.6
# Where search is as sure as this in all it says, nothing else counts: of few words the engine knows little.
PLAINLY = 0.96

# A word in the names of so many procedures is a thing ("xe", "đất"), not one procedure.
THING_OF = 5
# A message of fewer words is in no language; of an English one at least this share is English.
LEAST_ENGLISH, ENGLISH = 3, 0.7


def is_but_a_thing(text: str, ranker: Ranker) -> bool:
    """Whether a message names but a thing that many procedures are about, and not what to do with it."""
    words = normalize(text).split()
    left = words if len(words) == 1 else phrasing().without(words, "around_a_thing")
    return len(left) == 1 and ranker.named_by(left[0]) >= THING_OF


def is_in_another_script(text: str) -> bool:
    """Whether nothing of the message is in Latin letters, although it has letters."""
    letters = [character for character in text if character.isalpha()]
    return bool(letters) and not any("LATIN" in unicodedata.name(letter, "") for letter in letters)


def is_in_english(text: str) -> bool:
    """Whether a message of some words is English: most of them are, and some are no syllables of ours."""
    if any(unicodedata.decomposition(letter) or letter in "đĐ" for letter in text):
        return False
    words = re.findall(r"[a-z']+", text.lower())
    known = phrasing().phrases("english")
    english = [word for word in words if word in known]
    foreign = {word for word in words if not is_syllable(word)}
    surely = sum(word in foreign for word in english)
    most = sum(word in known or word in foreign for word in words)
    return len(words) >= LEAST_ENGLISH and surely >= 2 and most >= ENGLISH * len(words)


def ours(turn: Turn, found: Finding, called: bool) -> float:
    """Probability that a typed message is about the catalogue's matters; ``called``: it holds a name."""
    score = found.hits[0].score if found.hits else 0.0
    plainly = min(found.named, found.familiar, max(score, found.event_score if found.event else 0.0))
    if plainly >= PLAINLY:
        return plainly
    signs = (
        (NAMED, found.named),
        (ELSEWHERE, found.elsewhere),
        (SCORE, score),
        (REFUSAL, turn.refusal),
        (QUESTION, turn.question),
    )
    odds = BIAS + CALLED * called + sum(weight * _log_odds(sign) for weight, sign in signs)
    return 1.0 / (1.0 + math.exp(-odds))


def _log_odds(probability: float) -> float:
    bounded = min(max(probability, 1.0 - _SUREST), _SUREST)
    return math.log(bounded / (1.0 - bounded))
