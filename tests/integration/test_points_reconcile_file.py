"""The terminals' file, reconciled: what nobody can answer, and what was tampered with."""

from __future__ import annotations

import json
from typing import Any

import pytest

from counterfoil.points.administration import enable_terminal, rotate_key
from tests.integration.test_points_reconcile import findings, settled
from tests.support.points_office import Office, order
from tests.support.shell import Shell

__all__ = ["settled"]
FOREIGN = "0x95B08567Fe848e74B810fB71f70ce9b9a7b04588"
FORGED = "0x" + "11" * 65


def changed(line: str, **values: Any) -> str:
    """A line of the file with other values."""
    return json.dumps(json.loads(line) | values)


def to_wallet(office: Office) -> None:
    """From now on till-2 is a contract, which stands by what its old key signs."""
    desk = office.desk
    owner = office.state.signer("terminal-till-2").address
    wallet = office.chain.deploy(desk.operator, "WalletTill", owner).contract.address
    rotate_key(desk, "till-2", wallet)


def test_an_order_of_a_disabled_terminal_is_told(shell: Shell, settled: list[str]) -> None:
    lines = shell.office.lines(order("D"))
    enable_terminal(shell.office.desk, "till-1", False)

    assert findings(shell, [*settled, *lines]) == [("unanswerable", "chain", "D")]


def test_an_order_of_a_key_that_was_rotated_away_is_told(shell: Shell, settled: list[str]) -> None:
    lines = shell.office.lines(order("D"))
    rotate_key(shell.office.desk, "till-1", FOREIGN)

    assert findings(shell, [*settled, *lines]) == [("unanswerable", "chain", "D")]


def test_a_forged_order_that_was_never_answered_is_told(shell: Shell, settled: list[str]) -> None:
    (line,) = shell.office.lines(order("D"))

    assert findings(shell, [*settled, changed(line, signature=FORGED)]) == [
        ("unanswerable", "chain", "D")
    ]


@pytest.mark.parametrize(
    ("signature", "kind"), [(None, "missing"), (FORGED, "unanswerable")], ids=["its own", "forged"]
)
def test_an_order_of_a_terminal_that_is_a_contract_is_judged_by_the_contract(
    shell: Shell, settled: list[str], signature: str | None, kind: str
) -> None:
    to_wallet(shell.office)
    (line,) = shell.office.lines(order("D", till="till-2"))
    lines = [line if signature is None else changed(line, signature=signature)]

    assert findings(shell, [*settled, *lines]) == [(kind, "chain", "D")]
