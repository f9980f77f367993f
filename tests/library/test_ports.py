"""Ports: the one asked for, the one of last time, or any free one."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from counterfoil.errors import BadInput, Unavailable
from counterfoil.local import ports


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which somebody listens."""
    with socket.socket() as server:
        server.bind((ports.HOST, 0))
        server.listen()
        yield server.getsockname()[1]


def test_free_givesAPortThatCanBeHad() -> None:
    assert ports.is_free(ports.free())


def test_free_holdsItsPortUntilTheServerHasIt() -> None:
    """Another process that looks for a port meanwhile must not be given this one."""
    port = ports.free()

    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind((ports.HOST, port))
    with (
        socket.create_server((ports.HOST, port)) as server,
        socket.create_connection((ports.HOST, port)),
    ):
        server.accept()[0].close()


def test_isFree_isFalseIfSomebodyListens(taken: int) -> None:
    assert not ports.is_free(taken)


def test_choose_takesTheAskedOne() -> None:
    asked = ports.free()

    assert ports.choose(asked, ports.free(), "--chain-port") == asked


def test_choose_refusesIfTheAskedOneIsTaken(taken: int) -> None:
    with pytest.raises(Unavailable) as caught:
        ports.choose(taken, 0, "--chain-port")

    assert caught.value.line() == (
        f"Port {taken} of 127.0.0.1 is taken. "
        "Give another --chain-port, or leave it out for a free one."
    )


@pytest.mark.parametrize("asked", [-1, 65536])
def test_choose_refusesIfTheAskedOneIsNoPort(asked: int) -> None:
    with pytest.raises(BadInput, match="--ipfs-port"):
        ports.choose(asked, 0, "--ipfs-port")


def test_choose_keepsTheFormerOneIfItIsFree() -> None:
    former = ports.free()

    assert ports.choose(0, former, "--chain-port") == former


def test_choose_movesIfTheFormerOneIsTaken(taken: int) -> None:
    chosen = ports.choose(0, taken, "--chain-port")

    assert chosen != taken
    assert ports.is_free(chosen)
