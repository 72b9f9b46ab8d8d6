"""Our short cuts give what stock Rasa gives."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import aiohttp
import jsonschema
import pytest
from rasa.core.actions.action import RemoteAction
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.utils.endpoints import EndpointConfig

from bot.engine import patches
from tests.engine.project import DOMAIN, Actions
from tests.ports import free_port

QUESTIONS = ["khai sinh lệ phí bao nhiêu", "mất bao lâu và hết bao nhiêu tiền", "xin chào", "xyz", "1.001193"]


@pytest.fixture
def stock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Puts stock Rasa back after the test."""
    for owner, name in (
        (RemoteAction, "_validate_action_result"),
        (RemoteAction, "_action_call_format"),
        (EndpointConfig, "session"),
        (EndpointConfig, "request"),
        (DaskGraphRunner, "run"),
    ):
        monkeypatch.setattr(owner, name, owner.__dict__[name])
    monkeypatch.setattr(Event, "resolve_by_type", Event.__dict__["resolve_by_type"])


@pytest.fixture(scope="module")
def runner(model: Path, tmp_path_factory: pytest.TempPathFactory) -> DaskGraphRunner:
    """The graph that answers messages, of a trained model."""
    from rasa.engine.loader import load_predict_graph_runner

    _, loaded = load_predict_graph_runner(
        tmp_path_factory.mktemp("unpacked"), model, LocalModelStorage, DaskGraphRunner
    )
    return loaded


def understood(runner: DaskGraphRunner, text: str) -> dict:
    from rasa.core.channels.channel import UserMessage
    from rasa.engine.constants import PLACEHOLDER_MESSAGE, PLACEHOLDER_TRACKER

    target = "run_RegexMessageHandler"
    inputs = {PLACEHOLDER_MESSAGE: [UserMessage(text)], PLACEHOLDER_TRACKER: None}
    result = runner.run(inputs=inputs, targets=[target])
    assert set(result) == {target}
    (message,) = result[target]
    return {key: message.get(key) for key in (TEXT, INTENT, ENTITIES, "intent_ranking")}


def test_the_graph_in_order_gives_what_dask_gives(runner: DaskGraphRunner, stock: None) -> None:
    before = [understood(runner, text) for text in QUESTIONS]
    patches._run_graph_in_order()
    assert DaskGraphRunner.run.__module__ == "bot.engine.patches"
    assert [understood(runner, text) for text in QUESTIONS] == before
    assert before[0][INTENT]["name"] == "ask_fee"


def test_each_step_of_the_graph_runs_once(runner: DaskGraphRunner, stock: None, monkeypatch) -> None:
    patches._run_graph_in_order()
    ran: list[str] = []
    for name, node in runner._instantiated_nodes.items():

        def counted(*inputs, _node=node, _name=name):
            ran.append(_name)
            return _node(*inputs)

        monkeypatch.setitem(runner._instantiated_nodes, name, counted)
    understood(runner, "lệ phí bao nhiêu")
    assert len(ran) == len(set(ran)) > 2
    assert not [name for name in ran if "Policy" in name], "what the target does not need is left out"


RESULTS = [
    {"events": [], "responses": []},
    {"events": [{"event": "slot", "name": "procedure", "value": None}], "responses": [{"custom": {"a": 1}}]},
    {"events": [{"event": "restart"}], "responses": []},
    {"events": "x", "responses": []},
    {"events": [{"name": "ohne-event"}], "responses": []},
    {"responses": 3},
    {"events": [3]},
    [],
]


@pytest.mark.parametrize("result", RESULTS, ids=str)
def test_the_compiled_check_takes_what_stock_takes(stock: None, result: object) -> None:
    schema = RemoteAction.action_response_format_spec()

    def is_valid(check) -> bool:
        try:
            return check() is not False
        except jsonschema.ValidationError:
            return False

    by_stock = is_valid(lambda: jsonschema.validate(result, schema))
    patches._compile_action_validator()
    action = RemoteAction("action_answer", EndpointConfig("http://127.0.0.1:1"))
    assert is_valid(lambda: action._validate_action_result(result)) == by_stock


def test_actions_share_one_connection_and_do_not_wait_for_ever(stock: None) -> None:
    patches._share_http_session(action_timeout=2, actions_back_within=0)
    actions, slow, given_up = Actions(), Actions(), threading.Event()
    slow.answer = lambda call: (given_up.wait(60), (200, {"events": [], "responses": []}))[1]

    async def both() -> None:
        endpoint = EndpointConfig(actions.url)
        first, second = endpoint.session(), EndpointConfig(slow.url).session()
        async with first as one, second as two:
            assert one is two
        for _ in range(3):
            answer = await endpoint.request(method="post", json={"next_action": "action_answer"})
            assert answer["responses"][0]["custom"]["text"] == "Miễn phí."
        with pytest.raises(asyncio.TimeoutError):
            await EndpointConfig(slow.url).request(method="post", json={"next_action": "action_answer"})
        given_up.set()
        assert not one.closed
        await one.close()

    asyncio.run(both())
    actions.stop()
    slow.stop()


async def asked(url: str) -> dict:
    endpoint = EndpointConfig(url)
    try:
        return await endpoint.request(method="post", json={"next_action": "action_answer"})
    finally:
        async with endpoint.session() as session:
            await session.close()


def test_actions_that_are_gone_are_not_waited_for_for_ever(stock: None) -> None:
    patches._share_http_session(action_timeout=60, actions_back_within=0.3)
    with pytest.raises(aiohttp.ClientConnectorError):
        asyncio.run(asked(f"http://127.0.0.1:{free_port()}/webhook"))


def test_actions_that_are_started_again_are_waited_for(stock: None) -> None:
    patches._share_http_session(action_timeout=60, actions_back_within=60)
    port = free_port()

    async def scene() -> Actions:
        waiting = asyncio.create_task(asked(f"http://127.0.0.1:{port}/webhook"))
        await asyncio.sleep(0.3)
        assert not waiting.done()
        back = Actions(port)
        assert (await waiting)["responses"][0]["custom"]["text"] == "Miễn phí."
        return back

    back = asyncio.run(scene())
    assert len(back.calls) == 1
    back.stop()


def test_a_call_is_stocks_without_its_history(stock: None) -> None:
    domain = Domain.from_yaml(DOMAIN)
    tracker = DialogueStateTracker.from_events("web:a", [], domain.slots)
    for event in (UserUttered("lệ phí", {"name": "ask_fee", "confidence": 1.0}), SlotSet("procedure", "x")):
        tracker.update(event)
    action = RemoteAction("action_answer", EndpointConfig("http://127.0.0.1:1"))
    before = action._action_call_format(tracker, domain)
    patches._leave_out_history()
    after = action._action_call_format(tracker, domain)
    assert {key: before[key] for key in after if key != "tracker"} == {
        k: v for k, v in after.items() if k != "tracker"
    }
    assert after["tracker"] == {**tracker.current_state(EventVerbosity.NONE), "events": []}
    for key in ("sender_id", "slots", "latest_message", "active_loop", "latest_action_name"):
        assert after["tracker"][key] == before["tracker"][key]


def test_event_types_are_remembered(stock: None) -> None:
    before = {name: Event.resolve_by_type(name) for name in ("slot", "user", "action", "restart")}
    patches._remember_event_types()
    for name, kind in before.items():
        assert Event.resolve_by_type(name) is kind
    with pytest.raises(ValueError, match="khong-co"):
        Event.resolve_by_type("khong-co")
    event = SlotSet("procedure", "khai-sinh")
    assert Event.from_parameters(event.as_dict()) == event
