"""Which paid order is meant: by the reference it came under, its terminal's name, or its id."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from counterfoil.errors import BadInput, Refused
from counterfoil.points.administration import terminal_address
from counterfoil.points.desk import BankDesk
from counterfoil.points.journal import OrderEntry
from counterfoil.points.signedfile import signed_order

_ID = re.compile(r"0x[0-9a-fA-F]{64}")


class Ambiguous(BadInput):
    """Several paid orders are called so."""

    default_code = "ambiguous"


def paid_order(desk: BankDesk, name: str, terminal: str = "") -> OrderEntry:
    """The order that was paid under an order_ref, or that has this id (0x hex).

    Args:
        terminal: the name of the one that placed it, for terminals share no references.

    Raises:
        Refused: there is none here.
        Ambiguous: there are several.
        BadInput: the bank has no such terminal.
    """
    address = terminal_address(desk, terminal) if terminal else ""
    paid = [
        entry
        for entry in _called(desk, name)
        if entry.reason == 0 and address in ("", _terminal(entry))
    ]
    if not paid:
        where = f" at {terminal}" if terminal else " here"
        said = f"no order {name!r} was paid{where}"
        raise Refused(said, code="not-paid", fix="Check the order_ref.")
    if len(paid) > 1:
        raise Ambiguous(
            f"{name!r} is {len(paid)} paid orders: {_listed(desk, paid)}",
            field="ORDER_REF",
            fix="Say --terminal, or the order's id in the place of its reference.",
        )
    return paid[0]


def _called(desk: BankDesk, name: str) -> list[OrderEntry]:
    if _ID.fullmatch(name):
        known = desk.journal.orders([name.lower()])
        if known:  # an id is nobody else's, whatever a terminal has called its orders
            return list(known.values())
    return desk.journal.orders_called(name)


def _listed(desk: BankDesk, entries: Sequence[OrderEntry]) -> str:
    names = {till.address: name for name, till in desk.ledger.record.terminals.items()}
    placed = [(_terminal(entry), entry.order_id) for entry in entries]
    return ", ".join(f"{names.get(address, address)} {order_id}" for address, order_id in placed)


def _terminal(entry: OrderEntry) -> str:
    return signed_order(json.loads(entry.row)).order.terminal
