"""What outsiders rely on beside conversations: pages, figures, the command line against a running stack."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator

import httpx
import psutil
import pytest

from tests.end_to_end.stack import MOTCUA, ROOT, Conversation, Stack

pytestmark = pytest.mark.stack
LOOPBACK = ("127.0.0.1", "::1")
MOST_MEMORY = 1.3e9


@pytest.fixture
def client(stack: Stack) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=stack.url, trust_env=False, timeout=30) as http:
        yield http


def test_ready_means_that_engine_actions_and_database_answer(client: httpx.Client) -> None:
    assert client.get("/healthz").status_code == 200
    ready = client.get("/readyz")
    assert ready.status_code == 200
    assert {"engine", "actions", "database"} <= set(ready.json()["checks"])


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/api/v1/messages", b"{", 400),
        ("POST", "/api/v1/messages", b"[]", 422),
        ("POST", "/api/v1/messages", b'{"text": "x"}', 422),
        ("POST", "/api/v1/messages", b'{"session": "a b", "text": "x"}', 422),
        ("POST", "/api/v1/messages", json.dumps({"session": "x" * 65, "text": "x"}).encode(), 422),
        ("POST", "/api/v1/messages", json.dumps({"session": "x", "text": "ă" * 10_000}).encode(), 422),
        ("POST", "/api/v1/messages", b'{"session": "x", "text": "' + b"a" * 100_000 + b'"}', 413),
        ("GET", "/api/v1/procedures/khong-co", None, 404),
        ("GET", "/api/v1/procedures?limit=x", None, 422),
        ("GET", "/khong-co", None, 404),
        ("PUT", "/api/v1/messages", b"{}", 405),
    ],
)
def test_errors_have_one_shape(
    client: httpx.Client, method: str, path: str, body: bytes | None, status: int
) -> None:
    answer = client.request(method, path, content=body)
    assert answer.status_code == status
    assert set(answer.json()) == {"error"}
    assert set(answer.json()["error"]) == {"code", "message"}
    assert answer.json()["error"]["message"]
    assert "Traceback" not in answer.text


def test_procedures_over_http(client: httpx.Client) -> None:
    found = client.get("/api/v1/procedures", params={"q": "làm hộ chiếu", "limit": 3}).json()["procedures"]
    assert found[0]["id"] == "cap-ho-chieu-pho-thong"
    entry = client.get("/api/v1/procedures/1.001193").json()
    assert entry["id"] == "dang-ky-khai-sinh"
    assert entry["sources"][0]["url"].startswith("https://")


def test_figures(client: httpx.Client) -> None:
    Conversation(str(client.base_url).rstrip("/")).say("đăng ký kết hôn lệ phí bao nhiêu")
    assert 'motcua_http_requests_total{route="/api/v1/messages",status="200"}' in client.get("/metrics").text


def test_inner_processes_listen_on_loopback_only(stack: Stack) -> None:
    listening = [
        connection.laddr
        for process in stack.processes()
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert len({address.port for address in listening}) >= 3
    assert {address.ip for address in listening} <= set(LOOPBACK)


def test_the_engine_takes_nothing_without_the_secret(stack: Stack) -> None:
    port = next(
        c.laddr.port for c in stack.child("engine").net_connections("inet") if c.status == psutil.CONN_LISTEN
    )
    body = {"conversation": "web:x", "message_id": "1", "intent": "erase_confirm"}
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=60) as engine:
        assert engine.post("/webhooks/motcua/webhook", json=body).status_code == 403
        for path in ("/conversations/web:x/tracker", "/model/parse", "/webhooks/rest/webhook", "/domain"):
            assert engine.get(path).status_code in (404, 405)


def test_all_processes_together_stay_under_the_limit(stack: Stack) -> None:
    Conversation(stack.url).say("đăng ký khai sinh cần giấy tờ gì")
    used = sum(process.memory_full_info().pss for process in stack.processes())
    assert used < MOST_MEMORY


def test_ask_uses_the_running_stack(stack: Stack) -> None:
    questions = "đăng ký kết hôn lệ phí bao nhiêu\n\nlam ho chieu can giay to gi\n"
    done = subprocess.run(
        [MOTCUA, "ask", "--file", "-", "--json"],
        cwd=ROOT,
        env=stack.env,
        input=questions,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    first, second = [json.loads(line) for line in done.stdout.splitlines()]
    assert first["question"] == "đăng ký kết hôn lệ phí bao nhiêu"
    assert first["replies"][0]["procedure"] == "dang-ky-ket-hon"
    assert second["understood"]["procedures"][0]["id"] == "cap-ho-chieu-pho-thong"


def test_chat_in_the_terminal(stack: Stack) -> None:
    done = subprocess.run(
        [MOTCUA, "chat"],
        cwd=ROOT,
        env=stack.env,
        input="đăng ký kết hôn lệ phí bao nhiêu\n1\nthoat\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "miễn phí" in done.stdout
    assert "Tờ khai" in done.stdout, "the number tapped the button with that number"


def test_two_conversations_do_not_mix(stack: Stack) -> None:
    one, other = Conversation(stack.url), Conversation(stack.url)
    one.say("đăng ký kết hôn lệ phí bao nhiêu")
    other.say("đăng ký tạm trú lệ phí bao nhiêu")
    assert one.say("mất bao lâu").replies[0]["procedure"] == "dang-ky-ket-hon"
    assert other.say("mất bao lâu").replies[0]["procedure"] == "dang-ky-tam-tru"


def test_a_long_conversation_keeps_its_context(stack: Stack) -> None:
    talk = Conversation(stack.url)
    talk.say("đăng ký kết hôn lệ phí bao nhiêu")
    for _ in range(25):
        assert talk.say("cảm ơn").status == 200
        assert talk.say("mấy giờ mở cửa").kinds == ["notice"]
    assert talk.say("mất bao lâu").replies[0]["procedure"] == "dang-ky-ket-hon"
