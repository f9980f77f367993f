"""What is said of a fault of ours: an error that nobody foresaw."""

from __future__ import annotations

import sys
import threading
import traceback
from types import TracebackType

import click


def keep_words_back() -> None:
    """From now on, what ends this process or a thread of it is told by its kind and its place. Its
    own words may repeat what stood in a file, a customer's name or card among it."""
    sys.excepthook = _told
    threading.excepthook = lambda fault: _told(fault.exc_type, fault.exc_value, fault.exc_traceback)


def _told(
    kind: type[BaseException], error: BaseException | None, trace: TracebackType | None
) -> None:
    if issubclass(kind, SystemExit):  # a thread's own end
        return
    for line in traceback.format_tb(trace):
        click.echo(line, err=True, nl=False)
    cause = error and (error.__cause__ or error.__context__)
    after = f", out of a {type(cause).__name__}" if cause else ""
    said = f"counterfoil: a fault of its own: {kind.__name__}{after}."
    click.echo(f"{said} Its words are left out, since they may name customers.", err=True)
