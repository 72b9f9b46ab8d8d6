"""The API over real HTTP, with a fake engine behind it."""

from __future__ import annotations

import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.gateway.limits import Rate, RateLimiter
from procedures_catalog import CatalogStore
from tests.bot.running import HERE, FakeEngine, client_of, serve


def say(client: httpx.Client, text: str, session: str | None = None) -> httpx.Response:
    return client.post("/api/v1/messages", json={"session": session or uuid4().hex, "text": text})


def error_of(response: httpx.Response) -> str:
    """The code of an error in the one shape, with words and without anything internal."""
    assert response.headers["content-type"] == "application/json"
    body = response.json()
    assert set(body["error"]) == {"code", "message"} and body["error"]["message"]
    assert "Traceback" not in response.text and "<html" not in response.text
    return body["error"]["code"]


def test_an_answer_has_every_part(client: httpx.Client) -> None:
    answer = say(client, "làm khai sinh").json()
    assert set(answer) == {"replies", "understood"}
    assert set(answer["understood"]) == {"intent", "confidence", "procedures", "aspects"}
    (reply,) = answer["replies"]
    assert reply["kind"] == "answer" and reply["procedure_code"] == "1.001193"
    assert reply["sources"][0]["checked_on"] == "2026-11-20"


def test_a_short_reply_is_filled_up(client: httpx.Client) -> None:
    (reply,) = say(client, "xin chào").json()["replies"]
    assert reply == {
        "kind": "smalltalk",
        "text": "Em nghe: xin chào",
        "buttons": [],
        "links": [],
        "procedure": None,
        "procedure_code": None,
        "aspects": [],
        "sources": [],
    }


def test_engine_is_given_conversation_text_and_an_id(client: httpx.Client, steady_engine: FakeEngine) -> None:
    session = uuid4().hex
    say(client, "  xin\u0000 cha\u0300o ", session)
    (seen,) = [row for row in steady_engine.seen() if row["conversation"] == f"web:{session}"]
    assert seen["text"] == "xin chào" and seen["message_id"]


def test_a_tapped_button_reaches_the_engine_as_an_intent(
    client: httpx.Client, steady_engine: FakeEngine
) -> None:
    session = uuid4().hex
    button = {"session": session, "payload": "ask?procedure=dang-ky-khai-sinh&aspect=place,time"}
    assert client.post("/api/v1/messages", json=button).status_code == 200
    (seen,) = [row for row in steady_engine.seen() if row["conversation"] == f"web:{session}"]
    assert seen["intent"] == "ask" and "text" not in seen
    assert {"entity": "aspect", "value": "time"} in seen["entities"]


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"not json", 400, "bad_json"),
        (b"[]", 422, "bad_body"),
        (b'{"session": "a"}', 422, "text_or_payload"),
        (b'{"session": "a", "text": "   "}', 422, "empty_text"),
        (b'{"session": "a", "text": "////"}', 422, "empty_text"),
        (json.dumps({"session": "a", "text": "x" * 10_000}).encode(), 422, "text_too_long"),
        (b'{"session": "a", "payload": "drop?x=1"}', 422, "unknown_payload"),
        (b"x" * 70_000, 413, "body_too_large"),
    ],
)
def test_bad_bodies(client: httpx.Client, content: bytes, status: int, code: str) -> None:
    response = client.post("/api/v1/messages", content=content)
    assert (response.status_code, error_of(response)) == (status, code)


def test_a_body_without_length_is_cut_off_too(client: httpx.Client) -> None:
    response = client.post("/api/v1/messages", content=(b"x" * 1000 for _ in range(100)))
    assert (response.status_code, error_of(response)) == (413, "body_too_large")


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    body=st.binary(max_size=200)
    | st.text().map(lambda t: json.dumps({"session": "fuzz", "text": t}).encode())
)
def test_no_body_is_too_much(client: httpx.Client, body: bytes) -> None:
    response = client.post("/api/v1/messages", content=body)
    assert response.status_code in (200, 400, 422, 429)
    if response.status_code != 200:
        error_of(response)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/v1/nothing", 404, "not_found"),
        ("GET", "/webhooks/zalo", 404, "not_found"),
        ("GET", "/desk", 404, "not_found"),
        ("GET", "/api/v1/messages", 405, "method_not_allowed"),
        ("DELETE", "/api/v1/procedures", 405, "method_not_allowed"),
        ("GET", "/api/v1/procedures/none-such", 404, "unknown_procedure"),
        ("GET", "/api/v1/procedures/..%2f..%2fetc%2fpasswd", 404, "not_found"),
        ("GET", "/static/none.js", 404, "not_found"),
        ("GET", "/static/../app.py", 404, "not_found"),
        ("GET", "/api/v1/procedures?limit=x", 422, "bad_query"),
        ("GET", "/api/v1/procedures?limit=0", 422, "bad_query"),
        ("GET", "/api/v1/procedures?limit=9999999999", 422, "bad_query"),
        ("GET", "/api/v1/procedures?q=" + "x" * 201, 422, "bad_query"),
    ],
)
def test_errors_have_one_shape(client: httpx.Client, method: str, path: str, status: int, code: str) -> None:
    response = client.request(method, path)
    assert (response.status_code, error_of(response)) == (status, code)


