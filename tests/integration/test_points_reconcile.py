"""Journal, terminals' file and chain: silent when they agree, loud about each thing amiss."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from counterfoil.points.reconcile import reconcile
from counterfoil.points.signedfile import signed_order
from tests.support.points_office import Office, order
from tests.support.reconciled import findings
from tests.support.shell import Shell

HOUR = 3600


def test_nothing_is_amiss_when_all_three_agree(shell: Shell, settled: list[str]) -> None:
    assert findings(shell, settled) == []
    assert findings(shell) == []


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("DELETE FROM orders WHERE order_ref = 'A'", ("missing", "journal", "A")),
        ("UPDATE orders SET reason = NULL WHERE order_ref = 'A'", ("missing", "journal", "A")),
        ("UPDATE orders SET reason = 16 WHERE order_ref = 'A'", ("differs", "journal", "A")),
        ("UPDATE orders SET reason = 0 WHERE order_ref = 'B'", ("differs", "journal", "B")),
        ("UPDATE orders SET block = block + 1 WHERE order_ref = 'C'", ("differs", "journal", "C")),
    ],
)
def test_a_journal_that_was_tampered_with_is_found(
    shell: Shell, settled: list[str], statement: str, expected: tuple[str, str, str]
) -> None:
    shell.office.tamper(statement)

    assert set(findings(shell, settled)) == {expected}


@pytest.mark.usefixtures("settled")
def test_other_amounts_in_the_journal_are_found(shell: Shell) -> None:
    row = """UPDATE orders SET "row" = replace("row", '"points": 500', '"points": 600')"""
    shell.office.tamper(f"{row} WHERE order_ref = 'A'")

    assert set(findings(shell)) == {("differs", "journal", "A")}


def test_an_answer_that_the_chain_never_gave_is_found(shell: Shell, settled: list[str]) -> None:
    columns = 'ledger, order_id, order_ref, "row", reason'
    shell.office.tamper(
        f"INSERT INTO orders ({columns}) "
        f"""SELECT ledger, '0x{"1" * 64}', 'X', "row", 0 FROM orders WHERE order_ref = 'A'""",
    )

    assert findings(shell, settled) == [
        ("differs", "journal", "X"),  # the row's id
        ("differs", "journal", "X"),  # and its order_ref
        ("missing", "chain", "X"),
    ]


@pytest.mark.parametrize(
    ("tamper", "expected"),
    [
        (lambda lines: lines[1:], [("missing", "file", "A")]),
        (lambda lines: [*lines, lines[0]], [("doubled", "file", "A")]),
    ],
)
def test_a_file_that_was_tampered_with_is_found(
    shell: Shell,
    settled: list[str],
    tamper: Callable[[list[str]], list[str]],
    expected: list[tuple[str, str, str]],
) -> None:
    assert findings(shell, tamper(settled)) == expected


def test_an_order_that_was_never_answered_is_found(shell: Shell, settled: list[str]) -> None:
    lines = [*settled, *shell.office.lines(order("D"))]

    assert findings(shell, lines) == [("missing", "chain", "D")]


def test_a_line_that_is_no_order_is_bad_input(shell: Shell, settled: list[str]) -> None:
    file = shell.file("till.jsonl", "\n".join([*settled, "{}"]))

    shell.refuses("points", "reconcile", "--file", file, status=2, saying=["till.jsonl:4"])


def test_an_order_that_was_never_signed_is_passed_over(shell: Shell, settled: list[str]) -> None:
    bad, unknown = order("D").replace("50.00", "5,00,"), order("E", till="till-77")
    unsigned = [json.dumps(answer.as_row()) for answer in shell.office.sign(bad, unknown)]

    assert findings(shell, [*unsigned, *settled]) == []


def test_an_order_without_its_first_record_is_found(shell: Shell) -> None:
    office = shell.office
    office.issue(office.credit("R-1"))
    signed = signed_order(json.loads(office.lines(order("A"))[0]))
    office.act("settle", [signed.as_tuple()])

    assert findings(shell) == [("missing", "journal", ""), ("unrecorded", "chain", "")]


@pytest.fixture
def left_open(office: Office) -> Office:
    """The same orders, none of them final."""
    office.issue(office.credit("R-1"))
    office.redeem(office.three(), finalize=False)
    return office


@pytest.mark.parametrize(("later", "expected"), [(HOUR - 1, []), (HOUR, ["A", "C"])])
def test_a_paid_order_that_stays_open_too_long_is_found(
    left_open: Office, later: int, expected: list[str]
) -> None:
    desk = left_open.desk
    now = desk.ledger.chain.timestamp() + later

    found = list(reconcile(desk, None, older_than=HOUR, now=now))

    assert sorted(one.order_ref for one in found) == expected
    assert {one.kind for one in found} <= {"unfinalized"}


@pytest.mark.usefixtures("left_open")
def test_an_open_order_is_found_at_once_if_no_time_is_given_to_it(shell: Shell) -> None:
    rows = shell.rows("points", "reconcile", "--older-than", "0", "--json", status=1)

    assert sorted((row["kind"], row["order_ref"]) for row in rows) == [
        ("unfinalized", "A"),
        ("unfinalized", "C"),
    ]


def test_an_open_order_gets_older_while_the_chain_is_idle(
    shell: Shell, left_open: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = left_open.chain.timestamp() + HOUR
    monkeypatch.setattr("time.time", lambda: later)

    assert findings(shell) == [("unfinalized", "chain", "A"), ("unfinalized", "chain", "C")]


def test_an_open_order_gets_older_with_a_chain_that_is_ahead_of_the_clock(
    shell: Shell, left_open: Office
) -> None:
    later = left_open.desk.now() + HOUR
    left_open.chain.request("evm_setNextBlockTimestamp", later)
    left_open.chain.request("evm_mine")

    assert findings(shell) == [("unfinalized", "chain", "A"), ("unfinalized", "chain", "C")]


def test_one_order_ref_that_was_paid_twice_is_found(shell: Shell) -> None:
    office = shell.office
    office.issue(office.credit("R-1"))
    first = office.lines(order("A"))
    office.redeem(first)
    second = office.lines(order("B"))
    office.redeem([second[0].replace('"order_ref": "B"', '"order_ref": "A"')])

    assert findings(shell) == [
        ("differs", "journal", "A"),  # the second: signed_orders has it as B
        ("doubled", "chain", "A"),
    ]


@pytest.mark.usefixtures("settled")
def test_the_work_is_shown_to_its_end(office: Office) -> None:
    office.redeem(office.lines(order("D")), finalize=False)
    shown: dict[str, tuple[int, int]] = {}

    @contextmanager
    def watch(words: str, steps: int) -> Iterator[Callable[[int], None]]:
        moves: list[int] = []
        yield moves.append
        shown[words] = (steps, sum(moves))

    desk = office.desk
    list(reconcile(desk, None, older_than=0, now=desk.now(), watch=watch))

    blocks = office.chain.block_number() + 1 - desk.ledger.record.block
    assert shown == {
        "Reading the chain": (blocks, blocks),
        "Comparing the journal": (4, 4),
        "Looking for record 3": (1, 1),
    }


def test_findings_come_as_csv_too(shell: Shell, settled: list[str]) -> None:
    file = shell.file("till.jsonl", "\n".join(settled[1:]))

    status, out, _ = shell.run("points", "reconcile", "--csv", "--file", file)

    assert status == 1
    assert out.splitlines()[0] == "kind,where,order_ref,order_id,detail"
    assert out.splitlines()[1].startswith("missing,file,A,0x")


def test_reconcile_needsNoKeyBeforeAnythingIsCredited(shell: Shell) -> None:
    keys = shell.office.state.root / "keys"
    shutil.rmtree(keys)

    assert findings(shell) == []

    assert not keys.exists()
