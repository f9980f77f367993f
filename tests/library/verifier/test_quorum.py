"""Asking the verifiers: the first quorum is enough, and a bad one changes nothing."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from typing import Any

import pytest

from counterfoil.errors import Unavailable
from counterfoil.tickets.attestation import (
    Request,
    Verdict,
    Verifier,
)
from counterfoil.tickets.desk import Desk
from counterfoil.tickets.quorum import ask
from tests.support.verifying import BAD, Contrary, Digressing, Silent, Stranger, opening_of


def _ask(desk: Desk, *verifiers: Verifier) -> int:
    opening, key = opening_of(desk)
    return len(ask(verifiers, desk.registry, [opening], [key]).signatures)


@pytest.mark.parametrize("kind", BAD)
def test_ask_goesOnWithTheFirstQuorum(desk: Desk, kind: type[Any]) -> None:
    one, two, _ = desk.verifiers
    bad = kind(one.public_key)

    assert _ask(desk, bad, one, two) == 2
    assert _ask(desk, one, two, bad) == 2


def test_ask_leavesNobodyWaitingIfTheChainIsAway(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> tuple[int, int]:
        raise Unavailable("the chain is away")

    opening, key = opening_of(desk)
    threads = set(threading.enumerate())
    monkeypatch.setattr(desk.registry, "terms", away)

    with pytest.raises(Unavailable, match="the chain is away"):
        ask(desk.verifiers, desk.registry, [opening], [key])

    for one in set(threading.enumerate()) - threads:
        one.join(20)
        assert not one.is_alive()


def test_ask_doesNotWaitForTheSlow(desk: Desk) -> None:
    one, two, three = desk.verifiers
    released = threading.Event()

    @dataclass(frozen=True)
    class Slow(Stranger):
        def attest(self, request: Request) -> Verdict:
            assert released.wait(20)
            return three.attest(request)

    heard: list[str] = []
    late = threading.Event()

    def signed(name: str) -> None:
        heard.append(name)
        if name == "the bad one":
            late.set()

    opening, key = opening_of(desk)
    slow = Slow(three.public_key, three.address)
    attested = ask((slow, one, two), desk.registry, [opening], [key], signed)
    released.set()

    assert len(attested.signatures) == 2
    assert late.wait(20)  # what it signs later still counts for its store
    assert sorted(heard) == ["the bad one", "verifier-1", "verifier-2"]


def test_ask_countsASignatureThatCantBeNoted(desk: Desk) -> None:
    """The disk of the journals is full, say: the error is logged, and no thread dies of it."""
    one, two, _ = desk.verifiers
    logged = threading.Event()

    class Heard(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            assert "couldn't be noted: the database failed" in record.getMessage()
            logged.set()

    def signed(_name: str) -> None:
        raise Unavailable("the database failed")

    opening, key = opening_of(desk)
    log, heard = logging.getLogger("counterfoil.tickets"), Heard()
    former = log.level
    log.setLevel(logging.INFO)
    log.addHandler(heard)
    try:
        assert ask((one, two), desk.registry, [opening], [key], signed).refusals == {}
        assert logged.wait(20)
    finally:
        log.removeHandler(heard)
        log.setLevel(former)


@pytest.mark.parametrize("kind", BAD)
def test_ask_isUnavailableIfThereIsNoQuorum(desk: Desk, kind: type[Any]) -> None:
    one, two, _ = desk.verifiers

    with pytest.raises(Unavailable) as caught:
        _ask(desk, one, Silent(two.public_key, name="the silent one"), kind(two.public_key))

    assert caught.value.code == "no-quorum"
    assert "the silent one" in str(caught.value)


def test_ask_refusesIfTooManyRefuse(desk: Desk) -> None:
    one, two, _ = desk.verifiers
    opening, key = opening_of(desk)
    against = (Contrary(two.public_key), Contrary(two.public_key, "0x" + "22" * 20))
    attested = ask((one, *against), desk.registry, [opening], [key])

    assert attested.refusals == {opening.token_id: "fingerprint"}
    assert attested.signatures == ()


def test_ask_isUnavailableIfTooManyRefuseWhatNobodyAsked(desk: Desk) -> None:
    one, two, _ = desk.verifiers
    liars = (Digressing(two.public_key), Digressing(two.public_key, "0x" + "22" * 20))

    with pytest.raises(Unavailable) as caught:
        _ask(desk, one, *liars)

    assert caught.value.code == "no-quorum"
    assert "the bad one: " in str(caught.value)


def test_ask_namesWhatTheVerifiersRefuse(desk: Desk) -> None:
    opening, key = opening_of(desk, token_id=b"\x07" * 32)
    attested = ask(desk.verifiers, desk.registry, [opening], [key])

    assert attested.refusals == {opening.token_id: "fingerprint"}
    assert attested.signatures == ()
