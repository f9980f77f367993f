"""Taking orders: what is checked before the bank writes an order down and answers for it.

In this order: it can be read; it is the asking terminal's; the terminal signed it; its quote is
known, of that terminal, account and basket, not over, and free. An order that the node knows
already gets its first answer instead. What fails is ``invalid``: nothing is kept of it, and it may
be sent again with what was missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from counterfoil.bank.consents import Consents
from counterfoil.bank.links import digest_of, token_of
from counterfoil.bank.orders import Orders, Taken
from counterfoil.bank.quotes import Given, Quotes, basket_text
from counterfoil.bank.settings import Settings
from counterfoil.bank.wire import PostedOrder
from counterfoil.database import transaction
from counterfoil.errors import BadInput
from counterfoil.points.orders import Domain, PaymentOrder
from counterfoil.points.reasons import Reason
from counterfoil.points.signedfile import SignedOrder, signed_order
from counterfoil.points.wallets import stand_by
from counterfoil.reading import Reading

SENTENCES = {
    "foreign-terminal": "The order is another terminal's.",
    "quote-unknown": "The bank gave no such quote, or has forgotten it.",
    "quote-mismatch": "The quote is for another terminal, customer or basket.",
    "quote-expired": "The quote is over.",
    "quote-used": "Another order has answered this quote.",
    "confirmation-declined": "The customer said no.",
    "confirmation-expired": "The customer didn't answer in time.",
    "confirmation-withdrawn": "The terminal called the order off before its customer had answered.",
}
"""Reasons of the node's own, beside those of FORMATS."""


@dataclass(frozen=True, slots=True)
class Till:
    """The terminal that asks: its name, its address, and the address of the key that signs, or of
    the contract that stands by signatures (``wallet``). ``items``: what it sells, by number."""

    name: str
    address: str
    key: str
    wallet: bool = False
    items: tuple[str, ...] = ()

    def names(self, order: PaymentOrder) -> list[str]:
        """What an order's lines are called where it is placed; their numbers where they have no
        name."""
        known = dict(enumerate(self.items, start=1))
        return [known.get(line.item, str(line.item)) for line in order.lines]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an order wasn't taken. ``entry`` None: it can't even be read."""

    order_ref: str
    reason: str
    detail: str
    entry: SignedOrder | None


@dataclass(slots=True)
class Received:
    """What came of a post, in its order: ids of orders that were taken, now or before, or why
    not. ``known``: ids of those that the node had already. ``fresh``: by id, the others, and
    ``taken`` how they were written down."""

    places: list[str | Refusal] = field(default_factory=list)
    known: set[str] = field(default_factory=set)
    fresh: dict[str, tuple[SignedOrder, str]] = field(default_factory=dict)  # and its quote
    taken: dict[str, Taken] = field(default_factory=dict)

    @property
    def ready(self) -> list[SignedOrder]:
        """Those that were taken and that nobody is asked about."""
        return [self.fresh[name][0] for name, one in self.taken.items() if one.state == "ready"]


@dataclass(frozen=True, slots=True)
class Intake:
    """Takes orders for one ledger. ``key`` makes links."""

    chain: Reading
    domain: Domain
    orders: Orders
    quotes: Quotes
    consents: Consents
    settings: Settings
    key: bytes

    def receive(self, posted: Sequence[PostedOrder], till: Till, now: int) -> Received:
        """Take what can be taken. ``now`` in seconds."""
        received = Received()
        parsed = self._checked([_parsed(one) for one in posted], till)
        both = zip(parsed, posted, strict=True)
        own = [(one, asked) for one, asked in both if isinstance(one, SignedOrder)]
        with transaction(self.orders.engine) as link:
            # First of all, so that what another node makes of the same orders is seen below.
            given = self.quotes.find(link, [asked.quote_id for _, asked in own])
            known = self.orders.find_in(link, [one.order_id for one, _ in own])
            for one, asked in zip(parsed, posted, strict=True):
                if isinstance(one, Refusal):
                    received.places.append(one)
                    continue
                received.places.append(one.order_id)
                if one.order_id in known:
                    received.known.add(one.order_id)
                else:
                    received.fresh.setdefault(one.order_id, (one, asked.quote_id))
            if received.fresh:
                self._take(link, received, given, till, now)
        return received

    def _checked(
        self, parsed: Sequence[SignedOrder | Refusal], till: Till
    ) -> list[SignedOrder | Refusal]:
        """Those that are the terminal's, signed for it; the others refused."""
        own = [one for one in parsed if isinstance(one, SignedOrder) and _is_of(one, till)]
        signed = iter(self._signed(own, till))
        found: list[SignedOrder | Refusal] = []
        for one in parsed:
            if isinstance(one, Refusal):
                found.append(one)
            elif not _is_of(one, till):
                found.append(_refusal(one, "foreign-terminal"))
            else:
                found.append(one if next(signed) else _refusal(one, Reason.BAD_SIGNATURE.code))
        return found

    def _signed(self, orders: Sequence[SignedOrder], till: Till) -> list[bool]:
        if till.wallet:
            digests = [(self.domain.digest(one.id_bytes), one.signature) for one in orders]
            return stand_by(self.chain, till.key, digests)
        key = bytes.fromhex(till.key[2:])
        return [one.signer(self.domain) == key for one in orders]

    def _take(
        self,
        link: Connection,
        received: Received,
        given: Mapping[str, Given],
        till: Till,
        now: int,
    ) -> None:
        accounts = ["0x" + entry.order.account.hex() for entry, _ in received.fresh.values()]
        above = self.consents.above(link, accounts)
        refusals = _refusals(received, given, now)
        for order_id in refusals:
            del received.fresh[order_id]
        received.places = [
            refusals.get(one, one) if isinstance(one, str) else one for one in received.places
        ]
        taken = [
            self._taken(entry, quote_id, above, now) for entry, quote_id in received.fresh.values()
        ]
        items = {name: till.names(entry.order) for name, (entry, _) in received.fresh.items()}
        added = self.orders.add(link, taken, now, items)
        received.taken = {one.order_id: one for one in taken if one.order_id in added}
        for order_id in received.fresh.keys() - added:  # another node took it, for another quote
            del received.fresh[order_id]
            received.known.add(order_id)
        self.quotes.use(link, {one.quote_id: name for name, one in received.taken.items()})

    def _taken(
        self, entry: SignedOrder, quote_id: str, above: dict[str, int | None], now: int
    ) -> Taken:
        order, order_id = entry.order, entry.order_id
        account = "0x" + order.account.hex()
        limit = above[account]
        asks = limit is not None and order.cash > limit
        return Taken(
            order_id=order_id,
            order_ref=entry.order_ref,
            terminal=order.terminal,
            account=account,
            points=order.points,
            cash=order.cash,
            rules=order.rules,
            row=entry.row,
            quote_id=quote_id,
            received_at=now,
            state="waiting" if asks else "ready",
            confirm_until=min(now + self.settings.confirm_seconds, order.deadline)
            if asks
            else None,
            status_link=digest_of(token_of(self.key, "status", order_id)),
            confirm_link=digest_of(token_of(self.key, "confirm", order_id)),
        )


