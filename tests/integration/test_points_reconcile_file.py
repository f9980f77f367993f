"""The terminals' file, reconciled: what nobody can answer, and what was tampered with."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from counterfoil.points.administration import enable_terminal, rotate_key
from tests.support.points_office import Office, order
from tests.support.reconciled import findings
from tests.support.shell import Shell

FOREIGN = "0x95B08567Fe848e74B810fB71f70ce9b9a7b04588"
FORGED = "0x" + "11" * 65


def changed(line: str, **values: Any) -> str:
    """A line of the file with other values."""
    return json.dumps(json.loads(line) | values)


def to_wallet(office: Office) -> None:
    """From now on till-2 is a contract, which stands by what its old key signs."""
    desk = office.desk
    owner = office.state.signer("terminal-till-2").address
    wallet = office.chain.deploy(desk.signer("settler"), "WalletTill", owner).contract.address
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


def with_message(line: str, part: str, **values: Any) -> str:
    """A line of the file with other values in a part of its message."""
    row = json.loads(line)
    row["message"][part] |= values
    return json.dumps(row)


@pytest.mark.parametrize(
    "tamper",
    [
        lambda line: changed(line, signature=FORGED),
        lambda line: changed(line, order_ref="X"),
        lambda line: changed(line, order_id="0x" + "11" * 32),
        lambda line: with_message(line, "domain", chainId=1),
        lambda line: with_message(line, "domain", chainId="0x1"),
        lambda line: with_message(line, "domain", verifyingContract=FOREIGN),
        lambda line: with_message(line, "domain", name="Points"),
        lambda line: with_message(line, "domain", version="2"),
    ],
)
@pytest.mark.parametrize("place", [0, 1], ids=["paid", "rejected"])
def test_a_line_of_an_answered_order_that_was_tampered_with_is_found(
    shell: Shell, settled: list[str], tamper: Callable[[str], str], place: int
) -> None:
    settled[place] = tamper(settled[place])

    assert findings(shell, settled) == [
        ("differs", "file", json.loads(settled[place])["order_ref"])
    ]


def test_the_signature_of_another_terminal_is_found(shell: Shell, settled: list[str]) -> None:
    others = json.loads(settled[2])["signature"]

    lines = [changed(settled[0], signature=others), *settled[1:]]

    assert findings(shell, lines) == [("differs", "file", "A")]


def test_other_points_in_the_file_are_found(shell: Shell, settled: list[str]) -> None:
    """Its order is another one then, which the terminal never signed."""
    lines = [with_message(settled[0], "message", points=600), *settled[1:]]

    assert findings(shell, lines) == [
        ("differs", "file", "A"),
        ("missing", "file", "A"),
        ("unanswerable", "chain", "A"),
    ]


def test_a_line_says_the_same_in_other_writing(
    shell: Shell, office: Office, settled: list[str]
) -> None:
    bare, compact, spelt = (json.loads(line) for line in settled)
    del bare["order_id"], bare["message"]["domain"]
    raw = bytes.fromhex(compact["signature"][2:])
    top = (raw[64] - 27) << 7
    compact["signature"] = "0x" + (raw[:32] + bytes((raw[32] | top,)) + raw[33:64]).hex()
    domain = spelt["message"]["domain"]
    domain["verifyingContract"] = domain["verifyingContract"].lower()
    domain["chainId"] = hex(office.chain.chain_id)
    spelt["order_id"] = "0x" + spelt["order_id"][2:].upper()

    assert findings(shell, [json.dumps(row) for row in (bare, compact, spelt)]) == []


def test_a_key_that_signed_at_the_time_is_fine(shell: Shell, settled: list[str]) -> None:
    rotate_key(shell.office.desk, "till-1", FOREIGN)
    rotate_key(shell.office.desk, "till-2", FOREIGN)

    assert findings(shell, settled) == []


def test_a_key_that_signs_only_since_is_found(shell: Shell, settled: list[str]) -> None:
    late = shell.office.state.signer("terminal-late")
    desk = shell.office.desk
    rotate_key(desk, "till-1", late.address)
    digest = desk.ledger.domain.digest(bytes.fromhex(json.loads(settled[0])["order_id"][2:]))
    forged = changed(settled[0], signature="0x" + late.sign_digest(digest).hex())

    assert findings(shell, [forged, *settled[1:]]) == [("differs", "file", "A")]


@pytest.mark.parametrize("tampered", [False, True])
def test_a_contract_is_asked_for_the_signature_of_an_order_that_was_paid(
    shell: Shell, settled: list[str], tampered: bool
) -> None:
    to_wallet(shell.office)
    (line,) = shell.office.lines(order("D", till="till-2"))
    shell.office.redeem([line])
    lines = [*settled, changed(line, signature=FORGED) if tampered else line]

    expected = [("differs", "file", "D")] if tampered else []
    assert [one for one in findings(shell, lines) if one[0] == "differs"] == expected
