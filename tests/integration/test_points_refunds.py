"""Refunds and cancellations from the shell, with receipts rebuilt from the chain's own events."""

from __future__ import annotations

import pytest

from counterfoil.points.ledger import Mark
from tests.support.points_office import Office, order
from tests.support.shell import Shell


@pytest.fixture
def paid(office: Office) -> list[str]:
    """Three orders of one batch: A paid, B rejected, C paid; none of them final."""
    office.issue(office.credit("R-1"))
    lines = office.three()
    office.redeem(lines, finalize=False)
    return lines


@pytest.mark.usefixtures("paid")
def test_refunds_in_parts_restore_what_the_order_took(shell: Shell) -> None:
    first = shell.rows("points", "refund", "C", "1.20", "--json")[0]
    second = shell.rows("points", "refund", "C", "2.15", "--json")[0]

    assert (first["cash"], first["points"], first["left"]) == ("1.20", 179, "2.15")
    assert (second["cash"], second["points"], second["left"]) == ("2.15", 321, "0.00")
    assert shell.office.points() == 4500


@pytest.mark.usefixtures("paid")
def test_more_than_is_left_is_refused(shell: Shell) -> None:
    shell.rows("points", "refund", "A", "3.34", "--json")

    shell.refuses("points", "refund", "A", "0.02", status=1, saying=["0.02 CNY was asked"])

    assert shell.rows("points", "refund", "A", "0.01", "--json")[0]["left"] == "0.00"


@pytest.mark.usefixtures("paid")
@pytest.mark.parametrize("ref", ["B", "nobody's"])
def test_an_order_that_was_not_paid_is_refused(shell: Shell, ref: str) -> None:
    shell.refuses("points", "refund", ref, "1.00", status=1, saying=["was paid here"])


@pytest.mark.usefixtures("paid")
@pytest.mark.parametrize("cash", ["0", "-1", "1.234", "1,000.00", "all"])
def test_a_malformed_amount_is_bad_input(shell: Shell, cash: str) -> None:
    shell.refuses("points", "refund", "--", "A", cash, status=2, saying=["CASH"])


def test_an_order_that_nobody_finalized_is_cancelled_whole(shell: Shell, paid: list[str]) -> None:
    done = shell.rows("points", "cancel", "A", "--json")[0]

    assert (done["cash"], done["points"], done["left"]) == ("3.35", 500, "0.00")
    assert shell.office.marks(paid) == [Mark.FINALIZED, Mark.REJECTED, Mark.PAID]
    assert shell.office.points() == 4500


def test_a_final_order_is_not_cancelled(shell: Shell, paid: list[str]) -> None:
    shell.office.redeem(paid)

    shell.refuses("points", "cancel", "A", status=1, saying=["is final"])


def test_each_order_of_an_odd_batch_has_its_proof(shell: Shell) -> None:
    office = shell.office
    office.issue(office.credit("R-1"))
    office.redeem(office.lines(*(order(f"O-{number}") for number in range(7))))

    for number in range(7):
        assert shell.rows("points", "refund", f"O-{number}", "3.35", "--json")[0]["points"] == 500
    assert office.points() == 5000


def test_the_statement_tells_every_movement_with_its_balance(shell: Shell) -> None:
    office = shell.office
    office.issue(office.credit("R-1"))
    office.redeem(office.lines(order("A")))
    shell.rows("points", "refund", "A", "1.00", "--json")

    rows = shell.rows("points", "statement", "C-1", "--json")

    keys = ("movement", "points", "balance", "cash", "reference")
    assert [tuple(row[key] for key in keys) for row in rows] == [
        ("issued", 5000, 5000, None, "R-1"),
        ("paid", -500, 4500, "3.35", "A"),
        ("refunded", 149, 4649, "1.00", "A"),
    ]
