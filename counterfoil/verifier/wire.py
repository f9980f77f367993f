"""What goes over the wire between an intake desk and a verifier: JSON, and who signed for it.

Both sides are known by their keys on the ticket registry. A verifier's card carries its
encryption key, signed by the key that has ``VERIFIER_ROLE``; a request is signed by one that has
``INTAKE_ROLE``, with the time, so that it can't be used again later.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from counterfoil.errors import Refused
from counterfoil.ipfs.store import BlockState
from counterfoil.keys import Signer, signer_of, text_digest
from counterfoil.tickets.attestation import Opening, Order, Refusal, Request, Verdict

MAX_BODY = 256 * 1024
"""Bytes of one request: 256 tickets with their keys take half of it."""
MAX_BLOCKS = 256
FRESH = 300
"""Seconds that a signed request counts, before and after its time."""
SIGNATURE, TIME = "x-counterfoil-signature", "x-counterfoil-time"

_Bytes32 = Annotated[str, StringConstraints(pattern=r"^0x[0-9a-f]{64}$")]
_Address = Annotated[str, StringConstraints(pattern=r"^0x[0-9a-fA-F]{40}$")]
_Signature = Annotated[str, StringConstraints(pattern=r"^0x[0-9a-f]{130}$")]
_Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,63}$")]


Body = TypeVar("Body", bound=BaseModel)


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


class _Opening(_Message):
    token_id: _Bytes32
    digest: _Bytes32


class _Refusal(_Message):
    token_id: _Bytes32
    reason: _Code


class AttestationBody(_Message):
    """``POST /attestations``."""

    chain_id: Annotated[int, Field(ge=0)]
    contract: _Address
    openings: Annotated[list[_Opening], Field(max_length=1024)]
    deadline: Annotated[int, Field(ge=0, lt=2**40)]
    keys: Annotated[str, StringConstraints(max_length=MAX_BODY)]

    @classmethod
    def of(cls, request: Request) -> AttestationBody:
        """A request as it is sent."""
        return cls(
            chain_id=request.chain_id,
            contract=request.contract,
            openings=[
                _Opening(token_id=_hex(one.token_id), digest=_hex(one.digest))
                for one in request.openings
            ],
            deadline=request.deadline,
            keys=request.keys,
        )

    def request(self) -> Request:
        """What was sent."""
        openings = tuple(Opening(_bytes(one.token_id), _bytes(one.digest)) for one in self.openings)
        return Request(self.chain_id, self.contract, openings, self.deadline, self.keys)


class VerdictBody(_Message):
    """The answer to it."""

    verifier: _Address
    signature: _Signature | None
    refusals: list[_Refusal]

    @classmethod
    def of(cls, verdict: Verdict) -> VerdictBody:
        """A verdict as it is sent."""
        return cls(
            verifier=verdict.verifier,
            signature=_hex(verdict.signature) if verdict.signature else None,
            refusals=[
                _Refusal(token_id=_hex(one.token_id), reason=one.reason) for one in verdict.refusals
            ],
        )

    def verdict(self) -> Verdict:
        """What was sent."""
        refusals = tuple(Refusal(_bytes(one.token_id), one.reason) for one in self.refusals)
        signature = _bytes(self.signature) if self.signature else None
        return Verdict(self.verifier, signature, refusals)


class BlocksBody(_Message):
    """``POST /blocks``."""

    order: Order
    digests: Annotated[list[_Bytes32], Field(max_length=MAX_BLOCKS)]

    @classmethod
    def of(cls, order: Order, digests: Sequence[bytes]) -> BlocksBody:
        """An order as it is sent."""
        return cls(order=order, digests=[_hex(one) for one in digests])

    def blocks(self) -> list[bytes]:
        """The digests."""
        return [_bytes(one) for one in self.digests]


class StatesBody(_Message):
    """The answer to it: how the verifier's node has each block."""

    states: dict[_Bytes32, BlockState]

    @classmethod
    def of(cls, states: dict[bytes, BlockState]) -> StatesBody:
        """States as they are sent."""
        return cls(states={_hex(digest): state for digest, state in states.items()})

    def by_digest(self) -> dict[bytes, BlockState]:
        """What was sent."""
        return {_bytes(digest): state for digest, state in self.states.items()}


class CardBody(_Message):
    """``GET /card``: who the verifier is, and the X25519 key that case keys are encrypted to."""

    address: _Address
    public_key: _Bytes32
    signature: _Signature


@dataclass(frozen=True, slots=True)
class Place:
    """The registry that both sides work for."""

    chain_id: int
    contract: str

    def card(self, signer: Signer, public_key: bytes) -> CardBody:
        """A verifier's card."""
        signature = signer.sign_text(self._card_text(public_key))
        return CardBody(
            address=signer.address, public_key=_hex(public_key), signature=_hex(signature)
        )

    def key_on(self, card: CardBody) -> bytes:
        """The encryption key on a card.

        Raises:
            Refused: the card isn't signed by the address on it (``false-card``).
        """
        key = _bytes(card.public_key)
        if signer_of(text_digest(self._card_text(key)), _bytes(card.signature)) != card.address:
            raise Refused("the card isn't signed by whom it names", code="false-card")
        return key

    def signed(self, signer: Signer, path: str, body: bytes, time: int) -> dict[str, str]:
        """The headers that say who asks."""
        signature = signer.sign_text(self._request_text(path, body, time))
        return {SIGNATURE: _hex(signature), TIME: str(time)}

    def asks(self, signature: str, path: str, body: bytes, time: int) -> str | None:
        """The address that signed a request, None if nobody did."""
        try:
            given = bytes.fromhex(signature.removeprefix("0x"))
        except ValueError:
            return None
        return signer_of(text_digest(self._request_text(path, body, time)), given)

    def _card_text(self, public_key: bytes) -> str:
        return f"Counterfoil verifier\n{self.chain_id} {self.contract}\n{public_key.hex()}"

    def _request_text(self, path: str, body: bytes, time: int) -> str:
        content = hashlib.sha256(body).hexdigest()
        return f"Counterfoil intake\n{self.chain_id} {self.contract}\n{path} {time}\n{content}"


def parsed(kind: type[Body], data: bytes) -> Body:
    """A message of this kind.

    Raises:
        Refused: it is none (``malformed``); what was sent isn't repeated.
    """
    try:
        return kind.model_validate_json(data)
    except ValidationError:
        raise Refused("not a message of this kind", code="malformed") from None


def _hex(data: bytes) -> str:
    return "0x" + data.hex()


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text[2:])
