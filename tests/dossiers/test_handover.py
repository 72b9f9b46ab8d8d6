from __future__ import annotations

from datetime import UTC, datetime

from dossiers import Database, list_handovers, record_handover
from dossiers.handover import MAX_TEXT


def test_requests_are_kept_in_order_with_their_number(database: Database) -> None:
    with database.write() as session:
        first = record_handover(
            session, "web:a", "web", "asked", "cho em gặp người", now=datetime(2026, 11, 20, 8, 0)
        )
        second = record_handover(session, "zalo:7", "zalo", "unsure", "?", contact="0000123456")
    assert first != second
    with database.read() as session:
        waiting = list_handovers(session)
        assert [request.id for request in waiting] == [first, second]
        assert (waiting[0].conversation, waiting[0].reason, waiting[0].text) == (
            "web:a",
            "asked",
            "cho em gặp người",
        )
        assert (waiting[0].state, waiting[0].created_at) == ("waiting", datetime(2026, 11, 20, 8, 0))
        assert waiting[1].contact == "0000123456"


def test_only_the_wanted_state_is_listed(database: Database) -> None:
    with database.write() as session:
        record_handover(session, "web:a", "web", "asked", "")
        closed = record_handover(session, "web:b", "web", "asked", "")
        list_handovers(session)[-1].state = "closed"
    with database.read() as session:
        assert [request.id for request in list_handovers(session, "closed")] == [closed]
        assert len(list_handovers(session, state=None)) == 2
        assert len(list_handovers(session, state=None, limit=1)) == 1


def test_what_a_citizen_wrote_is_kept_whatever_it_is(database: Database) -> None:
    wild = "\0Ạ'; DROP TABLE handover_requests; --\n😀" + "x" * 10_000
    with database.write() as session:
        record_handover(session, "web:a", "web", "asked", wild)
    with database.read() as session:
        [request] = list_handovers(session)
    assert request.text == wild.replace("\0", "")[:MAX_TEXT]


def test_times_are_viet_nams(database: Database) -> None:
    with database.write() as session:
        record_handover(session, "web:a", "web", "asked", "", now=datetime(2026, 11, 20, 18, 30, tzinfo=UTC))
    with database.read() as session:
        assert list_handovers(session)[0].created_at == datetime(2026, 11, 21, 1, 30)
