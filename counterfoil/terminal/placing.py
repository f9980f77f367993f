"""An order out of a basket and the bank's quote, signed by the till itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from counterfoil.bank.wire import BasketLine, Quote
from counterfoil.deployment import CatalogueRecord, LedgerRecord
from counterfoil.errors import BadInput, Refused, Tampered
from counterfoil.keys import Signer
from counterfoil.money import parse_minor
from counterfoil.points.arithmetic import Rate, spread
from counterfoil.points.orders import Domain, OrderLine, PaymentOrder
from counterfoil.points.signedfile import signed_row
from counterfoil.terminal.sales import Goods, Sale, goods_text

LIFETIME = 600
"""Seconds that an order lives."""


@dataclass(frozen=True, slots=True)
class Counter:
    """Who signs here, for which ledger. ``terminal``: the name at the bank."""

    record: LedgerRecord
    chain_id: int
    terminal: str
    signer: Signer

    @property
    def address(self) -> str:
        """The terminal's address on the ledger."""
        return self.record.terminals[self.terminal].address

    @property
    def catalogue_name(self) -> str:
        """Of the catalogue that it is on."""
        return self.record.terminals[self.terminal].catalogue

    @property
    def catalogue(self) -> CatalogueRecord:
        """What it sells that points may pay for."""
        return self.record.catalogue_of(self.terminal)

    @property
    def domain(self) -> Domain:
        """What its signatures name."""
        return Domain(self.chain_id, self.record.address)

    def check(self, quote: Quote) -> None:
        """See that a quote is for this till at this ledger, so that nothing else gets signed.

        Raises:
            Tampered: it isn't.
        """
        ours = (self.chain_id, self.record.address, self.address, self.record.currency)
        told = (quote.chain_id, quote.ledger, quote.terminal_address, quote.currency)
        if told != ours:
            raise Tampered("The bank's quote is for another ledger, terminal or currency.")

    def goods(self, basket: Sequence[BasketLine], cash: int) -> tuple[Goods, ...]:
        """The basket with ``cash`` minor units of points' worth spread over its lines.

        Raises:
            BadInput: an item that isn't in the catalogue.
        """
        catalogue, currency = self.catalogue, self.record.currency
        prices = [parse_minor(line.unit_price, currency, zero=True) for line in basket]
        for line in basket:
            if line.item not in catalogue.items:
                raise BadInput("isn't sold here", field=line.item[:32])
        caps = [catalogue.caps[catalogue.items.index(line.item)] for line in basket]
        limits = [
            line.quantity * min(price, cap)
            for line, price, cap in zip(basket, prices, caps, strict=True)
        ]
        return tuple(
            Goods(line.item, line.quantity, price, share)
            for line, price, share in zip(basket, prices, spread(cash, limits), strict=True)
        )

    def sale(self, basket: Sequence[BasketLine], quote: Quote, points: int, place: Place) -> Sale:
        """The sale as it is to be written down, its order signed.

        Raises:
            BadInput: points that the quote doesn't allow.
            Tampered: the quote is for something else.
        """
        self.check(quote)
        check_points(quote, points)
        rate = Rate(quote.rules.points, quote.rules.minor_units)
        goods = self.goods(basket, rate.cash_for(points))
        order = PaymentOrder(
            account=bytes.fromhex(quote.account.removeprefix("0x")),
            terminal=self.address,
            sequence=place.sequence,
            rules=quote.rules.version,
            points=points,
            deadline=place.at + LIFETIME,
            lines=tuple(
                OrderLine(
                    self.catalogue.items.index(line.item) + 1, line.quantity, line.price, line.cash
                )
                for line in goods
            ),
        )
        order_id = order.order_id()
        signature = self.signer.sign_digest(self.domain.digest(order_id))
        return Sale(
            sale_id=place.sale_id,
            order_id="0x" + order_id.hex(),
            at=place.at,
            row=signed_row(place.sale_id, order, self.domain, signature),
            quote_id=quote.quote_id,
            goods=goods_text(goods),
            points=points,
            cash=order.cash,
            deadline=order.deadline,
            from_block=place.from_block,
        )


@dataclass(frozen=True, slots=True)
class Place:
    """Where a new sale stands: its name, its number, when (Unix seconds), after which block."""

    sale_id: str
    sequence: int
    at: int
    from_block: int


def check_points(quote: Quote, points: int) -> None:
    """See that an order of so many points answers the quote.

    Raises:
        BadInput: ``points-minimum``, ``points-increment`` or ``points-over`` (the offer).
        Refused: nothing can be paid with points; the bank's reason.
    """
    offer = quote.basket
    if offer is None or not offer.redeemable:
        code = (offer.reason if offer else None) or "no-basket"
        raise Refused("Points can't pay for this.", code=code)
    if points < offer.minimum_points:
        raise BadInput("fewer than the smallest order", field="points", code="points-minimum")
    if points % quote.rules.increment:
        raise BadInput("not a multiple of the step", field="points", code="points-increment")
    if points > offer.points:
        raise BadInput("more than the bank offers", field="points", code="points-over")
