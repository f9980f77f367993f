"""Tickets for people: a table, a case sheet, an audit trail. All of it goes to stdout."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from counterfoil.cli.output import print_json
from counterfoil.cli.ticket_rows import Row, sheet_row
from counterfoil.money import format_minor
from counterfoil.tickets.lifecycle import Sheet

_WIDE = 200  # characters


def present(sheet: Sheet, as_json: bool) -> None:
    """A ticket and its case, as JSON or as a case sheet."""
    row = sheet_row(sheet)
    if as_json:
        print_json(row)
    else:
        _show_sheet(row)


def show_opened(rows: Sequence[Row]) -> None:
    """What became of each query."""
    table = _table("row", "channel", "ref", "outcome", "ticket", "status", "card", "")
    for row in rows:
        told = "; ".join(f"{one['field']}: {one['problem']}" for one in row["problems"])
        if row["answer"]:
            told = row["answer"]
        _add(
            table,
            row["row"],
            row["channel"],
            row["channel_ref"],
            row["outcome"] + (" (before)" if row["replayed"] else ""),
            _short(row["token_id"]),
            row["status"],
            row["card_number"],
            told,
        )
    _console().print(table)


def show_tickets(rows: Sequence[Row]) -> None:
    """Tickets as a list."""
    names = ["token_id", "status", "version", "handler", "opened_at", "updated_at"]
    names += ["priority", "due_at"] if rows and "due_at" in rows[0] else []
    table = _table(*(name.removesuffix("_at").replace("token_id", "ticket") for name in names))
    for row in rows:
        _add(table, *(row[name] for name in names))
    _console().print(table)


def _show_sheet(row: Row) -> None:
    """One ticket as a case sheet."""
    console = _console()
    console.print(f"[bold]Ticket {row['token_id']}[/bold]")
    facts = _table(None, None)
    facts_of = ("status", "answer", "priority", "due_at", "version", "handler", "opened_at")
    for name in (*facts_of, "updated_at", "cid"):
        if row[name] is not None:
            _add(facts, name.replace("_", " "), row[name])
    case = row["case"]
    if case is None:
        console.print(facts)
        console.print("The case is erased.")
        return
    _add(facts, "card", row["card_number"])
    told = {**case["identity"]["customer"], **case["transaction"]}
    for name, value in told.items():
        if value is not None:
            _add(facts, name.replace("_", " "), _amount(value) if name == "amount" else value)
    for asked in row["channels"]:
        _add(facts, "asked by", f"{asked['channel']} {asked['channel_ref']}, {asked['at']}")
    for attached in case["attachments"]:
        _add(facts, "attached", _attached(attached))
    console.print(facts)
    entries = _table("at", "action", "by", "")
    for entry in case["process"]["entries"]:
        _add(entries, entry["at"], entry["action"], _short(entry["actor"]), entry["note"])
    console.print(entries)
    console.print("Every byte was hashed again and is what the chain says.")


def show_history(rows: Sequence[Row]) -> None:
    """A ticket's trail on chain."""
    table = _table("at", "block", "actor", "action", "from", "to", "version", "digest", "")
    for row in rows:
        _add(
            table,
            *(row[name] for name in ("at", "block")),
            _short(row["actor"]),
            *(row[name] for name in ("action", "from", "to", "version")),
            _short(row["digest"]),
            row["channel"] or _short(row["handler"]),
        )
    _console().print(table)


def _amount(amount: str) -> str:
    """``CNY:12850`` as a person writes it: ``128.50 CNY``."""
    currency, _, minor = amount.partition(":")
    return f"{format_minor(int(minor), currency)} {currency}"


def _attached(row: Row) -> str:
    kind = f", {row['type']}" if row["type"] else ""
    return f"{row['name']}{kind}, {row['size']} bytes"


def _console() -> Console:
    """Stdout as wide as the terminal; wide enough for a row on a line where there is none."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=_WIDE)


def _table(*titles: str | None) -> Table:
    table = Table(box=None, pad_edge=False, show_header=titles[0] is not None)
    for title in titles[:-1]:
        table.add_column(title or "", no_wrap=True)
    table.add_column(titles[-1] or "", overflow="fold")
    return table


def _add(table: Table, *cells: object) -> None:
    table.add_row(*("" if cell is None else escape(str(cell)) for cell in cells))


def _short(text: str | None) -> str:
    return text[:10] + "…" if text else ""
