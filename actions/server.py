"""The action server: rasa_sdk's executor behind a small app of ours, on loopback only.

``python -m actions.server --port 5055``. rasa_sdk's own server listens on every interface and
sends the whole conversation back when an action fails; this one does neither.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Collection, Coroutine
from typing import Any

import uvicorn
from rasa_sdk.events import FollowupAction
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from actions.bootstrap import services
from actions.proof_digits import proof_in
from actions.sending import FORGET_WORDS
from dossiers import DossierError
from procedures_catalog import CatalogError

log = logging.getLogger(__name__)


def create_app() -> Starlette:
    """The app; building it opens the catalogue and the database."""
    services()
    executor = ActionExecutor()
    executor.register_package("actions")

    async def webhook(request: Request) -> JSONResponse:
        try:
            call = await request.json()
            name = call["next_action"]
            # The engine leaves the domain out: no action of ours reads it.
            call.setdefault("domain", {})
        except (ValueError, KeyError, TypeError, AttributeError):
            return JSONResponse({"error": "an action call is a JSON object with 'next_action'"}, 422)
        try:
            # In a thread: whoever waits for a locked database does not hold up everybody else.
            result = await run_in_threadpool(_finished, executor.run(call))
        except ActionExecutionRejection as error:
            return JSONResponse({"error": error.message, "action_name": error.action_name}, 400)
        except ActionNotFoundException as error:
            return JSONResponse({"error": error.message, "action_name": error.action_name}, 404)
        except Exception:  # an action's own fault must not take the server, or the conversation, along
            log.exception("action %s failed", name)
            return JSONResponse({"error": "the action failed", "action_name": name}, 500)
        answer = result.model_dump() if hasattr(result, "model_dump") else dict(result or {})
        forget_numbers(call, answer)
        if ends_a_turn(call, answer, executor.actions):
            answer["events"] = [*answer.get("events", ()), FollowupAction("action_listen")]
        return JSONResponse(answer)

    async def health(request: Request) -> JSONResponse:
        return JSONResponse({"status": "ok", "procedures": len(services().catalog)})

    return Starlette(
        routes=[Route("/webhook", webhook, methods=["POST"]), Route("/health", health, methods=["GET"])]
    )


def _finished(run: Coroutine[Any, Any, Any]) -> Any:
    """What the executor makes of an action. Ours wait for nothing but the database, so no loop is needed."""
    try:
        run.send(None)
    except StopIteration as done:
        return done.value
    run.close()
    raise RuntimeError("an action awaits something")


def forget_numbers(call: dict[str, Any], answer: dict[str, Any]) -> None:
    """In a conversation about a dossier, six digits may be somebody's proof, asked for or not: whatever comes
    of them, the words that hold them are kept nowhere."""
    tracker = call.get("tracker") or {}
    text = (tracker.get("latest_message") or {}).get("text") or ""
    replies = [r["custom"] for r in answer.get("responses") or () if (r.get("custom") or {}).get("kind")]
    slots = tracker.get("slots") or {}
    about_a_dossier = any(slots.get(name) for name in ("dossier", "dossier_wish", "proven"))
    about_a_dossier = about_a_dossier or any(reply["kind"] == "dossier" for reply in replies)
    if replies and about_a_dossier and proof_in(text):
        replies[0].setdefault("effect", FORGET_WORDS)


def ends_a_turn(call: dict[str, Any], answer: dict[str, Any], ours: Collection[str]) -> bool:
    """Whether an action that another of ours asked for was the last of its turn.

    No rule says what comes after such a follow-up: the engine would fall back to answering, again and again.
    """
    before = (call.get("tracker") or {}).get("latest_action_name")
    inside_a_form = call["next_action"].startswith(("validate_", "action_ask_"))
    asks_for_more = any(event.get("event") == "followup" for event in answer.get("events") or ())
    return before in ours and not inside_a_form and not asks_for_more


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=5055)
    args = parser.parse_args()
    level = os.environ.get("MOTCUA_LOG_LEVEL", "INFO").upper()
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for noisy in ("rasa_sdk", "httpx"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    try:
        app = create_app()
    except (CatalogError, DossierError) as error:
        sys.exit(str(error))
    uvicorn.run(app, host="127.0.0.1", port=args.port, log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
