"""The journal of credits, reconciled: each thing that was tampered with is found."""

from __future__ import annotations

import shutil

import pytest

from counterfoil.points.findings import hex_of
from counterfoil.points.journal import Journal
from tests.support.crash import crashing, overtaken
from tests.support.points_office import Office
from tests.support.reconciled import findings
from tests.support.shell import Shell

COPIED = "ledger, 'R-9', content, batch, place, \"transaction\", block FROM credits"


@pytest.fixture(autouse=True)
def credited(office: Office) -> None:
    """Three credits of two batches."""
    office.issue(office.credit("R-1"), office.credit("R-2", 700, "C-2"))
    office.issue(office.credit("R-3", 900))


def test_nothing_is_amiss_when_both_agree(shell: Shell) -> None:
    assert findings(shell) == []


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("DELETE FROM credits WHERE reference = 'R-2'", [("missing", "journal", "")]),
        ("DELETE FROM credits", [("missing", "journal", "")] * 3),
        (
            "UPDATE credits SET reference = 'X' WHERE reference = 'R-2'",
            [("missing", "chain", "X"), ("missing", "journal", "")],
        ),
        (
            f"INSERT INTO credits SELECT {COPIED} WHERE reference = 'R-1'",
            [("missing", "chain", "R-9")],
        ),
    ],
)
def test_a_credit_that_one_side_lacks_is_found(
    shell: Shell, statement: str, expected: list[tuple[str, str, str]]
) -> None:
    shell.office.tamper(statement)

    assert findings(shell) == expected


@pytest.mark.parametrize(
    "change",
    [
        "content = replace(content, ' 700,', ' 701,')",
        "content = replace(content, '[\"', '[\"00')",
        "content = replace(content, '\"]', '00\"]')",
        "batch = batch + 1",
        "\"transaction\" = '0x11'",
        "block = block + 1",
    ],
)
def test_a_credit_that_was_tampered_with_is_found(shell: Shell, change: str) -> None:
    shell.office.tamper(f"UPDATE credits SET {change} WHERE reference = 'R-2'")

    assert findings(shell) == [("differs", "journal", "R-2")]


@pytest.mark.parametrize("content", ["no JSON", "[1]", "7"])
def test_a_credit_that_cant_be_read_is_found(shell: Shell, content: str) -> None:
    shell.office.tamper(f"UPDATE credits SET content = '{content}' WHERE reference = 'R-2'")

    assert set(findings(shell)) == {("differs", "journal", "R-2")}


def test_a_credit_without_its_transaction_is_found(shell: Shell) -> None:
    shell.office.tamper(
        "UPDATE credits SET \"transaction\" = NULL, block = NULL WHERE reference = 'R-2'"
    )

    assert findings(shell) == [("missing", "journal", "R-2")]


def test_a_credit_that_was_cut_short_is_found_until_it_is_issued_again(shell: Shell) -> None:
    office = shell.office
    with crashing(Journal, "note_credits"):
        office.issue(office.credit("R-4"))
    assert findings(shell) == [("missing", "journal", "R-4")]

    office.issue(office.credit("R-4"))

    assert findings(shell) == []


def test_a_credit_that_is_issued_meanwhile_is_not_amiss(shell: Shell) -> None:
    office = shell.office

    with overtaken(Journal, "credit_pages", lambda: office.issue(office.credit("R-4"))):
        assert findings(shell) == []


def test_reconcile_makesNoKeyWhereTheBanksIsNotKept(shell: Shell) -> None:
    keys = shell.office.state.root / "keys"
    shutil.rmtree(keys)

    shell.refuses("points", "reconcile", status=2, saying=[str(keys), "Copy the folder"])

    assert not keys.exists()


def test_a_lot_that_was_moved_by_a_lots_file_is_not_amiss(shell: Shell) -> None:
    office = shell.office
    today = office.chain.timestamp() // 86_400
    first = office.day((today // 183 - 2) * 183 - today)  # of a period that is two before
    row = f"C-2,300,{first},0x{'5a' * 32}"

    answers = [office.issue(row), office.issue(row)]

    desk = office.desk
    assert [answer.replayed for (answer,) in answers] == [False, True]
    assert [lot for lot in desk.ledger.holding(desk.account("C-2")).lots if lot[0]] == [
        (300, today // 183 - 2),
        (700, today // 183),
    ]
    assert findings(shell) == []


def test_a_lot_that_was_moved_past_the_journal_is_told_by_its_reference(shell: Shell) -> None:
    office = shell.office
    account, reference = office.desk.account("C-2"), b"\x5a" * 32
    today = office.chain.timestamp() // 86_400
    office.act("issue", 7, [(account, 300, today, reference)])

    (row,) = shell.rows("points", "reconcile", "--json", status=1)

    assert (row["kind"], row["where"], row["order_id"]) == ("missing", "journal", hex_of(reference))
