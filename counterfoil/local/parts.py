"""Where the programs are that a local installation runs, as ``make setup`` leaves them."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from counterfoil.artifacts import ROOT
from counterfoil.errors import Unavailable

SETUP = "Run `make setup`."
NODE_FIX = "Install Node 20 or newer, on Debian: apt-get install nodejs npm"
KUBO_OLDEST = (0, 38)  # the first that knows Provide.Enabled
_ARCHITECTURES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
_TIMEOUT = 20.0  # seconds for a program to say its version


@dataclass(frozen=True, slots=True)
class Kubo:
    """An ``ipfs`` program that runs."""

    path: Path
    version: str


def node() -> Path:
    """The ``node`` on PATH.

    Raises:
        Unavailable: there is none.
    """
    found = shutil.which("node")
    if not found:
        raise Unavailable("Node.js is missing.", fix=NODE_FIX)
    return Path(found)


def ganache(root: Path = ROOT) -> tuple[str, ...]:
    """The command that runs Ganache: npm's, else the one on PATH.

    Raises:
        Unavailable: Node or Ganache is missing.
    """
    script = root / "node_modules" / "ganache" / "dist" / "node" / "cli.js"
    if script.exists():
        return (str(node()), str(script))
    return (_on_path("ganache", "Ganache"),)


def anvil(root: Path = ROOT) -> tuple[str, ...]:
    """The command that runs Anvil: npm's, else the one on PATH.

    npm's is the program itself in the package of this platform. ``.bin/anvil`` is a wrapper in
    Node around it, which some versions of npm leave out because both packages name it.

    Raises:
        Unavailable: Anvil is missing.
    """
    machine = _ARCHITECTURES.get(platform.machine().lower(), "")
    package = f"anvil-{platform.system().lower()}-{machine}"
    program = root / "node_modules" / "@foundry-rs" / package / "bin" / "anvil"
    return (str(program),) if program.exists() else (_on_path("anvil", "Anvil"),)


def kubo(root: Path = ROOT) -> Kubo | None:
    """Kubo's ``ipfs``: on PATH, else npm's, else the one built into ``.tools``; new enough."""
    places = (
        shutil.which("ipfs"),
        root / "node_modules" / ".bin" / "ipfs",  # says that it isn't there, if it isn't
        root / ".tools" / "ipfs",
    )
    for place in places:
        if place and os.access(place, os.X_OK) and (version := _kubo_version(Path(place))):
            return Kubo(Path(place), version)
    return None


def version_said(command: tuple[str, ...]) -> str:
    """What a program says when asked for its version, or nothing if it can't be run."""
    try:
        answer = subprocess.run(
            command, capture_output=True, text=True, timeout=_TIMEOUT, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout.strip() if answer.returncode == 0 else ""


def _on_path(program: str, name: str) -> str:
    found = shutil.which(program)
    if not found:
        raise Unavailable(f"{name} is missing.", fix=SETUP)
    return found


def _kubo_version(program: Path) -> str:
    said = re.fullmatch(r"(\d+)\.(\d+)\S*", version_said((str(program), "version", "--number")))
    return said[0] if said and (int(said[1]), int(said[2])) >= KUBO_OLDEST else ""
