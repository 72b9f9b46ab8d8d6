"""A small dialogue of the tests' own: trained by our trainer, served by our launcher, actions beside it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, Request, build_opener

from tests.ports import free_port

ROOT = Path(__file__).parents[2]
SECRET = "bi-mat-cua-kiem-thu"

CONFIG = (ROOT / "config.yml").read_text("utf-8")
DOMAIN = """
version: "3.1"
config: {store_entities_as_slots: false}
session_config: {session_expiration_time: 60, carry_over_slots_to_new_session: true}
intents:
  - ask_fee: {use_entities: []}
  - ask_time: {use_entities: []}
  - greet: {use_entities: []}
  - broken: {use_entities: []}
  - silent: {use_entities: []}
  - erase_data: {use_entities: []}
  - ask: {use_entities: []}
entities: [aspect, also, procedure]
slots:
  procedure: {type: any, influence_conversation: false, mappings: [{type: custom}]}
actions: [action_answer, action_broken, action_silent, action_erase]
responses:
  utter_greet: [{text: "Xin chào"}]
"""
RULES = """
version: "3.1"
rules:
  - rule: fee
    steps: [{or: [{intent: ask_fee}, {intent: ask_time}, {intent: ask}]}, {action: action_answer}]
  - {rule: greet, steps: [{intent: greet}, {action: utter_greet}]}
  - {rule: broken, steps: [{intent: broken}, {action: action_broken}]}
  - {rule: silent, steps: [{intent: silent}, {action: action_silent}]}
  - {rule: erase, steps: [{intent: erase_data}, {action: action_erase}]}
"""
EXAMPLES = {
    "ask_fee": [
        "lệ phí bao nhiêu",
        "[khai sinh](procedure) hết bao nhiêu tiền",
        "[kết hôn](procedure) mất phí không",
        "tốn bao nhiêu",
        "phí thế nào ạ",
    ],
    "ask_time": [
        "mất bao lâu",
        "[khai sinh](procedure) mấy ngày xong",
        "[kết hôn](procedure) bao giờ có",
        "chờ mấy hôm",
        "khi nào lấy được",
    ],
    "greet": ["xin chào", "chào em", "hello", "chào buổi sáng", "alo"],
    "broken": ["hỏng máy rồi", "làm hỏng đi", "cho nó hỏng", "hỏng hóc"],
    "silent": ["im lặng", "giữ im lặng", "im lặng đi", "lặng im nào"],
    "erase_data": ["xóa dữ liệu của tôi", "xóa hết tin nhắn", "quên tôi đi", "xóa dữ liệu"],
}


def write_project(folder: Path) -> Path:
    """The files of the dialogue in ``folder``."""
    (folder / "data").mkdir(parents=True)
    (folder / "config.yml").write_text(CONFIG, "utf-8")
    (folder / "domain.yml").write_text(DOMAIN, "utf-8")
    (folder / "data" / "rules.yml").write_text(RULES, "utf-8")
    rows = "".join(
        f"  - intent: {intent}\n    examples: |\n" + "".join(f"      - {text}\n" for text in texts)
        for intent, texts in EXAMPLES.items()
    )
    (folder / "data" / "nlu.yml").write_text(f'version: "3.1"\nnlu:\n{rows}', "utf-8")
    return folder


def train(folder: Path) -> Path:
    """The model that our trainer makes of the dialogue in ``folder``."""
    model = folder / "models" / "small.tar.gz"
    subprocess.run(
        [sys.executable, "-m", "bot.engine.train", "--root", str(folder), "--out", str(model)],
        cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    return model


def wait_until(true: Callable[[], bool], within: float = 90.0) -> None:
    give_up = time.monotonic() + within
    while not true():
        assert time.monotonic() < give_up, "waited in vain"
        time.sleep(0.1)


_http = build_opener(ProxyHandler({}))


def send(url: str, body: bytes | None = None, **headers: str) -> tuple[int, str, str]:
    """Status, content type and body of an answer."""
    request = Request(url, data=body, headers={name.replace("_", "-"): v for name, v in headers.items()})
    try:
        with _http.open(request, timeout=30) as answer:
            return answer.status, answer.headers.get("Content-Type", ""), answer.read().decode()
    except HTTPError as error:
        return error.code, error.headers.get("Content-Type", ""), error.read().decode()
    except URLError:
        return 0, "", ""


class Actions:
    """An action server that answers, breaks or keeps silent, by the name of the action."""

    def __init__(self, port: int = 0) -> None:
        self.calls: list[dict[str, Any]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                call = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.calls.append(call)
                status, body = outer.answer(call)
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                with suppress(BrokenPipeError):  # who asked waited no longer
                    self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/webhook"

    def answer(self, call: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        reply = {"kind": "answer", "text": "Miễn phí.", "understood": {"procedures": [{"id": "khai-sinh"}]}}
        match call["next_action"]:
            case "action_broken":
                return 500, {"error": "the action failed", "action_name": "action_broken"}
            case "action_silent":
                return 200, {"events": [], "responses": []}
            case "action_erase":
                events = [{"event": "reset_slots"}, {"event": "restart"}]
                return 200, {
                    "events": events,
                    "responses": [{"custom": {"kind": "notice", "text": "Đã xóa."}}],
                }
        events = [{"event": "slot", "name": "procedure", "value": "khai-sinh"}]
        return 200, {"events": events, "responses": [{"custom": reply}]}

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@dataclass
class Engine:
    """Our launcher in a process of its own."""

    model: Path
    actions: Actions
    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/webhooks/motcua"

    @property
    def database(self) -> Path:
        return self.folder / "engine.db"

    def start(self) -> Engine:
        own = {"MOTCUA_ENGINE_SECRET": SECRET, "MOTCUA_ENGINE_DATABASE_URL": f"sqlite:///{self.database}"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bot.engine.launcher", "--model", str(self.model),
             "--port", str(self.port), "--actions-url", self.actions.url],
            cwd=ROOT, env={**os.environ, **own},
            stdout=(self.folder / "engine.log").open("wb"), stderr=subprocess.STDOUT,
        )  # fmt: skip
        wait_until(lambda: self.process.poll() is not None or send(f"{self.url}/")[0] == 200)
        assert self.process.poll() is None, self.log
        return self

    @property
    def log(self) -> str:
        return (self.folder / "engine.log").read_text("utf-8", "replace")

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(20)

    def post(self, body: object, secret: str | None = SECRET) -> tuple[int, dict[str, Any]]:
        """Status and JSON of an answer; anything but JSON fails the test."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Content_Type": "application/json"} | ({"X_Motcua_Secret": secret} if secret else {})
        status, kind, text = send(f"{self.url}/webhook", data, **headers)
        assert kind.startswith("application/json"), (status, kind, text[:300])
        return status, json.loads(text)

    def say(self, text: str, conversation: str = "web:a") -> tuple[int, dict[str, Any]]:
        return self.post({"conversation": conversation, "message_id": "1", "text": text})

    def press(self, intent: str, *entities: tuple[str, str], conversation: str = "web:a"):
        found = [{"entity": name, "value": value} for name, value in entities]
        return self.post({"conversation": conversation, "intent": intent, "entities": found})
