"""What is told in a case's topic: who asks and what, what is said on either side, what becomes of it.

The letters of a topic are a conversation of the mailbox, ``telegram-desk:<case>``; what was told already is
kept in the same transaction, so that nothing is told twice and nothing is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, exists, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.channels.words import Words
from bot.desk.feedback import files_in
from bot.desk.promise import moment_of
from bot.desk.tables import OPEN, cases, conversations, people, topics
from bot.desk.view import BEFORE_SECONDS
from bot.mailbox import Reply, notice
from bot.mailbox import outbox as letters
from bot.mailbox.tables import inbox, outbox

CHANNEL = "telegram-desk"
# Of what was said before somebody asked for a person, so much is told.
LINES = 8
# At once, so that a flood of them holds the group up no longer than half a minute.
FILES = 10
_c, _t, _i, _o = cases.c, topics.c, inbox.c, outbox.c


def conversation_of(case_id: int) -> str:
    return f"{CHANNEL}:{case_id}"


@dataclass(frozen=True)
class Mirror:
    """``words``: the desk's."""

    words: Words

    def __call__(self, connection: Connection, now: float) -> int:
        """Tells what is new in every topic; how many letters that makes."""
        told = select(_t.case_id).where(_t.case_id == _c.id, _t.state != "closed")
        rows = connection.scalars(select(_c.id).where(or_(_c.state.in_(OPEN), told.exists())).order_by(_c.id))
        return sum(self._tell(connection, now, case_id) for case_id in rows.all())

    def _tell(self, connection: Connection, now: float, case_id: int) -> int:
        self._open(connection, now, case_id)
        # Another gateway may be telling it just now.
        mine = select(topics).where(_t.case_id == case_id).with_for_update(skip_locked=True)
        topic = connection.execute(mine).first()
        joined = select(cases, people.c.name).outerjoin(people, people.c.id == _c.owner_id)
        case = connection.execute(joined.where(_c.id == case_id)).first()
        if topic is None or case is None:
            return 0
        said, files, upto = self._said(connection, topic, case)
        known = (topic.state, topic.owner_id) == (case.state, case.owner_id)
        state, buttons = ("", []) if known else self._state(case)
        upto |= {"state": case.state, "owner_id": case.owner_id}
        parts = [*said, state] if topic.state else [state, *said, self.words.say("topics.help")]
        text = "\n\n".join(part for part in parts if part)
        if text:
            post(connection, now, case_id, notice(text, buttons) | ({"files": files} if files else {}))
        connection.execute(update(topics).where(_t.case_id == case_id).values(**upto))
        return int(bool(text))

    def _open(self, connection: Connection, now: float, case_id: int) -> None:
        whole = {"case_id": case_id, "inbox_id": 0, "outbox_id": 0, "state": ""}
        made = connection.execute(_once(connection, topics, whole)).rowcount
        if made:
            row = {"id": conversation_of(case_id), "channel": CHANNEL, "first_seen": now, "last_seen": now}
            connection.execute(
                _once(connection, conversations, {**row, "paused": False, "blocked": False, "tries": 0})
            )

    def _said(
        self, connection: Connection, topic: Row, case: Row
    ) -> tuple[list[str], list[dict[str, Any]], dict[str, Any]]:
        """(What is new, the oldest first; files that came with it; what is known from here on)."""
        since = case.opened_at - BEFORE_SECONDS
        mine = (_i.conversation == case.conversation) & (_i.id > topic.inbox_id) & (_i.accepted_at > since)
        asked = connection.execute(select(inbox).where(mine).order_by(_i.id)).all()
        mine = (_o.conversation == case.conversation) & (_o.id > topic.outbox_id) & (_o.created_at > since)
        answers = connection.execute(select(outbox).where(mine).order_by(_o.id)).all()
        lines = [(row.accepted_at, self._asked(row)) for row in asked]
        lines += [(row.created_at, self._answer(row)) for row in answers if not row.reply.get("topic")]
        upto = {
            "inbox_id": asked[-1].id if asked else topic.inbox_id,
            "outbox_id": answers[-1].id if answers else topic.outbox_id,
        }
        told = [text for _, text in sorted(lines, key=lambda line: line[0])]
        files = [file for row in asked for file in files_in(row.body)]
        return (told if topic.state else told[-LINES:]), files[-FILES:], upto

    def _asked(self, row: Row) -> str:
        text = str(row.body.get("text") or row.body.get("payload") or "")
        if row.kind == "event":
            events = self.words["script.events"]
            name = str(row.body.get("event") or "")
            text = f"[{events.get(name, name)}] {text}".strip()
        return self.words.say("topics.asked", text=text)

    def _answer(self, row: Row) -> str:
        key = "topics.person" if row.reply.get("by") else "topics.assistant"
        return self.words.say(key, text=row.reply["text"])

    def _state(self, case: Row) -> tuple[str, list[dict[str, str]]]:
        say, words = self.words.say, self.words
        facts = {"number": case.id, "channel": words["channels"].get(case.channel, case.channel)}
        facts["reason"] = words["reasons"].get(case.reason, case.reason)
        if case.state == "closed":
            reasons = {**words["close_reasons"], **words["system_reasons"]}
            return say("topics.closed", reason=reasons.get(case.close_reason, case.close_reason or "")), []
        if case.state == "claimed":
            acts = ("close", "free") if case.owner_id is not None else ()
            name = case.name or words["channels"]["zalo"]
            return say("topics.claimed", name=name), self._buttons(case.id, *acts)
        text = say("topics.waiting", **facts)
        if case.promised_at is not None:
            text += "\n" + say("topics.promised", clock=words.clock(moment_of(case.promised_at)))
        if case.contact:
            text += "\n" + say("script.contact", number=case.contact)
        return text, self._buttons(case.id, "claim")

    def _buttons(self, case_id: int, *acts: str) -> list[dict[str, str]]:
        titles = self.words["topics.buttons"]
        return [{"title": titles[act], "payload": f"desk:{act}:{case_id}"} for act in acts]


