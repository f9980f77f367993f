"""TCP ports on the loopback interface."""

from __future__ import annotations

import socket

from counterfoil.errors import BadInput, Unavailable

HOST = "127.0.0.1"


_given: set[int] = set()


def free() -> int:
    """A port that nobody listens on now, and that this process was not given before: its server
    may not have come up yet."""
    while True:
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            port: int = probe.getsockname()[1]
        if port not in _given:
            _given.add(port)
            return port


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
