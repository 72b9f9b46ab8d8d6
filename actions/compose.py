"""The answer about a procedure, aspect by aspect, from the entry's fields and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from actions.bootstrap import Services
from actions.premises import confirmed
from actions.reply import Reply, button, reply
from actions.said_there import SaidThere
from actions.sections import SECTIONS, at_a_glance, choices_of
from procedures_catalog import Procedure
from procedures_catalog.facts import (
    Answers,
    applies,
    case_labels,
    laws_for,
    open_questions,
)
from procedures_catalog.model import Case, Document

# The field of an entry that an aspect is answered from.
FIELD_OF_ASPECT = {
    "documents": "documents",
    "forms": "forms",
    "fee": "fees",
    "time": "processing_time",
    "place": "submit_at",
    "method": "steps",
    "online": "channels",
    "legal_basis": "legal_basis",
    "eligibility": "eligibility",
    "result": "result",
    "agency": "agency",
}
NEXT_ASPECTS = ("documents", "fee", "time", "place", "online", "forms")
MAX_BUTTONS = 5
BASES_IN_FOOTER = 3
# What an entry notes first is mostly which paper is no longer wanted, or which rules are about to change; how
# long a paper is good for and how much a benefit is stand among the notes as well.
NOTES_TOLD = {"overview": 1, "documents": 1, "eligibility": 9, "result": 9}
# Papers of all cases in more characters than this are folded behind a button that carries the choice below.
ONE_SCREEN = 900
IN_FULL = "all"


def answer(
    procedure: Procedure, aspects: Sequence[str], answers: Answers, services: Services, asked: str = ""
) -> Reply:
    """One reply with a section per aspect; what the entry does not hold is said to be missing.

    ``asked``: what the citizen wrote, so that what is taken for true in it is confirmed or put right first.
    """
    say = services.texts.say
    aspects = list(aspects) or ["overview"]
    sections = [
        *confirmed(procedure, aspects, answers, services, asked),
        say("answers", "heading", procedure),
    ]
    missing: list[str] = []
    # Papers first, then what it costs, how long and where; in whatever order it was asked.
    for aspect in sorted(aspects, key=["overview", *FIELD_OF_ASPECT].index):
        if aspect != "overview" and not getattr(procedure, FIELD_OF_ASPECT[aspect]):
            missing.append(say("choices", "aspect_words", aspect))
            continue
        sections.append(SECTIONS[aspect](procedure, answers, services))
    if missing:
        sections.append(say("answers", "gap", missing))
        if "place" in aspects and not procedure.submit_at and procedure.agency and "agency" not in aspects:
            sections.append(SECTIONS["agency"](procedure, answers, services))
    if notes := _notes(procedure, aspects):
        sections.append(say("answers", "note", notes))
    sections.append(_footer(procedure, services))
    return reply(
        "answer",
        "\n\n".join(section for section in sections if section),
        buttons=next_buttons(procedure, aspects, missing, services),
        links=_links(procedure, aspects),
        procedure=procedure,
        aspects=aspects,
        with_sources=True,
    )


def answer_lines(procedure: Procedure, there: SaidThere, services: Services) -> Reply:
    """What the entry says about a detail, and nothing more of it."""
    say = services.texts.say
    told = say("answers", "said_there", there.lines)
    parts = (say("answers", "heading", procedure), told, _footer(procedure, services))
    return reply(
        "answer",
        "\n\n".join(part for part in parts if part),
        buttons=next_buttons(procedure, [], [], services),
        procedure=procedure,
        aspects=[there.aspect],
        with_sources=True,
    )


def gist(procedure: Procedure, answers: Answers, services: Services) -> Reply:
    """Fee, time and place in a line each, for who found the answer too long."""
    text = services.texts.say("answers", "gist", procedure, *at_a_glance(procedure, answers, services))
    buttons = next_buttons(procedure, [], [], services)
    return reply(
        "answer", text, buttons=buttons, procedure=procedure, aspects=["overview"], with_sources=True
    )


def _notes(procedure: Procedure, aspects: Sequence[str]) -> list[str]:
    if "overview" in aspects and procedure.completeness != "listed":
        return []  # it holds the first one itself
    return procedure.notes[: max(NOTES_TOLD.get(aspect, 0) for aspect in aspects)]


def _footer(procedure: Procedure, services: Services) -> str:
    """The first legal texts that are still in force. Source and day of the check go beside the text: each
    channel shows them in its own way."""
    return services.texts.say("answers", "footer", procedure, _basis(procedure, services)[:BASES_IN_FOOTER])


def _basis(procedure: Procedure, services: Services) -> list[str]:
    """The numbers of the legal texts in force."""
    return [row.number for row in laws_for(procedure, services.today)]


def told_by(procedure: Procedure, services: Services) -> str:
    """Where what is told of a procedure comes from."""
    basis = _basis(procedure, services)
    more = max(0, len(basis) - BASES_IN_FOOTER)
    return services.texts.say("answers", "sources", procedure, basis[:BASES_IN_FOOTER], more)


def next_buttons(
    procedure: Procedure, aspects: Sequence[str], missing: Sequence[str], services: Services
) -> list[dict[str, str]]:
    """What is usually asked next, as far as the entry knows it; a person where it does not."""
    say = services.texts.say
    buttons = [
        button(say("choices", "aspect", aspect), "ask", procedure=procedure.id, aspect=aspect)
        for aspect in NEXT_ASPECTS
        if aspect not in aspects and getattr(procedure, FIELD_OF_ASPECT[aspect])
    ]
    if missing:
        buttons.insert(0, button(say("choices", "person"), "talk_to_person"))
    return buttons[:MAX_BUTTONS]


def _links(procedure: Procedure, aspects: Sequence[str]) -> list[dict[str, str]]:
    links = [
        {"title": form.name, "url": form.url} for form in procedure.forms if form.url and "forms" in aspects
    ]
    online = next((c for c in procedure.channels if c.channel == "online" and c.url), None)
    if online and online.url and {"online", "overview", "method"} & set(aspects):
        links.append({"title": online.url.removeprefix("https://"), "url": online.url})
    return links


def case_question(
    procedure: Procedure, aspects: Sequence[str], answers: Answers, services: Services, *, again: bool
) -> Reply | None:
    """The next question about the citizen's case, with a button per choice; None when all is told."""
    questions = open_questions(procedure, aspects, answers)
    if not questions:
        return None
    case = questions[0]
    say = services.texts.say
    text = (
        say("choices", "case_again", case.question)
        if again
        else say("choices", "case_question", case.question, first=not answers)
    )
    buttons = _buttons_of(procedure, case)
    buttons.append(button(say("choices", "skip"), "skip_cases", procedure=procedure.id))
    return reply("question", text, buttons=buttons, procedure=procedure, aspects=aspects)


