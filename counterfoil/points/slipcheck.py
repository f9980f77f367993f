"""Whether the line of an answered order says what its order says, and is its terminal's."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from counterfoil.errors import BadInput
from counterfoil.points.chainside import ChainSide, Settled
from counterfoil.points.findings import unlike
from counterfoil.points.orders import DOMAIN_NAME, DOMAIN_VERSION
from counterfoil.points.signedfile import SignedOrder, signed_order
from counterfoil.points.wallets import stand_by


@dataclass(frozen=True, slots=True)
class Slips:
    """Reads lines against one ledger."""

    chain: ChainSide
    _wallets: dict[bytes, bool] = field(default_factory=dict)

    def misnamed(self, line: Mapping[str, Any], signed: SignedOrder) -> Iterator[str]:
        """An ``order_id`` that isn't the one of the message. A line needn't name any."""
        told = line.get("order_id")
        if told is not None and str(told).lower() != signed.order_id:
            yield f"order_id: {told} in the file, {signed.order_id} by the message"

    def misdirected(self, line: Mapping[str, Any]) -> Iterator[str]:
        """A domain that isn't the ledger's, in what is told of it."""
        told = line["message"].get("domain")
        ours = self.chain.ledger.domain
        for name, value in (
            ("name", DOMAIN_NAME),
            ("version", DOMAIN_VERSION),
            ("chainId", str(ours.chain_id)),
            ("verifyingContract", ours.ledger.lower()),
        ):
            there = told.get(name, value) if isinstance(told, Mapping) else value
            if _plain(there) not in (value, hex(ours.chain_id) if name == "chainId" else value):
                yield unlike(f"domain {name}", there, value, first="in the file")

    def is_signed(self, signed: SignedOrder, settled: Settled, kept: SignedOrder | None) -> bool:
        """Whether the terminal signed it, with a key that it had when the order was answered.

        ``kept``: as the bank has it. Of a contract nobody knows later what it stood by then: what
        the bank has counts, and what the contract stands by now.
        """
        ledger = self.chain.ledger
        keys = self.chain.keys_at(settled.terminal, settled.block)
        if signed.signer(ledger.domain) in keys:
            return True
        wallets = [key for key in keys if self._is_wallet(key)]
        if wallets and kept is not None and kept.signature == signed.signature:
            return True
        asked = [(ledger.domain.digest(signed.id_bytes), signed.signature)]
        return any(stand_by(ledger.chain, "0x" + key.hex(), asked)[0] for key in wallets)

    def _is_wallet(self, key: bytes) -> bool:
        if key not in self._wallets:
            self._wallets[key] = self.chain.ledger.chain.has_code("0x" + key.hex())
        return self._wallets[key]


def signed_in(row: str) -> SignedOrder | None:
    """The signed order in a line that a journal keeps; None if it is none."""
    try:
        return signed_order(json.loads(row))
    except (BadInput, ValueError):
        return None


def _plain(value: object) -> str:
    """A value as a domain may spell it: numbers in digits or as text, addresses in any case."""
    return value.lower() if isinstance(value, str) and value.startswith("0x") else str(value)
