"""What the compiler left in ``build/contracts``: ABI and bytecode by contract name."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from counterfoil.errors import Unavailable

ROOT = Path(__file__).resolve().parent.parent
_FOLDER = ROOT / "build" / "contracts"

Abi = Sequence[Mapping[str, Any]]


@cache
def artifact(name: str) -> Mapping[str, Any]:
    """``abi``, ``bytecode`` and ``sha1`` (of the source) of a compiled contract.

    Raises:
        Unavailable: not compiled.
    """
    file = _FOLDER / f"{name}.json"
    if not file.exists():
        raise Unavailable(f"{name} is not compiled.", fix="Run `make setup`.")
    loaded: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return loaded
