"""Ports of this machine for programs that are started with them a moment later."""

import secrets
import socket

# Below those that Linux hands out by itself (32768 and up): between being chosen and being used,
# no other program's connection is given one of these.
_FIRST, _COUNT = 15_000, 15_000
_given: set[int] = set()


def free_port() -> int:
    """A loopback port that nothing uses now, another one each time. Raises OSError when there is
    none."""
    for _ in range(_COUNT):
        port = _FIRST + secrets.randbelow(_COUNT)
        if port in _given:
            continue
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        _given.add(port)
        return port
    raise OSError("no free port")
