"""What answers in the tests of the desk: as little of the assistant as handing over needs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.mailbox import Answer, Mailbox, Turn
from dossiers.clock import VIET_NAM
from dossiers.handover import record_handover

BIRTH = {"procedure": "dang-ky-khai-sinh", "procedure_code": "1.001193"}
SOURCE = {
    "title": "Cổng Dịch vụ công quốc gia",
    "url": "https://dichvucong.gov.vn/x",
    "checked_on": "2026-11-20",
}
PAPERS = """Giấy tờ khi đăng ký khai sinh:
1. Tờ khai đăng ký khai sinh (1 bản chính)
2. Giấy chứng sinh (1 bản chính)"""


def reply(kind: str, text: str, **more: Any) -> dict[str, Any]:
    empty = {
        "buttons": [],
        "links": [],
        "procedure": None,
        "procedure_code": None,
        "aspects": [],
        "sources": [],
    }
    return {"kind": kind, "text": text, **empty, **more}


class Assistant:
    """A ``respond`` that hands over as the actions do: it writes the request into the database."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self.turns: list[Turn] = []

    async def __call__(self, turn: Turn) -> Answer:
        self.turns.append(turn)
        said = str(turn.body.get("text") or turn.body.get("payload") or "")
        if said in ("talk_to_person", "handover_confirm") or "gặp người thật" in said:
            number = await self._record(turn, "asked", said)
            text = f"Đã ghi lại yêu cầu số {number}. Cần gấp, anh/chị gọi 1900 0000."
            return Answer([reply("handover", text)], _understood("talk_to_person"))
        if said.startswith("rate?rating="):
            await self._record(turn, f"rating_{said[12]}", said)
            return Answer(
                [reply("smalltalk", f"Cảm ơn anh/chị đã chấm {said[12]} điểm.")], _understood("rate")
            )
        if "thái độ" in said:
            number = await self._record(turn, "complaint", said)
            return Answer(
                [reply("handover", f"Ý kiến đã được ghi lại (số {number}).")], _understood("complaint")
            )
        if "cảm ơn" in said:
            return Answer([reply("smalltalk", "Không có gì ạ.")], _understood("thank"))
        if "khai sinh" in said:
            birth = {"id": "dang-ky-khai-sinh", "code": "1.001193", "score": 0.93}
            answer = reply("answer", PAPERS, aspects=["documents"], sources=[SOURCE], **BIRTH)
            return Answer([answer], _understood("ask_documents", birth, aspects=["documents"]))
        return Answer(
            [reply("unknown", "Xin lỗi, tôi chưa hiểu chắc câu hỏi này.")], _understood("name_procedure")
        )

    async def _record(self, turn: Turn, reason: str, said: str) -> int:
        def work(connection: Any, now: float) -> int:
            with Session(connection, join_transaction_mode="rollback_only") as session:
                when = datetime.fromtimestamp(now, VIET_NAM)
                return record_handover(session, turn.conversation, turn.channel, reason, said, now=when)

        return await self._mailbox.core.run(work)


def _understood(intent: str, *procedures: dict[str, Any], aspects: list[str] | None = None) -> dict[str, Any]:
    return {"intent": intent, "confidence": 0.95, "procedures": list(procedures), "aspects": aspects or []}
