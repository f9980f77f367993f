"""Refunds, done by a thread of their own: each waits until it is mined, and no order behind it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from counterfoil.bank.telemetry import Telemetry
from counterfoil.points.refunding import Refunding
from counterfoil.points.refunds import TakenBack, UnderWay

_BEAT = 0.5  # seconds between two looks for what other nodes took


class Giving:
    """Gives back what is due while its node is the one that sends; ``tell`` hears of which orders
    something came."""

    def __init__(
        self, refunds: Refunding, telemetry: Telemetry, tell: Callable[[Sequence[str]], None]
    ) -> None:
        self._refunds = refunds
        self._telemetry = telemetry
        self._tell = tell
        self._sends: Callable[[], bool] = lambda: False
        self._wake = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="giving", daemon=True)

    def start(self, sends: Callable[[], bool]) -> None:
        """Begin. ``sends``: whether this node has the sender's right."""
        self._sends = sends
        self._thread.start()

    def stop(self) -> None:
        """End. A refund that is under way stays due, and is looked for before it is sent again."""
        self._ended.set()
        self._refunds.stop.set()
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join()

    def look(self) -> None:
        """There is a refund to be done."""
        self._wake.set()

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                if self._sends():
                    self._give_back()
            except Exception as error:  # told, counted, and tried again
                if not self._ended.is_set():
                    self._telemetry.failed("refunds", error)
            self._wake.wait(_BEAT)
            self._wake.clear()

    def _give_back(self) -> None:
        worked = self._refunds.work()
        for error in worked.held.values():
            # Of these the one is done when its order is settled again, the other when it is mined.
            if not isinstance(error, TakenBack | UnderWay):
                self._telemetry.failed("refunds", error)
        for one in worked.ended:
            status = "refunded" if one.state == "done" else "refused"
            self._telemetry.refunds.labels(status).inc()
        if worked.ended:
            self._tell([one.order_id for one in worked.ended])
