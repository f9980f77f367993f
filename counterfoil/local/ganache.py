"""Ganache, the chain that users deploy to."""

from __future__ import annotations

from pathlib import Path

from counterfoil.artifacts import ROOT
from counterfoil.local import parts, probe
from counterfoil.local.launch import Recipe
from counterfoil.local.ports import HOST

CHAIN_ID = 1337
BLOCK_GAS = 30_000_000
_CALL_GAS = 100_000_000  # views that walk a whole catalogue


def recipe(data: Path, port: int, log: Path, root: Path = ROOT) -> Recipe:
    """A Ganache whose blocks are kept in the folder ``data`` and go on from there.

    Raises:
        Unavailable: Node or Ganache is missing.
    """
    data.mkdir(parents=True, exist_ok=True)
    url = f"http://{HOST}:{port}"
    options = {
        "--server.host": HOST,
        "--server.port": port,
        "--chain.chainId": CHAIN_ID,
        "--chain.networkId": CHAIN_ID,  # the time of starting otherwise
        "--chain.hardfork": "shanghai",
        "--miner.blockGasLimit": BLOCK_GAS,
        "--miner.callGasLimit": _CALL_GAS,
        "--database.dbPath": data,
    }
    return Recipe(
        name="Ganache",
        kind="ganache",
        address=url,
        port=port,
        command=(
            *parts.ganache(root),
            *(str(word) for option in options.items() for word in option),
            "--wallet.deterministic",
            "--logging.quiet",
        ),
        log=log,
        answers=lambda: probe.chain_id(url) == CHAIN_ID,
        chatty=True,  # quiet as it is, it greets with its private keys
    )