def every_case(procedure: Procedure, services: Services, *, in_full: bool = False) -> Reply:
    """All papers, by case, for who cannot tell which case is theirs. What would fill more than a phone's
    screen is told at a glance first, with a button for each case and one for all of it."""
    say = services.texts.say
    forms = {form.id: form for form in procedure.forms}
    always = [row for row in procedure.documents if applies(row.when, {})]
    groups: dict[str, list[Document]] = {}
    for row in procedure.documents:
        if row.when:
            groups.setdefault(str(row.when), []).append(row)
    by_case = [(choices_of(procedure, rows[0].when or {}), rows) for rows in groups.values()]
    heading, footer = say("answers", "heading", procedure), _footer(procedure, services)
    parts = [say("answers", "documents", procedure, always, forms, [], True)]
    parts += [say("answers", "documents", procedure, rows, forms, chosen, False) for chosen, rows in by_case]
    buttons = next_buttons(procedure, ["documents"], [], services)
    if not in_full and sum(map(len, parts)) > ONE_SCREEN:
        case = open_questions(procedure, ["documents"], {})[0]
        glance = say("answers", "papers_by_case", always, _by_choice(procedure, case))
        parts = [glance if len(glance) <= ONE_SCREEN else say("answers", "papers_by_case", always, [])]
        whole = button(say("choices", "see_all"), "skip_cases", procedure=procedure.id, choice=IN_FULL)
        buttons = [whole, *_buttons_of(procedure, case)]
    return reply(
        "answer",
        "\n\n".join(part for part in (heading, *parts, footer) if part),
        buttons=buttons,
        procedure=procedure,
        aspects=["documents"],
        with_sources=True,
    )


def _buttons_of(procedure: Procedure, case: Case) -> list[dict[str, str]]:
    """A button for each choice of a case."""
    return [
        button(choice.label, "choose_case", procedure=procedure.id, case=case.id, choice=choice.id)
        for choice in case.choices
    ]


def _by_choice(procedure: Procedure, case: Case) -> list[tuple[str, list[str]]]:
    """The papers of each choice of ``case`` by name, then those of other cases."""
    lines: dict[str, list[str]] = {}
    for choice in case.choices:
        for row in procedure.documents:
            wanted = (row.when or {}).get(case.id)
            if wanted and applies({case.id: wanted}, {case.id: choice.id}):
                lines.setdefault(choice.label, []).append(row.name)
    for row in procedure.documents:
        if row.when and case.id not in row.when:
            label = "; ".join(case_labels(procedure, row.when, {}))
            lines.setdefault(label, []).append(row.name)
    return list(lines.items())