def post(connection: Connection, now: float, case_id: int, reply: Reply) -> None:
    """A letter into a case's topic."""
    name = conversation_of(case_id)
    c = conversations.c
    connection.execute(select(c.id).where(c.id == name).with_for_update())
    letters.add(connection, now, name, CHANNEL, [reply])


def case_in(connection: Connection, now: float, thread_id: int) -> int | None:
    """The case of a topic."""
    return connection.scalar(select(_t.case_id).where(_t.thread_id == thread_id))


def topic_of(connection: Connection, now: float, case_id: int) -> tuple[int | None, str]:
    """(The number of a case's topic, none until it is made; what it is called: channel and number)."""
    joined = select(_t.thread_id, _c.channel).outerjoin(cases, _c.id == _t.case_id)
    row = connection.execute(joined.where(_t.case_id == case_id)).first()
    return (None, "") if row is None else (row.thread_id, row.channel or "")


def keep_thread(connection: Connection, now: float, case_id: int, thread_id: int | None) -> None:
    """The topic of a case was made, or (None) is gone."""
    connection.execute(update(topics).where(_t.case_id == case_id).values(thread_id=thread_id))


def orphans(connection: Connection, now: float) -> list[tuple[int, int | None]]:
    """(Case, topic) of whom the desk has forgotten: their topics have to go as well."""
    gone = ~exists().where(_c.id == _t.case_id)
    return [(row.case_id, row.thread_id) for row in connection.execute(select(topics).where(gone).limit(20))]


def forget(connection: Connection, now: float, case_id: int) -> None:
    """Nothing of what was said in a topic is kept."""
    name = conversation_of(case_id)
    connection.execute(delete(outbox).where(_o.conversation == name))
    connection.execute(delete(conversations).where(conversations.c.id == name))
    connection.execute(delete(topics).where(_t.case_id == case_id))


def volunteer_of(connection: Connection, now: float, telegram_id: int, name: str) -> Row:
    """The account of somebody in the group; made when they act for the first time."""
    login = f"telegram:{telegram_id}"
    row = {"login": login, "name": name[:60], "role": "volunteer", "created_at": now, "disabled": False}
    connection.execute(_once(connection, people, row))
    return connection.execute(select(people).where(people.c.login == login)).one()


def _once(connection: Connection, table: Any, values: dict[str, Any]) -> Any:
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    return dialect.insert(table).values(values).on_conflict_do_nothing()
