"""The terminal's side: orders out of wishes, signed once and for all.

``order_ref`` is the terminal's idempotency key: signing it again gives the very same signed
order, and other content under a used one is ``bad-row``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256

from counterfoil.deployment import CatalogueRecord
from counterfoil.keys import Signer
from counterfoil.points.accounts import account_of
from counterfoil.points.arithmetic import spread
from counterfoil.points.journal import Journal
from counterfoil.points.ledger import Ledger, Mark
from counterfoil.points.orders import OrderLine, PaymentOrder
from counterfoil.points.ordersfile import BadOrder, Wish
from counterfoil.points.outcomes import Outcome, unsigned
from counterfoil.points.precheck import refusal
from counterfoil.points.reasons import Reason
from counterfoil.points.rules import Rules
from counterfoil.points.shelves import terminal_key
from counterfoil.points.signedfile import SignedOrder, signed_order, signed_row
from counterfoil.points.signedpages import SignedEntry, digits
from counterfoil.state import State

LIFETIME = 600  # seconds that an order lives unless it says otherwise
_AT_ONCE = 500
_MAX_SEQUENCE = 2**64 - 1


@dataclass(frozen=True, slots=True)
class CraftedOrder:
    """An order whose lines' cash was decided elsewhere: signed as it is."""

    order_ref: str
    terminal: str
    customer_id: str
    points: int
    lines: tuple[tuple[str, int, int, int], ...]  # item, quantity, price, cash
    sequence: int | None = None
    deadline: int | None = None
    rules_version: int | None = None


