"""An engine and an action server in one small process, for tests: canned replies, and faults on demand.

``python -m tests.bot.fake_engine --port P`` ; the secret comes in ``MOTCUA_ENGINE_SECRET``. What a
message says decides what happens: see ``RULES``. ``GET /seen`` lists what came in, in order.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

SOURCE = {
    "title": "Cổng Dịch vụ công quốc gia",
    "url": "https://dichvucong.gov.vn/x",
    "checked_on": "2026-11-20",
}
BIRTH = {"procedure": "dang-ky-khai-sinh", "procedure_code": "1.001193"}
PAPERS = """Giấy tờ khi đăng ký khai sinh:
1. Tờ khai đăng ký khai sinh (1 bản chính)
2. Giấy chứng sinh (1 bản chính)
- Đã có bản điện tử thì không phải nộp bản giấy

Lệ phí: không mất phí nếu đăng ký trong 60 ngày."""


WRITTEN = """Liên hệ:
• Đường dây nóng 1900 0000. Hoặc 0912 345 678, https://hoasen.example/a?b=1.
  Ghi chú: hồ sơ H99.01-260916-0012, số 123/2015/NĐ-CP, 5.000 đồng
2. Hai
3. Ba

Dòng một
dòng hai"""


def reply(kind: str, text: str, **more: object) -> dict:
    return {"kind": kind, "text": text, **more}


def understood(intent: str, *procedures: dict, aspects: tuple[str, ...] = ()) -> dict:
    return {"intent": intent, "confidence": 0.97, "procedures": list(procedures), "aspects": list(aspects)}


def papers() -> dict:
    buttons = [
        {"title": "Lệ phí", "payload": "ask?procedure=dang-ky-khai-sinh&aspect=fee"},
        {"title": "Nộp ở đâu", "payload": "ask?procedure=dang-ky-khai-sinh&aspect=place,time"},
    ]
    links = [{"title": "Nộp trực tuyến", "url": "https://dichvucong.gov.vn"}]
    answer = reply(
        "answer", PAPERS, buttons=buttons, links=links, aspects=["documents"], sources=[SOURCE], **BIRTH
    )
    birth = {"id": "dang-ky-khai-sinh", "code": "1.001193", "score": 0.93}
    return {"replies": [answer], "understood": understood("ask_documents", birth, aspects=("documents",))}


def long_answer() -> dict:
    lines = "\n".join(
        f"{n}. Giấy tờ thứ {n}, có tên khá dài để xuống dòng trên điện thoại nhỏ" for n in range(1, 31)
    )
    return {
        "replies": [reply("answer", f"Danh sách dài:\n{lines}\n\nHết.")],
        "understood": understood("long"),
    }


class FakeEngine:
    """Answers, and remembers what it was asked."""

    def __init__(self) -> None:
        self.seen: list[dict] = []

    async def message(self, request: Request) -> Response:
        if request.headers.get("X-Motcua-Secret", "") != os.environ.get("MOTCUA_ENGINE_SECRET", ""):
            return JSONResponse({"error": {"code": "forbidden", "message": "wrong secret"}}, 403)
        body = await request.json()
        self.seen.append(body)
        text = body.get("text") or ""
        if text == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if text.startswith("wait "):
            await asyncio.sleep(float(text.split()[1]))
        if text == "fail":
            return JSONResponse({"error": {"code": "turn_failed", "message": "inner words"}}, 502)
        if text == "garbage":
            return PlainTextResponse("<html>Traceback (most recent call last)</html>")
        if not text.strip("/ ") and "intent" not in body:
            return JSONResponse({"error": {"code": "bad_message", "message": "nothing"}}, 422)
        return JSONResponse(self._answer(text, body))

    def _answer(self, text: str, body: dict) -> dict:
        if text == "chữ":
            return {"replies": [reply("notice", WRITTEN)], "understood": understood("x")}
        if "dài" in text:
            return long_answer()
        if "khai sinh" in text:
            return papers()
        if "intent" in body:
            told = ", ".join(f"{e['entity']}={e['value']}" for e in body["entities"])
            words = reply("answer", f"Nút {body['intent']}: {told}", **BIRTH)
            return {"replies": [words], "understood": understood(body["intent"])}
        if text == "xấu":
            bad = [{"title": "bấm", "url": "javascript:alert(1)"}]
            return {
                "replies": [reply("answer", "<img src=x onerror=alert(1)>", links=bad)],
                "understood": understood("x"),
            }
        return {"replies": [reply("smalltalk", f"Em nghe: {text}")], "understood": understood("smalltalk")}


def create_app() -> Starlette:
    engine = FakeEngine()

    async def seen(request: Request) -> Response:
        return JSONResponse(engine.seen)

    async def ready(request: Request) -> Response:
        return JSONResponse({"ready": True})

    return Starlette(
        routes=[
            Route("/webhooks/motcua/", ready),
            Route("/webhooks/motcua/webhook", engine.message, methods=["POST"]),
            Route("/health", ready),
            Route("/seen", seen),
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    port = parser.parse_args().port
    uvicorn.run(create_app(), host="127.0.0.1", port=port, log_level="warning")


if __name__ == "__main__":
    main()
