"""A bank with many customers and tills on a chain of its own, and files of orders for it."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from counterfoil import rollout
from counterfoil.local.launch import Recipe, serving
from counterfoil.points.accounts import account_of, bank_key
from counterfoil.points.desk import BankDesk
from counterfoil.points.lotsfile import read_lots
from counterfoil.points.orders import OrderLine, PaymentOrder
from counterfoil.points.signedfile import signed_row
from counterfoil.state import State

BANK, TILLS, CUSTOMERS = "crowd", 10, 500
POINTS, CASH = 500, 335  # of each order
RULES = """\
bank = "crowd"
currency = "CNY"
lot_days = 183

[rules]
points = 100
minor_units = 67
minimum_points = 500
increment = 100
max_order = "200.00"
max_account_day = "500000.00"
max_terminal_day = "2000000.00"
sunset_seconds = 3600
refund_days = 180
restored = "lapse"
"""


@dataclass(frozen=True, slots=True)
class Crowd:
    """The bank, opened anew at each act, and the folder of its files."""

    state: State
    files: Path

    @property
    def desk(self) -> BankDesk:
        """The bank's desk, opened just now."""
        return BankDesk.open(self.state, BANK)

    def rows(self, first: int, orders: int) -> Iterator[str]:
        """JSON lines of signed orders of 500 points, numbered from ``first``, tills and customers
        in turn."""
        desk = self.desk
        tills = list(desk.ledger.record.terminals.items())
        signers = {name: self.state.signer(f"terminal-{name}") for name, _ in tills}
        key = bank_key(self.state, BANK)
        accounts = [account_of(key, BANK, f"C-{i}") for i in range(CUSTOMERS)]
        deadline = desk.ledger.chain.timestamp() + 86_400
        domain = desk.ledger.domain
        for number in range(first, first + orders):
            name, till = tills[number % TILLS]
            account, line = accounts[number % CUSTOMERS], OrderLine(1, 1, 4500, CASH)
            sequence = number // TILLS
            order = PaymentOrder(account, till.address, sequence, 1, POINTS, deadline, (line,))
            signature = signers[name].sign_digest(domain.digest(order.order_id()))
            yield signed_row(f"O-{number}", order, domain, signature)

    def file(self, first: int, orders: int) -> Path:
        """A file of such rows."""
        file = self.files / f"signed-{first}-{orders}.jsonl"
        with file.open("w", encoding="utf-8") as stream:
            stream.writelines(row + "\n" for row in self.rows(first, orders))
        return file


@contextmanager
def crowd(recipe: Recipe) -> Iterator[Crowd]:
    """The bank, with a million points in every account."""
    with tempfile.TemporaryDirectory(prefix="counterfoil-crowd-") as name, serving(recipe):
        made = Crowd(State(Path(name) / "state"), Path(name))
        tills = "".join(f'[terminals.till-{i}]\ncatalogue = "cafe"\n' for i in range(TILLS))
        (made.files / "rules.toml").write_text(RULES)
        (made.files / "terminals.toml").write_text('[catalogues.cafe]\nhamper = "45.00"\n' + tills)
        plan = rollout.check([made.files / "rules.toml"], made.files / "terminals.toml")
        rollout.ensure(plan, made.state, recipe.address, lambda _: None)
        desk = made.desk
        day = time.strftime("%Y-%m-%d", time.gmtime(desk.ledger.chain.timestamp()))
        rows = "".join(f"C-{i},1000000,{day},R-{i}\n" for i in range(CUSTOMERS))
        (made.files / "lots.csv").write_text("customer_id,points,earned_on,reference\n" + rows)
        issued = list(desk.issuing().issue(read_lots(made.files / "lots.csv").rows))
        assert all(row.status == "issued" for row in issued)
        yield made
