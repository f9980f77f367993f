"""What a registry said that it opened is what it holds, whatever the chain does meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from counterfoil.chain import Chain
from counterfoil.errors import Unavailable
from counterfoil.node import Call
from counterfoil.tickets import sightings as module
from counterfoil.tickets.desk import Desk
from counterfoil.tickets.registry import Registry
from counterfoil.tickets.sightings import Sightings
from tests.support.anvil import undone
from tests.support.cases import row
from tests.support.intake import Opener

ABSENT = [bytes(32), b"\xff" * 32]


@pytest.fixture
def seen(desk: Desk) -> Sightings:
    """What one who has just come to know the registry sees."""
    return Sightings(desk.registry._contract, desk.registry._first)


@pytest.fixture
def minted(opener: Opener) -> list[bytes]:
    """Three tickets, in a block each."""
    return [opened(opener, number) for number in range(3)]


def opened(opener: Opener, number: int) -> bytes:
    """A new ticket's id."""
    (one,) = opener(row(channel_ref=f"A-{number}", serial=str(number)))
    assert one.outcome == "minted" and one.token_id
    return one.token_id


def doubtful(seen: Sightings, token_ids: Sequence[bytes]) -> list[bytes]:
    """Those that there may be."""
    found = seen.doubtful(token_ids)
    assert found
    return found[0]


def test_doubtful_areThoseThatWereOpened(seen: Sightings, desk: Desk, opener: Opener) -> None:
    assert seen.doubtful(ABSENT) == ([], desk.registry.now())

    first = opened(opener, 1)
    assert doubtful(seen, [*ABSENT, first]) == [first]
    second = opened(opener, 2)
    assert doubtful(seen, [second, *ABSENT, first]) == [second, first]
    assert seen.doubtful([]) == ([], desk.registry.now())


@pytest.mark.parametrize("bit", [0, module._BITS - 1, module._BITS, 255])
def test_doubtful_isWhatSharesItsFirstBits(
    seen: Sightings, desk: Desk, minted: list[bytes], bit: int
) -> None:
    other = (int.from_bytes(minted[0]) ^ 1 << (255 - bit)).to_bytes(32)

    assert doubtful(seen, [other]) == ([other] if bit >= module._BITS else [])
    assert desk.registry.standing_now([other, minted[0]])[0] == {minted[0]}


def test_doubtful_followsAChainThatGoesBack(seen: Sightings, desk: Desk, opener: Opener) -> None:
    with undone(desk.registry._contract.chain):
        gone = opened(opener, 1)
        assert doubtful(seen, [gone]) == [gone]
    desk.registry._contract.chain.request("evm_mine")
    came = opened(opener, 2)

    assert seen.doubtful([came]) is None  # it has to read all of it again
    assert doubtful(seen, [came, *ABSENT]) == [came]
    assert doubtful(seen, [gone]) == [gone]
    assert desk.registry.standing_now([gone, came])[0] == {came}


def test_doubtful_isToldOnceAllPagesAreRead(
    monkeypatch: pytest.MonkeyPatch, seen: Sightings, minted: list[bytes]
) -> None:
    monkeypatch.setattr(module, "_SPAN", 1)
    monkeypatch.setattr(module, "_SECONDS", 0)
    blocks = seen._chain.block_number() - seen._first

    looks = [seen.doubtful([*ABSENT, *minted]) for _ in range(blocks + 1)]

    told = [found[0] for found in looks if found]
    assert looks[0] is None
    assert told and all(found == minted for found in told)
    assert all(looks[len(looks) - len(told) :])


class Through:
    """The chain itself, to be changed in a point or two."""

    def __init__(self, chain: Chain) -> None:
        self.chain = chain

    def request(self, method: str, *params: Any) -> Any:
        """As the chain."""
        return self.chain.request(method, *params)

    def requests(self, calls: Sequence[Call]) -> list[Any]:
        """As the chain."""
        return self.chain.requests(calls)


class Unwilling(Through):
    """A chain that keeps no logs."""

    def requests(self, calls: Sequence[Call]) -> list[Any]:
        """None of it."""
        raise Unavailable("The host says 413.")


def test_standing_isLookedUpWhereNoLogsAreGiven(
    monkeypatch: pytest.MonkeyPatch, desk: Desk, minted: list[bytes]
) -> None:
    registry = Registry(desk.registry._contract, desk.registry._first)
    monkeypatch.setattr(registry._sightings, "_chain", Unwilling(desk.registry._contract.chain))

    assert registry.standing_now([*ABSENT, *minted]) == (set(minted), registry.now())


class Moving(Through):
    """A chain whose block ``place`` (of a request's answers) is another than it was, or none."""

    def __init__(self, chain: Chain, place: int, name: str | None) -> None:
        super().__init__(chain)
        self.place = place
        self.name = name

    def requests(self, calls: Sequence[Call]) -> list[Any]:
        """As the chain, but for that block."""
        answers = super().requests(calls)
        block = answers[self.place]
        answers[self.place] = {**block, "hash": self.name} if self.name else None
        return answers


@pytest.mark.parametrize("place", [0, 2, 3])
def test_doubtful_isNotToldWhileABlockIsNotThere(
    monkeypatch: pytest.MonkeyPatch, seen: Sightings, minted: list[bytes], place: int
) -> None:
    assert doubtful(seen, minted) == minted
    last = seen._last
    monkeypatch.setattr(seen, "_chain", Moving(seen._chain, place, None))

    assert seen.doubtful(minted) is None
    assert seen._last == last  # nothing was lost by it


@pytest.mark.parametrize("place", [0, 2, 3])
def test_doubtful_isNotToldIfTheChainMovesUnderneath(
    monkeypatch: pytest.MonkeyPatch, seen: Sightings, minted: list[bytes], place: int
) -> None:
    assert doubtful(seen, minted) == minted
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(seen, "_chain", Moving(seen._chain, place, "0x" + "00" * 32))
        assert seen.doubtful(minted) is None

    assert doubtful(seen, [*ABSENT, *minted]) == minted


class Slow(Through):
    """A chain that answers when it is let."""

    def __init__(self, chain: Chain) -> None:
        super().__init__(chain)
        self.looks = 0
        self.begun, self.let = threading.Event(), threading.Event()

    def request(self, method: str, *params: Any) -> Any:
        """As the chain, later."""
        self.looks += 1
        self.begun.set()
        assert self.let.wait(10)
        return super().request(method, *params)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch, seen: Sightings) -> Iterator[Slow]:
    """The chain behind ``seen``, slow."""
    slow = Slow(seen._chain)
    monkeypatch.setattr(seen, "_chain", slow)
    yield slow
    slow.let.set()


class Turnstile:
    """A lock that lets the chain answer once so many have come to it."""

    def __init__(self, expected: int, then: threading.Event) -> None:
        self._lock = threading.Lock()
        self._come = threading.Semaphore(expected - 1)
        self._then = then

    def __enter__(self) -> None:
        if not self._come.acquire(blocking=False):
            self._then.set()
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def test_doubtful_isAskedTogetherByAllWhoWait(
    monkeypatch: pytest.MonkeyPatch, seen: Sightings, slow: Slow, minted: list[bytes]
) -> None:
    monkeypatch.setattr(seen, "_lock", Turnstile(8, slow.let))
    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(seen.doubtful, minted)
        assert slow.begun.wait(10)
        others = [pool.submit(seen.doubtful, minted) for _ in range(7)]
        told = [one.result() for one in (first, *others)]

    assert all(found and found[0] == minted for found in told)
    assert slow.looks == 2  # the first began before the others asked; of those one looks for all