def test_errors_below_api_are_json_for_a_browser_too(client: httpx.Client) -> None:
    error_of(client.get("/api/v1/nothing", headers={"Accept": "text/html"}))


def test_every_answer_has_the_security_headers(client: httpx.Client) -> None:
    for path in ("/", "/thu-tuc", "/api/v1/nothing", "/static/icon.svg", "/healthz"):
        headers = client.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert "server" not in headers


def test_messages_of_one_conversation_are_answered_in_order(
    client: httpx.Client, steady_engine: FakeEngine
) -> None:
    session = uuid4().hex
    with ThreadPoolExecutor(6) as pool:
        tasks = []
        for text in ("wait 0.3 a", "wait 0.1 b", "c", "d"):
            tasks.append(pool.submit(say, client, text, session))
            time.sleep(0.05)  # so that they arrive in this order
        assert [task.result().status_code for task in tasks] == [200] * 4
    texts = [row["text"] for row in steady_engine.seen() if row["conversation"] == f"web:{session}"]
    assert texts == ["wait 0.3 a", "wait 0.1 b", "c", "d"]


def test_conversations_do_not_wait_for_one_another(client: httpx.Client) -> None:
    with ThreadPoolExecutor(2) as pool:
        slow = pool.submit(say, client, "wait 2")
        assert say(client, "xin chào").status_code == 200
        assert not slow.done()
        assert slow.result().status_code == 200


@pytest.mark.parametrize("text", ["fail", "garbage"])
def test_an_engine_that_fails_is_told_in_words(client: httpx.Client, text: str) -> None:
    response = say(client, text)
    assert (response.status_code, error_of(response)) == (503, "engine_error")
    assert "inner words" not in response.text


def test_engine_killed_in_mid_turn_is_told_and_not_asked_again(make_services, engine: FakeEngine) -> None:
    with client_of(make_services(engine.url)) as client:
        response = say(client, "die")
        assert (response.status_code, error_of(response)) == (503, "answer_in_doubt")
        response = say(client, "xin chào")
        assert (response.status_code, error_of(response)) == (503, "engine_unavailable")
        assert response.headers["retry-after"]
        engine.stop()
        engine.start()
        assert say(client, "xin chào").status_code == 200
        assert [row["text"] for row in engine.seen()] == ["xin chào"]


def test_an_engine_that_comes_back_at_once_is_waited_for(make_services, engine: FakeEngine) -> None:
    engine.stop()
    services = make_services(engine.url)
    services.engine._pauses = [0.2] * 50 + [None]
    with client_of(services) as client, ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(say, client, "xin chào")
        engine.start()
        assert waiting.result().status_code == 200
    assert len(engine.seen()) == 1


def test_an_engine_that_hangs_is_given_up(make_services, engine: FakeEngine) -> None:
    with client_of(make_services(engine.url, answer_within=0.3)) as client:
        response = say(client, "wait 60")
        assert (response.status_code, error_of(response)) == (503, "answer_in_doubt")
        assert client.get("/healthz").status_code == 200


def test_a_wrong_secret_is_an_error_and_not_a_hang(make_services, engine: FakeEngine) -> None:
    services = make_services(engine.url)
    services.engine._client.headers["X-Motcua-Secret"] = "another"
    with serve(services) as url:
        response = httpx.post(
            f"{url}/api/v1/messages", json={"session": "a", "text": "a"}, trust_env=False, timeout=60
        )
        assert (response.status_code, error_of(response)) == (503, "engine_error")


