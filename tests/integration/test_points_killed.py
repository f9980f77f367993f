"""Commands that are killed in the middle of a large file, and run again."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from counterfoil.local import anvil, ports
from counterfoil.points.audit import audit
from tests.support.points_crowd import BANK, CUSTOMERS, POINTS, TILLS, Crowd, crowd
from tests.support.waiting import until

ROWS = 10_000
BAD = 50  # every so manieth row is no order
SEEN = 2_000  # answers after which the first run is killed
FEWER, SOON = 3_000, 600  # the same of credits to issue and of orders to sign


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[Crowd]:
    """A bank on an Anvil of its own."""
    with crowd(anvil.recipe(None, ports.free(), tmp_path / "anvil.log")) as made:
        yield made


def file_of(bank: Crowd) -> Path:
    """Ten thousand rows, some of them bad, some of them twice."""
    rows = list(bank.rows(0, ROWS))
    for place in range(0, ROWS, BAD):
        rows[place] = json.dumps({"order_ref": f"B-{place}", "signature": 7})
    rows[ROWS - 1] = rows[1]
    file = bank.files / "signed.jsonl"
    file.write_text("".join(row + "\n" for row in rows), "utf-8")
    return file


def command(bank: Crowd, *words: str) -> list[str]:
    options = ["--json", "--state", str(bank.state.root), "--bank", BANK]
    return [sys.executable, "-m", "counterfoil", *words, *options]


def answers_in(text: str) -> list[dict[str, Any]]:
    """The rows of an output; the last line may be cut off."""
    return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]


def killed(bank: Crowd, *words: str, after: int) -> list[dict[str, Any]]:
    """The answers of a run that was killed in the middle, after so many of them."""
    out = bank.files / "first.jsonl"
    with out.open("wb") as stream:
        process = subprocess.Popen(command(bank, *words), stdout=stream)
        until(lambda: out.read_bytes().count(b"\n") >= after, 180)
        process.kill()
        process.wait()
    return answers_in(out.read_text("utf-8"))


def test_redeem_losesAndDoublesNothingIfItIsKilled(bank: Crowd) -> None:
    file = file_of(bank)
    seen = killed(bank, "points", "redeem", str(file), after=SEEN)
    assert SEEN <= len(seen) < ROWS

    run = subprocess.run(
        command(bank, "points", "redeem", str(file)), capture_output=True, text=True
    )
    answers = answers_in(run.stdout)

    assert run.returncode == 1, run.stderr
    assert len(answers) == ROWS
    good = ROWS - ROWS // BAD
    assert Counter(row["reason"] for row in answers) == {None: good, "bad-row": ROWS // BAD}
    assert answers[: len(seen)] == [row | {"replayed": row["status"] == "paid"} for row in seen]
    assert answers[-1] == answers[1] | {"order_ref": "O-1", "replayed": True}
    assert not answers[-2]["replayed"]
    ledger = bank.desk.ledger
    assert ledger.contract.call("totals").redeemed == (good - 1) * POINTS
    assert [check for check in audit(ledger) if not check.agrees] == []
    reconciled = subprocess.run(
        command(bank, "points", "reconcile", "--older-than", "0"), capture_output=True, text=True
    )
    assert (reconciled.returncode, answers_in(reconciled.stdout)) == (0, [])


def run_again(bank: Crowd, *words: str) -> list[dict[str, Any]]:
    """The answers of a run that ends well."""
    run = subprocess.run(command(bank, *words), capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return answers_in(run.stdout)


def test_issue_losesAndDoublesNothingIfItIsKilled(bank: Crowd) -> None:
    file = bank.files / "more.csv"
    ledger = bank.desk.ledger
    day = datetime.fromtimestamp(ledger.chain.timestamp(), UTC).date()
    rows = [f"C-{number % CUSTOMERS},7,{day},K-{number}\n" for number in range(FEWER)]
    file.write_text("customer_id,points,earned_on,reference\n" + "".join(rows), "utf-8")
    before = ledger.contract.call("totals").issued

    seen = killed(bank, "points", "issue", str(file), after=SOON)
    assert SOON <= len(seen) < FEWER
    answers = run_again(bank, "points", "issue", str(file))

    assert [row["reference"] for row in answers] == [f"K-{number}" for number in range(FEWER)]
    assert {row["status"] for row in answers} == {"issued"}
    assert answers[: len(seen)] == [row | {"replayed": True} for row in seen]
    assert not answers[-1]["replayed"]
    assert ledger.contract.call("totals").issued == before + 7 * FEWER
    assert [check for check in audit(ledger) if not check.agrees] == []


def test_sign_signsNothingTwiceIfItIsKilled(bank: Crowd) -> None:
    file = bank.files / "orders.csv"
    rows = [f"S-{n},till-{n % TILLS},C-{n % CUSTOMERS},hamper,1,45.00,500\n" for n in range(FEWER)]
    header = "order_ref,terminal,customer_id,item,quantity,unit_price,points\n"
    file.write_text(header + "".join(rows), "utf-8")

    seen = killed(bank, "terminal", "sign", str(file), after=SOON)
    assert SOON <= len(seen) < FEWER
    answers = run_again(bank, "terminal", "sign", str(file))

    assert answers[: len(seen)] == seen
    assert [row["order_ref"] for row in answers] == [f"S-{number}" for number in range(FEWER)]
    messages = [row["message"]["message"] for row in answers]
    numbers = Counter((message["terminal"], message["sequence"]) for message in messages)
    assert len(numbers) == FEWER
    assert {sequence for _, sequence in numbers} == set(range(FEWER // TILLS))
    assert run_again(bank, "terminal", "sign", str(file)) == answers
