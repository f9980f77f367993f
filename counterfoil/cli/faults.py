"""What is said of a fault of ours (an error that nobody foresaw), and of an answer that is lost."""

from __future__ import annotations

import atexit
import io
import os
import sys
import threading
import traceback
from types import TracebackType
from typing import Any

import click

from counterfoil.errors import Unavailable

_STDOUT = 1


def keep_words_back() -> None:
    """From now on, what ends this process or a thread of it is told by its kind and its place. Its
    own words may repeat what stood in a file, a customer's name or card among it."""
    sys.excepthook = _told
    threading.excepthook = lambda fault: _told(fault.exc_type, fault.exc_value, fault.exc_traceback)


def mind_the_answer() -> None:
    """From now on, standard output that takes no more ends the command as a part does that is away.
    What wasn't shown may have been done."""
    if sys.stdout is None:  # closed: nobody wants an answer
        return
    sys.stdout = io.TextIOWrapper(
        io.BufferedWriter(_Answer(_STDOUT, "wb", closefd=False)),
        encoding=sys.stdout.encoding,
        errors=sys.stdout.errors,
        line_buffering=sys.stdout.isatty(),
    )


class _Answer(io.FileIO):
    """Standard output, whose failures are errors of ours."""

    def write(self, data: Any, /) -> int:
        try:
            return super().write(data)
        except OSError as error:
            atexit.unregister(_give_up)  # once is enough, however often it fails
            atexit.register(_give_up)
            reason = (error.strerror or "it takes no more").lower()
            raise Unavailable(
                f"the answer can't be written: {reason}", fix="Run again.", code="output"
            ) from error


def _give_up() -> None:
    """Let go of what is still to be written, which Python would try at its very end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), _STDOUT)


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
