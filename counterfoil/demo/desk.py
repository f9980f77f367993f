"""The tickets half: queries opened, one ticket worked to its end, everything read back."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from counterfoil.cli.ticket_rows import opened_row, step_row
from counterfoil.cli.ticket_sheet import show_history, show_opened
from counterfoil.files import read_jsonl
from counterfoil.model import Check
from counterfoil.tickets import lifecycle
from counterfoil.tickets.audit import audit
from counterfoil.tickets.desk import Desk
from counterfoil.tickets.intake import open_queries
from counterfoil.tickets.opened import Opened
from counterfoil.tickets.queries import read_queries
from counterfoil.tickets.registry import Action
from counterfoil.tickets.trail import Step, trail

_STEPS = (
    (Action.TAKE, None),
    (Action.NOTE, "asked the shop for the receipt"),
    (Action.RESOLVE, "The receipt shows your signature; the shop sent a copy."),
    (Action.CLOSE, None),
)


@dataclass(frozen=True, slots=True)
class DeskRun:
    """What the queries came to, and the trail of the ticket that was worked."""

    opened: tuple[Opened, ...]
    worked: bytes
    steps: tuple[Step, ...]


def run_desk(desk: Desk, file: Path, say: Callable[[str], None]) -> DeskRun:
    """Open every query of the file, then work the first ticket to its answer."""
    now = datetime.now(UTC)
    queries = read_queries(file, now=now)
    say(f"tickets: {len(queries)} queries, into IPFS, to the verifiers, onto the chain")
    opened = tuple(open_queries(desk, queries, now=now))
    show_opened([opened_row(one) for one in opened])
    counted = Counter(one.outcome for one in opened)
    print(
        f"tickets: {counted['minted']} minted, {counted['duplicate']} duplicates, "
        f"{counted['invalid']} invalid\n"
    )
    worked = next(one.token_id for one in opened if one.token_id)
    for action, note in _STEPS:
        lifecycle.move(desk, worked, action, now=datetime.now(UTC), note=note)
    steps = tuple(trail(desk.registry, worked))
    print(f"History of ticket 0x{worked.hex()}")
    show_history([step_row(step) for step in steps])
    print()
    return DeskRun(opened, worked, steps)


def check_desk(desk: Desk, run: DeskRun, file: Path) -> Iterator[Check]:
    """Results against the expected file, then chain and IPFS against the queries."""
    expected = json.loads(file.with_suffix(".expected.json").read_text(encoding="utf-8"))
    token_of = {(one.channel_ref): one.token_id for one in run.opened}
    agree = sum(
        one.outcome == row["outcome"]
        and sorted({problem.field for problem in one.problems}) == sorted(row["problems"])
        and (row["same_as"] is None or one.token_id == token_of[row["same_as"]])
        for one, row in zip(run.opened, expected, strict=True)
    )
    yield Check("tickets: queries as expected", agree, len(expected))
    minted = {one.token_id: one for one in run.opened if one.outcome == "minted" and one.token_id}
    yield Check("tickets: distinct token ids", len(minted), len(desk.registry.opened()))
    raw = [value for _, value in read_jsonl(file)]
    same = 0
    for token_id, one in minted.items():
        case = lifecycle.read_all(desk, token_id).case
        query = raw[list(run.opened).index(one)]
        assert case is not None and isinstance(query, dict)
        same += case.identity.customer.model_dump(exclude_none=True) == query["customer"]
    yield Check("tickets: cases read back from chain and IPFS", same, len(minted))
    words = [step.action for step in run.steps if step.action != "seen-again"]
    yield Check(
        "tickets: steps of the one worked", words, ["open", "take", "note", "resolve", "close"]
    )
    for check in audit(desk.registry, desk.store):
        yield Check(f"tickets: {check.name}", check.found, check.expected)