def _parsed(posted: PostedOrder) -> SignedOrder | Refusal:
    row = {
        "order_ref": posted.order_ref,
        "message": {"message": posted.message.get("message")},
        "signature": posted.signature,
    }
    try:
        entry = signed_order(row)
    except BadInput as error:
        detail = f"{error.field} {error.problem}"
        return Refusal(posted.order_ref, Reason.BAD_ROW.code, detail, None)
    if posted.order_id is not None and posted.order_id.lower() != entry.order_id:
        detail = "order_id is another order's than the message"
        return Refusal(posted.order_ref, Reason.BAD_ROW.code, detail, None)
    return entry


def _is_of(entry: SignedOrder, till: Till) -> bool:
    return entry.order.terminal == till.address


def _against(quote: Given | None, entry: SignedOrder, now: int) -> str:
    """Why a quote doesn't stand behind an order, or nothing."""
    order = entry.order
    if quote is None:
        return "quote-unknown"
    basket = basket_text([(line.item, line.quantity, line.price) for line in order.lines])
    mine = quote.terminal == order.terminal and quote.account == "0x" + order.account.hex()
    if not mine or quote.basket not in ("", basket):
        return "quote-mismatch"
    if quote.expires_at <= now:
        return "quote-expired"
    return "" if quote.order_id in (None, entry.order_id) else "quote-used"


def _refusals(received: Received, given: Mapping[str, Given], now: int) -> dict[str, Refusal]:
    """Of the fresh orders those that their quotes don't stand behind."""
    found: dict[str, Refusal] = {}
    used: dict[str, str] = {}
    for order_id, (entry, quote_id) in received.fresh.items():
        reason = _against(given.get(quote_id), entry, now)
        if not reason and used.setdefault(quote_id, order_id) != order_id:
            reason = "quote-used"  # of two orders for one quote the first has it
        if reason:
            found[order_id] = _refusal(entry, reason)
    return found


def _refusal(entry: SignedOrder, reason: str) -> Refusal:
    detail = SENTENCES.get(reason) or Reason.of(reason).sentence
    return Refusal(entry.order_ref, reason, detail, entry)
