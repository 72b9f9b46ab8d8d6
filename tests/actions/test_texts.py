"""Every macro of the templates renders to words that read well."""

from __future__ import annotations

import re
from datetime import date, datetime, time

import pytest
from jinja2 import UndefinedError
from msgspec.structs import replace

from actions.bootstrap import Services
from actions.texts import Texts, amount, clock, day, dong, lower_first
from actions.turn import ASPECTS
from dossiers.proof import Proven
from procedures_catalog import Catalog
from procedures_catalog.model import Duration, Fee
from tests.actions.talk import ROOT, reads_well

FOLDER = ROOT / "actions" / "texts"
MACROS = [
    (path.stem, name, arguments)
    for path in sorted(FOLDER.glob("*.j2"))
    for name, arguments in re.findall(r"{% macro (\w+)\(([^)]*)\)", path.read_text("utf-8"))
]
# Parts of other macros that may come out empty: what they stand for need not be there.
PARTS = {"counts", "channels_words", "time_line", "sample", "overview"}


@pytest.fixture(scope="module")
def values(s: Services, catalog: Catalog) -> dict[str, object]:
    """Something real for each name of an argument."""
    p = catalog.get("dang-ky-thuong-tru")
    old = next(x for x in catalog if not x.in_force(s.today))
    fee = Fee(state="amount", amount=15000, unit="bản", channels=["online"], layer="temporary",
              valid_until=date(2026, 12, 31), note="Nộp tại quầy", exemptions=["Trẻ em"])  # fmt: skip
    duration = Duration(unit="working_days", amount=2.5, channels=["in_person"], note="Tính từ ngày nhận đủ")
    with s.database.read() as session:
        status = _some_status(session, s)
    return {
        "p": p, "procedure": p, "old": old, "new": p, "until": old.valid_until, "centre": s.centre,
        "row": None, "rows": p.documents, "form": p.forms[0], "forms": {f.id: f for f in p.forms},
        "chosen": [["Nhà của chính mình", "Nhà thuê"]], "more": True, "labels": ["Trẻ em"], "apart": True,
        "names": ["lệ phí", "biểu mẫu"],
        "always": p.documents, "lines": [("Nhà thuê", ["Hợp đồng thuê"])], "note": "Chưa có quy định",
        "notes": ["Giấy có giá trị 6 tháng"],
        "basis": ["68/2020/QH14"], "papers": ["Tờ khai"], "fee_line": "miễn phí", "time_line": "7 ngày",
        "exemptions": ["Trẻ em"], "event": next(iter(catalog.life_events.values())),
        "steps": [{"name": "Đăng ký khai sinh", "note": "Trong 60 ngày", "linked": True}],
        "s": status, "code": "1.001193", "example": "H99.01-261008-0975", "count": 3, "field": "Hộ tịch",
        "name": "fee", "question": "Cho ai ạ?", "first": "Thứ Hai", "last": "Thứ Sáu", "number": 7,
        "open_now": False, "opens_next": datetime(2026, 11, 23, 7, 30), "stars": 2, "index": 6,
        "cases": [["Chưa kết hôn"], ["Có", "Không rõ"]],
        "intervals": [(time(7, 30), time(11, 30))], "days": ["Thứ Hai: nghỉ"],
        "fee": fee, "duration": duration,
        "codes": ["H99.01-261008-0975"], "most": 5, "kinds": ["phone", "personal_number"], "held": True,
        "proven": Proven("H99.01-261008-0975", 5, True, None, "T*** M***", "Tư pháp", "Tờ khai", "Bận", True),
    }  # fmt: skip


def _some_status(session, s: Services):
    from sqlalchemy import select

    from dossiers import lookup
    from dossiers.models import Dossier

    code = session.scalars(select(Dossier.code).where(Dossier.closed_at.is_(None))).first()
    return lookup(session, code, s.now, s.calendar)


