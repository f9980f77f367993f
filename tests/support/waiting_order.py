"""An order that waits for its customer, at the node that `up` started, as a till posts it.

A script of a document runs it where a person would use the till: ``python -m`` and this.
"""

from __future__ import annotations

from counterfoil.local import services
from counterfoil.points.desk import BankDesk
from counterfoil.points.orders import OrderLine
from counterfoil.state import State
from tests.support.bank_node import TillClient

BREAKFAST = OrderLine(2, 1, 700, 335)


def main() -> None:
    """Post it."""
    state = State.at()
    desk = BankDesk.open(state, "harbour")
    url = services.load(state).banks["harbour"]
    till = TillClient(url, "till-1", state.signer("terminal-till-1"), desk.ledger.domain)
    order = till.order(till.quote("C-101"), 500, lines=(BREAKFAST,))
    (answer,) = till.send(order)
    assert answer["status"] == "waiting", answer


if __name__ == "__main__":
    main()
