"""What a local installation needs, and whether it is there."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from counterfoil.artifacts import ROOT
from counterfoil.errors import Unavailable
from counterfoil.local import parts, probe

_NODE_OLDEST = 20
_GO_OLDEST = (1, 21)  # the first that fetches the version that a go.mod asks for
_PIN = re.compile(r"(?P<name>[A-Za-z0-9._-]+)==(?P<version>\S+)")
_CONTRACTS = ("PointsLedger", "TicketRegistry")


@dataclass(frozen=True, slots=True)
class Row:
    """One part: what was found of it, and the one line that gets it."""

    part: str
    found: bool
    version: str = ""  # or what is wrong with what was found
    fix: str = ""
    needed: bool = True


def examine(root: Path = ROOT) -> tuple[Row, ...]:
    """Look for every part, in the order in which they are got."""
    go = _go()
    return (
        _python(),
        _python_parts(root),
        _node(),
        _npm_part(root, "ganache", "Ganache", lambda: parts.ganache(root)[-1]),
        _npm_part(root, "@foundry-rs/anvil", "Anvil", lambda: parts.anvil(root)[-1]),
        _npm_part(root, "solc", "Solidity compiler", lambda: _solc(root)),
        _contracts(root),
        _kubo(root, go),
        go,
    )


def is_well(rows: tuple[Row, ...]) -> bool:
    """Whether all that is needed is there."""
    return all(row.found or not row.needed for row in rows)


def _python() -> Row:
    return Row(
        "Python 3.11",
        sys.version_info[:2] == (3, 11),
        platform.python_version(),
        "On Debian: apt-get install python3.11 python3.11-venv",
    )


def _python_parts(root: Path) -> Row:
    """Compares what is installed with the pins in ``requirements.txt``."""
    file = root / "requirements.txt"
    if not file.exists():
        return Row("Python parts", False, "no requirements.txt", "Run from a clone of the project.")
    lines = file.read_text(encoding="utf-8").splitlines()
    pins = [pin for line in lines if (pin := _PIN.match(line))]
    wrong = [pin["name"] for pin in pins if _installed(pin["name"]) != pin["version"]]
    said = f"{len(pins)} as pinned"
    if wrong:
        others = f" and {len(wrong) - 1} more" if len(wrong) > 1 else ""
        said = f"not as pinned: {wrong[0]}{others}"
    return Row("Python parts", not wrong, said, parts.SETUP)


def _node() -> Row:
    try:
        version = parts.version_said((str(parts.node()), "--version")).removeprefix("v")
    except Unavailable:
        return Row("Node", False, "", parts.NODE_FIX)
    major = version.partition(".")[0]
    return Row("Node", major.isdigit() and int(major) >= _NODE_OLDEST, version, parts.NODE_FIX)


def _npm_part(root: Path, package: str, name: str, find: Callable[[], str]) -> Row:
    """A program that is there, of the version in ``package.json`` if npm put it there."""
    try:
        place = find()
    except Unavailable:
        return Row(name, False, "", parts.SETUP)
    version = _field(root / "node_modules" / package / "package.json", "version")
    wanted = _field(root / "package.json", "dependencies", package)
    if version in ("", wanted):
        return Row(name, True, version or place, parts.SETUP)
    return Row(name, False, f"{version}, and {wanted} is pinned", parts.SETUP)


def _solc(root: Path) -> str:
    shim = root / "scripts" / "setup" / "solc" / "solc-v0.8.28"
    if not (shim.exists() and (root / "node_modules" / "solc").exists()):
        raise Unavailable("The Solidity compiler is missing.", fix=parts.SETUP)
    return str(shim)


def _contracts(root: Path) -> Row:
    folder = root / "build" / "contracts"
    missing = [name for name in _CONTRACTS if not (folder / f"{name}.json").exists()]
    said = f"missing: {', '.join(missing)}" if missing else ", ".join(_CONTRACTS)
    return Row("Compiled contracts", not missing, said, parts.SETUP)


def _kubo(root: Path, go: Row) -> Row:
    fix = (
        parts.SETUP if go.found else "Install Go and run `make setup`, or put Kubo's ipfs on PATH."
    )
    if address := os.environ.get("IPFS_API"):
        version = probe.kubo_version(probe.multiaddr(address))
        fix = "Start the node that IPFS_API names, or unset IPFS_API."
        return Row("Kubo", version is not None, version or f"no answer at {address}", fix)
    found = parts.kubo(root)
    return Row("Kubo", found is not None, found.version if found else "", fix)


def _go() -> Row:
    """Only a way to get Kubo, so never needed by itself."""
    found = shutil.which("go")
    said = parts.version_said((found, "env", "GOVERSION")) if found else ""
    version = re.match(r"go(\d+)\.(\d+)", said)
    new = version is not None and (int(version[1]), int(version[2])) >= _GO_OLDEST
    fix = "Install Go 1.21 or newer: https://go.dev/doc/install"
    return Row("Go, to build Kubo", new, said.removeprefix("go"), fix, needed=False)


def _installed(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def _field(file: Path, *path: str) -> str:
    """A text inside a JSON file, or nothing."""
    try:
        value = json.loads(file.read_text(encoding="utf-8"))
        for key in path:
            value = value[key]
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    return value if isinstance(value, str) else ""