@dataclass
class TerminalDesk:
    """Signs for the terminals whose keys this installation holds. ``now`` in seconds."""

    ledger: Ledger
    journal: Journal
    state: State
    bank_key: bytes
    now: int
    _next: dict[str, int] = field(default_factory=dict)
    _taken: dict[str, set[int]] = field(default_factory=dict)
    _rules: dict[int, Rules] = field(default_factory=dict)
    _signers: dict[str, Signer | None] = field(default_factory=dict)

    def sign(
        self, wishes: Sequence[Wish | CraftedOrder | BadOrder], *, check: bool = False
    ) -> Iterator[SignedOrder | Outcome]:
        """Each wish signed, or the reason why it can't be, in their order.

        Args:
            check: sign nothing that the rules would refuse.
        """
        self._live = self.ledger.current_rules()
        for start in range(0, len(wishes), _AT_ONCE):
            yield from self._sign_some(wishes[start : start + _AT_ONCE], check)

    def _sign_some(
        self, wishes: Sequence[Wish | CraftedOrder | BadOrder], check: bool
    ) -> Iterator[SignedOrder | Outcome]:
        refs = [wish.order_ref for wish in wishes if not isinstance(wish, BadOrder)]
        answers: list[SignedOrder | Outcome] = []
        kept: dict[str, SignedEntry] = {}
        while not answers or any(_is_lost(answer, kept) for answer in answers):
            self._next.clear()  # if another process has counted the same numbers: count anew
            known = self.journal.signed(refs)
            answers = [self._answer(wish, known, check) for wish in wishes]
            self.journal.add_signed(self._entries(wishes, answers, known))
            kept = self.journal.signed(refs)
        for wish, answer in zip(wishes, answers, strict=True):
            if isinstance(answer, SignedOrder) and kept[answer.order_ref].row != answer.row:
                answer = self._answer(wish, kept, check)  # another process signed it first
            yield answer

    def _answer(
        self, wish: Wish | CraftedOrder | BadOrder, known: dict[str, SignedEntry], check: bool
    ) -> SignedOrder | Outcome:
        currency = self.ledger.record.currency
        if isinstance(wish, BadOrder):
            return unsigned(wish.order_ref, currency, Reason.BAD_ROW, wish.problem)
        if wish.terminal not in self.ledger.record.terminals:
            return self._unknown_terminal(wish, "")
        before = known.get(wish.order_ref)
        if before is not None:
            if before.content != self._content(wish):
                detail = "order_ref was used for an order with other content"
                return unsigned(wish.order_ref, currency, Reason.BAD_ROW, detail)
            return replace(signed_order(json.loads(before.row)), row=before.row)
        signer = self._signer(wish.terminal)
        if signer is None:
            file = f"keys/{terminal_key(wish.terminal)}"
            detail = f"No key of terminal {wish.terminal} is kept here (state folder, {file})."
            return self._unknown_terminal(wish, detail)
        order = self._order(wish)
        reason = self._refusal(wish, order) if check else Reason.NONE
        if reason:
            return unsigned(wish.order_ref, currency, reason, points=order.points, cash=order.cash)
        return self._signed(wish, order, signer)

    def _unknown_terminal(self, wish: Wish | CraftedOrder, detail: str) -> Outcome:
        rate = self._rate(wish.rules_version or self._live).rate
        return unsigned(
            wish.order_ref,
            self.ledger.record.currency,
            Reason.UNKNOWN_TERMINAL,
            detail,
            points=wish.points,
            cash=rate.cash_for(wish.points),
        )

    def _order(self, wish: Wish | CraftedOrder) -> PaymentOrder:
        """The order without a number of the terminal's own: that is taken when it is signed."""
        rules = self._live if wish.rules_version is None else wish.rules_version
        return PaymentOrder(
            account=self._account(wish),
            terminal=self.ledger.record.terminals[wish.terminal].address,
            sequence=wish.sequence or 0,
            rules=rules,
            points=wish.points,
            deadline=self.now + LIFETIME if wish.deadline is None else wish.deadline,
            lines=self._lines(wish, rules),
        )

    def _refusal(self, wish: Wish | CraftedOrder, order: PaymentOrder) -> Reason:
        caps = self.ledger.record.catalogue_of(wish.terminal).caps
        live = self._rate(order.rules) if self._is_live(order.rules) else None
        return refusal(order, live, caps, self.now)

    def _is_live(self, version: int) -> bool:
        if not 0 < version < self._live:
            return version == self._live
        return self.now <= self.ledger.live_until(version)

    def _signed(
        self, wish: Wish | CraftedOrder, order: PaymentOrder, signer: Signer
    ) -> SignedOrder:
        order = replace(order, sequence=self._sequence(order.terminal, wish.sequence))
        domain = self.ledger.domain
        signature = signer.sign_digest(domain.digest(order.order_id()))
        row = signed_row(wish.order_ref, order, domain, signature)
        return SignedOrder(wish.order_ref, order, signature, row)

    def _lines(self, wish: Wish | CraftedOrder, rules: int) -> tuple[OrderLine, ...]:
        catalogue = self.ledger.record.catalogue_of(wish.terminal)
        if isinstance(wish, CraftedOrder):
            return tuple(OrderLine(_number(catalogue, item), *rest) for item, *rest in wish.lines)
        numbers = [_number(catalogue, line.item) for line in wish.lines]
        limits = [
            line.quantity * min(line.price, catalogue.caps[number - 1] if number else 0)
            for number, line in zip(numbers, wish.lines, strict=True)
        ]
        shares = spread(self._rate(rules).rate.cash_for(wish.points), limits)
        return tuple(
            OrderLine(number, line.quantity, line.price, share)
            for number, line, share in zip(numbers, wish.lines, shares, strict=True)
        )

    def _rate(self, version: int) -> Rules:
        """The version's rules; of one that was never published, the live ones."""
        if not 0 < version <= self._live:
            version = self._live
        if version not in self._rules:
            self._rules[version] = self.ledger.rules(version)
        return self._rules[version]

    def _sequence(self, terminal: str, given: int | None) -> int:
        if terminal not in self._next:
            self._next[terminal], self._taken[terminal] = self._unused(terminal)
        if given is not None:
            self._taken[terminal].add(given)
            return given
        while self._next[terminal] in self._taken[terminal]:
            self._next[terminal] += 1
        self._next[terminal] += 1
        return self._next[terminal] - 1

    def _unused(self, terminal: str) -> tuple[int, set[int]]:
        """The next number to count, and those beyond it that are taken. A journal that is lost, or
        older than the chain, knows less of them than the chain does."""
        following, taken = self.journal.sequences(terminal)
        new = following == 0 and not taken
        if not new and self.ledger.mark(terminal, following) == Mark.UNUSED:
            return following, set(taken)
        used = self.ledger.used_sequences(terminal)
        after = (number + 1 for number in used if number < _MAX_SEQUENCE)
        return max([following, *(number for number in after if number not in used)]), used | taken

    def _signer(self, terminal: str) -> Signer | None:
        if terminal not in self._signers:
            self._signers[terminal] = terminal_signer(self.state, terminal)
        return self._signers[terminal]

    def _account(self, wish: Wish | CraftedOrder) -> bytes:
        return account_of(self.bank_key, self.ledger.record.bank, wish.customer_id)

    def _content(self, wish: Wish | CraftedOrder) -> str:
        plain = replace(wish, customer_id=self._account(wish).hex())
        return sha256(repr(plain).encode()).hexdigest()

    def _entries(
        self,
        wishes: Iterable[Wish | CraftedOrder | BadOrder],
        answers: Iterable[SignedOrder | Outcome],
        known: dict[str, SignedEntry],
    ) -> Iterator[SignedEntry]:
        for wish, answer in zip(wishes, answers, strict=True):
            if isinstance(answer, Outcome) or isinstance(wish, BadOrder):
                continue
            if answer.order_ref in known:
                continue
            yield SignedEntry(
                order_ref=answer.order_ref,
                content=self._content(wish),
                terminal=answer.order.terminal,
                sequence=digits(answer.order.sequence),
                automatic=wish.sequence is None,
                row=answer.row,
            )


def terminal_signer(state: State, name: str) -> Signer | None:
    """The key that this state folder holds for a terminal. Whether it counts, the bank decides."""
    key = terminal_key(name)
    return state.signer(key) if state.has_key(key) else None


def _is_lost(answer: SignedOrder | Outcome, kept: dict[str, SignedEntry]) -> bool:
    return isinstance(answer, SignedOrder) and answer.order_ref not in kept


def _number(catalogue: CatalogueRecord, item: str) -> int:
    return catalogue.items.index(item) + 1 if item in catalogue.items else 0
