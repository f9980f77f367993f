"""Redeem a bank's orders: issue its credits, sign, record, settle, finalize.

`brownie run redeem_points --network ganache-cli`
`brownie run redeem_points main summit my-lots.csv my-orders.csv --network ganache-cli`
"""

from pathlib import Path

from brownie import network

from counterfoil.attached import EXAMPLES, attached
from counterfoil.cli.main import told
from counterfoil.points.desk import BankDesk
from counterfoil.points.lotsfile import read_lots
from counterfoil.points.ordersfile import read_orders


@told
def main(bank: str = "harbour", lots: str = "", orders: str = "") -> None:
    """`lots` and `orders` are CSV files; without them the bank's samples are used."""
    with attached(network.web3.provider.endpoint_uri) as state, BankDesk.open(state, bank) as desk:
        credits = read_lots(Path(lots or EXAMPLES / bank / "lots.csv"))
        issued = [row.status for row in desk.issuing().issue(credits.rows)]
        print(f"{issued.count('issued')} credits issued, {issued.count('refused')} refused")
        file = Path(orders or EXAMPLES / bank / "orders.csv")
        wishes = read_orders(file, desk.ledger.record.currency).orders
        for answer in desk.settlement(print).settle(desk.terminals().sign(wishes)):
            why = answer.detail if answer.reason else ""
            print(answer.order_ref, answer.status, answer.reason or "", answer.cash or "", why)
