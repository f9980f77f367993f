"""One bank's node: its desk, its books, the threads that send and the one that scans."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial

from sqlalchemy import Engine

from counterfoil.bank.answers import Answers
from counterfoil.bank.consents import Alarms, ChannelKeys, Consents
from counterfoil.bank.crowd import Crowd
from counterfoil.bank.dispatch import Dispatcher
from counterfoil.bank.gate import Gate
from counterfoil.bank.giving import Giving
from counterfoil.bank.intake import Intake
from counterfoil.bank.linkskey import links_key
from counterfoil.bank.offers import Quoting, Rulebook
from counterfoil.bank.orders import Orders
from counterfoil.bank.quotes import Quotes
from counterfoil.bank.sender import SendersRight
from counterfoil.bank.settings import Settings
from counterfoil.bank.settler import EngineSettler, Settler
from counterfoil.bank.tables import QUOTES
from counterfoil.bank.telemetry import Telemetry
from counterfoil.bank.watch import Watch
from counterfoil.database import open_database
from counterfoil.deployment import Latest, LedgerRecord
from counterfoil.errors import CounterfoilError
from counterfoil.index.book import Book
from counterfoil.index.scanner import Reopened, Scanner
from counterfoil.points.desk import BankDesk
from counterfoil.points.refunding import Refunding
from counterfoil.state import State

_SCAN = 0.25  # seconds between two looks at the chain when nobody said anything
_IDLE = 0.5  # ... and nobody waits here: somebody may at another node
_AFTER_FAILURE = 1.0
_TIDY = 10.0  # seconds between two looks for quotes that are of no use any more
_REMEMBERED = 3600  # seconds for which a quote that ended is told from one that never was
_TABLES = QUOTES.metadata  # with those of the index

Tell = Callable[[Sequence[str]], None]


class BankNode:
    """Everything behind the routes. It works from :meth:`start` to :meth:`stop`, with which its
    desk is closed too."""

    def __init__(
        self,
        desk: BankDesk,
        settings: Settings,
        settler: Callable[[BankDesk], Settler] = EngineSettler,
    ) -> None:
        engine = open_database(desk.state.database_url("bank"), _TABLES)
        ledger, bank = desk.ledger.record.key, desk.bank
        key = links_key(engine, ledger, desk.state, bank)
        self.desk = desk
        self.settings = settings
        self.telemetry = Telemetry()
        self.crowd = Crowd()
        self.book = Book(engine, ledger)
        self.orders = Orders(engine, ledger, self.book)
        self.quotes = Quotes(engine, ledger)
        self.refunds = Refunding.at(desk)
        self.consents = Consents(engine, bank, settings.confirm_above)
        self.alarms = Alarms(engine, ledger)
        self.watch = Watch(self.alarms, settings, self.telemetry)
        self._latest = Latest(
            desk.state, desk.ledger.record, partial(self.telemetry.failed, "deployment")
        )
        self.gate = Gate(desk.ledger, self.record, ChannelKeys(engine, bank), settings)
        self.rulebook = Rulebook(desk)
        self.quoting = Quoting(desk, self.rulebook, self.quotes, self.consents, settings)
        chain, domain = desk.ledger.chain, desk.ledger.domain
        self.intake = Intake(chain, domain, self.orders, self.quotes, self.consents, settings, key)
        self.scanner = Scanner(desk.ledger.chain, desk.ledger.record, self.book, self._reopened)
        self._tell: Tell = lambda _: None
        self._awaited: Callable[[], bool] = lambda: True
        self._key = key
        self._pages = settings.pages
        self.dispatcher = self._sender(engine, settler(desk))
        self._scan_now = threading.Event()
        self._stopping = threading.Event()
        self._scanning = threading.Thread(target=self._scan, name="scanner", daemon=True)

    def _sender(self, engine: Engine, settler: Settler) -> Dispatcher:
        desk = self.desk
        right = SendersRight(
            engine, desk.signer("settler").address, desk.state.root / f"{desk.bank}.sender"
        )
        giving = Giving(self.refunds, self.telemetry, self._ended_orders)
        told = (self.telemetry, self._ended_orders, self.unpaid)
        return Dispatcher(self.orders, giving, right, settler, *told)

    @property
    def answers(self) -> Answers:
        """What words answers, by the terminals as they are known now."""
        return Answers(self.record(), self._key, self._pages)

    def record(self) -> LedgerRecord:
        """The ledger's record: terminals that were added or moved since the node began are in."""
        self.desk.ledger.record = self._latest.now()
        return self.desk.ledger.record

    def start(self, tell: Tell, awaited: Callable[[], bool]) -> None:
        """Begin. ``tell`` hears, from any thread, which orders something came of; none: look.
        ``awaited``: whether anybody waits for that."""
        self._tell = tell
        self._awaited = awaited
        self.dispatcher.start()
        self._scanning.start()

    def stop(self) -> None:
        """End; orders that have no answer get it from the next node, or after the next start."""
        self._stopping.set()
        self._scan_now.set()
        self.dispatcher.stop()
        if self._scanning.ident is not None:
            self._scanning.join()
        self.crowd.close()
        self.gate.close()
        self.orders.engine.dispose()
        self.desk.close()

    def parts(self) -> dict[str, Callable[[], bool]]:
        """What it needs, and whether that answers: each waits for it."""
        return {"chain": self._has_chain, "database": self._has_database}

    def _has_chain(self) -> bool:
        with suppress(CounterfoilError):
            record = self.desk.ledger.record
            return self.desk.ledger.chain.block_hash(record.block) == record.block_hash
        return False

    def _has_database(self) -> bool:
        with suppress(CounterfoilError):
            self.book.scanned()
            return True
        return False

    def measure(self) -> bytes:
        """The metrics now."""
        for state, count in self.orders.counts().items():
            self.telemetry.open.labels(state).set(count)
        self.telemetry.sending.set(self.dispatcher.sending)
        self.telemetry.head.set(self.scanner.head)
        self.telemetry.seen.set(self.scanner.seen)
        return self.telemetry.exposition()

    def unpaid(self, order_ids: Sequence[str]) -> None:
        """These orders ended without being paid: whose they were is watched."""
        words = self.answers
        for one in self.orders.find(order_ids).values() if order_ids else ():
            self.watch.refusal(words.terminal(one.terminal), one.order_id)

    def _ended_orders(self, order_ids: Sequence[str]) -> None:
        self._scan_now.set()
        self._tell(order_ids)

    def _reopened(self, reopened: Reopened) -> None:
        """The chain took settlements back: they are due again."""
        ids = list(reopened.order_ids)
        self.orders.reopen(ids)
        self.dispatcher.look()

    def _scan(self) -> None:
        tidied = 0.0
        while not self._stopping.is_set():
            pause = _SCAN if self._awaited() or self.dispatcher.busy else _IDLE
            try:
                if time.monotonic() - tidied >= _TIDY:
                    more = self.quotes.forget(int(time.time()) - _REMEMBERED)
                    tidied = 0.0 if more else time.monotonic()
                if self.dispatcher.sending and self.scanner.look():
                    self._tell(())
                    pause = 0
            except Exception as error:  # told, counted, and tried again
                self.telemetry.failed("scanner", error)
                pause = _AFTER_FAILURE
            if pause and not self._stopping.is_set():
                self._scan_now.wait(pause)
            self._scan_now.clear()


def open_node(state: State, bank: str | None, settings: Settings) -> BankNode:
    """The node of a bank that is deployed from a state folder.

    Raises:
        BadInput: no such bank, or its other nodes make links with another key.
        Unavailable: nothing is deployed, or chain or database don't answer.
    """
    return BankNode(BankDesk.open(state, bank), settings)
