"""The books of a points ledger on a chain beside their model: rules, terminals, accounts.

One method per call to the ledger, compared as :mod:`.points_compared` says.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from counterfoil.keys import Signer
from tests.support.merkle import root_and_proofs
from tests.support.points import LOT_DAYS, account_of, signer_of
from tests.support.points_books import credit_leaf
from tests.support.points_compared import CheckedLedger
from tests.support.points_values import LOTS, ClawBack, Credit


@dataclass(slots=True)
class CheckedBooks(CheckedLedger):
    """What a bank does with its rules, its terminals and its customers' accounts."""

    # ---------------------------------------------------------------------------------- accounts

    def credit(
        self, name: str, points: int, *, earned_on: int | None = None, reference: str = ""
    ) -> Credit:
        """A credit, earned today unless told."""
        day = self.today if earned_on is None else earned_on
        return Credit(account_of(name), points, day, sha256(reference.encode()).digest())

    def issue(self, *credits: Credit, batch: int | None = None) -> None:
        """Credit a batch, under the next number unless told."""
        number = len(self.model.batches) + 1 if batch is None else batch
        self._act(lambda m: m.issue(self.now, number, credits), "issue", number, list(credits))

    def give(self, name: str, points: int, *, lot: int = LOTS - 1) -> None:
        """Credit one account in one of its lots, soonest to expire first."""
        day = (self.model.first_period(self.now) + lot) * LOT_DAYS
        self.issue(self.credit(name, points, earned_on=day, reference=str(len(self.model.batches))))

    def claw_back(
        self, batch: int, credit: Credit, points: int | None = None, *, before: int | None = None
    ) -> None:
        """Take a credit back, all that is left of it unless told."""
        so_far = self.model.clawed_back.get((batch, credit), 0)
        asked = credit.points - so_far if points is None else points
        reference = sha256(b"claw-back %d" % so_far).digest()
        part = ClawBack(reference, asked, so_far if before is None else before)
        self._act(
            lambda m: m.claw_back(self.now, batch, credit, part),
            *("clawBack", batch, credit, self.credit_proof(batch, credit), part),
        )

    def credit_proof(self, batch: int, credit: Credit) -> list[bytes]:
        """That a credit is in a batch; nothing, if it isn't."""
        credits = self.model.batches.get(batch, [])
        if credit not in credits:
            return []
        return root_and_proofs([credit_leaf(one) for one in credits])[1][credits.index(credit)]

    def sweep(self, *names: str, by: Signer | None = None) -> None:
        """Let lapse what is due in these accounts."""
        accounts = [account_of(name) for name in names]
        self._act(lambda m: m.sweep(self.now, accounts), "sweep", accounts, by=by)

    def freeze(self, name: str, frozen: bool = True) -> None:
        """Freeze an account, or let it go."""
        account = account_of(name)
        self._act(lambda m: m.freeze(self.now, account, frozen), "setFrozen", account, frozen)

    # ---------------------------------------------------------------------------------- rulebook

    def publish(self, **changes: int) -> None:
        """The rules now live with changes, as the next version."""
        rules = self.model.rules[-1]._replace(**changes)
        self._act(lambda m: m.publish(self.now, rules), "publishRules", rules)

    def list_items(
        self, caps: list[int], names: list[str], *, catalogue: int | None = None
    ) -> None:
        """A new catalogue, or more items in one."""
        function = "publishCatalogue" if catalogue is None else "extendCatalogue"
        which = () if catalogue is None else (catalogue,)
        self._act(lambda m: m.list_items(catalogue, caps, names), function, *which, caps, names)

    def register(self, terminal: str, catalogue: int = 1, *, key: Signer | None = None) -> None:
        """A new terminal."""
        self._act(
            lambda m: m.register(terminal, catalogue), "registerTerminal", terminal, catalogue
        )
        if key:
            self.keys[terminal] = key

    def new_till(self, name: str) -> Signer:
        """A registered terminal with a key and ether."""
        signer = signer_of(self.chain, name)
        self.register(signer.address, key=signer)
        return signer

    def assign(self, terminal: str, catalogue: int) -> None:
        """Another catalogue for a terminal."""
        self._act(lambda m: m.assign(terminal, catalogue), "assignCatalogue", terminal, catalogue)

    def rotate(self, terminal: str, key: str) -> None:
        """Another key for a terminal."""
        self._act(lambda m: m.rotate(terminal, key), "rotateTerminalKey", terminal, key)

    def enable(self, terminal: str, enabled: bool) -> None:
        """Let a terminal sell, or not."""
        self._act(lambda m: m.enable(terminal, enabled), "setTerminalEnabled", terminal, enabled)

    def pause(self, paused: bool = True) -> None:
        """Stop settling, or go on."""
        self.contract.send(self.operator, "pause" if paused else "unpause")
        self.model.paused = paused
        self.check()
