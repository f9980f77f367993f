"""The journal of refunds, reconciled: each thing that was tampered with is found."""

from __future__ import annotations

from dataclasses import astuple

import pytest

from counterfoil.errors import Unavailable
from counterfoil.points import refunds
from counterfoil.points.naming import paid_order
from counterfoil.points.reconcile import reconcile
from counterfoil.points.refundjournal import RefundJournal
from tests.support.crash import overtaken
from tests.support.points_office import order
from tests.support.reconciled import findings
from tests.support.shell import Shell

HOUR = 3600
DIFFERS = ("differs", "journal", "A")


@pytest.fixture(autouse=True)
def given_back(shell: Shell, credited: None) -> None:
    """A is refunded in two parts, B is cancelled, C in whole refunded and cancelled then."""
    office = shell.office
    office.redeem(office.lines(*(order(ref) for ref in "ABC")), finalize=False)
    for words in (
        *("refund A 1.20 --refund-id a-1", "refund A 0.30 --refund-id a-2", "cancel B"),
        *("refund C 3.35", "cancel C"),
    ):
        assert shell.run("points", *words.split())[0] == 0
    assert shell.run("points", "finalize", "A")[0] == 0


def test_nothing_is_amiss_when_both_agree(shell: Shell) -> None:
    assert findings(shell) == []


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("DELETE FROM refunds WHERE refund_id = 'a-1'", [("missing", "journal", "A")]),
        ("DELETE FROM refunds WHERE kind = 'cancel' AND cash > 0", [("missing", "journal", "B")]),
        ("DELETE FROM refunds WHERE kind = 'cancel' AND cash = 0", [("missing", "journal", "C")]),
        (
            "UPDATE refunds SET state = 'refused' WHERE refund_id = 'a-1'",
            [("missing", "journal", "A")],
        ),
        (
            "UPDATE refunds SET \"transaction\" = '0x11' WHERE refund_id = 'a-1'",
            [("missing", "chain", "A"), ("missing", "journal", "A")],
        ),
        (
            "INSERT INTO refunds SELECT ledger, order_id, 'x', kind, asked, asked_at, state, since,"
            ' reason, detail, cash, points, "left", "transaction", block FROM refunds'
            " WHERE refund_id = 'a-1'",
            [("doubled", "journal", "A")],
        ),
        (
            "INSERT INTO refunds SELECT ledger, order_id, 'x', kind, asked, asked_at, state, since,"
            " reason, detail, cash, points, \"left\", '0x11', block FROM refunds"
            " WHERE refund_id = 'a-1'",
            [("missing", "chain", "A")],
        ),
    ],
)
def test_a_refund_that_one_side_lacks_is_found(
    shell: Shell, statement: str, expected: list[tuple[str, str, str]]
) -> None:
    shell.office.tamper(statement)

    assert findings(shell) == expected


@pytest.mark.parametrize(
    "change",
    ["cash = 121", "points = points + 1", "block = block + 1", "kind = 'cancel'", "asked = 121"],
)
def test_a_refund_that_was_tampered_with_is_found(shell: Shell, change: str) -> None:
    shell.office.tamper(f"UPDATE refunds SET {change} WHERE refund_id = 'a-1'")

    assert findings(shell) == [DIFFERS]


def test_a_cancellation_that_became_a_refund_is_found(shell: Shell) -> None:
    shell.office.tamper("UPDATE refunds SET kind = 'refund' WHERE kind = 'cancel' AND cash > 0")

    assert findings(shell) == [("differs", "journal", "B")]


@pytest.mark.parametrize(("later", "expected"), [(HOUR - 1, []), (HOUR, ["A"])])
def test_a_refund_that_is_never_done_is_found(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, later: int, expected: list[str]
) -> None:
    office = shell.office

    def breaks_off(*_: object) -> None:
        raise Unavailable("The chain doesn't answer.")

    with monkeypatch.context() as broken:
        broken.setattr(refunds, "refund_order", breaks_off)
        broken.setattr("time.time", lambda: office.chain.timestamp())
        assert shell.run("points", "refund", "A", "0.10")[0] == 3
        now = office.chain.timestamp() + later

    found = list(reconcile(office.desk, None, older_than=HOUR, now=now))

    assert [(one.kind, one.order_ref) for one in found] == [("missing", ref) for ref in expected]


def test_a_refund_that_the_terminal_gives_by_itself_needs_no_row(shell: Shell) -> None:
    office = shell.office
    desk = office.desk
    receipt, proof = refunds.proven(desk, paid_order(desk, "A").order_id)
    till = office.state.signer("terminal-till-1")
    desk.ledger.contract.send(till, "refund", astuple(receipt), proof, 10)

    assert findings(shell) == []


def test_a_refund_that_is_given_meanwhile_is_not_amiss(shell: Shell) -> None:
    words = ("points", "refund", "A", "0.10", "--refund-id", "a-3")

    def beside() -> None:
        assert shell.run(*words)[0] == 0

    with overtaken(RefundJournal, "pages", beside):
        assert findings(shell) == []
