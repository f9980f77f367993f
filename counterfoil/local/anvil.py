"""Anvil, the quick chain of unit tests."""

from __future__ import annotations

from pathlib import Path

from counterfoil.artifacts import ROOT
from counterfoil.local import parts, probe
from counterfoil.local.ganache import BLOCK_GAS, CHAIN_ID
from counterfoil.local.launch import Recipe
from counterfoil.local.ports import HOST

_SAVE_EVERY = 2  # seconds; a kill -9 loses no more


def recipe(data: Path | None, port: int, log: Path, root: Path = ROOT) -> Recipe:
    """An Anvil that keeps its chain in the file ``data``, or in memory only without one.

    Raises:
        Unavailable: Anvil is missing.
    """
    url = f"http://{HOST}:{port}"
    options = {
        "--host": HOST,
        "--port": port,
        "--chain-id": CHAIN_ID,
        "--hardfork": "shanghai",
        "--gas-limit": BLOCK_GAS,
    }
    if data:
        data.parent.mkdir(parents=True, exist_ok=True)
        options |= {"--state": data, "--state-interval": _SAVE_EVERY}
    return Recipe(
        name="Anvil",
        kind="anvil",
        address=url,
        port=port,
        command=(
            *parts.anvil(root),
            *(str(word) for option in options.items() for word in option),
            *(("--preserve-historical-states",) if data else ()),
            "--quiet",  # or it greets with its private keys
        ),
        log=log,
        answers=lambda: probe.chain_id(url) == CHAIN_ID,
    )
