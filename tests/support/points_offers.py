"""What points can pay for, found by trying every order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import NamedTuple

from counterfoil.chain import Contract
from counterfoil.points import quoting
from counterfoil.points.arithmetic import Rate
from counterfoil.points.orders import OrderLine, PaymentOrder
from counterfoil.points.rules import Rules as LibraryRules
from tests.support.points import account_of
from tests.support.points_bank import CheckedBank
from tests.support.points_model import Model
from tests.support.points_values import MAX_POINTS, Account, Reason, Rules
from tests.support.refusals import plain

DAY = 86_400
ALL = 2**256 - 1  # a wish for as much as can be


class Offer(NamedTuple):
    """IPointsTypes.Offer."""

    item: int
    points: int
    cash: int
    reason: int


class LineQuote(NamedTuple):
    """IPointsTypes.LineQuote."""

    item: int
    cash: int
    reason: int


class Quote(NamedTuple):
    """IPointsTypes.Quote."""

    rules: int
    points: int
    cash: int
    reason: int
    lines: tuple[LineQuote, ...]


class Piece(NamedTuple):
    """One line of a basket; ``price`` in minor units."""

    item: int
    quantity: int
    price: int


def largest(rules: Rules, cash: int, points: int = MAX_POINTS) -> int:
    """Points of the order, up to ``points``, that pays most of ``cash``; 0 if none can."""
    best = 0
    for order in range(rules.smallest, points + 1, rules.increment):
        if rules.cash(order) > cash:
            break
        if not best or rules.cash(order) > rules.cash(best):
            best = order
    return best


@dataclass(frozen=True, slots=True)
class Oracle:
    """One customer at one terminal, as the model knows both at a time in seconds."""

    model: Model
    now: int
    account: bytes
    terminal: str

    def offers(self) -> list[Offer]:
        """One offer for each item of the terminal's catalogue, under the live rules."""
        rows = []
        for item, cap in enumerate(self._caps, start=1):
            points, reason = self._best(cap, ALL)
            rows.append(Offer(item, points, self._rules.cash(points), reason))
        return rows

    def quote(self, basket: Sequence[Piece], wish: int) -> Quote:
        """The best order of a basket that pays at most ``wish``."""
        limits = [self._limit(piece) for piece in basket]
        if None in limits:
            points, reason = 0, Reason.UNKNOWN_ITEM
        else:
            points, reason = self._best(sum(limit or 0 for limit in limits), wish)
        left, lines = self._rules.cash(points), []
        for piece, limit in zip(basket, limits, strict=True):
            share = min(left, limit or 0)
            left -= share
            why = Reason.PAID if limit else Reason.ITEM_CAP
            lines.append(
                LineQuote(piece.item, share, Reason.UNKNOWN_ITEM if limit is None else why)
            )
        return Quote(len(self.model.rules), points, self._rules.cash(points), reason, tuple(lines))

    def in_python(self, basket: Sequence[Piece]) -> tuple[int, int, int]:
        """Points, cash and reason by the arithmetic that a bank's node answers by."""
        points, minor_units, *rest = self._rules
        today, customer = self.now // DAY, self.model.accounts.get(self.account, Account())
        takings = self.model.tills[self.terminal].takings.get(today, 0)
        limits = quoting.Limits(
            points=customer.points(self.model.first_period(self.now)),
            account_left=self._rules.max_account_day - customer.spent.get(today, 0),
            terminal_left=self._rules.max_terminal_day - takings,
            frozen=customer.frozen,
        )
        lines = [
            quoting.BasketLine(piece.quantity, piece.price, self._caps[piece.item - 1])
            for piece in basket
        ]
        told = quoting.payable_of(lines, LibraryRules(Rate(points, minor_units), *rest), limits)
        return told.points, told.cash, told.reason

    @property
    def _rules(self) -> Rules:
        return self.model.rules[-1]

    @property
    def _caps(self) -> list[int]:
        return self.model.catalogues[self.model.tills[self.terminal].catalogue - 1]

    def _limit(self, piece: Piece) -> int | None:
        if not 0 < piece.item <= len(self._caps):
            return None
        return piece.quantity * min(piece.price, self._caps[piece.item - 1])

    def _best(self, cap: int, wish: int) -> tuple[int, Reason]:
        rules, today = self._rules, self.now // DAY
        customer = self.model.accounts.get(self.account, Account())
        takings = self.model.tills[self.terminal].takings.get(today, 0)
        limits = {
            Reason.ITEM_CAP: cap,
            Reason.POINTS_MINIMUM: wish,
            Reason.ORDER_CAP: rules.max_order,
            Reason.ACCOUNT_DAY_CAP: rules.max_account_day - customer.spent.get(today, 0),
            Reason.TERMINAL_DAY_CAP: rules.max_terminal_day - takings,
        }
        for reason, limit in limits.items():
            if not largest(rules, limit, rules.smallest):
                return 0, reason
        if customer.frozen:
            return 0, Reason.FROZEN
        held = min(customer.points(self.model.first_period(self.now)), MAX_POINTS)
        points = largest(rules, min(limits.values()), held)
        return points, Reason.PAID if points else Reason.INSUFFICIENT_POINTS


