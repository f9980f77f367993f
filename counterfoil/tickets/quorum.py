"""Asking the verifiers: as many signatures as the registry takes, or the tickets that stand in
the way."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from queue import SimpleQueue

from counterfoil.errors import CounterfoilError, Unavailable
from counterfoil.keys import signer_of
from counterfoil.tickets.attestation import (
    UNREAD,
    Opening,
    Request,
    Verdict,
    Verifier,
    attestation_digest,
)
from counterfoil.tickets.keywrap import wrap_keys
from counterfoil.tickets.registry import Registry

_LOG = logging.getLogger("counterfoil.tickets")
_VALID_SECONDS = 600

Signed = Callable[[str], None]
"""Hears the name of each verifier that signed, also of those that come too late to count."""


@dataclass(frozen=True, slots=True)
class Attested:
    """Signatures over a batch, ascending by signer; or none, and why by token id."""

    deadline: int
    signatures: tuple[bytes, ...]
    refusals: dict[bytes, str]


def ask(
    verifiers: Sequence[Verifier],
    registry: Registry,
    openings: Sequence[Opening],
    keys: Sequence[bytes],
    signed: Signed = lambda _: None,
) -> Attested:
    """The answer of the first verifiers that make a quorum; all are asked at once.

    A ticket is refused when so many verifiers refuse it that the others are no quorum.

    Args:
        signed: called, on a thread of its own, for each true signature over the batch.

    Raises:
        Unavailable: too few verifiers answer, or answer truly. Nothing was minted.
    """
    begun: Future[Request] = Future()
    answers: SimpleQueue[tuple[Verifier, Verdict | CounterfoilError]] = SimpleQueue()
    for one in verifiers:
        # A daemon, so that nobody waits for a verifier that has nothing to add any more.
        asking = (one, begun, keys, signed, answers)
        threading.Thread(target=_ask_one, args=asking, daemon=True).start()
    quorum, batch = _begin(registry, openings, begun)
    said = _Said(len(verifiers), quorum)
    while not said.decided:
        said.hear(batch, *answers.get())
    return said.outcome(batch.deadline)


def _begin(
    registry: Registry, openings: Sequence[Opening], begun: Future[Request]
) -> tuple[int, Request]:
    """The quorum and the batch, for those who wait for it too, whatever happens."""
    try:
        quorum, now = registry.terms()
    except BaseException as error:
        begun.set_exception(error)
        raise
    batch = Request(
        chain_id=registry.chain_id,
        contract=registry.address,
        openings=tuple(openings),
        deadline=now + _VALID_SECONDS,
        keys="",
    )
    begun.set_result(batch)
    return quorum, batch


def _ask_one(
    verifier: Verifier,
    begun: Future[Request],
    keys: Sequence[bytes],
    signed: Signed,
    answers: SimpleQueue[tuple[Verifier, Verdict | CounterfoilError]],
) -> None:
    try:
        wrapped = wrap_keys(keys, verifier.public_key)  # while the chain tells the others' part
        batch = begun.result()
        verdict = verifier.attest(replace(batch, keys=wrapped))
    except CounterfoilError as error:
        answers.put((verifier, error))
    except Exception as error:  # on this thread nobody else would hear of it
        answers.put((verifier, Unavailable(f"asking it failed: {type(error).__name__}")))
    else:
        answers.put((verifier, verdict))
        if verdict.signature and _is_true(verdict.signature, batch, verifier):
            try:
                signed(verifier.name)
            except CounterfoilError as error:  # it counts all the same
                _LOG.info("%s signed, which couldn't be noted: %s", verifier.name, error.message)


@dataclass(slots=True)
class _Said:
    """What the verifiers have said so far."""

    asked: int
    quorum: int
    heard: int = 0
    signed: dict[str, bytes] = field(default_factory=dict)
    against: Counter[bytes] = field(default_factory=Counter)
    reasons: dict[bytes, str] = field(default_factory=dict)
    silent: list[str] = field(default_factory=list)

    @property
    def decided(self) -> bool:
        """Whether more answers can't change anything."""
        return len(self.signed) >= self.quorum or self.heard == self.asked

    def hear(self, batch: Request, verifier: Verifier, said: Verdict | CounterfoilError) -> None:
        """Take in one answer. A verifier that is down, or lies, only doesn't count."""
        self.heard += 1
        asked = {one.token_id for one in batch.openings}
        if isinstance(said, CounterfoilError):
            self.silent.append(f"{verifier.name}: {said.message}")
        elif said.signature is not None:
            if _is_true(said.signature, batch, verifier):
                self.signed[verifier.address] = said.signature
            else:
                self.silent.append(f"{verifier.name}: a signature that isn't its own")
        elif any(one.reason in UNREAD for one in said.refusals):
            self.silent.append(f"{verifier.name}: it can't read every block")
        elif refused := {r.token_id: r.reason for r in said.refusals if r.token_id in asked}:
            self.reasons |= refused
            self.against.update(refused.keys())
        else:
            self.silent.append(f"{verifier.name}: it neither signs nor refuses what it was asked")

    def outcome(self, deadline: int) -> Attested:
        """What it comes to."""
        if len(self.signed) >= self.quorum:
            ascending = sorted(self.signed, key=lambda one: int(one, 16))
            return Attested(deadline, tuple(self.signed[one] for one in ascending), {})
        hopeless = [one for one, no in self.against.items() if self.asked - no < self.quorum]
        if not hopeless:
            others = "; ".join(sorted(self.silent)) or "the others refused"
            raise Unavailable(
                f"{len(self.signed)} of {self.quorum} verifiers signed; {others}",
                fix="Start the verifiers, then run again.",
                code="no-quorum",
            )
        return Attested(deadline, (), {one: self.reasons[one] for one in hopeless})


def _is_true(signature: bytes, batch: Request, verifier: Verifier) -> bool:
    """Whether the verifier signed this very batch; the keys are no part of what is signed."""
    return signer_of(attestation_digest(batch), signature) == verifier.address
