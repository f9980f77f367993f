"""Calls of ``PointsOffers`` and its answers, word for word.

The contract ABI (https://docs.soliditylang.org/en/v0.8.28/abi-spec.html) spelt out, since a general
decoder takes longer over a page of offers than the chain does. That it agrees with one is tested.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from counterfoil.artifacts import artifact
from counterfoil.hashing import keccak
from counterfoil.points.ledger import Ledger
from counterfoil.points.reasons import Reason
from counterfoil.refusals import refusals

_OFFERS = keccak(b"offers(address,bytes32,address,uint32,uint256)")[:4]
_QUOTE = keccak(b"quote(address,bytes32,address,uint128[],uint256)")[:4]
_QUOTE_POINTS = keccak(b"quotePoints(address,bytes32,address,uint128[],uint32)")[:4]
_ALL = 2**256 - 1  # a wish for as much as can be
_WORD = 64  # hex digits


@dataclass(frozen=True, slots=True)
class Share:
    """What points pay of one item or line: ``item`` by number, ``cash`` in minor units."""

    item: int
    points: int
    cash: int
    reason: Reason


@dataclass(frozen=True, slots=True)
class BasketShare:
    """What points pay of a basket under a version of the rules, and of its lines (without points
    of their own)."""

    rules: int
    points: int
    cash: int
    reason: Reason
    lines: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class Lens:
    """One ``PointsOffers``, by its address, turned on one ledger."""

    ledger: Ledger
    address: str

    def offers(self, account: bytes, terminal: str, first: int, count: int) -> list[Share]:
        """What points can pay for one piece of each of ``count`` items from ``first`` on.

        Raises:
            Refused: ``TerminalUnknown``: it is, or is disabled.
        """
        words = self._call(_OFFERS, account, terminal, _word(first), _word(count))
        length = words[1]
        return [
            Share(item, points, cash, Reason(reason))
            for item, points, cash, reason in _rows(words[2:], length, 4)
        ]

    def quote(
        self,
        account: bytes,
        terminal: str,
        basket: Sequence[int],
        *,
        points: int | None = None,
        cash: int | None = None,
    ) -> BasketShare:
        """The best order of a basket (packed lines) up to ``cash``, or that of so many points.

        Raises:
            Refused: ``TerminalUnknown``: it is, or is disabled.
        """
        function, wish = (_QUOTE, _ALL if cash is None else min(cash, _ALL))
        if points is not None:
            function, wish = (_QUOTE_POINTS, points)
        lines = b"".join(map(_word, (len(basket), *basket)))
        words = self._call(function, account, terminal, _word(5 * 32), _word(wish), lines)
        _, rules, paid, minor, reason, _, length = words[:7]
        rows = _rows(words[7:], length, 3)
        return BasketShare(
            rules=rules,
            points=paid,
            cash=minor,
            reason=Reason(reason),
            lines=tuple(Share(item, 0, share, Reason(why)) for item, share, why in rows),
        )

    def _call(self, function: bytes, account: bytes, terminal: str, *rest: bytes) -> list[int]:
        """The answer's words."""
        ledger = self.ledger.record.address
        data = b"".join((function, _address(ledger), account, _address(terminal), *rest))
        call = {"to": self.address, "data": "0x" + data.hex()}
        with refusals(artifact("PointsOffers")["abi"]):
            (answer,) = self.ledger.chain.node.batch([("eth_call", [call, "latest"])])
        text = str(answer)[2:]
        return [int(text[at : at + _WORD], 16) for at in range(0, len(text), _WORD)]


def _rows(words: Sequence[int], count: int, width: int) -> list[Sequence[int]]:
    return [words[at : at + width] for at in range(0, count * width, width)]


def _word(value: int) -> bytes:
    return value.to_bytes(32)


def _address(address: str) -> bytes:
    return bytes.fromhex(address[2:]).rjust(32, b"\0")