def arguments_of(topic: str, macro: str, names: list[str], values: dict[str, object], s: Services) -> list:
    """Where the same name means different things in different macros."""
    special = {
        ("answers", "obsolete"): {"row": s.obsolete[0], "lead": "Không ạ"},
        ("answers", "confirmed"): {"verdict": "no", "only": "50.000 đồng"},
        ("answers", "online"): {"row": values["p"].channels[0]},
        ("answers", "document"): {"row": values["p"].documents[0]},
        ("answers", "legal_basis"): {"laws": values["p"].legal_basis},
        ("answers", "counts"): {"row": values["p"].documents[0]},
        ("answers", "fee_row"): {"row": values["fee"]},
        ("answers", "fee"): {
            "rows": [type("Line", (), {"fee": values["fee"], "labels": ["Trẻ em"], "apart": True})]
        },
        ("answers", "duration"): {"row": values["duration"]},
        ("answers", "time"): {"rows": [type("Line", (), {"duration": values["duration"], "labels": []})]},
        ("answers", "channels_words"): {"names": ["online", "post"]},
        ("answers", "not_yet"): {"p": replace(values["p"], valid_from=s.today), "until_then": values["p"]},
        ("choices", "case_question"): {"first": True},
        ("dossiers", "details"): {"late": True},
        ("notices", "closed"): {"first": "Chủ nhật", "last": "Chủ nhật"},
    }.get((topic, macro), {})
    return [{**values, **special}[name] for name in names]


@pytest.mark.parametrize(("topic", "macro", "arguments"), MACROS, ids=[f"{t}.{m}" for t, m, _ in MACROS])
def test_every_macro_renders(topic: str, macro: str, arguments: str, values: dict, s: Services) -> None:
    names = [name.strip() for name in arguments.split(",") if name.strip()]
    text = s.texts.say(topic, macro, *arguments_of(topic, macro, names, values, s))
    assert reads_well(text) or (macro in PARTS and not text), text


def test_there_are_macros_to_look_at() -> None:
    assert len(MACROS) > 60
    assert len({(topic, macro) for topic, macro, _ in MACROS}) == len(MACROS)


@pytest.mark.parametrize("macro", ["aspect", "aspect_words"])
def test_every_aspect_has_its_words(macro: str, s: Services) -> None:
    assert len({s.texts.say("choices", macro, aspect) for aspect in ASPECTS}) == len(ASPECTS)


def test_every_refusal_and_notice_has_its_words(s: Services) -> None:
    for intent in ("out_of_scope", "legal_advice", "others_data", "manipulation", "abuse", "tax", "privacy"):
        assert reads_well(s.texts.say("notices", intent, s.centre))


def test_a_missing_value_is_a_fault_and_not_an_empty_word() -> None:
    with pytest.raises(UndefinedError):
        Texts().say("notices", "centre_address")


@pytest.mark.parametrize(
    ("value", "words"), [(0, "0 đồng"), (2000, "2.000 đồng"), (1234567, "1.234.567 đồng")]
)
def test_money_is_written_as_here(value: int, words: str) -> None:
    assert dong(value) == words


@pytest.mark.parametrize(("value", "words"), [(2.5, "2,5"), (3.0, "3"), (0.5, "0,5"), (45, "45")])
def test_amounts_are_written_as_here(value: float, words: str) -> None:
    assert amount(value) == words


def test_days_and_hours_are_written_as_here() -> None:
    assert day(date(2026, 1, 5)) == "05/01/2026"
    assert clock(datetime(2026, 1, 5, 7, 5)) == "7 giờ 05"
    assert clock(time(13)) == "13 giờ"


@pytest.mark.parametrize(
    ("text", "words"),
    [("Nộp ở xã", "nộp ở xã"), ("UBND xã", "UBND xã"), ("Ở nhà", "ở nhà"), ("A", "a"), ("", "")],
)
def test_only_words_lose_their_capital(text: str, words: str) -> None:
    assert lower_first(text) == words
