"""The questions about the citizen's own case, down to the checklist, for every full entry."""

from __future__ import annotations

import copy
from collections.abc import Iterator

import pytest

from actions.cases import told_of
from procedures_catalog import Catalog, Procedure
from procedures_catalog.facts import MAX_QUESTIONS, applies
from tests.actions.talk import Talk

BIRTH, RESIDENCE = "dang-ky-khai-sinh", "dang-ky-thuong-tru"
SKIP = "Không rõ, xem tất cả"


def walks(talk: Talk) -> Iterator[Talk]:
    """Every conversation that tapping choices leads to, down to its checklist."""
    if talk.loop is None:
        yield talk
        return
    for title in [button["title"] for button in talk.replies[-1]["buttons"]]:
        if title != SKIP:
            further = copy.deepcopy(talk)
            further.tap(title)
            yield from walks(further)


def asked_for_papers(key: str) -> Talk:
    talk = Talk()
    talk.press(f"ask?procedure={key}&aspect=documents")
    return talk


def lines_of(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("• ")]


def is_line_of(line: str, row) -> bool:
    rest = line.removeprefix(f"• {row.name}")
    return rest != line and rest[:1] in ("", ":", ",", " ")


def test_every_combination_leads_to_its_own_checklist(catalog: Catalog) -> None:
    lists = 0
    for procedure in (p for p in catalog if p.completeness == "full" and p.cases):
        for talk in walks(asked_for_papers(procedure.id)):
            lists += 1
            answers = talk.slots["case_answers"] or {}
            assert len(answers) <= MAX_QUESTIONS
            reply = talk.replies[-1]
            assert (reply["kind"], reply["procedure"], reply["aspects"]) == (
                "answer",
                procedure.id,
                ["documents"],
            )
            check_list(procedure, answers, reply["text"])
    assert lists > 300


def check_list(procedure: Procedure, answers: dict[str, str], text: str) -> None:
    """The papers of the case, all of them, none that contradicts it, each with its form."""
    told = lines_of(text)
    wanted = [row for row in procedure.documents if applies(row.when, answers)]
    assert len(told) == len(wanted), (procedure.id, answers)
    for line, row in zip(told, wanted, strict=True):
        assert is_line_of(line, row), (procedure.id, answers, line)
        form = next((f for f in procedure.forms if f.id == row.form), None)
        assert (row.form is None) == (form is None), f"{procedure.id}: {row.form} is no form of the entry"
        if form and form.number:
            assert line.endswith(form.number), line
        assert ("(nếu cần)" in line) >= row.optional
        for count, word in ((row.originals, "bản chính"), (row.copies, "bản sao")):
            if count and not row.present:
                assert f"{count} {word}" in line, line
    labels = {case.id: {c.id: c.label for c in case.choices} for case in procedure.cases}
    deciding = {key for row in procedure.documents for key in row.when or {}}
    for case, choice in answers.items():
        if case in deciding:
            assert labels[case][choice].casefold() in text.casefold()


def test_questions_come_in_the_entrys_order_and_only_when_they_decide(catalog: Catalog) -> None:
    for procedure in (p for p in catalog if p.completeness == "full" and p.cases):
        order = [case.id for case in procedure.cases]
        for talk in walks(asked_for_papers(procedure.id)):
            answers = talk.slots["case_answers"] or {}
            assert list(answers) == sorted(answers, key=order.index), procedure.id
            for case in (c for c in procedure.cases if c.id in answers):
                assert applies(case.when, answers), f"{procedure.id}: {case.id} did not concern them"


def test_without_cases_the_papers_are_told_at_once(catalog: Catalog) -> None:
    for procedure in (p for p in catalog if p.completeness == "full" and not p.cases and p.documents):
        talk = asked_for_papers(procedure.id)
        assert talk.kinds == ["answer"]
        assert talk.loop is None
        assert len(lines_of(talk.text)) == len(procedure.documents)


def test_only_the_papers_ask_for_the_case(catalog: Catalog) -> None:
    for aspect in ("fee", "time", "place", "method", "overview"):
        talk = Talk()
        talk.press(f"ask?procedure={BIRTH}&aspect={aspect}")
        assert (talk.kinds, talk.loop) == (["answer"], None)