def test_too_fast_is_429_with_the_time_to_wait(make_services, steady_engine: FakeEngine) -> None:
    limiter = RateLimiter(session=Rate(burst=3, per_second=0.01))
    with client_of(make_services(steady_engine.url, limiter=limiter)) as client:
        assert [say(client, "a", "s").status_code for _ in range(4)] == [200, 200, 200, 429]
        response = say(client, "a", "s")
        assert error_of(response) == "too_many_requests"
        assert int(response.headers["retry-after"]) > 1
        assert say(client, "a", "another").status_code == 200


def test_address_behind_a_proxy_is_the_one_that_is_limited(make_services, steady_engine: FakeEngine) -> None:
    limiter = RateLimiter(address=Rate(burst=2, per_second=0.01))
    with client_of(make_services(steady_engine.url, limiter=limiter)) as client:
        there = {"X-Forwarded-For": "203.0.113.9"}
        codes = [client.get("/api/v1/procedures", headers=there).status_code for _ in range(3)]
        assert codes == [200, 200, 429]
        elsewhere = {"X-Forwarded-For": "203.0.113.10"}
        assert client.get("/api/v1/procedures", headers=elsewhere).status_code == 200


def test_the_engine_is_told_a_word_for_the_network_and_nobody_the_address(
    make_services, steady_engine: FakeEngine
) -> None:
    services = make_services(steady_engine.url)
    ends = ("203.0.113.9", "203.0.113.200", "203.0.114.9", "2001:db8:1:2::3", "2001:db8:1:ffff::4", None)
    with client_of(services) as client:
        for number, end in enumerate(ends):
            there = {"X-Forwarded-For": end} if end else {}
            body = {"session": f"net-{number}", "text": "xin chào"}
            assert client.post("/api/v1/messages", json=body, headers=there).status_code == 200
    told = {row["conversation"]: row.get("network") for row in steady_engine.seen()}
    words = [told[f"web:net-{number}"] for number in range(len(ends))]
    assert words[0] == words[1] and words[3] == words[4] and words[5] is None
    assert len(set(words)) == 4
    kept = Path(services.mailbox.core.ledger._url.removeprefix("sqlite:///")).read_bytes()
    for word in (*words[:5], "203.0.113", "2001:db8"):
        assert word.encode() not in kept


def test_too_many_waiting_in_one_conversation_are_turned_away(make_services, engine: FakeEngine) -> None:
    with client_of(make_services(engine.url)) as client, ThreadPoolExecutor(30) as pool:
        answers = list(pool.map(lambda n: say(client, f"wait 0.05 {n}", "flood").status_code, range(30)))
    assert set(answers) == {200, 429}
    assert answers.count(429) <= 9


def test_a_client_that_never_finishes_its_body_holds_nothing_up(gateway: str, monkeypatch) -> None:
    monkeypatch.setattr("bot.gateway.api.BODY_WITHIN", 0.3)
    address = httpx.URL(gateway)
    with socket.create_connection((address.host, address.port), timeout=20) as lazy:
        lazy.sendall(b"POST /api/v1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{")
        assert lazy.recv(1000).startswith(b"HTTP/1.1 408")


def test_procedures_are_listed_searched_and_shown(client: httpx.Client) -> None:
    listed = client.get("/api/v1/procedures").json()
    assert {p["id"] for p in listed["procedures"]} == {"dang-ky-khai-sinh", "the-moi"}
    found = client.get("/api/v1/procedures", params={"q": "lam giay khai sinh", "limit": 1}).json()[
        "procedures"
    ]
    assert [p["id"] for p in found] == ["dang-ky-khai-sinh"] and 0 < found[0]["score"] <= 1
    assert client.get("/api/v1/procedures/1.001193").json()["id"] == "dang-ky-khai-sinh"
    entry = client.get("/api/v1/procedures/dang-ky-khai-sinh").json()
    assert entry["documents"][0]["name"] == "Tờ khai đăng ký khai sinh" and entry["in_force"] is True
    assert client.get("/api/v1/procedures/the-cu").json()["in_force"] is False


@pytest.mark.parametrize(
    "query", ["xyzqwkj", "asdfgh jkl", "wqxz ffff", "lorem ipsum dolor", "!!!", "9.999999"]
)
def test_letters_thrown_together_find_nothing(client: httpx.Client, query: str) -> None:
    for typing in ({}, {"typing": "1"}):
        found = client.get("/api/v1/procedures", params={"q": query, **typing}).json()
        assert found == {"procedures": [], "total": 0}
    assert "Không có thủ tục nào khớp" in client.get("/thu-tuc", params={"q": query}).text


