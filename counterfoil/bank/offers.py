"""Quotes: what a customer can pay with points at one terminal, now, and under which rules."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from counterfoil.bank.answers import iso
from counterfoil.bank.consents import Consents
from counterfoil.bank.intake import Till
from counterfoil.bank.problems import refused
from counterfoil.bank.quotes import Given, Quotes, basket_text, new_quote_id
from counterfoil.bank.settings import Settings
from counterfoil.bank.wire import Balance, BasketOffer, Lot, Offer, Quote, QuoteBody
from counterfoil.bank.wire import Rules as RulesAnswer
from counterfoil.database import transaction
from counterfoil.deployment import CatalogueRecord
from counterfoil.errors import BadInput
from counterfoil.money import format_minor, parse_minor
from counterfoil.points.desk import BankDesk
from counterfoil.points.ledger import LOTS, Holding
from counterfoil.points.lotsfile import day_of
from counterfoil.points.quoting import BasketLine, Limits, Payable, payable, payable_of, smallest
from counterfoil.points.rules import LAPSE, Rules

_CURRENT_LASTS = 1.0  # seconds until new rules, or a pause, are seen


@dataclass(slots=True)
class Rulebook:
    """The versions of a ledger's rules: they never change, only which of them is current, and
    whether anything is settled by it."""

    desk: BankDesk
    _known: dict[int, Rules] = field(default_factory=dict)
    _current: tuple[float, int, bool] = (0.0, 0, True)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def current(self) -> tuple[int, Rules]:
        """The live version."""
        version, _ = self._latest()
        return version, self.version(version)

    def settled(self) -> tuple[int, Rules]:
        """The live version; Refused(``paused``) while nothing is settled."""
        version, settles = self._latest()
        if not settles:
            raise refused("paused", "The bank has stopped payments with points for now.")
        return version, self.version(version)

    def version(self, number: int) -> Rules:
        """One version; Refused(UnknownRules) if there is none."""
        found = self._known.get(number)
        if found is None:
            found = self._known[number] = self.desk.ledger.rules(number)
        return found

    def _latest(self) -> tuple[int, bool]:
        with self._lock:  # who comes while it is being read waits for it
            read, version, settles = self._current
            if time.monotonic() - read > _CURRENT_LASTS:
                version, settles = self.desk.ledger.settles()
                self._current = (time.monotonic(), version, settles)
        return version, settles


@dataclass(frozen=True, slots=True)
class Quoting:
    """Gives quotes for one bank."""

    desk: BankDesk
    rulebook: Rulebook
    quotes: Quotes
    consents: Consents
    settings: Settings

    def quote(self, body: QuoteBody, till: Till, now: int) -> Quote:
        """A quote. ``now`` in seconds.

        Raises:
            BadInput: the basket has an item that the terminal doesn't sell, or no amount.
            Refused: ``paused``.
            Unavailable: the chain or the database doesn't answer.
        """
        ledger = self.desk.ledger
        catalogue = ledger.record.catalogue_of(till.name)
        lines = self._lines(body, catalogue)
        account = self.desk.account(body.customer_id)
        version, rules = self.rulebook.settled()
        held, takings = ledger.standing(account, till.address)
        limits = _limits(rules, held, takings)
        name = "0x" + account.hex()
        given = self._given(till, name, lines, now)
        with transaction(self.quotes.engine) as link:
            above = self.consents.above(link, [name])[name]
            self.quotes.add(link, [given])
        return Quote(
            quote_id=given.quote_id,
            expires_at=iso(given.expires_at),
            bank=self.desk.bank,
            chain_id=ledger.chain.chain_id,
            ledger=ledger.record.address,
            terminal=till.name,
            terminal_address=till.address,
            account=name,
            currency=ledger.record.currency,
            balance=self.balance(name, held, rules),
            rules=self.told(version, rules, None),
            items=self._items(catalogue, rules, limits),
            basket=self._basket([one for _, one in lines], rules, limits) if lines else None,
            confirm_above=None if above is None else self._cash(max(above, 0)),
        )

    def _given(
        self, till: Till, account: str, lines: Sequence[tuple[int, BasketLine]], now: int
    ) -> Given:
        return Given(
            quote_id=new_quote_id(),
            terminal=till.address,
            account=account,
            basket=basket_text([(number, one.quantity, one.price) for number, one in lines]),
            expires_at=now + self.settings.quote_seconds,
        )

    def balance(self, account: str, held: Holding, rules: Rules) -> Balance:
        """What an account holds, in words."""
        lot_days = self.desk.ledger.record.lot_days
        return Balance(
            account=account,
            points=held.points,
            worth=self._cash(rules.rate.cash_for(held.points)),
            currency=self.desk.ledger.record.currency,
            lots=[
                Lot(points=points, expires_on=day_of((period + LOTS) * lot_days).isoformat())
                for points, period in held.lots
                if points
            ],
            frozen=held.frozen,
        )

    def told(self, version: int, rules: Rules, live_until: int | None) -> RulesAnswer:
        """A version of the rules, in words. ``live_until``: None for the current one."""
        grace = rules.grace_days
        return RulesAnswer(
            version=version,
            live=live_until is None or live_until >= self.desk.ledger.chain.timestamp(),
            live_until=None if live_until is None else iso(live_until),
            currency=self.desk.ledger.record.currency,
            points=rules.rate.points,
            minor_units=rules.rate.minor_units,
            minimum_points=rules.minimum_points,
            increment=rules.increment,
            max_order=self._cash(rules.max_order),
            max_account_day=self._cash(rules.max_account_day),
            max_terminal_day=self._cash(rules.max_terminal_day),
            sunset_seconds=rules.sunset_seconds,
            refund_days=rules.refund_days,
            restored="lapse" if grace == LAPSE else f"grace:{grace}",
        )

    def _lines(self, body: QuoteBody, catalogue: CatalogueRecord) -> list[tuple[int, BasketLine]]:
        found = []
        for place, line in enumerate(body.basket or ()):
            if line.item not in catalogue.items:
                where = f"basket.{place}.item"
                raise BadInput(
                    "isn't in the terminal's catalogue", field=where, code="unknown-item"
                )
            number = catalogue.items.index(line.item) + 1
            price = self._price(line.unit_price, f"basket.{place}.unit_price")
            found.append((number, BasketLine(line.quantity, price, catalogue.caps[number - 1])))
        return found

    def _price(self, text: str, where: str) -> int:
        try:
            price = parse_minor(text, self.desk.ledger.record.currency, zero=True)
        except BadInput as error:
            raise BadInput(error.problem, field=where) from error
        if price >= 2**40:
            raise BadInput("is more than an order can say", field=where)
        return price

    def _items(self, catalogue: CatalogueRecord, rules: Rules, limits: Limits) -> list[Offer]:
        by_cap = {cap: payable(cap, rules, limits) for cap in set(catalogue.caps)}
        return [
            Offer(
                item=item,
                number=number,
                cap=self._cash(cap),
                redeemable=not by_cap[cap].reason,
                points=by_cap[cap].points,
                cash=self._cash(by_cap[cap].cash),
                reason=by_cap[cap].reason.code if by_cap[cap].reason else None,
                detail=by_cap[cap].reason.sentence if by_cap[cap].reason else None,
            )
            for number, (item, cap) in enumerate(
                zip(catalogue.items, catalogue.caps, strict=True), start=1
            )
        ]

    def _basket(self, lines: Sequence[BasketLine], rules: Rules, limits: Limits) -> BasketOffer:
        found: Payable = payable_of(lines, rules, limits)
        return BasketOffer(
            redeemable=not found.reason,
            minimum_points=smallest(rules),
            points=found.points,
            cash=self._cash(found.cash),
            reason=found.reason.code if found.reason else None,
            detail=found.reason.sentence if found.reason else None,
            payable=[self._cash(line.payable) for line in lines],
            limit=found.limit.code,
        )

    def _cash(self, minor: int) -> str:
        return format_minor(minor, self.desk.ledger.record.currency)


def _limits(rules: Rules, held: Holding, takings: int) -> Limits:
    return Limits(
        points=held.points,
        account_left=max(0, rules.max_account_day - held.spent_today),
        terminal_left=max(0, rules.max_terminal_day - takings),
        frozen=held.frozen,
    )
