"""The gateway's process: ``python -m bot.gateway.server [--fd N]``.

With ``--fd`` it serves a socket that its parent listens on, so that a restart refuses nobody.
"""

from __future__ import annotations

import argparse
import logging
import socket
import sys

import uvicorn

from bot.errors import BotError
from bot.gateway.app import create_app
from bot.gateway.services import build_services
from bot.settings import load_settings
from bot.supervisor import EXIT_CONFIG
from dossiers.errors import DossierError
from procedures_catalog import CatalogError

# With what the mailbox takes after it, less than the supervisor waits for.
STOP_WITHIN = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fd", type=int, help="a listening socket to take over")
    parser.add_argument("--without-channels", action="store_true", help="neither Zalo nor Telegram")
    args = parser.parse_args()
    try:
        settings = load_settings()
        if args.without_channels:
            settings = settings.without_channels()
        app = create_app(build_services(settings))
    except (BotError, CatalogError, DossierError) as error:
        print(error, file=sys.stderr)
        sys.exit(EXIT_CONFIG)
    logging.basicConfig(
        level=settings.log_level.upper(),
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
        stream=sys.stderr,
    )
    # httpx logs each request at INFO; paths of platforms hold tokens.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=STOP_WITHIN,
    )
    sockets = None if args.fd is None else [socket.socket(fileno=args.fd)]
    uvicorn.Server(config).run(sockets=sockets)


if __name__ == "__main__":
    main()
