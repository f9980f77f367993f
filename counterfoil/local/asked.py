"""What an installation was last asked to be: copies of the users' files, in its state folder.

A later ``up`` without files goes on with them, whatever has become of the originals. They stand in
``asked/BANK/``: the bank's rules as they were last deployed or published, and the terminals that
came with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from counterfoil.files import put, read_text
from counterfoil.points.rules import read_rules
from counterfoil.state import State


@dataclass(frozen=True, slots=True)
class Files:
    """The files of one bank."""

    rules: Path
    terminals: Path


def wanted(
    state: State, rules: Sequence[Path], terminals: Path | None, otherwise: Mapping[str, Files]
) -> tuple[Files, ...]:
    """The files of each bank: those that are given; for what isn't, those that are kept.

    Args:
        state: where they are kept.
        rules: a bank's rules each; none: of the banks that are kept, or of ``otherwise``.
        terminals: those of all these banks; None: each bank's own.
        otherwise: by bank, what an installation is to be if nobody ever gave it files.

    Raises:
        BadInput: a file of rules is wrong.
    """
    known = _kept(state)
    if rules:
        terms = {bank: one.terminals for bank, one in known.items()}
        example = next(iter(otherwise.values())).terminals
        return tuple(
            Files(file, terminals or terms.get(read_rules(file).bank, example)) for file in rules
        )
    banks = known or {bank: _published(state, bank, one) for bank, one in otherwise.items()}
    return tuple(Files(one.rules, terminals or one.terminals) for one in banks.values())


def keep(state: State, given: Iterable[Files]) -> None:
    """Keep these files, which have been checked, as what their banks are to be."""
    for one in given:
        bank = read_rules(one.rules).bank
        keep_rules(state, bank, one.rules)
        put(_place(state, bank).terminals, read_text(one.terminals).encode())


def keep_rules(state: State, bank: str, file: Path) -> None:
    """Keep these rules, which have been checked, as those of a bank."""
    put(_place(state, bank).rules, read_text(file).encode())


def _published(state: State, bank: str, one: Files) -> Files:
    """These, with the rules that were published since."""
    rules = _place(state, bank).rules
    return Files(rules if rules.exists() else one.rules, one.terminals)


def _kept(state: State) -> dict[str, Files]:
    folders = sorted(file.parent.name for file in (state.root / "asked").glob("*/terminals.toml"))
    return {bank: _place(state, bank) for bank in folders}


def _place(state: State, bank: str) -> Files:
    folder = state.root / "asked" / bank
    return Files(folder / "rules.toml", folder / "terminals.toml")
