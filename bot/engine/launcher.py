"""Starts Rasa as our engine: on loopback, with one channel, no API, no telemetry.

``python -m bot.engine.launcher --model models --port 5005 --actions-url http://127.0.0.1:5055/webhook``.
Arguments can be read by every user of the machine, so secrets come in the environment: the one shared with
the gateway in ``MOTCUA_ENGINE_SECRET``, the address of the conversations' database, which may hold a
password, in ``MOTCUA_ENGINE_DATABASE_URL``.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import warnings
from functools import partial
from pathlib import Path

os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
os.environ.setdefault("ACTION_SERVER_SANIC_WORKERS", "1")

ACTION_TIMEOUT = 8.0
# The supervisor starts the action server again within seconds; the gateway waits 30 s for a turn.
ACTIONS_BACK_WITHIN = 12.0
log = logging.getLogger(__name__)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True, help="model file, or folder with one")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--actions-url", required=True)
    args = parser.parse_args()
    logging.basicConfig(
        level=os.environ.get("MOTCUA_LOG_LEVEL", "INFO").upper(),
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
    )
    secret = os.environ.get("MOTCUA_ENGINE_SECRET", "")
    if not secret:
        sys.exit("MOTCUA_ENGINE_SECRET is not set: the engine does not start without its shared secret.")
    database_url = os.environ.get("MOTCUA_ENGINE_DATABASE_URL", "")
    if not database_url:
        sys.exit("MOTCUA_ENGINE_DATABASE_URL is not set: where does the engine keep conversations?")
    if not Path(args.model).exists():
        sys.exit(f"No dialogue model at {args.model}: train it with 'motcua train'.")
    serve(args.model, args.port, args.actions_url, database_url, secret)
    # Everything is closed; the interpreter would take five seconds more to clear TensorFlow away.
    logging.shutdown()
    os._exit(0)


def serve(model: str, port: int, actions_url: str, database_url: str, secret: str) -> None:
    """Loads the model and answers on loopback until stopped."""
    warnings.filterwarnings("ignore")
    from rasa.core import run as rasa_run
    from rasa.core.utils import AvailableEndpoints
    from rasa.utils.endpoints import EndpointConfig

    from bot.engine import patches
    from bot.engine.channel import MotcuaInput

    _quiet_logs()
    patches.apply(ACTION_TIMEOUT, ACTIONS_BACK_WITHIN)
    endpoints = AvailableEndpoints(
        action=EndpointConfig(actions_url, enable_selective_domain=True),
        tracker_store=EndpointConfig(type="bot.engine.tracker_store.ConversationStore", url=database_url),
    )
    app = rasa_run.configure_app([MotcuaInput(secret)], enable_api=False, port=port, endpoints=endpoints)
    app.register_listener(
        partial(rasa_run.load_agent_on_start, model, endpoints, None), "before_server_start"
    )
    app.register_listener(rasa_run.close_resources, "after_server_stop")
    app.run(host="127.0.0.1", port=port, workers=1, access_log=False)


def _quiet_logs() -> None:
    """Rasa's DEBUG and access logs hold what people wrote."""
    import structlog

    for name in ("rasa", "sanic.access", "sanic.root", "aiohttp", "matplotlib", "tensorflow"):
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))


if __name__ == "__main__":
    main()
