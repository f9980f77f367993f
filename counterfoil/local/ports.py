"""TCP ports on the loopback interface."""

from __future__ import annotations

import secrets
import socket
import sys

from counterfoil.errors import BadInput, Unavailable

HOST = "127.0.0.1"

# Below those that systems give to outgoing connections (RFC 6335 begins them at 49152, Linux at
# 32768): one of these could take a port between our look and its server's start.
_FIRST, _END = 10_240, 32_768
_TRIES = 1_000

_held: dict[int, socket.socket] = {}


def free() -> int:
    """A port that nobody listens on now, and that this was asked for by no process that still runs:
    its server may not have come up yet.

    Raises:
        Unavailable: none was found.
    """
    for _ in range(_TRIES):
        port = _FIRST + secrets.randbelow(_END - _FIRST)
        if port not in _held and _hold(port):
            return port
    raise Unavailable(
        f"No free port from {_FIRST} to {_END - 1} of {HOST}.", fix="End what listens there."
    )


def _hold(port: int) -> bool:
    """Bind a port until this process ends, if nobody has bound it.

    It doesn't listen, and is marked as reusable once it has the port: on Linux a server then gets
    the port beside it (socket(7): SO_REUSEADDR, which servers set), but none who holds as we do.
    """
    held = socket.socket()
    try:
        held.bind((HOST, port))
    except OSError:
        held.close()
        return False
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if sys.platform != "linux":
        held.close()
    _held[port] = held
    return True


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
