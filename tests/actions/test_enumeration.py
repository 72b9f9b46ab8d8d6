"""Somebody guesses codes and proofs by the ten thousand: nobody's data comes out, and the throttle holds.

The pages are guessed at in tests/bot/desk, the real stack in tests/end_to_end; together 100,000 guesses.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count, islice

import pytest
from sqlalchemy import delete, event, select

from actions.bootstrap import Services
from actions.texts import Texts
from dossiers import lookup
from dossiers.models import Access, Applicant, Dossier, Kind, ThrottleWindow
from dossiers.proof import prove
from dossiers.throttle import DEFAULT_LIMITS, Caller
from tests.actions.talk import Talk

LOOKUPS, PROOFS, TALKS = 90_000, 6_000, 200
DOSSIERS = 40
# An hour of its own: what is counted here leaves the other tests alone.
NOW = datetime(2026, 11, 20, 3, 0)
DAY = "261019"


def code_of(number: int) -> str:
    return f"H99.10.01.07-{DAY}-{number:04d}"


def phone_of(number: int) -> str:
    return f"0000{700_000 + number * 7}"


@pytest.fixture(scope="module")
def secrets(s: Services) -> Iterator[list[str]]:
    """Some dossiers among the codes that are guessed, each with words of its own; all those words."""
    told = []
    with s.database.write() as session:
        kind = Kind(procedure_name="Thủ tục bị dò", agency="Công an", department="Bộ phận Kín Kẽ")
        for n in range(DOSSIERS):
            applicant = Applicant(
                name=f"Đoàn Dò Ra {n}",
                phone=phone_of(n),
                personal_number=f"0993007{n:05d}",
                address=f"Hẻm Vắng {n}",
            )
            hidden = {"missing_papers": f"Giấy Kín {n}", "late_reason": f"Vì Lẽ Riêng {n}"}
            dossier = Dossier(
                code=code_of(n * 100), kind=kind, status=5, status_since=NOW, received_at=NOW, updated_at=NOW,
                due_at=NOW, applicant=applicant, **hidden,
            )  # fmt: skip
            session.add(dossier)
            told += ["Đoàn Dò", "Đ*** D***", applicant.phone, applicant.personal_number, *hidden.values()]
    yield [*told, "Hẻm Vắng", "Bộ phận Kín Kẽ"]
    with s.database.write() as session:
        for dossier in session.scalars(select(Dossier).where(Dossier.code.like(f"H99.10.01.07-{DAY}-%"))):
            session.delete(dossier)
        session.execute(delete(ThrottleWindow))


def codes() -> Iterator[str]:
    """One after the other, as somebody would who reads how codes are made; some of them exist."""
    for n in count():
        yield code_of(n % 10_000)


def found_in(text: str, secrets: list[str]) -> list[str]:
    return [secret for secret in dict.fromkeys(secrets) if secret in text]


def test_every_code_of_every_day_tells_nothing_about_anybody(s: Services, secrets: list[str]) -> None:
    texts, seen, there = Texts(), set(), 0
    with s.database.read() as session:
        for code in islice(codes(), LOOKUPS):
            status = lookup(session, code, NOW, s.calendar)
            if status is not None and code not in seen:
                seen.add(code)
                assert found_in(repr(status) + texts.say("dossiers", "status", status), secrets) == []
            there += status is not None
    assert len(seen) == DOSSIERS
    assert there == sum(1 for code in islice(codes(), LOOKUPS) if code in seen)


def test_right_proofs_too_are_refused_once_too_many_were_tried(s: Services, secrets: list[str]) -> None:
    """Each guess comes from another person in another network, as nobody stops anybody from being many."""
    hasty = event.listens_for(s.database.engine, "connect")(
        lambda c, _: c.execute("PRAGMA synchronous = OFF")
    )
    s.database.engine.dispose()
    given = 0
    try:
        for n in range(PROOFS):
            number = n % DOSSIERS
            late = n >= DEFAULT_LIMITS.in_all + DEFAULT_LIMITS.newcomers
            # Until the limit nobody hits by chance; from then on everybody knows the right digits.
            proof = phone_of(number)[-6:] if late else f"{n:06d}"
            caller = Caller(f"web:{n}", f"network {n}")
            given += prove(s.database, caller, code_of(number * 100), proof, NOW) is not None
    finally:
        event.remove(s.database.engine, "connect", hasty)
        s.database.engine.dispose()
    assert given == 0
    with s.database.read() as session:
        kept = " ".join(session.scalars(select(ThrottleWindow.key)))
        assert found_in(kept, secrets) == [] and DAY not in kept
        assert session.scalar(select(Access).where(Access.code.like(f"H99.10.01.07-{DAY}-%"))) is None
    # The hour is over: whoever it belongs to gets in again.
    later = NOW + timedelta(hours=1)
    assert prove(s.database, Caller("web:owner"), code_of(0), phone_of(0)[-6:], later) is not None


def test_in_the_chat_guesses_tell_nothing(s: Services, secrets: list[str]) -> None:
    with s.database.write() as session:
        session.execute(delete(ThrottleWindow))
    said = []
    for n in range(TALKS):
        talk, code = Talk(), code_of(n * 10)
        for words in (
            f"hồ sơ {code}",
            f"chi tiết hồ sơ {code}, số cuối {n:06d}",
            "123456",
            "hồ sơ đó đứng tên ai",
        ):
            intent = "dossier_status" if words.startswith("hồ sơ H") else "dossier_details"
            talk.say(words, intent)
            said.append(talk.text + str(talk.slots))
    assert found_in("\n".join(said), secrets) == []
    # And one who tries on: the right digits do not help any more.
    talk = Talk()
    for _ in range(DEFAULT_LIMITS.per_person):
        talk.press(f"dossier_details?dossier={code_of(0)}")
        talk.say("111111", "rate")
    talk.press(f"dossier_details?dossier={code_of(0)}")
    assert "Không đối chiếu được" in talk.say(phone_of(0)[-6:], "rate")["text"]
