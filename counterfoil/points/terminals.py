"""``terminals.toml``: catalogues of items, and the terminals that use them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from eth_utils.address import (
    is_address,
    is_checksum_address,
    is_checksum_formatted_address,
    to_checksum_address,
)
from pydantic import BaseModel, ConfigDict, Field, StrictStr

from counterfoil.errors import BadInput
from counterfoil.files import read_toml
from counterfoil.money import parse_minor

_MAX_CASH = 2**40 - 1


_NAME = re.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,31}")
_Name = Annotated[str, Field(pattern=f"^{_NAME.pattern}$")]


class _TerminalTable(BaseModel):
    model_config = ConfigDict(extra="forbid")

    catalogue: StrictStr
    address: StrictStr | None = None


class _TerminalsFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    catalogues: dict[_Name, dict[str, StrictStr]]
    terminals: dict[_Name, _TerminalTable]


@dataclass(frozen=True, slots=True)
class Item:
    """A name on the shelf and the most cash per unit, in minor units, that points may pay."""

    name: str
    cap: int


@dataclass(frozen=True, slots=True)
class Terminal:
    """A terminal; without an ``address`` a local development key is made for it."""

    name: str
    catalogue: str
    address: str | None


@dataclass(frozen=True, slots=True)
class Terminals:
    """A whole file. Items are numbered from 1 in the order in which they stand."""

    catalogues: dict[str, tuple[Item, ...]]
    terminals: tuple[Terminal, ...]


def read_terminals(file: Path, currency: str) -> Terminals:
    """The terminals in a file, with caps in minor units of ``currency``.

    Raises:
        BadInput: names the field and what is wrong with it.
    """
    read = read_toml(file, _TerminalsFile)
    catalogues = {
        name: tuple(
            Item(item, _cap(cap, currency, file, f"catalogues.{name}.{item}"))
            for item, cap in items.items()
        )
        for name, items in read.catalogues.items()
    }
    terminals = tuple(
        _terminal(name, table, catalogues, file) for name, table in read.terminals.items()
    )
    _check_addresses(terminals, file)
    return Terminals(catalogues, terminals)


def _terminal(
    name: str, table: _TerminalTable, catalogues: dict[str, tuple[Item, ...]], file: Path
) -> Terminal:
    where = f"terminals.{name}"
    if table.catalogue not in catalogues:
        known = ", ".join(catalogues)
        raise BadInput(
            f"no catalogue {table.catalogue!r} in this file",
            file=str(file),
            field=f"{where}.catalogue",
            fix=f"Name one of: {known}.",
        )
    if table.address is None:
        return Terminal(name, table.catalogue, None)
    address = checked_address(table.address, f"{where}.address", str(file))
    return Terminal(name, table.catalogue, address)


def _check_addresses(terminals: tuple[Terminal, ...], file: Path) -> None:
    seen: dict[str, str] = {}
    for terminal in terminals:
        if terminal.address is not None and terminal.address in seen:
            problem = f"is the address of {seen[terminal.address]} too"
            raise BadInput(problem, file=str(file), field=f"terminals.{terminal.name}.address")
        seen[terminal.address or ""] = terminal.name


def checked_name(text: str, field: str) -> str:
    """A name as terminals and catalogues have it.

    Raises:
        BadInput: not one.
    """
    if not _NAME.fullmatch(text):
        problem = f"{text!r} is no name"
        fix = "Use up to 32 letters, digits, dots, hyphens and underscores; begin with a letter."
        raise BadInput(problem, field=field, fix=fix)
    return text


def checked_address(text: str, field: str, file: str = "") -> str:
    """An address with its checksum (EIP-55).

    Raises:
        BadInput: not one, or its checksum is wrong.
    """
    if not is_address(text) or int(text, 16) == 0:
        raise BadInput(
            "not an address (0x and 40 hex digits, not all zero)", file=file, field=field
        )
    if is_checksum_formatted_address(text) and not is_checksum_address(text):
        raise BadInput(
            "not an address: its capitals are those of another (EIP-55)", file=file, field=field
        )
    return str(to_checksum_address(text))


def _cap(text: str, currency: str, file: Path, field: str) -> int:
    try:
        cap = parse_minor(text, currency, zero=True)
    except BadInput as error:
        raise BadInput(error.message, file=str(file), field=field) from error
    if cap > _MAX_CASH:
        raise BadInput("is over 2^40-1 minor units", file=str(file), field=field)
    return cap