def test_a_half_typed_code_finds_what_begins_so(client: httpx.Client) -> None:
    for query, wanted in (("1.0011", ["dang-ky-khai-sinh"]), ("1.9", [])):
        found = client.get("/api/v1/procedures", params={"q": query, "typing": "1"}).json()
        assert [row["id"] for row in found["procedures"]] == wanted


@pytest.mark.parametrize("query", ["thủ tục 1.001193", "1.001193.000.00.00.H26", " 1.001193 cần giấy gì"])
def test_a_code_is_found_among_other_words(client: httpx.Client, query: str) -> None:
    found = client.get("/api/v1/procedures", params={"q": query}).json()["procedures"]
    assert [(row["id"], row["score"]) for row in found] == [("dang-ky-khai-sinh", 1.0)]


@pytest.mark.parametrize("query", ["1.000001", "the-cu", "Cấp thẻ kiểu cũ", "lam the cu o dau"])
def test_searching_what_is_abolished_finds_what_took_its_place(client: httpx.Client, query: str) -> None:
    found = client.get("/api/v1/procedures", params={"q": query}).json()["procedures"]
    assert found[0]["id"] == "the-moi" and 0.5 < found[0]["score"] <= 1
    assert len({p["id"] for p in found}) == len(found)


def test_a_provinces_own_code_is_found_and_shown(make_services, steady_engine: FakeEngine, tmp_path) -> None:
    overlay = tmp_path / "overlay.yml"
    overlay.write_text('dang-ky-khai-sinh: {add: {local_codes: ["1.116454"]}}', encoding="utf-8")
    services = make_services(steady_engine.url)
    services.catalog = CatalogStore(HERE / "entries", overlay=overlay)
    with client_of(services) as client:
        assert client.get("/api/v1/procedures/1.116454").json()["local_codes"] == ["1.116454"]
        found = client.get("/api/v1/procedures", params={"q": "1.116454"}).json()["procedures"]
        assert [p["id"] for p in found] == ["dang-ky-khai-sinh"]
        page = client.get("/thu-tuc/1.116454", follow_redirects=True).text
        assert "1.001193, 1.116454" in page


def test_ready_names_what_is_missing(make_services, engine: FakeEngine) -> None:
    with serve(make_services(engine.url)) as url:
        ready = httpx.get(f"{url}/readyz", trust_env=False, timeout=60)
        assert ready.status_code == 200
        assert ready.json()["checks"] == {"engine": "ok", "actions": "ok", "database": "ok"}
        engine.stop()
        away = httpx.get(f"{url}/readyz", trust_env=False, timeout=60)
        assert (away.status_code, error_of_ready(away)) == (503, "not_ready")
        assert away.json()["checks"] == {"engine": "unavailable", "actions": "unavailable", "database": "ok"}
        assert "engine" in away.json()["error"]["message"]
        assert httpx.get(f"{url}/healthz", trust_env=False, timeout=60).status_code == 200


def error_of_ready(response: httpx.Response) -> str:
    return response.json()["error"]["code"]


def test_metrics_count_by_route_and_hold_no_path_or_text(client: httpx.Client) -> None:
    client.get("/thu-tuc/dang-ky-khai-sinh")
    client.get("/secret-path")
    say(client, "câu hỏi riêng tư", "rieng-tu")
    text = client.get("/metrics").text
    assert 'motcua_http_requests_total{route="/thu-tuc/{key}",status="200"}' in text
    assert 'route="/api/v1/messages"' in text
    assert "secret-path" not in text and "riêng" not in text and "rieng-tu" not in text


def test_unexpected_faults_are_told_without_a_trace(make_services, steady_engine: FakeEngine) -> None:
    services = make_services(steady_engine.url)

    class Broken:
        def current(self) -> None:
            raise RuntimeError("inner secret")

    services.catalog = Broken()
    with serve(services) as url:
        response = httpx.get(f"{url}/api/v1/procedures", trust_env=False, timeout=60)
        assert (response.status_code, error_of(response)) == (500, "internal")
        assert "inner secret" not in response.text
        page = httpx.get(f"{url}/thu-tuc", headers={"Accept": "text/html"}, trust_env=False, timeout=60)
        assert page.status_code == 500 and "inner secret" not in page.text and "<h1>" in page.text


def test_many_people_at_once(client: httpx.Client) -> None:
    barrier = threading.Barrier(16)

    def person(number: int) -> list[int]:
        barrier.wait()
        return [say(client, f"câu {n}", f"person-{number}").status_code for n in range(10)]

    with ThreadPoolExecutor(16) as pool:
        assert {code for codes in pool.map(person, range(16)) for code in codes} == {200}
