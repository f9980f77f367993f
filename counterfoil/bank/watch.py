"""Terminals that behave unusually: many customers a minute, or many refusals."""

from __future__ import annotations

import logging
import threading
import time
from collections import defaultdict

from counterfoil.bank.consents import Alarms, Raised
from counterfoil.bank.settings import Settings
from counterfoil.bank.telemetry import Telemetry, log
from counterfoil.errors import CounterfoilError


class Watch:
    """Counts what terminals do in a minute, and raises an alarm over the usual."""

    def __init__(self, alarms: Alarms, settings: Settings, telemetry: Telemetry) -> None:
        self._alarms = alarms
        self._telemetry = telemetry
        self._limits = {
            "accounts": settings.accounts_a_minute,
            "refusals": settings.refusals_a_minute,
        }
        self._lock = threading.Lock()
        self._minute = 0
        self._seen: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._raised: set[tuple[str, str]] = set()

    def account(self, terminal: str, account: str) -> None:
        """A terminal asked about an account, or for its points."""
        self._count(terminal, "accounts", account)

    def refusal(self, terminal: str, order: str) -> None:
        """An order of a terminal wasn't paid: not taken, rejected, or declined by its customer."""
        self._count(terminal, "refusals", order)

    def _count(self, terminal: str, kind: str, what: str) -> None:
        minute = int(time.time()) // 60
        with self._lock:
            if minute != self._minute:
                self._minute = minute
                self._seen.clear()
                self._raised.clear()
            seen = self._seen[terminal, kind]
            limit = self._limits[kind]
            if len(seen) <= limit:  # as many as it takes: who makes up more fills no memory
                seen.add(what)
            if len(seen) <= limit or (terminal, kind) in self._raised:
                return
            self._raised.add((terminal, kind))
            alarm = Raised(terminal, kind, minute, len(seen), limit)
        self._telemetry.alarms.labels(kind).inc()
        log(logging.WARNING, "alarm", terminal=terminal, kind=kind, count=alarm.count, limit=limit)
        try:
            self._alarms.raise_(alarm)
        except CounterfoilError as error:  # who it is about isn't told by a failure
            self._telemetry.failed("alarm", error)
