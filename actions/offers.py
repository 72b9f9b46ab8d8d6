"""Replies that offer something: procedures to choose from, what is not known, what took another's place."""

from __future__ import annotations

from collections.abc import Sequence

from actions.bootstrap import Services
from actions.compose import answer_lines, gist, next_buttons
from actions.decision import MAX_OFFERED, Decision
from actions.middle import LEANING, context, short
from actions.premises import put_right
from actions.reply import MAX_TITLE, Reply, button, reply
from actions.said_there import said_there
from actions.turn import Turn, guessed, unsure
from procedures_catalog import Procedure
from procedures_catalog.phrasing import phrasing
from vietnamese import normalize


def offer(procedures: list[Procedure], aspects: list[str], s: Services, text: str | None = None) -> Reply:
    """Which of these? With a button each, and a person."""
    buttons = [button(short_name(p), "choose_procedure", procedure=p.id, aspect=aspects) for p in procedures]
    buttons.append(button(s.texts.say("choices", "person"), "talk_to_person"))
    if text is None and len(procedures) == 1:
        text = s.texts.say("choices", "is_it", short_name(procedures[0]))
    return reply(
        "choice", text or s.texts.say("choices", "which_procedure"), buttons=buttons, aspects=aspects
    )


def also_asked(decision: Decision, aspects: list[str]) -> list[dict[str, str]]:
    """A button for each matter that the message is likely about as well."""
    return [button(short_name(p), "ask", procedure=p.id, aspect=aspects) for p in decision.beside]


def short_name(procedure: Procedure) -> str:
    """The official name where it fits on a button, else what people say."""
    name = procedure.name.removeprefix("Thủ tục ").strip()
    if len(name) > MAX_TITLE and procedure.also_called:
        name = procedure.also_called[0]
    return name[:1].upper() + name[1:]


def not_known(s: Services, which: str) -> Reply:
    """We do not know, and say so; a person can take over."""
    say = s.texts.say
    buttons = [
        button(say("choices", "person"), "talk_to_person"),
        button(say("choices", "full_list"), "list_procedures"),
    ]
    return reply("unknown", say("choices", which), buttons=buttons)


def not_in_vietnamese(s: Services) -> Reply:
    """An English message gets a line in both languages."""
    person = button(s.texts.say("choices", "person"), "talk_to_person")
    return reply("unknown", s.texts.say("notices", "only_vietnamese", s.centre), buttons=[person])


def aside(
    turn: Turn, s: Services, beside: Sequence[Procedure] = (), *, at_most: int = LEANING
) -> Reply | None:
    """A few words (``at_most`` so many) in the middle that nothing answers: what the entry says of them, or
    what can be answered of the matter talked of, and of what they may be about ``beside`` it; None when
    nothing is talked of, or much was said."""
    about = context(turn, s)
    if about is None or turn.from_button or len(normalize(turn.matter).split()) > at_most:
        return None
    if turn.intent != "pick_option" and (there := said_there(turn.matter, about)):
        return answer_lines(about, there, s)
    others = [button(short_name(p), "ask", procedure=p.id) for p in beside]
    person = button(s.texts.say("choices", "person"), "talk_to_person")
    buttons = [*next_buttons(about, [], [], s), *others, person]
    if turn.intent == "pick_option" and not unsure(turn):
        # "Cái thứ hai" with nothing to choose from: what it is about is clear, only not which item.
        return reply("choice", s.texts.say("choices", "which_item", short_name(about)), buttons=buttons)
    return reply("unknown", s.texts.say("choices", "aside", short_name(about)), buttons=buttons)


def gone(turn: Turn, s: Services) -> Reply | None:
    """What is said of a thing that no longer exists, where nothing else of the message is understood."""
    lines = [] if turn.from_button else put_right(turn.said, s)
    person = button(s.texts.say("choices", "person"), "talk_to_person")
    return reply("notice", "\n\n".join(lines), buttons=[person]) if lines else None


def shorter(turn: Turn, s: Services) -> Reply | None:
    """The gist of the matter talked of, for who says that the answers are too long."""
    about = context(turn, s)
    if about is None or not short(turn) or turn.aspects:
        return None
    wanted = phrasing().says("too_long", normalize(turn.said).split())
    return gist(about, turn.case_answers, s) if wanted else None


def guessed_aside(turn: Turn, s: Services) -> Reply | None:
    """The same, of more words too, when what was said is no more than guessed and nothing of a procedure is
    asked."""
    return aside(turn, s, at_most=2 * LEANING) if guessed(turn) else None


def replaced(old: Procedure, new: Procedure, s: Services) -> Reply:
    if old.valid_from and s.today < old.valid_from:
        until_then = s.catalog.before(old, s.today)[:MAX_OFFERED]
        text = s.texts.say("answers", "not_yet", old, until_then)
        buttons = [button(short_name(p), "ask", procedure=p.id) for p in until_then]
        return reply("answer", text, procedure=old, aspects=["overview"], buttons=buttons, with_sources=True)
    successor = new if new.id != old.id and new.in_force(s.today) else None
    text = s.texts.say("answers", "replaced", old, successor, old.valid_until)
    return reply("answer", text, procedure=old, aspects=["overview"], with_sources=True)
