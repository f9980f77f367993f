"""What an order costs on chain, in gas, once the slots of everybody in it have been written.

Points are drawn from an account's last lot, the one that is found last. A terminal's hundred
orders lie across two strips of its roll, as most hundreds do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, replace

from counterfoil.chain import Chain, Contract
from counterfoil.keys import Signer
from counterfoil.model import Mined
from counterfoil.points.orders import OrderLine, PaymentOrder
from counterfoil.points.receipts import proof, receipt_in
from tests.support.points import Bank, account_of, open_bank, signer_of

BATCH = 100
FIRST = 150  # of the measured hundred's sequences
DEADLINE = 2**35  # fixed: signatures, and so the gas of their bytes, are the same in every run
CUSTOMERS = [f"customer {number}" for number in range(BATCH)]


def measure(chain: Chain) -> dict[str, int]:
    """Whole gas per order by name, rounded up.

    The same on every fresh chain; on a used one the ledger's address, and with it the price of the
    signatures' bytes, may differ by some tens.
    """
    bank = _opened(chain)
    orders = [_order(bank, name, FIRST + i) for i, name in enumerate(CUSTOMERS)]
    record = bank.contract.send(
        bank.till, "recordOrders", bank.till.address, [order.order_id() for order in orders]
    )
    settled = bank.settle(*orders)
    final = bank.contract.send(bank.till, "finalize", bank.till.address, FIRST, 2**BATCH - 1)
    terminals_own = record.gas_used + final.gas_used
    first, again = _refunds(bank, settled)
    single = bank.settle(_order(bank, CUSTOMERS[0], FIRST + BATCH))
    elsewhere = _hundred_terminals(bank)
    return {
        "plain_order": _plain(chain, bank),
        "settle_single": _paid(single, 1).gas_used,
        "settle_batch100": _each(_paid(settled, BATCH).gas_used),
        "three_records_batch100": _each(settled.gas_used + terminals_own),
        "three_records_batch100_100terminals": _each(elsewhere.gas_used + terminals_own),
        "refund_batch100": first.gas_used,
        "refund_again_batch100": again.gas_used,
    }


def _opened(chain: Chain) -> Bank:
    """A bank whose till and customers have had an order each, on both strips of the hundred."""
    bank = open_bank(chain)
    day = bank.today()
    credits = [(account_of(name), 50_000, day, account_of(f"of {name}")) for name in CUSTOMERS]
    bank.contract.send(bank.operator, "issue", 1, credits)
    bank.settle(*(_order(bank, name, i) for i, name in enumerate(CUSTOMERS)))
    bank.settle(
        _order(bank, CUSTOMERS[0], FIRST + BATCH + 1), _order(bank, CUSTOMERS[0], FIRST - 1)
    )
    return bank


def _order(bank: Bank, name: str, sequence: int, till: Signer | None = None) -> PaymentOrder:
    return replace(bank.order(name, till=till), sequence=sequence, deadline=DEADLINE)


def _hundred_terminals(bank: Bank) -> Mined:
    """A batch with one order of each, the second that each has; they have each their own hundred
    to record and finalize, which costs them what it costs any other."""
    tills = [signer_of(bank.chain, f"till {number}", ether=0) for number in range(BATCH)]
    for till in tills:
        bank.register(till)
    return [_paid(_round(bank, tills, sequence), BATCH) for sequence in range(2)][-1]


def _round(bank: Bank, tills: Sequence[Signer], sequence: int) -> Mined:
    rows = [
        bank.signed(_order(bank, name, sequence, till), till=till)
        for name, till in zip(CUSTOMERS, tills, strict=True)
    ]
    return bank.contract.send(bank.operator, "settle", rows)


def _refunds(bank: Bank, settled: Mined) -> tuple[Mined, Mined]:
    """Two parts of one order of a batch given back, by the till with the receipt."""
    period = bank.contract.call("holding", account_of(CUSTOMERS[0])).firstPeriod
    receipts = [receipt_in(event, period) for event in settled.of("OrderPaid")]
    leaves = [receipt.leaf() for receipt in receipts]
    move = ("refund", astuple(receipts[0]), proof(leaves, 0), 100)
    return bank.contract.send(bank.till, *move), bank.contract.send(bank.till, *move)


def _plain(chain: Chain, bank: Bank) -> int:
    """The second order that the till and the customer have, all three records."""
    plain = chain.deploy(bank.admin, "PlainOrders").contract
    line = bank.order(CUSTOMERS[0]).lines[0]
    plain.send(bank.admin, "issue", account_of(CUSTOMERS[0]), 50_000)
    plain.send(bank.admin, "list", bank.till.address, line.item, line.price)
    return [_placed(plain, bank, line, sequence) for sequence in range(2)][-1]


def _placed(plain: Contract, bank: Bank, line: OrderLine, sequence: int) -> int:
    head = (account_of(CUSTOMERS[0]), bank.till.address, sequence, 500, DEADLINE)
    order = (*head, *astuple(line), 0)
    signature = bank.till.sign_digest(bytes(plain.call("digestOf", order)))
    records = (
        plain.send(bank.till, "place", order, signature),
        plain.send(bank.admin, "settle", bank.till.address, sequence),
        plain.send(bank.till, "finalize", sequence),
    )
    return sum(record.gas_used for record in records)


def _paid(mined: Mined, orders: int) -> Mined:
    """The same, if it paid so many orders; a figure of anything else would mean nothing."""
    assert len(mined.of("OrderPaid")) == orders
    return mined


def _each(gas: int) -> int:
    return -(-gas // BATCH)
