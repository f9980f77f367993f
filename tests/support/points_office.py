"""A bank's points business on a chain, run through files as users run it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

from sqlalchemy import MetaData, create_engine, text

from counterfoil import rollout
from counterfoil.chain import Chain
from counterfoil.model import Mined
from counterfoil.points import enquiry
from counterfoil.points.clawfile import read_claws
from counterfoil.points.clawing import ClawedBack
from counterfoil.points.desk import BankDesk
from counterfoil.points.issuing import Issued
from counterfoil.points.ledger import Mark
from counterfoil.points.lotsfile import read_lots
from counterfoil.points.orders import order_in
from counterfoil.points.ordersfile import read_orders
from counterfoil.points.outcomes import Outcome
from counterfoil.points.redeeming import Redeeming
from counterfoil.points.settlement import Settlement
from counterfoil.points.signedfile import SignedOrder, read_signed, signed_order
from counterfoil.state import State

BANK = "harbour"
LOTS = "customer_id,points,earned_on,reference\n"
CLAWS = "reference,points,claw_reference\n"
ORDERS = "order_ref,terminal,customer_id,item,quantity,unit_price,points,sequence,deadline"
ORDERS += ",rules_version\n"
RULES = """\
bank = "harbour"
currency = "CNY"
lot_days = 183

[rules]
points = 100
minor_units = 67
minimum_points = 500
increment = 100
max_order = "200.00"
max_account_day = "500.00"
max_terminal_day = "20000.00"
sunset_seconds = 3600
refund_days = 180
restored = "grace:30"
"""
TERMINALS = """\
[catalogues.cafe]
espresso = "3.00"
hamper = "45.00"
gift-card = "0.00"

[terminals.till-1]
catalogue = "cafe"

[terminals.till-2]
catalogue = "cafe"

