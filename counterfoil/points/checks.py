"""What is known of orders before anything is sent: who signed, and what was answered already."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from counterfoil.points.batches import Answered, Batch
from counterfoil.points.journal import Journal, OrderEntry
from counterfoil.points.ledger import Ledger, Mark
from counterfoil.points.reasons import Reason
from counterfoil.points.signedfile import SignedOrder

_ON_CHAIN = ("recorded", "reason", "transaction", "block", "finalized")


@dataclass
class Checks:
    """Checks against one ledger and the bank's journal of it."""

    ledger: Ledger
    journal: Journal
    _keys: dict[str, bytes | None] = field(default_factory=dict)
    _wallets: dict[bytes, bool] = field(default_factory=dict)

    def faults(
        self, entries: Sequence[SignedOrder], known: Mapping[str, OrderEntry]
    ) -> list[Reason]:
        """Why nobody answers for each order (``NONE``: somebody does), in their order. What is
        written down was found right before."""
        found = [Reason.NONE] * len(entries)
        due = [i for i, entry in enumerate(entries) if not _is_known(entry, known)]
        self._read_keys({entries[i].order.terminal for i in due} - self._keys.keys())
        for i in due:
            found[i] = self._fault(entries[i])
        doubtful = [i for i in due if found[i]]
        self._read_keys({entries[i].order.terminal for i in doubtful})  # it may have changed
        for i in doubtful:
            found[i] = self._fault(entries[i])
        return found

    def prepare(self, batch: Batch) -> None:
        """Find the answers that are there already, and write the other orders down.

        ``known`` is what the journal has of the batch's orders.
        """
        self._forget_what_the_chain_took_back(batch)
        for order_id, entry in batch.known.items():
            if entry.reason is not None and entry.transaction and entry.block is not None:
                reason = Reason(entry.reason)
                batch.answers[order_id] = Answered(reason, entry.transaction, entry.block, True)
        unanswered = [order for key, order in batch.orders.items() if key not in batch.answers]
        used = self.used(self._doubtful(unanswered, batch.known))
        found = self.look_up([order for order in unanswered if order.order_id in used])
        batch.answers |= found
        batch.known |= self.journal.orders([key for key, one in found.items() if one.replayed])
        batch.fresh = [order for order in unanswered if order.order_id not in used]
        rows = [_entry(order) for order in batch.fresh if order.order_id not in batch.known]
        batch.old = set(batch.known)
        self.journal.add_orders(rows)
        batch.known |= {row.order_id: row for row in rows}

    def used(self, orders: Sequence[SignedOrder]) -> set[str]:
        """The ids of those whose sequence is used, by themselves or by another."""
        marks = self.ledger.marks([(one.order.terminal, one.order.sequence) for one in orders])
        pairs = zip(orders, marks, strict=True)
        return {order.order_id for order, mark in pairs if mark != Mark.UNUSED}

    def look_up(self, orders: Sequence[SignedOrder]) -> dict[str, Answered]:
        """The chain's answers to orders whose sequence is used: by themselves, in a run that was
        cut short or beside this one, or by another order. They are written down."""
        answers = {}
        found = self.ledger.verdicts([order.id_bytes for order in orders])
        for order in orders:
            told = found.get(order.id_bytes)
            answers[order.order_id] = (
                Answered(Reason.REPLAYED, "", 0, False)
                if told is None
                else Answered(told.reason, told.transaction, told.block, True)
            )
        self.journal.add_orders(_entry(order) for order in orders if order.id_bytes in found)
        self.note(answers)
        return answers

    def note(self, answers: Mapping[str, Answered]) -> None:
        """Write final answers down, one statement for all that are alike."""
        alike: dict[tuple[Reason, str, int], list[str]] = defaultdict(list)
        for order_id, answer in answers.items():
            if answer.reason == Reason.NONE or answer.reason >= Reason.EXPIRED:
                alike[answer.reason, answer.transaction, answer.block].append(order_id)
        self.journal.note_orders(
            [
                (ids, {"reason": int(reason), "transaction": name, "block": block})
                for (reason, name, block), ids in alike.items()
            ]
        )

    def wallet_of(self, entry: SignedOrder) -> str | None:
        """The contract that stands by the terminal's signatures, if it was found to be one."""
        key = self._keys.get(entry.order.terminal)
        return "0x" + key.hex() if key is not None and self._wallets.get(key, False) else None

    def _fault(self, entry: SignedOrder) -> Reason:
        key = self._keys[entry.order.terminal]
        if key is None:
            return Reason.UNKNOWN_TERMINAL
        if entry.signer(self.ledger.domain) == key or self._has_code(key):
            return Reason.NONE  # ERC-1271: the ledger itself asks the contract
        return Reason.BAD_SIGNATURE

    def _has_code(self, key: bytes) -> bool:
        if key not in self._wallets:
            self._wallets[key] = self.ledger.chain.has_code("0x" + key.hex())
        return self._wallets[key]

    def _read_keys(self, terminals: Collection[str]) -> None:
        if terminals:
            self._keys |= self.ledger.keys_of(list(terminals))

    def _forget_what_the_chain_took_back(self, batch: Batch) -> None:
        stand: dict[str, int | None] = {}
        for entry in batch.known.values():
            stand |= {name: None for name in (entry.recorded, entry.finalized) if name}
        for entry in batch.known.values():
            if entry.transaction:
                stand[entry.transaction] = entry.block
        gone = self.ledger.gone(stand.items())
        if not gone:
            return
        kept = [_without(entry, gone) for entry in batch.known.values()]
        batch.known = {entry.order_id: entry for entry in kept}
        self.journal.note_orders(
            [([one.order_id], {name: getattr(one, name) for name in _ON_CHAIN}) for one in kept]
        )

    def _doubtful(
        self, orders: Sequence[SignedOrder], known: Mapping[str, OrderEntry]
    ) -> Sequence[SignedOrder]:
        """Orders whose sequence may be used: those of a run that was cut short; or all, if that of
        the first new one is, since then this journal isn't the one that it was."""
        new = [order for order in orders if order.order_id not in known]
        if self.used(new[:1]):
            return orders
        return [order for order in orders if order.order_id in known]


def _is_known(entry: SignedOrder, known: Mapping[str, OrderEntry]) -> bool:
    found = known.get(entry.order_id)
    return found is not None and found.row == entry.row


def _entry(entry: SignedOrder) -> OrderEntry:
    return OrderEntry(entry.order_id, entry.order_ref, entry.row)


def _without(entry: OrderEntry, gone: Collection[str]) -> OrderEntry:
    """What is left of an entry without the transactions that are gone."""
    if entry.transaction in gone:
        entry = replace(entry, reason=None, transaction=None, block=None)
    if entry.recorded in gone:
        entry = replace(entry, recorded=None)
    return replace(entry, finalized=None) if entry.finalized in gone else entry