def test_answered_in_words_without_marks_and_by_number(talk: Talk) -> None:
    talk.ask("dang ky khai sinh can giay to gi", "documents")
    assert talk.say("co giay chung sinh", "name_procedure")["kind"] == "question"
    assert talk.slots["case_answers"] == {"tinh-trang-be": "binh-thuong"}
    reply = talk.say("2", "pick_option")
    assert talk.slots["case_answers"]["nguoi-di-lam"] == "uy-quyen"
    assert "Văn bản ủy quyền" in reply["text"]
    assert talk.loop is None


@pytest.mark.parametrize(
    ("how", "intent"), [(SKIP, None), ("tôi không biết", "dont_know"), ("bỏ qua đi", "skip_cases")]
)
def test_who_cannot_tell_gets_the_papers_of_all_cases(
    talk: Talk, catalog: Catalog, how: str, intent: str
) -> None:
    talk.press(f"ask?procedure={BIRTH}&aspect=documents")
    reply = talk.say(how, intent) if intent else talk.tap(how)
    assert talk.kinds == ["answer"]
    assert talk.loop is None
    text = reply["text"].casefold()
    assert [d.name for d in catalog.get(BIRTH).documents if d.name.casefold() not in text] == []


def test_long_lists_for_who_cannot_tell_are_folded_until_they_are_wanted(
    talk: Talk, catalog: Catalog
) -> None:
    talk.press("ask?procedure=dang-ky-thuong-tru&aspect=documents")
    short = talk.say("không rõ", "dont_know")
    whole = talk.tap("Xem đủ")
    assert len(short["text"]) < 900 < len(whole["text"])
    assert len(lines_of(whole["text"])) == len(catalog.get("dang-ky-thuong-tru").documents)
    talk.press("ask?procedure=dang-ky-thuong-tru&aspect=documents")
    talk.say("không rõ", "dont_know")
    assert talk.say("xem đủ", "show_more")["text"] == whole["text"]
    assert (
        "Hợp đồng, văn bản cho thuê"
        in talk.press("choose_case?procedure=dang-ky-thuong-tru&case=cho-o&choice=thue-muon")["text"]
    )


def test_what_is_told_before_it_is_asked_is_kept(talk: Talk) -> None:
    first = talk.press("ask?procedure=dang-ky-tam-tru&aspect=documents") and talk.replies[-1]
    again = talk.say("nhà thuê", "out_of_scope")
    assert again["text"].endswith("Anh/chị đăng ký tạm trú theo cách nào ạ?")
    assert again["buttons"] == first["buttons"]
    papers = talk.tap("Cá nhân, hộ gia đình tự đăng ký")
    assert (talk.kinds, talk.loop) == (["answer"], None)
    assert "nhà thuê" in papers["text"]


@pytest.mark.parametrize("said", ["2", "không", "có ạ"])
def test_a_bare_word_answers_no_question_that_was_not_asked(said: str, catalog: Catalog) -> None:
    assert told_of(catalog.get("dang-ky-lai-khai-sinh").cases, said) == {}


def test_skipping_the_second_question_ends_it_as_well(talk: Talk) -> None:
    talk.press(f"ask?procedure={BIRTH}&aspect=documents")
    talk.tap("Có giấy chứng sinh")
    talk.tap(SKIP)
    assert (talk.kinds, talk.loop) == (["answer"], None)


def test_another_question_in_between_is_answered_and_the_case_asked_again(talk: Talk) -> None:
    talk.press(f"ask?procedure={BIRTH}&aspect=documents")
    talk.tap("Có giấy chứng sinh")
    talk.ask("mất phí không", "fee")
    assert [(r["kind"], r["aspects"]) for r in talk.replies] == [
        ("answer", ["fee"]),
        ("question", ["documents"]),
    ]
    assert talk.slots["case_answers"] == {"tinh-trang-be": "binh-thuong"}
    assert talk.say("bố mẹ đi", "name_procedure")["aspects"] == ["documents"]


def test_the_opening_hours_in_between(talk: Talk) -> None:
    talk.press(f"ask?procedure={BIRTH}&aspect=documents")
    talk.say("mấy giờ mở cửa", "opening_hours")
    assert talk.kinds == ["notice", "question"]


def test_what_is_no_choice_is_asked_again_in_other_words(talk: Talk) -> None:
    talk.press(f"ask?procedure={BIRTH}&aspect=documents")
    first = talk.replies[-1]
    again = talk.say("màu xanh lá", "name_procedure")
    assert (talk.kinds, again["buttons"]) == (["question"], first["buttons"])
    assert again["text"] != first["text"]
    assert not talk.slots["case_answers"]


