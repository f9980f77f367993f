"""The bank's journal of orders, reconciled: each thing that was tampered with is found."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from counterfoil.points.journal import OrderEntry
from counterfoil.points.ledger import Ledger
from counterfoil.points.reconcile import reconcile
from counterfoil.points.signedfile import signed_order
from counterfoil.points.signing import LIFETIME
from tests.support.bank_node import served
from tests.support.crash import crashing, overtaken
from tests.support.points_office import Office, order
from tests.support.reconciled import findings
from tests.support.shell import Shell
from tests.web.conftest import till_of

HOUR = 3600
DIFFERS = ("differs", "journal", "A")


def found(office: Office, later: int = 0) -> list[tuple[str, str, str]]:
    """What reconciling finds so many seconds later, without a file; orders have an hour."""
    now = office.chain.timestamp() + later
    rows = reconcile(office.desk, None, older_than=HOUR, now=now)
    return [(one.kind, one.where, one.order_ref) for one in rows]


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize(
    "change",
    [
        '"transaction" = NULL',
        '"transaction" = recorded',
        f"\"transaction\" = '0x{'1' * 64}'",
        "recorded = NULL",
        'recorded = "transaction"',
        f"recorded = '0x{'1' * 64}'",
        "finalized = NULL",
        'finalized = "transaction"',
        f"finalized = '0x{'1' * 64}'",
        "reason = 99",
        "reason = -1",
        """"row" = replace("row", '"signature": "0x', '"signature": "0x11')""",
        '"row" = \'{"order_ref": "A"}\'',
        "\"row\" = 'no JSON'",
    ],
)
def test_a_column_of_a_paid_order_that_was_tampered_with_is_found(
    shell: Shell, change: str
) -> None:
    shell.office.tamper(f"UPDATE orders SET {change} WHERE order_ref = 'A'")

    assert findings(shell) == [DIFFERS]


@pytest.mark.parametrize("change", ["recorded = NULL", "finalized = recorded"])
def test_a_record_of_a_rejected_order_that_was_tampered_with_is_found(
    shell: Shell, settled: list[str], change: str
) -> None:
    shell.office.tamper(f"UPDATE orders SET {change} WHERE order_ref = 'B'")

    assert findings(shell, settled) == [("differs", "journal", "B")]


def test_another_order_ref_in_the_journal_is_found(shell: Shell, settled: list[str]) -> None:
    shell.office.tamper("UPDATE orders SET order_ref = 'X' WHERE order_ref = 'A'")

    assert findings(shell) == [("differs", "journal", "X")]
    assert findings(shell, settled) == [("differs", "journal", "X")]


def test_an_order_ref_that_was_changed_in_both_places_is_found_by_the_file(
    shell: Shell, settled: list[str]
) -> None:
    row = """"row" = replace("row", '"order_ref": "A"', '"order_ref": "X"')"""
    shell.office.tamper(f"UPDATE orders SET order_ref = 'X', {row} WHERE order_ref = 'A'")

    assert ("differs", "file", "A") in findings(shell, settled)


def test_an_answer_to_an_order_that_was_never_sent_is_found(
    office: Office, settled: list[str]
) -> None:
    signed = signed_order(json.loads(office.lines(order("D"))[0]))
    answered = replace(OrderEntry(signed.order_id, "D", signed.row), reason=0, block=1)
    office.desk.journal.add_orders([answered])

    assert found(office) == [("missing", "chain", "D")]


@pytest.fixture
def waiting(office: Office, settled: list[str]) -> Office:
    """Order D stands in the journal, and was never sent."""
    signed = signed_order(json.loads(office.lines(order("D"))[0]))
    office.desk.journal.add_orders([OrderEntry(signed.order_id, "D", signed.row)])
    return office


@pytest.mark.parametrize(("later", "expected"), [(-60, []), (60, [("missing", "chain", "D")])])
def test_an_order_that_waits_too_long_for_its_answer_is_found(
    waiting: Office, later: int, expected: list[tuple[str, str, str]]
) -> None:
    (entry,) = waiting.desk.journal.orders_called("D")
    signed = json.loads(entry.row)["message"]["message"]["deadline"] - LIFETIME

    assert found(waiting, signed - waiting.chain.timestamp() + HOUR + later) == expected


def test_an_order_that_waits_is_told_once_if_the_file_lists_it(
    shell: Shell, waiting: Office, settled: list[str]
) -> None:
    (entry,) = waiting.desk.journal.orders_called("D")

    assert findings(shell, [*settled, entry.row]) == [("missing", "chain", "D")]


@pytest.mark.parametrize(("later", "expected"), [(HOUR - 1, []), (HOUR, ["D", "E"])])
def test_an_order_that_was_recorded_and_never_answered_is_found(
    office: Office, settled: list[str], later: int, expected: list[str]
) -> None:
    far = order("E", till="till-2").removesuffix(",") + "2099-01-01T00:00:00Z,"
    lines = [*office.lines(order("D")), *office.lines(far)]
    with crashing(Ledger, "submit", only="settle"):
        office.redeem(lines)

    assert sorted(ref for _, _, ref in found(office, later)) == expected


def test_an_order_that_waits_and_that_nobody_can_answer_is_passed_over(
    office: Office, settled: list[str]
) -> None:
    """Another has used its sequence."""
    one, other = order("D").replace(",,,", ",7,,"), order("E", 600).replace(",,,", ",7,,")
    signed = signed_order(json.loads(office.lines(one)[0]))
    office.desk.journal.add_orders([OrderEntry(signed.order_id, "D", signed.row)])
    assert found(office, 2 * HOUR) == [("missing", "chain", "D")]

    office.redeem(office.lines(other))

    assert found(office, 2 * HOUR) == []


def test_what_happens_meanwhile_is_not_amiss(office: Office, settled: list[str]) -> None:
    """An order is redeemed after the chain was read and before the journal is."""
    lines = office.lines(order("D"))

    with overtaken(type(office.desk.journal), "order_pages", lambda: office.redeem(lines)):
        assert found(office, HOUR) == []


def test_an_order_that_came_through_the_node_is_left_to_its_terminal(
    shell: Shell, settled: list[str]
) -> None:
    """Its records and what it signed are the terminal's own, though the key is here."""
    office = shell.office
    with served(office.state) as node:
        till = till_of(office, node.url)
        paid = till.pay()
    assert paid["status"] == "paid"
    ledger = office.desk.ledger
    order_id = bytes.fromhex(paid["order_id"][2:])
    (entry,) = office.desk.journal.orders([paid["order_id"]]).values()
    sequence = signed_order(json.loads(entry.row)).order.sequence
    ledger.contract.send(till.signer, "recordOrders", till.address, [order_id])
    ledger.contract.send(till.signer, "finalize", till.address, sequence, 1)

    assert findings(shell) == []


