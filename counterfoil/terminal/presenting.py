"""What the till's templates are given: problems in words, rows of items, the offer for a basket."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import ValidationError

from counterfoil.bank.wire import MAX_LINES, BasketLine, BasketOffer, Offer, Quote
from counterfoil.errors import BadInput, CounterfoilError, Unavailable
from counterfoil.money import parse_minor
from counterfoil.points.arithmetic import Rate
from counterfoil.points.reasons import Reason
from counterfoil.terminal.sales import Stage
from counterfoil.terminal.till import Till
from counterfoil.terminal.views import SaleView
from counterfoil.terminal.visits import Attempt
from counterfoil.web.texts import Texts

_STATUS = {"unknown-sale": 404, "no-page": 404, "fault": 500}
_OF_THE_LEDGER = frozenset(reason.code for reason in Reason if reason)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that went wrong, in the catalogue's words, and the status that goes with it."""

    title: str
    said: str
    status: int
    tone: Literal["bad", "busy"] = "bad"


@dataclass(frozen=True, slots=True)
class ItemRow:
    """An item as the basket's form shows it."""

    number: int
    item: str
    said: str
    price: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Offered:
    """What points can pay of a basket: from ``least`` to ``most`` in steps. Cash in minor units.
    With a ``problem`` the rest counts for nothing. ``limit``: the sentence about what allows no
    more; ``asks``: that about confirming."""

    problem: Problem | None
    attempt: str
    rate: Rate
    step: int
    least: int
    most: int
    total: int
    worth: int
    limit: str | None
    asks: str | None


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over a list of sales, in minor units."""

    count: int
    cash: int
    refunded: int


def problem_of(error: CounterfoilError, texts: Texts) -> Problem:
    """An error in words. What the bank says itself is repeated if we have no words of our own."""
    status = {BadInput: 422, Unavailable: 503}.get(type(error), 409)
    status = _STATUS.get(error.code, status)
    of_the_bank = error.code in ("bank-away", "bank-busy")
    code = "unavailable" if isinstance(error, Unavailable) and not of_the_bank else error.code
    tone: Literal["bad", "busy"] = "busy" if isinstance(error, Unavailable) else "bad"
    key = f"problem.{code}"
    if not texts.has(f"{key}.title"):
        key = "problem.no-points" if code in _OF_THE_LEDGER else "problem.other"
    said = texts(f"{key}.said", reason=reason_text(texts, code, error.message), lines=MAX_LINES)
    return Problem(texts(f"{key}.title"), said, status, tone)


def reason_text(texts: Texts, code: str, detail: str | None) -> str:
    """A reason in a customer's words; of one that we don't know, the bank's own."""
    known = code != "other" and texts.has(f"reason.{code}")
    return texts(f"reason.{code}") if known else texts("reason.other", detail=detail or code)


def basket_in(form: Mapping[str, str], till: Till) -> list[BasketLine]:
    """The chosen items of a posted basket.

    Raises:
        BadInput: a number or a price can't be read (``basket``), or more different items than an
            order has lines (``basket-lines``).
    """
    lines = []
    for number, item in enumerate(till.counter.catalogue.items, 1):
        quantity = form.get(f"quantity-{number}", "").strip()
        if quantity in ("", "0"):
            continue
        price = form.get(f"price-{number}", "").strip()
        try:
            parse_minor(price, till.currency)
            lines.append(BasketLine(item=item, quantity=int(quantity), unit_price=price))
        except (BadInput, ValueError, ValidationError) as error:
            raise BadInput("can't be read", field=f"item {number}", code="basket") from error
    if len(lines) > MAX_LINES:
        raise BadInput(f"over {MAX_LINES} different items", field="items", code="basket-lines")
    return lines


def form_of_basket(basket: Iterable[BasketLine], till: Till) -> dict[str, str]:
    """A basket as its form would post it: :func:`basket_in` the other way round."""
    form = {}
    for line in basket:
        number = till.counter.catalogue.items.index(line.item) + 1
        form[f"quantity-{number}"] = str(line.quantity)
        form[f"price-{number}"] = line.unit_price
    return form


def points_in(form: Mapping[str, str]) -> int:
    """How many points are to be spent.

    Raises:
        BadInput: not a whole number (``points-increment``).
    """
    try:
        return int(form.get("points", ""))
    except ValueError:
        problem = "not a whole number"
        raise BadInput(problem, field="points", code="points-increment") from None


def rows_of(quote: Quote, till: Till, texts: Texts, form: Mapping[str, str]) -> list[ItemRow]:
    """The items that the till sells, with what points can pay of one. ``form``: as posted last."""
    rows = []
    for offer in quote.items:
        price = form.get(f"price-{offer.number}", till.prices.get(offer.item, ""))
        quantity = form.get(f"quantity-{offer.number}", "0")
        number = int(quantity) if quantity.isascii() and quantity.isdigit() else 0
        said = _said_of(offer, quote.currency, texts)
        rows.append(ItemRow(offer.number, offer.item, said, price, number))
    return rows


def _said_of(offer: Offer, currency: str, texts: Texts) -> str:
    """What points can pay of one piece of an item, in a line."""
    if offer.redeemable:
        worth = {"cash": offer.cash, "currency": currency, "points": f"{offer.points:,}"}
        return texts("visit.item-yes", **worth)
    if offer.reason != Reason.ITEM_CAP.code:
        return texts("visit.item-no", reason=reason_text(texts, offer.reason or "", offer.detail))
    if parse_minor(offer.cap, currency, zero=True) == 0:
        return texts("visit.item-never")
    return texts("visit.item-together", cap=offer.cap, currency=currency)


def offered(name: str, attempt: Attempt, till: Till, texts: Texts) -> Offered:
    """The bank's offer for a basket as the payment panel shows it."""
    quote, offer = attempt.quote, attempt.quote.basket
    rate = Rate(quote.rules.points, quote.rules.minor_units)
    problem = None
    if offer is None or not offer.redeemable:
        why = reason_text(
            texts, (offer.reason if offer else None) or "other", offer.detail if offer else None
        )
        said = texts("problem.no-points.said", reason=why)
        problem = Problem(texts("problem.no-points.title"), said, 200)
    most, least = (offer.points, offer.minimum_points) if offer else (0, 0)
    return Offered(
        problem=problem,
        attempt=name,
        rate=rate,
        step=quote.rules.increment,
        least=least,
        most=most,
        total=sum(_total(line, till.currency) for line in attempt.basket),
        worth=rate.cash_for(most),
        limit=_limit(offer, texts),
        asks=_asks(quote, texts),
    )


def totals_of(views: Iterable[SaleView]) -> Totals:
    """The sums of what was paid."""
    paid = [one for one in views if one.sale.stage in (Stage.PAID, Stage.COMPLETED)]
    cash = sum(one.sale.cash for one in paid)
    return Totals(len(paid), cash, sum(one.refunded for one in paid))


def _total(line: BasketLine, currency: str) -> int:
    return line.quantity * parse_minor(line.unit_price, currency, zero=True)


def _limit(offer: BasketOffer | None, texts: Texts) -> str | None:
    """What allows no more; None: the items, of which each row says it."""
    key = f"payment.limit.{offer.limit if offer else ''}"
    return texts(key) if texts.has(key) else None


def _asks(quote: Quote, texts: Texts) -> str | None:
    if quote.confirm_above is None:
        return None
    if parse_minor(quote.confirm_above, quote.currency, zero=True) == 0:
        return texts("payment.asks-always")
    return texts("payment.asks", cash=quote.confirm_above, currency=quote.currency)
