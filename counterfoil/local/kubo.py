"""A private Kubo: it talks to its own machine and to nobody else.

Alone it has no peers at all. In a swarm it has those that hold the same key
(https://github.com/ipfs/kubo/blob/v0.42.0/docs/experimental-features.md#private-networks), over
one TCP port of the loopback interface.

The settings are Kubo's own: https://github.com/ipfs/kubo/blob/v0.42.0/docs/config.md
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from counterfoil import files
from counterfoil.errors import Unavailable
from counterfoil.local import probe
from counterfoil.local.launch import Recipe
from counterfoil.local.nice import BEHIND_THE_CHAIN
from counterfoil.local.parts import Kubo
from counterfoil.local.ports import HOST

_TIMEOUT = 60.0  # seconds to make a repository
_PRIVATE: Mapping[str, Mapping[str, Any]] = {
    # "auto" anywhere makes Kubo fetch its values from the network.
    "AutoConf": {"Enabled": False},
    "DNS": {"Resolvers": {}},
    "Ipns": {"DelegatedPublishers": []},
    "Routing": {"Type": "none", "DelegatedRouters": []},
    "Provide": {"Enabled": False},
    "HTTPRetrieval": {"Enabled": False},
    "Discovery": {"MDNS": {"Enabled": False}},
    "AutoTLS": {"Enabled": False},
    "AutoNAT": {"ServiceMode": "disabled"},
    "Swarm": {
        "DisableNatPortMap": True,
        "Transports": {"Network": {"Relay": False}},
        "RelayClient": {"Enabled": False},
        "RelayService": {"Enabled": False},
    },
    "Version": {"SwarmCheckEnabled": False},
    # A peer that has a block sends it at once, where it would say first that it could.
    "Internal": {"Bitswap": {"WantHaveReplaceSize": 256 * 1024}},
}


@dataclass(frozen=True, slots=True, repr=False)
class Swarm:
    """A node's place in a private swarm.

    ``key`` is shared by all of it, 32 bytes; ``port`` is this node's own; ``peers`` are the others:
    peer id and port.
    """

    key: bytes
    port: int
    peers: tuple[tuple[str, int], ...]


def recipe(
    program: Kubo,
    repository: Path,
    port: int,
    log: Path,
    *,
    name: str = "Kubo",
    swarm: Swarm | None = None,
) -> Recipe:
    """A Kubo on the blocks in ``repository``, which is made if it isn't there.

    Raises:
        Unavailable: the repository can't be made or read.
    """
    make(program, repository)
    _configure(repository / "config", settings(port, swarm))
    api = f"/ip4/{HOST}/tcp/{port}/http"
    environment = {"IPFS_PATH": str(repository), "IPFS_TELEMETRY": "off"}
    key = repository / "swarm.key"
    if swarm is None:
        key.unlink(missing_ok=True)
    else:
        files.put(key, f"/key/swarm/psk/1.0.0/\n/base16/\n{swarm.key.hex()}\n".encode())
        environment["LIBP2P_FORCE_PNET"] = "1"  # without the key it must not start
    return Recipe(
        name=name,
        kind="kubo",
        address=api,
        port=port,
        command=(str(program.path), "daemon"),
        log=log,
        answers=lambda: probe.kubo_version(api) is not None,
        environment=environment,
        nice=BEHIND_THE_CHAIN,
    )


def settings(port: int, swarm: Swarm | None = None) -> dict[str, Any]:
    """What differs from Kubo's defaults: nobody is asked, told, listened to or announced to, but
    for the peers of a private swarm."""
    but_tcp = {"Websocket": False, "QUIC": False, "WebTransport": False, "WebRTCDirect": False}
    peers = [
        {"ID": peer, "Addrs": [f"/ip4/{HOST}/tcp/{theirs}"]}
        for peer, theirs in (swarm.peers if swarm else ())
    ]
    return {
        **_merge(_PRIVATE, {"Swarm": {"Transports": {"Network": but_tcp}}}),
        "Bootstrap": [],
        "Peering": {"Peers": peers},  # found again if they were away
        "Addresses": {
            "API": f"/ip4/{HOST}/tcp/{port}",
            "Gateway": f"/ip4/{HOST}/tcp/0",  # any free port: nobody here needs to know it
            "Swarm": [f"/ip4/{HOST}/tcp/{swarm.port}"] if swarm else [],
        },
    }


def peer_id(repository: Path) -> str:
    """The name of the node that this repository belongs to.

    Raises:
        Unavailable: its configuration is damaged.
    """
    return str(_read(repository / "config")["Identity"]["PeerID"])


def swarm_port(repository: Path) -> int:
    """The swarm port that the repository was set up with last, 0 if none."""
    addresses = _read(repository / "config")["Addresses"].get("Swarm") or [""]
    port = str(addresses[0]).rpartition("/")[2]
    return int(port) if port.isdigit() and len(addresses) == 1 else 0


def make(program: Kubo, repository: Path) -> None:
    """Make an empty repository unless it is there; it is whole or absent, whatever happens.

    Raises:
        Unavailable: it can't be made.
    """
    if (repository / "config").exists():
        return
    draft = repository.with_name(repository.name + ".new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    made = subprocess.run(
        (str(program.path), "init", "--empty-repo"),
        env={**os.environ, "IPFS_TELEMETRY": "off", "IPFS_PATH": str(draft)},
        capture_output=True,
        text=True,
        timeout=_TIMEOUT,
        check=False,
    )
    if made.returncode:
        said = (made.stderr.strip().splitlines() or ["it says nothing"])[-1]
        raise Unavailable(
            f"Kubo can't make its repository in {repository}: {said[:200]}",
            fix="Check that the folder can be written to.",
        )
    draft.rename(repository)


def _configure(file: Path, settings: Mapping[str, Any]) -> None:
    """Write the settings into a repository's ``config``, which also holds the node's key."""
    files.put(file, json.dumps(_merge(_read(file), settings), indent=2).encode())


def _read(file: Path) -> dict[str, Any]:
    try:
        config = json.loads(file.read_text(encoding="utf-8"))
        config["Identity"]["PeerID"], config["Addresses"]
    except (ValueError, KeyError, TypeError) as error:
        raise Unavailable(
            f"{file} is damaged.", fix="Restore it from a copy, or start with another --state."
        ) from error
    return dict(config)


def _merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """``base`` with ``over`` laid upon it, level by level; an empty mapping empties."""
    merged = dict(base)
    for key, value in over.items():
        nested = value and isinstance(value, Mapping) and isinstance(base.get(key), Mapping)
        merged[key] = _merge(base[key], value) if nested else value
    return merged
