"""What a node says about itself: metrics, and a log of JSON lines.

A line names routes, codes, terminals, order ids and request ids: never a customer, a key, a token
or a body.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_LOG = logging.getLogger("counterfoil.bank")
REQUEST: ContextVar[str] = ContextVar("request")
"""The id of the request that is being answered; threads that work for it have it too."""
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Telemetry:
    """One node's counters, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        own = self.registry
        self.requests = Counter(
            "counterfoil_requests", "Requests.", ("method", "route", "status"), registry=own
        )
        self.seconds = Histogram(
            "counterfoil_request_seconds",
            "Time to an answer.",
            ("method", "route"),
            buckets=_BUCKETS,
            registry=own,
        )
        self.orders = Counter(
            "counterfoil_orders", "Orders answered for.", ("status",), registry=own
        )
        self.quotes = Counter("counterfoil_quotes", "Quotes given.", registry=own)
        self.refunds = Counter("counterfoil_refunds", "Refunds.", ("status",), registry=own)
        self.alarms = Counter("counterfoil_alarms", "Alarms raised.", ("kind",), registry=own)
        self.failures = Counter(
            "counterfoil_failures", "Turns of a part that failed.", ("part",), registry=own
        )
        self.open = Gauge(
            "counterfoil_open_orders", "Orders without an answer.", ("state",), registry=own
        )
        self.listeners = Gauge("counterfoil_listeners", "Open event streams.", registry=own)
        self.sending = Gauge("counterfoil_sending", "1 if this node sends.", registry=own)
        self.head = Gauge("counterfoil_chain_block", "Latest block of the chain.", registry=own)
        self.seen = Gauge("counterfoil_scanned_block", "Latest block scanned.", registry=own)

    def exposition(self) -> bytes:
        """All of it, in Prometheus' text format."""
        return generate_latest(self.registry)

    def failed(self, part: str, error: BaseException) -> None:
        """A part's turn failed and will be tried again: the kind of error, and where."""
        self.failures.labels(part).inc()
        log(logging.ERROR, "failed", part=part, code=getattr(error, "code", ""), **_kind(error))


def log(level: int, event: str, **told: object) -> None:
    """One line, with the id of the request that it is about if it is about one."""
    if not _LOG.isEnabledFor(level):
        return
    request = {"request_id": REQUEST.get()} if REQUEST.get("") else {}
    _LOG.log(level, _line(level, event, **request, **told))


def log_to_stderr() -> None:
    """Let the lines go to stderr, and those of libraries with them from a warning on."""
    plain = logging.StreamHandler(sys.stderr)
    plain.setFormatter(Lines())
    logging.getLogger().handlers[:] = [plain]
    logging.getLogger().setLevel(logging.WARNING)
    _LOG.setLevel(logging.INFO)
    # It warns of what any stranger may send, which has a line of ours.
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)


class Lines(logging.Formatter):
    """Our lines as they are, and what a library says as one like them: of an error its kind and
    place, for its text may repeat what a customer sent."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        if record.name == _LOG.name:
            return record.getMessage()
        error = record.exc_info[1] if record.exc_info else None
        told = _kind(error) if error else {}
        said = record.msg if error else record.getMessage()
        return _line(record.levelno, "library", logger=record.name, said=str(said), **told)


def _line(level: int, event: str, **told: object) -> str:
    at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    line = {"at": at, "level": logging.getLevelName(level).lower(), "event": event, **told}
    return json.dumps(line, ensure_ascii=False)


def _kind(error: BaseException) -> dict[str, str]:
    trace = traceback.extract_tb(error.__traceback__)
    place = f"{trace[-1].filename.rpartition('/')[2]}:{trace[-1].lineno}" if trace else ""
    return {"error": type(error).__name__, "at_line": place}
