"""The answer to one order, as files and pages show it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from counterfoil.errors import BadInput
from counterfoil.money import format_minor
from counterfoil.points.orders import PaymentOrder
from counterfoil.points.reasons import Reason

Status = Literal["paid", "rejected", "invalid"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A result row of ``redeem``. ``cash`` is a decimal string; ids and hashes are 0x hex.

    ``rejected`` is final on chain; ``invalid`` never reached it.
    """

    order_ref: str
    order_id: str | None
    status: Status
    reason: str | None
    detail: str
    points: int | None
    cash: str | None
    currency: str
    rules_version: int | None
    transaction: str | None
    block: int | None
    replayed: bool

    def as_row(self) -> dict[str, Any]:
        """JSON-ready, in the order of the columns."""
        return asdict(self)


_OUTCOME = TypeAdapter(Outcome)
_CODES = {reason.code for reason in Reason if reason}


def outcome(
    order_ref: str,
    order: PaymentOrder,
    currency: str,
    reason: Reason,
    *,
    order_id: str | None = None,
    transaction: str | None = None,
    block: int | None = None,
    replayed: bool = False,
) -> Outcome:
    """The answer to an order that could be read; ``order_id`` as files write it, if it is known."""
    status: Status = "paid" if reason == Reason.NONE else "rejected"
    if Reason.NONE < reason < Reason.EXPIRED:
        status, transaction, block = "invalid", None, None
    return Outcome(
        order_ref=order_ref,
        order_id=order_id or "0x" + order.order_id().hex(),
        status=status,
        reason=reason.code if reason else None,
        detail=reason.sentence,
        points=order.points,
        cash=format_minor(order.cash, currency),
        currency=currency,
        rules_version=order.rules,
        transaction=transaction,
        block=block,
        replayed=replayed,
    )


def unsigned(
    order_ref: str,
    currency: str,
    reason: Reason,
    detail: str = "",
    *,
    points: int | None = None,
    cash: int | None = None,
) -> Outcome:
    """The answer to an order that never came to be; ``cash`` in minor units."""
    return Outcome(
        order_ref=order_ref,
        order_id=None,
        status="invalid",
        reason=reason.code,
        detail=detail or reason.sentence,
        points=points,
        cash=None if cash is None else format_minor(cash, currency),
        currency=currency,
        rules_version=None,
        transaction=None,
        block=None,
        replayed=False,
    )


def outcome_in(row: dict[str, Any]) -> Outcome:
    """A finished result row that came back in a file.

    Raises:
        BadInput: it is no such row.
    """
    try:
        found = _OUTCOME.validate_json(json.dumps(row), strict=True)
    except ValidationError:
        found = None
    if found is None or found.status != "invalid" or found.reason not in _CODES:
        raise BadInput("is neither a signed order nor a finished result", field="the line")
    return found
