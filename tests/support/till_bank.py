"""A bank that a till can ask without a network: the same ledger and settlement, no node."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from counterfoil.bank.wire import BasketLine, OrderAnswer, Quote
from counterfoil.errors import Refused, Unavailable
from counterfoil.money import format_minor
from counterfoil.points import enquiry
from counterfoil.points.outcomes import Outcome
from counterfoil.points.signedfile import SignedOrder, signed_order
from tests.support.points_office import Office


@dataclass
class StandInBank:
    """``away``: nothing gets through; ``busy``: it does, but comes too often; ``refuses``: it does,
    and is refused. ``says``: what a customer who is asked says: ``yes``, ``declined``, or nothing
    (``waiting``); ``invalid``: what is posted isn't taken. ``until``: when quotes end. ``asked``:
    how often an order was asked for."""

    office: Office
    away: bool = False
    busy: bool = False
    asked: int = 0
    refuses: Refused | None = None
    says: str = "yes"
    until: str = "2099-01-01T00:00:00Z"
    posts: list[str] = field(default_factory=list)
    answers: dict[str, OrderAnswer] = field(default_factory=dict)

    def close(self) -> None:
        """There is no connection."""

    def quote(self, customer_id: str, basket: Sequence[BasketLine] = ()) -> Quote:
        """Whatever is asked can be paid: what the ledger says then is what counts."""
        self._reached()
        desk = self.office.desk
        record = desk.ledger.record
        version = desk.ledger.current_rules()
        rules = desk.ledger.rules(version)
        account = desk.account(customer_id)
        held = enquiry.balance(desk.ledger, account)
        cash = {name: format_minor(getattr(rules, name), "CNY") for name in _CAPS}
        return Quote.model_validate(
            {
                "quote_id": f"Q-{len(self.posts)}",
                "expires_at": self.until,
                "bank": record.bank,
                "chain_id": desk.ledger.chain.chain_id,
                "ledger": record.address,
                "terminal": "till-1",
                "terminal_address": record.terminals["till-1"].address,
                "account": "0x" + account.hex(),
                "currency": record.currency,
                "balance": {
                    "account": "0x" + account.hex(),
                    "points": held.points,
                    "worth": format_minor(held.worth, "CNY"),
                    "currency": record.currency,
                    "lots": [],
                    "frozen": held.frozen,
                },
                "rules": {
                    "version": version,
                    "live": True,
                    "live_until": None,
                    "currency": record.currency,
                    "points": rules.rate.points,
                    "minor_units": rules.rate.minor_units,
                    "minimum_points": rules.minimum_points,
                    "increment": rules.increment,
                    **cash,
                    "sunset_seconds": rules.sunset_seconds,
                    "refund_days": rules.refund_days,
                    "restored": "lapse",
                },
                "items": [
                    {
                        "item": item,
                        "number": number,
                        "cap": "9.00",
                        "redeemable": True,
                        "points": 500,
                        "cash": "3.35",
                        "reason": None,
                        "detail": None,
                    }
                    for number, item in enumerate(record.catalogue_of("till-1").items, 1)
                ],
                "basket": {
                    "redeemable": True,
                    "minimum_points": 500,
                    "points": 100_000,
                    "cash": "670.00",
                    "reason": None,
                    "detail": None,
                    "payable": ["0.00" for _ in basket],
                },
                "confirm_above": None,
            }
        )

    def post(self, order: dict[str, Any], quote_id: str) -> OrderAnswer:
        """Settle it, unless the customer is asked."""
        self._reached()
        signed = signed_order(order)
        self.posts.append(signed.order_id)
        if self.says == "invalid":
            return _waiting(signed, self.says)
        if self.says != "yes":
            self.answers[signed.order_id] = _waiting(signed, self.says)
            return self.answers[signed.order_id]
        (answer,) = self.office.redeem_as_bank([json.dumps(order)])
        self.answers[signed.order_id] = _told(answer)
        return self.answers[signed.order_id]

    def order(self, order_id: str) -> OrderAnswer | None:
        """As it was answered."""
        self.asked += 1
        self._reached()
        return self.answers.get(order_id)

    def withdraw(self, order_id: str) -> OrderAnswer | None:
        """Call it off if its customer is still asked."""
        known = self.order(order_id)
        if known is not None and known.status == "waiting":
            ended = {"status": "withdrawn", "reason": "confirmation-withdrawn", "final": True}
            self.answers[order_id] = known.model_copy(update=ended)
        return self.answers.get(order_id)

    def _reached(self) -> None:
        if self.away:
            raise Unavailable("The bank's node doesn't answer.", code="bank-away")
        if self.busy:
            raise Unavailable("Too many requests.", code="bank-busy")
        if self.refuses:
            raise self.refuses


_CAPS = ("max_order", "max_account_day", "max_terminal_day")


def _told(answer: Outcome) -> OrderAnswer:
    return OrderAnswer.model_validate(
        {**answer.as_row(), "final": True, "status_url": "http://bank.test/s/token"}
    )


def _waiting(signed: SignedOrder, says: str) -> OrderAnswer:
    ended = says != "waiting"
    reason = {"declined": "confirmation-declined", "invalid": "quote-expired"}.get(says)
    return OrderAnswer.model_validate(
        {
            "order_ref": signed.order_ref,
            "order_id": signed.order_id,
            "status": says,
            "reason": reason,
            "detail": "It isn't taken." if ended else "It waits.",
            "points": signed.order.points,
            "cash": "0.00",
            "currency": "CNY",
            "rules_version": signed.order.rules,
            "transaction": None,
            "block": None,
            "replayed": False,
            "final": ended,
        }
    )
