"""What a customer has, and what it can pay for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from counterfoil.errors import BadInput, Refused
from counterfoil.points.ledger import LOTS, Holding, Ledger
from counterfoil.points.lens import Lens
from counterfoil.points.lotsfile import day_of
from counterfoil.points.orders import OrderLine
from counterfoil.points.ordersfile import WishLine
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


@dataclass(frozen=True, slots=True)
class QuotedLine:
    """The part of a line that points pay, ``cash`` in minor units, or why they can't pay any."""

    line: WishLine
    cash: int
    reason: Reason


@dataclass(frozen=True, slots=True)
class Quote:
    """The order of a basket that takes so many points and pays so much ``cash`` (minor units).

    ``reason``: what settling says to it; of a quote without points, to the smallest order.
    """

    rules_version: int
    points: int
    cash: int
    reason: Reason
    lines: tuple[QuotedLine, ...]

    @property
    def total(self) -> int:
        """What the basket costs, in minor units."""
        return sum(one.line.quantity * one.line.price for one in self.lines)


def offers(
    ledger: Ledger,
    lens: str,
    account: bytes,
    terminal: str,
    *,
    first: int = 1,
    count: int | None = None,
) -> Iterator[Offer]:
    """What an account can pay for at a terminal (by name), now. ``lens``: address of PointsOffers.

    Args:
        first: number of the first item, from 1.
        count: so many items; None: all that follow.

    Raises:
        BadInput: the bank has no such terminal.
        Refused: the terminal is disabled.
    """
    address = _terminal(ledger, terminal)
    items = ledger.record.catalogue_of(terminal).items
    end = len(items) + 1 if count is None else min(first + count, len(items) + 1)
    for start in range(first, end, _PAGE):
        some = min(_PAGE, end - start)
        with _in_words(terminal):
            page = Lens(ledger, lens).offers(account, address, start, some)
        for offer in page:
            yield Offer(items[offer.item - 1], offer.points, offer.cash, offer.reason)


def quote(
    ledger: Ledger,
    lens: str,
    account: bytes,
    terminal: str,
    basket: Sequence[WishLine],
    *,
    points: int | None = None,
    cash: int | None = None,
) -> Quote:
    """What points can pay of a basket at a terminal (by name), now, as settling would have it.

    Args:
        points: the order of just so many points; None: the one that pays most.
        cash: up to so many minor units; None: as much as can be.

    Raises:
        BadInput: the bank has no such terminal.
        Refused: the terminal is disabled.
    """
    address = _terminal(ledger, terminal)
    catalogue = ledger.record.catalogue_of(terminal)
    numbers = {name: number for number, name in enumerate(catalogue.items, start=1)}
    words = [
        OrderLine(numbers.get(line.item, 0), line.quantity, line.price, 0).packed()
        for line in basket
    ]
    with _in_words(terminal):
        found = Lens(ledger, lens).quote(account, address, words, points=points, cash=cash)
    lines = tuple(
        QuotedLine(line, one.cash, one.reason)
        for line, one in zip(basket, found.lines, strict=True)
    )
    return Quote(found.rules, found.points, found.cash, found.reason, lines)


def _terminal(ledger: Ledger, name: str) -> str:
    """The address of a terminal."""
    if name not in ledger.record.terminals:
        known = ", ".join(ledger.record.terminals)
        raise BadInput(f"no terminal {name!r}", field="TERMINAL", fix=f"Known: {known}.")
    return ledger.record.terminals[name].address


@contextmanager
def _in_words(terminal: str) -> Iterator[None]:
    try:
        yield
    except Refused as error:
        if error.code != "TerminalUnknown":
            raise
        code = Reason.UNKNOWN_TERMINAL.code
        fix = "Enable it first."
        raise Refused(f"terminal {terminal} is disabled", code=code, fix=fix) from error
