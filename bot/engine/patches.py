"""Where stock Rasa 3.6 spends its time, done once instead of every turn. See docs/decisions/0002.

Each function replaces one private piece of Rasa; ``apply`` puts them all in place before the
agent is loaded.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import Any

import aiohttp
import jsonschema
import rasa
from rasa.core.actions.action import RemoteAction
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity
from rasa.utils.endpoints import EndpointConfig

_LOOK_AGAIN_SECONDS = 0.2


def apply(action_timeout: float, actions_back_within: float) -> None:
    """Puts all of them in place. ``action_timeout``: seconds an action may take; ``actions_back_within``:
    seconds a turn waits for an action server that is being started again."""
    _compile_action_validator()
    _share_http_session(action_timeout, actions_back_within)
    _run_graph_in_order()
    _remember_event_types()
    _leave_out_history()


def _compile_action_validator() -> None:
    """Stock checks the schema itself on every call: 72 % of a turn."""
    schema = RemoteAction.action_response_format_spec()
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)

    def validate(self: RemoteAction, result: dict[str, Any]) -> bool:
        validator.validate(result)
        return True

    RemoteAction._validate_action_result = validate


def _share_http_session(action_timeout: float, actions_back_within: float) -> None:
    """Stock opens a new connection to the action server for each action, and waits 300 s for it.

    While nobody takes connections there nothing has been done, so it can be asked again.
    """
    sessions: list[aiohttp.ClientSession] = []

    @asynccontextmanager
    async def session(self: EndpointConfig):
        if not sessions:
            sessions.append(aiohttp.ClientSession())
        yield sessions[0]

    stock_request = EndpointConfig.request

    async def request(self: EndpointConfig, *args: Any, **kwargs: Any) -> Any:
        kwargs["timeout"] = aiohttp.ClientTimeout(total=action_timeout)
        give_up = time.monotonic() + actions_back_within
        while True:
            try:
                return await stock_request(self, *args, **kwargs)
            except aiohttp.ClientConnectorError:
                if time.monotonic() > give_up:
                    raise
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)

    EndpointConfig.session = session
    EndpointConfig.request = request


def _leave_out_history() -> None:
    """Stock sends every event of the conversation with every action: ours read slots and message."""

    def call_format(self: RemoteAction, tracker: DialogueStateTracker, domain: Domain) -> dict[str, Any]:
        state = {**tracker.current_state(EventVerbosity.NONE), "events": []}
        return {
            "next_action": self._name,
            "sender_id": tracker.sender_id,
            "tracker": state,
            "version": rasa.__version__,
        }

    RemoteAction._action_call_format = call_format


def _remember_event_types() -> None:
    """Stock looks through all classes of events for each event it reads back."""
    Event.resolve_by_type = staticmethod(lru_cache(maxsize=None)(Event.resolve_by_type))


def _run_graph_in_order() -> None:
    """Stock hands each message's handful of steps to dask's scheduler: run them in order instead."""

    def run(
        self: DaskGraphRunner, inputs: dict[str, Any] | None = None, targets: list[str] | None = None
    ) -> dict[str, Any]:
        wanted = targets or self._graph_schema.target_names
        values: dict[str, Any] = {name: (name, value) for name, value in (inputs or {}).items()}

        def value_of(name: str) -> Any:
            if name not in values:
                needs = self._graph_schema.nodes[name].needs.values()
                values[name] = self._instantiated_nodes[name](*[value_of(need) for need in needs])
            return values[name]

        return dict(value_of(name) for name in wanted)

    DaskGraphRunner.run = run
