"""Ports for what a test starts later, and perhaps again on the same one."""

from __future__ import annotations

import socket
from random import SystemRandom

# The kernel gives the ports above these to connections, at any moment.
PORTS = range(12_000, 32_000)
# As long as this process lives, no other test process takes the port that a mark stands for.
_marks: list[socket.socket] = []


def free_port() -> int:
    """A port of 127.0.0.1 that is free, and that nobody takes before it is used."""
    while True:
        port = SystemRandom().choice(PORTS)
        mark = socket.socket(socket.AF_UNIX)
        with socket.socket() as probe:
            try:
                mark.bind(f"\0motcua-test-port-{port}")
                probe.bind(("127.0.0.1", port))
            except OSError:
                mark.close()
                continue
        _marks.append(mark)
        return port
