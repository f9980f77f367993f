"""What a customer has, and what it can pay for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from counterfoil.errors import BadInput, Refused
from counterfoil.points.ledger import LOTS, Holding, Ledger
from counterfoil.points.lotsfile import day_of
from counterfoil.points.reasons import Reason

_PAGE = 500


@dataclass(frozen=True, slots=True)
class Lot:
    """Points, and the first day (ISO 8601) on which they are gone."""

    points: int
    expires_on: str


@dataclass(frozen=True, slots=True)
class Balance:
    """Points that can be spent now; ``worth`` in minor units under the live rules."""

    points: int
    worth: int
    lots: tuple[Lot, ...]
    frozen: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """What points can pay for one piece of an item, ``cash`` in minor units, or why nothing."""

    item: str
    points: int
    cash: int
    reason: Reason

    @property
    def redeemable(self) -> bool:
        """Whether points can pay for any of it now."""
        return self.reason == Reason.NONE


def balance(ledger: Ledger, account: bytes) -> Balance:
    """An account's balance now."""
    held: Holding = ledger.holding(account)
    rules = ledger.rules(ledger.current_rules())
    lot_days = ledger.record.lot_days
    lots = tuple(
        Lot(points, day_of((period + LOTS) * lot_days).isoformat())
        for points, period in held.lots
        if points
    )
    return Balance(held.points, rules.rate.cash_for(held.points), lots, held.frozen)


def offers(ledger: Ledger, lens: str, account: bytes, terminal: str) -> Iterator[Offer]:
    """What an account can pay for at a terminal (by name), now. ``lens``: address of PointsOffers.

    Raises:
        BadInput: the bank has no such terminal.
        Refused: the terminal is disabled.
    """
    if terminal not in ledger.record.terminals:
        known = ", ".join(ledger.record.terminals)
        raise BadInput(f"no terminal {terminal!r}", field="TERMINAL", fix=f"Known: {known}.")
    items = ledger.record.catalogue_of(terminal).items
    address = ledger.record.terminals[terminal].address
    if ledger.key_of(address) is None:
        reason = Reason.UNKNOWN_TERMINAL
        raise Refused(f"terminal {terminal} is disabled", code=reason.code, fix="Enable it first.")
    contract = ledger.chain.contract("PointsOffers", lens)
    for first in range(1, len(items) + 1, _PAGE):
        page = contract.call("offers", ledger.record.address, account, address, first, _PAGE)
        for offer in page:
            name = items[offer.item - 1]
            yield Offer(name, int(offer.points), int(offer.cash), Reason(offer.reason))
