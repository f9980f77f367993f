"""TCP ports on the loopback interface."""

from __future__ import annotations

import secrets
import socket

from counterfoil.errors import BadInput, Unavailable

HOST = "127.0.0.1"

# Below those that systems give to outgoing connections (RFC 6335 begins them at 49152, Linux at
# 32768): one of these could take a port between our look and its server's start.
_FIRST, _END = 10_240, 32_768
_TRIES = 1_000

_given: set[int] = set()


def free() -> int:
    """A port that nobody listens on now, and that this process was not given before: its server
    may not have come up yet. By chance, so that two processes hardly ever choose the same.

    Raises:
        Unavailable: none was found.
    """
    for _ in range(_TRIES):
        port = _FIRST + secrets.randbelow(_END - _FIRST)
        if port not in _given and is_free(port):
            _given.add(port)
            return port
    raise Unavailable(
        f"No free port from {_FIRST} to {_END - 1} of {HOST}.", fix="End what listens there."
    )


def is_free(port: int) -> bool:
    """Whether a server could listen on this port now."""
    with socket.socket() as probe:
        # As servers do: a port whose last connection just closed counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def choose(asked: int, former: int, option: str) -> int:
    """The port asked for; else the one of last time if it is free; else any free one.

    Args:
        asked: 0 if none is.
        former: 0 if there was none.
        option: the command-line option that asks, for the error.

    Raises:
        BadInput: not a port.
        Unavailable: the port asked for is taken.
    """
    if asked and not 0 < asked < 65536:
        raise BadInput(f"{option}: {asked} is no port", fix="Give 1 to 65535.")
    if asked and not is_free(asked):
        raise Unavailable(
            f"Port {asked} of {HOST} is taken.",
            fix=f"Give another {option}, or leave it out for a free one.",
        )
    if asked:
        return asked
    return former if former and is_free(former) else free()
