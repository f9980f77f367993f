"""What is under way while the books are compared is not amiss."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from counterfoil.chain import Contract
from counterfoil.points.clawjournal import ClawJournal
from counterfoil.points.journal import Journal
from counterfoil.points.reconcile import reconcile
from tests.support.crash import crashing
from tests.support.points_office import Office, order
from tests.support.reconciled import findings
from tests.support.shell import Shell

pytestmark = pytest.mark.usefixtures("credited")


@pytest.mark.parametrize(
    ("owner", "method", "only", "act", "reference"),
    [
        (Journal, "note_orders", "reason", lambda it: it.redeem(it.lines(order("A"))), "A"),
        (Journal, "note_credits", None, lambda it: it.issue(it.credit("R-2")), "R-2"),
        (ClawJournal, "note", None, lambda it: it.claw("R-1,1000,X"), "X"),
    ],
    ids=["order", "credit", "claw-back"],
)
def test_what_is_not_deep_enough_needs_no_note(
    shell: Shell,
    monkeypatch: pytest.MonkeyPatch,
    owner: type,
    method: str,
    only: str | None,
    act: Callable[[Office], object],
    reference: str,
) -> None:
    chain = shell.office.chain
    with crashing(owner, method, only=only):
        act(shell.office)
    last = chain.block_number()
    monkeypatch.setenv("COUNTERFOIL_CONFIRMATIONS", "12")
    chain.request("anvil_mine", hex(11))
    assert findings(shell) == []

    chain.request("anvil_mine", hex(1))

    assert chain.block_number() == last + 12
    assert findings(shell) == [("missing", "journal", reference)]


def test_a_claw_back_that_the_journal_lost_is_found_once_it_is_deep_enough(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.office.claw("R-1,1000,X")
    shell.office.tamper("DELETE FROM claw_backs")
    monkeypatch.setenv("COUNTERFOIL_CONFIRMATIONS", "1")
    assert findings(shell) == []

    shell.office.chain.request("anvil_mine", hex(1))

    assert findings(shell) == [("missing", "journal", "")]


def found(office: Office, later: int) -> list[tuple[str, str, str]]:
    """What reconciling finds so many seconds later; what was begun has an hour."""
    desk = office.desk
    rows = reconcile(desk, None, older_than=3600, now=desk.now() + later)
    return [(one.kind, one.where, one.order_ref) for one in rows]


def test_a_credit_that_was_written_down_has_its_time(office: Office) -> None:
    office.chain.request("evm_increaseTime", 7200)  # ahead of our clock, which goes on meanwhile
    office.chain.request("evm_mine")
    with crashing(Contract, "send"):
        office.issue(office.credit("R-2"))

    assert found(office, 3599) == []
    assert found(office, 3600) == [("missing", "chain", "R-2")]


def test_a_credit_that_is_written_down_anew_has_its_time_anew(office: Office) -> None:
    row = office.credit("R-2")
    with crashing(Contract, "send"):
        office.issue(row)
    office.tamper("DELETE FROM credits WHERE reference = 'R-2'")
    office.chain.request("evm_increaseTime", 7200)
    office.chain.request("evm_mine")

    with crashing(Contract, "send"):
        office.issue(row)

    assert found(office, 3599) == []


def test_a_credit_that_was_written_down_without_a_time_is_found(office: Office) -> None:
    with crashing(Contract, "send"):
        office.issue(office.credit("R-2"))
    office.tamper("DROP TABLE credit_batches")  # as a journal of an earlier version

    assert found(office, 0) == [("missing", "chain", "R-2")]