[terminals.till-9]
catalogue = "cafe"
address = "0x95B08567Fe848e74B810fB71f70ce9b9a7b04588"
"""


def plan(folder: Path, rules: str = RULES, terminals: str = TERMINALS) -> rollout.Plan:
    """What these files ask for."""
    (folder / "rules.toml").write_text(rules, encoding="utf-8")
    (folder / "terminals.toml").write_text(terminals, encoding="utf-8")
    return rollout.check([folder / "rules.toml"], folder / "terminals.toml")


Answer = TypeVar("Answer", Issued, Outcome)
_FINAL = ("issued", "paid", "rejected")


def again(answers: Sequence[Answer]) -> list[Answer]:
    """The same answers, given a second time."""
    return [replace(answer, replayed=answer.status in _FINAL) for answer in answers]


def reasons(answers: Sequence[SignedOrder | Outcome]) -> list[str | None]:
    """Why each was refused, or None."""
    return [answer.reason if isinstance(answer, Outcome) else None for answer in answers]


def order(ref: str, points: int = 500, *, customer: str = "C-1", till: str = "till-1") -> str:
    """A CSV row that asks for an order of two hampers, which the ledger pays."""
    return f"{ref},{till},{customer},hamper,2,50.00,{points},,,"


@dataclass(frozen=True, slots=True)
class Office:
    """One bank. Every act opens it anew, as every command of the shell does."""

    chain: Chain
    state: State
    files: Path

    @property
    def desk(self) -> BankDesk:
        """The bank's desk, opened just now."""
        return BankDesk.open(self.state, BANK)

    def credit(self, reference: str, points: int = 5000, customer: str = "C-1") -> str:
        """A CSV row of a credit that was earned today."""
        return f"{customer},{points},{self.day(0)},{reference}"

    def day(self, later: int) -> str:
        """The date so many days after today."""
        today = datetime.fromtimestamp(self.chain.timestamp(), UTC).date()
        return str(today + timedelta(days=later))

    def issue(self, *rows: str, now: int | None = None) -> list[Issued]:
        """The answers to the CSV rows of a lots file, ``now`` if that is told."""
        file = self.files / "lots.csv"
        file.write_text(LOTS + "\n".join(rows), "utf-8")
        issuing = self.desk.issuing()
        issuing.now = now or issuing.now
        return list(issuing.issue(read_lots(file).rows))

    def claw(self, *rows: str) -> list[ClawedBack]:
        """The answers to the CSV rows of a claw-backs file."""
        file = self.files / "claws.csv"
        file.write_text(CLAWS + "\n".join(rows), "utf-8")
        return list(self.desk.clawing().claw_back(read_claws(file).rows))

    def sign(
        self, *rows: str, check: bool = False, now: int | None = None
    ) -> list[SignedOrder | Outcome]:
        """What the terminals say to the CSV rows of an orders file, ``now`` if that is told."""
        file = self.files / "orders.csv"
        file.write_text(ORDERS + "\n".join(rows), "utf-8")
        orders = read_orders(file, "CNY").orders
        desk = self.desk.terminals()
        desk.now = now or desk.now
        return list(desk.sign(orders, check=check))

    def lines(self, *rows: str) -> list[str]:
        """The JSON lines of orders that are all signed."""
        answers = self.sign(*rows)
        assert all(isinstance(answer, SignedOrder) for answer in answers)
        return [answer.row for answer in answers if isinstance(answer, SignedOrder)]

    def three(self) -> list[str]:
        """Signed orders: two that are paid, between them one that is too small."""
        return self.lines(order("A"), order("B", 400), order("C", till="till-2"))

    def redeem(self, lines: Sequence[str], *, finalize: bool = True) -> list[Outcome]:
        """The bank's answers to the JSON lines of a file."""
        file = self.files / f"signed-{uuid4()}.jsonl"  # two runs at once have a file each
        file.write_text("\n".join(lines), "utf-8")
        entries = list(read_signed(file, "CNY"))
        warnings: list[str] = []
        return list(self.desk.settlement(warnings.append, finalize=finalize).settle(entries))

    def redeem_as_bank(self, lines: Sequence[str]) -> list[Outcome]:
        """The bank's answers alone: records 1 and 3 are left to the terminals."""
        desk = self.desk
        entries = [signed_order(json.loads(line)) for line in lines]
        settlement = Settlement(
            desk.ledger, desk.journal, desk.signer("settler"), None, finalize=False
        )
        return list(Redeeming(settlement).settle(entries))

    def points(self, customer: str = "C-1") -> int:
        """What a customer holds."""
        desk = self.desk
        return enquiry.balance(desk.ledger, desk.account(customer)).points

    def marks(self, lines: Sequence[str]) -> list[Mark]:
        """What became of signed orders, on chain."""
        ledger = self.desk.ledger
        orders = [order_in(json.loads(line)["message"]) for line in lines]
        return [ledger.mark(order.terminal, order.sequence) for order in orders]

    def events(self, name: str) -> int:
        """How many such events the ledger has emitted."""
        ledger = self.desk.ledger
        return len(ledger.contract.events(name, first=ledger.record.block))

    def recorded(self) -> list[str]:
        """The ids in all records 1, sorted; one that was recorded twice stands here twice."""
        ledger = self.desk.ledger
        events = ledger.contract.events("OrdersRecorded", first=ledger.record.block)
        ids = [one for event in events for one in event.arguments["orderIds"]]
        return sorted("0x" + bytes(one).hex() for one in ids)

    def forget(self) -> None:
        """Lose the journal."""
        engine = create_engine(self.state.database_url("points"))
        lost = MetaData()
        lost.reflect(engine)
        lost.drop_all(engine)
        engine.dispose()

    def tamper(self, statement: str) -> None:
        """Do this to the journal behind the bank's back."""
        engine = create_engine(self.state.database_url("points"))
        with engine.begin() as link:
            link.execute(text(statement))
        engine.dispose()

    def act(self, function: str, *arguments: object) -> Mined:
        """The bank's operator does something to the ledger."""
        desk = self.desk
        return desk.ledger.contract.send(desk.signer("settler"), function, *arguments)
