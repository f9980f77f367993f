"""The demo from start to end: nodes, contracts, both flows, and whether it all agrees."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click

from counterfoil import rollout
from counterfoil.artifacts import ROOT
from counterfoil.attached import BANKS, EXAMPLES, example_plan
from counterfoil.chain import Chain
from counterfoil.demo.bank_checks import check_bank
from counterfoil.demo.banks import run_bank
from counterfoil.demo.desk import check_desk, run_desk
from counterfoil.demo.payment import check_payment, pay
from counterfoil.local import process
from counterfoil.local.stack import Stack, Wishes, stop
from counterfoil.model import Check
from counterfoil.points.desk import BankDesk
from counterfoil.state import State
from counterfoil.ticket_desk import open_desk

_DAY = 86_400
_MARGIN = 180  # seconds before midnight, UTC, in which a run might see two days


def play(folder: Path = ROOT / "build" / "demo") -> int:
    """Run everything in a fresh state folder; the exit status: 0 if all agrees, else 1."""
    state = State(folder)
    stop(state)  # what a run that was killed may have left
    shutil.rmtree(folder, ignore_errors=True)
    began = time.monotonic()

    def say(line: str) -> None:
        click.echo(f"{time.monotonic() - began:5.1f} s  {line}", err=True)

    with process.ends_like_interrupt(), Stack(state, say) as stack:
        services = stack.start(Wishes("ganache"))
        _stay_in_one_day(Chain.connect(services.chain))
        with stack.verifiers():
            rollout.ensure(example_plan(), state, services.chain, say)
        checks = [*_flows(state, say), *check_payment(pay(stack, state, say))]
    say("everything that was started has ended")
    return _report(checks)


def _flows(state: State, say: rollout.Say) -> Iterator[Check]:
    for bank in BANKS:
        with BankDesk.open(state, bank) as points:
            run = run_bank(points, EXAMPLES / bank, say)
            if _still_valid(EXAMPLES / bank / "orders.expected.json"):
                yield from check_bank(run, EXAMPLES / bank)
    with open_desk(state) as desk:
        queries = EXAMPLES / "queries.jsonl"
        worked = run_desk(desk, queries, say)
        yield from check_desk(desk, worked, queries)


def _stay_in_one_day(chain: Chain) -> None:
    """The caps of a day must not start anew in the middle of the run."""
    left = _DAY - chain.timestamp() % _DAY
    if left < _MARGIN:
        chain.request("evm_increaseTime", left + 1)
        chain.request("evm_mine")


def _still_valid(file: Path) -> bool:
    until = json.loads(file.read_text(encoding="utf-8"))["valid_until"]
    if datetime.now(UTC).date().isoformat() <= until:
        return True
    click.echo(f"{file}: the sample's points have lapsed since {until}; not compared.", err=True)
    return False


def _report(checks: list[Check]) -> int:
    amiss = [check for check in checks if not check.agrees]
    for check in checks:
        mark = "agrees" if check.agrees else "AMISS "
        told = f"{check.found}" if check.agrees else f"{check.found}, expected {check.expected}"
        click.echo(f"{mark}  {check.name}: {told}")
    click.echo(
        f"{len(amiss)} of {len(checks)} checks are amiss."
        if amiss
        else f"All {len(checks)} checks agree."
    )
    return 1 if amiss else 0