@pytest.mark.usefixtures("settled")
def test_an_order_whose_terminals_key_is_elsewhere_needs_no_records_here(shell: Shell) -> None:
    office = shell.office
    office.tamper("UPDATE orders SET recorded = NULL, finalized = NULL WHERE order_ref = 'C'")
    office.state.drop_secret("terminal-till-2")

    assert findings(shell) == []


def test_a_cancelled_order_needs_no_record_3_in_the_journal(shell: Shell) -> None:
    office = shell.office
    office.issue(office.credit("R-1"))
    office.redeem(office.three(), finalize=False)
    assert shell.run("points", "cancel", "A")[0] == 0
    assert shell.run("points", "finalize", "C")[0] == 0

    assert findings(shell) == []


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize("ref", ["A", "B", "C"])
def test_an_answered_order_that_is_gone_from_what_was_signed_is_found(
    shell: Shell, ref: str
) -> None:
    shell.office.tamper(f"DELETE FROM signed_orders WHERE order_ref = '{ref}'")

    assert findings(shell) == [("missing", "journal", ref)]


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize(
    "change",
    [
        """"row" = replace("row", '"points": 500', '"points": 600')""",
        """"row" = replace("row", '"signature": "0x', '"signature": "0x11')""",
        "\"row\" = 'no JSON'",
    ],
)
def test_another_order_among_what_was_signed_is_found(shell: Shell, change: str) -> None:
    shell.office.tamper(f"UPDATE signed_orders SET {change} WHERE order_ref = 'A'")

    assert findings(shell) == [DIFFERS]


@pytest.mark.usefixtures("settled")
def test_nothing_is_amiss_where_nothing_is_signed(shell: Shell) -> None:
    """The orders were signed in another place, and came in a file."""
    shell.office.tamper("DELETE FROM signed_orders")

    assert findings(shell) == []


@pytest.mark.usefixtures("settled")
def test_an_order_of_a_terminal_whose_key_is_elsewhere_is_signed_there(shell: Shell) -> None:
    shell.office.tamper("DELETE FROM signed_orders WHERE order_ref = 'C'")
    shell.office.state.drop_secret("terminal-till-2")

    assert findings(shell) == []