def test_another_procedure_leaves_the_questions_behind(talk: Talk) -> None:
    talk.press(f"ask?procedure={BIRTH}&aspect=documents")
    talk.tap("Có giấy chứng sinh")
    reply = talk.ask("đăng ký kết hôn lệ phí bao nhiêu", "fee")
    assert (talk.kinds, reply["procedure"], talk.loop) == (["answer"], "dang-ky-ket-hon", None)
    assert not talk.slots["case_answers"]


def test_an_old_button_of_another_procedure_answers_for_that_one(talk: Talk) -> None:
    """Entries share ids of cases: what was tapped there says nothing about the one that is asked now."""
    talk.press(f"ask?procedure={BIRTH}&aspect=documents")
    talk.press(f"choose_case?procedure={RESIDENCE}&case=cho-o&choice=thue-muon")
    assert [reply["procedure"] for reply in talk.replies] == [RESIDENCE]
    assert talk.slots["case_answers"] == {"cho-o": "thue-muon"}
    talk.press(f"ask?procedure={BIRTH}&aspect=documents")
    talk.press("choose_case?procedure=khai-tu-khong-co&case=tinh-trang-be&choice=bi-bo-roi")
    assert (talk.slots["case_answers"] or {}).get("tinh-trang-be") is None


def test_the_same_case_of_another_procedure_is_not_taken_over(catalog: Catalog) -> None:
    shared: dict[str, list[Procedure]] = {}
    for procedure in catalog:
        if (papers := asked_first(procedure)) is not None:
            shared.setdefault(papers, []).append(procedure)
    pairs = [(key, rows[0], rows[1]) for key, rows in shared.items() if len(rows) > 1]
    assert pairs
    for key, first, second in pairs:
        talk = asked_for_papers(first.id)
        choice = next(c for c in second.cases if c.id == key).choices[0]
        talk.press(f"choose_case?procedure={second.id}&case={key}&choice={choice.id}")
        assert talk.slots["procedure"] == second.id
        assert {reply["procedure"] for reply in talk.replies} == {second.id}


def asked_first(procedure: Procedure) -> str | None:
    from procedures_catalog.facts import open_questions

    questions = open_questions(procedure, ["documents"], {})
    return questions[0].id if questions else None


@pytest.mark.parametrize("payload", ["case=khong-co&choice=x", "case=tinh-trang-be&choice=khong-co", ""])
def test_a_choice_that_no_entry_has_does_no_harm(talk: Talk, payload: str) -> None:
    talk.press(f"choose_case?procedure={BIRTH}&{payload}".rstrip("&"))
    assert talk.kinds == ["question"]
    assert not talk.slots["case_answers"]


def test_a_checklist_is_told_once_and_remembered(talk: Talk) -> None:
    talk.press(f"ask?procedure={BIRTH}&aspect=documents")
    talk.tap("Có giấy chứng sinh")
    talk.tap("Cha mẹ, ông bà, người thân")
    assert talk.kinds == ["answer"]
    again = talk.ask("nhắc lại giấy tờ giúp em", "documents")
    assert talk.kinds == ["answer"], "the case is known, so it is not asked again"
    assert "Giấy chứng sinh" in again["text"]
    assert "bỏ rơi" not in again["text"]


def test_yes_and_no_answer_a_question_of_two_choices(catalog: Catalog) -> None:
    asked = 0
    for procedure in catalog:
        for talk in [asked_for_papers(procedure.id)] if asked_first(procedure) else []:
            case = next(c for c in procedure.cases if c.id == asked_first(procedure))
            no = [c.id for c in case.choices if c.label.casefold().split()[0] in ("không", "chưa")]
            if len(case.choices) == 2 and len(no) == 1:
                asked += 1
                talk.say("dạ không ạ", "deny")
                assert talk.slots["case_answers"][case.id] == no[0], procedure.id
    assert asked > 3


def test_another_matter_is_no_answer_to_a_case_question(talk: Talk) -> None:
    talk.press("ask?procedure=cap-lai-giay-ho-kinh-doanh&aspect=documents")
    assert talk.loop == "case_form"
    reply = talk.say("đổi tên quán", "name_procedure", confidence=0.36)
    assert reply["kind"] == "choice" and "thay-doi-ho-kinh-doanh" in str(reply["buttons"])
