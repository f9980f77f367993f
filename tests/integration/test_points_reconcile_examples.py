"""The sample files run as their README says, and reconciled: nothing is amiss."""

from __future__ import annotations

from pathlib import Path

import pytest

from counterfoil import rollout
from counterfoil.artifacts import ROOT
from counterfoil.chain import Chain
from counterfoil.files import read_csv
from counterfoil.points.desk import BankDesk
from counterfoil.state import State
from tests.support.points_office import Office
from tests.support.shell import Shell

EXAMPLES = ROOT / "examples"


def run_through(shell: Shell, bank: str) -> str:
    """Issue, freeze, sign and redeem what a sample bank's folder holds; the signed file."""
    folder, words = EXAMPLES / bank, ("--bank", bank)
    shell.run("points", "issue", str(folder / "lots.csv"), *words)
    for row in read_csv(folder / "frozen.csv", ("customer_id",)).rows:
        shell.run("points", "freeze", row.values["customer_id"], *words)
    _, signed, _ = shell.run("terminal", "sign", str(folder / "orders.csv"), *words)
    file = shell.file(f"{bank}.jsonl", signed)
    shell.run("points", "redeem", file, *words)
    return file


@pytest.fixture
def samples(
    chain: Chain,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Shell:
    """A shell before the sample banks."""
    state = State(tmp_path / "state")
    rules = [EXAMPLES / bank / "rules.toml" for bank in ("harbour", "summit")]
    wanted = rollout.check(rules, EXAMPLES / "terminals.toml")
    rollout.ensure(wanted, state, chain.url, lambda _: None)
    monkeypatch.setenv("COUNTERFOIL_STATE", str(state.root))
    return Shell(Office(chain, state, tmp_path), capsys)


def found(shell: Shell, bank: str, file: str) -> list[tuple[str, str]]:
    """What reconciling to the second finds, by its kind and the order's reference."""
    words = ("points", "reconcile", "--bank", bank, "--older-than", "0", "--json")
    rows = shell.rows(*words, "--file", file)
    alone = shell.rows(*words)
    assert alone == []
    return sorted((row["kind"], row["order_ref"]) for row in rows)


def test_nothing_is_amiss_with_summits_files(samples: Shell) -> None:
    assert found(samples, "summit", run_through(samples, "summit")) == []


def test_orders_that_nobody_can_answer_are_told_and_fail_nothing(samples: Shell) -> None:
    file = run_through(samples, "harbour")

    assert found(samples, "harbour", file) == [
        ("unanswerable", "H-025"),
        ("unanswerable", "H-027"),
    ]
    words = ("points", "reconcile", "--bank", "harbour", "--file", file)
    said = samples.run(*words)[2]
    assert said == "Nothing is amiss. 2 orders can't be answered by anybody.\n"


def test_an_order_that_was_signed_for_another_ledger_is_told_and_fails_nothing(
    samples: Shell,
) -> None:
    run_through(samples, "harbour")

    rows = samples.rows(
        *("points", "reconcile", "--bank", "harbour", "--json", "--file"),
        str(EXAMPLES / "harbour" / "foreign.jsonl"),
    )

    assert [(row["kind"], row["order_ref"]) for row in rows] == [("unanswerable", "H-900")]


def test_nothing_is_amiss_after_refunds_cancellations_and_claw_backs(samples: Shell) -> None:
    words = ("--bank", "harbour")
    file = run_through(samples, "harbour")
    samples.rows("points", "refund", "H-001", "1.00", "--json", *words)
    samples.rows("points", "refund", "H-001", "1.00", "--json", *words)
    samples.run("points", "claw-back", str(EXAMPLES / "harbour" / "returns.csv"), *words)

    assert {kind for kind, _ in found(samples, "harbour", file)} == {"unanswerable"}


def test_nothing_is_amiss_with_both_banks_in_one_folder(samples: Shell) -> None:
    run_through(samples, "summit")
    file = run_through(samples, "harbour")

    assert {kind for kind, _ in found(samples, "harbour", file)} == {"unanswerable"}
    desk = BankDesk.open(samples.office.state, "summit")
    assert desk.journal.count_orders() > 0
