"""What all commands share: common options, rows as JSON or a table, notes on stderr."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from counterfoil.files import STDIN

json_option = click.option("--json", "as_json", is_flag=True, help="Answer in JSON on stdout.")
state_option = click.option(
    "--state",
    "folder",
    envvar="COUNTERFOIL_STATE",
    metavar="FOLDER",
    help="Where keys, records and data are kept.  [default: build/local]",
)
bank_option = click.option(
    "--bank", envvar="COUNTERFOIL_BANK", help="Which bank; may be left out where there is one."
)
FILE = click.Path(path_type=Path)


class _Input(click.Path):
    """A file that is read once; ``-`` is standard input."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return STDIN if value == "-" else super().convert(value, param, ctx)


INPUT = _Input(path_type=Path)
_PIPE_WIDTH = 500
T = TypeVar("T")


class Rows:
    """Rows on stdout: one JSON object a line as they come, or one table at the end.

    The end is :meth:`close` or that of the command, whichever comes first: what was done before an
    error is shown before the error.
    """

    def __init__(self, columns: Sequence[str], *, as_json: bool) -> None:
        self._columns = columns
        self._as_json = as_json
        self._rows: list[Mapping[str, Any]] = []
        self._closed = False
        command = click.get_current_context(silent=True)
        if command is not None:
            command.call_on_close(self.close)

    def add(self, row: Mapping[str, Any]) -> None:
        """Show a row; a table shows the columns that were named, and ``detail`` but where there is
        no ``reason`` for it."""
        if self._as_json:
            print_json(row)
        else:
            detail = row.get("detail", "") if row.get("reason", True) else ""
            self._rows.append({**row, "detail": detail})

    def close(self) -> None:
        """Print the table once, if rows went into one."""
        closed, self._closed = self._closed, True
        if not closed and self._rows:
            console = Console()
            # Into a pipe or a file a row goes whole, however narrow a terminal would be.
            if not console.is_terminal:
                console.width = _PIPE_WIDTH
            console.print(self._table())

    def _table(self) -> Table:
        plain = not any(row["detail"] for row in self._rows)
        names = [name for name in self._columns if not (plain and name == "detail")]
        table = Table(box=None, pad_edge=False)
        for name in names:
            table.add_column(name.replace("_", " "), overflow="fold")
        for row in self._rows:
            table.add_row(*(escape(_cell(row.get(name))) for name in names))
        return table


@contextmanager
def progress(words: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """A bar on stderr, if that is a terminal; what is given moves it. ``total``: steps to its end,
    None: unknown."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _: None
        return
    count = (TextColumn("{task.completed}"), TextColumn("of {task.total}" if total else ""))
    columns = (TextColumn(words), BarColumn(), *count, TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(words, total=total)
        yield lambda steps: bar.advance(task, steps)


def counted(items: Iterable[T], move: Callable[[int], None]) -> Iterator[T]:
    """The items; each moves the bar by a step as it comes."""
    for item in items:
        move(1)
        yield item


def print_json(value: object) -> None:
    """One JSON value on one line of stdout."""
    click.echo(json.dumps(value, ensure_ascii=False))


def note(line: str) -> None:
    """A message for the person at the shell; never part of the answer."""
    click.echo(line, err=True)


def note_ignored(columns: Sequence[str]) -> None:
    """Say which columns of a file nobody asked for."""
    if columns:
        note(f"Ignored columns: {', '.join(columns)}.")


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