@dataclass(frozen=True, slots=True)
class Counter:
    """The offers of one bank, each compared with what trying every order finds."""

    bank: CheckedBank
    contract: Contract

    def offers(self, name: str = "ann", first: int = 1, count: int = 100) -> list[Offer]:
        """What the contract offers."""
        rows = self.contract.call("offers", *self._who(name), first, count)
        found = [Offer(*plain(row)) for row in rows]
        every = self._oracle(name).offers()
        assert found == every[first - 1 : first - 1 + count], f"{found} is not {every}"
        return found

    def quote(self, *basket: Piece, name: str = "ann", wish: int = ALL) -> Quote:
        """What the contract quotes."""
        words = [OrderLine(*piece, cash=99).packed() for piece in basket]
        found = self._quoted(self.contract.call("quote", *self._who(name), words, wish))
        expected = self._oracle(name).quote(basket, wish)
        assert found == expected, f"{found} is not {expected}"
        if wish == ALL and found.reason != Reason.UNKNOWN_ITEM:
            assert self._oracle(name).in_python(basket) == found[1:4]
        return found

    def quote_points(self, points: int, *basket: Piece, name: str = "ann") -> Quote:
        """What the contract says to an order of these points; compared with what settling says."""
        words = [OrderLine(*piece, cash=0).packed() for piece in basket]
        found = self._quoted(self.contract.call("quotePoints", *self._who(name), words, points))
        assert (found.points, found.cash) == (points, self.bank.model.rules[-1].cash(points))
        with self.trying():
            said = self.bank.settle(self.order(found, *basket, name=name))
        assert said == [found.reason], f"{said} is not {found}"
        return found

    def order(self, quote: Quote, *basket: Piece, name: str = "ann") -> PaymentOrder:
        """The order that takes a quote."""
        lines = tuple(
            OrderLine(*piece, cash=line.cash)
            for piece, line in zip(basket, quote.lines, strict=True)
        )
        return replace(self.bank.order(name, quote.points), lines=lines)

    @contextmanager
    def trying(self) -> Iterator[None]:
        """What the block does to the bank is undone."""
        snapshot, before = self.bank.chain.request("evm_snapshot"), self.bank.again()
        yield
        self.bank.chain.request("evm_revert", snapshot)
        self.bank.model, self.bank.sequences = before.model, before.sequences

    def _who(self, name: str) -> tuple[str, bytes, str]:
        return self.bank.contract.address, account_of(name), self.bank.till.address

    def _oracle(self, name: str) -> Oracle:
        return Oracle(self.bank.model, self.bank.now, account_of(name), self.bank.till.address)

    def _quoted(self, answer: object) -> Quote:
        rules, points, cash, reason, lines = plain(answer)
        return Quote(rules, points, cash, reason, tuple(LineQuote(*line) for line in lines))
