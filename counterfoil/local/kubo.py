"""A private Kubo: it talks to its own machine and to nobody else.

The settings are Kubo's own: https://github.com/ipfs/kubo/blob/v0.42.0/docs/config.md
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from counterfoil.errors import Unavailable
from counterfoil.local import probe
from counterfoil.local.launch import Recipe
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
}


def recipe(program: Kubo, repository: Path, port: int, log: Path) -> Recipe:
    """A Kubo on the blocks in ``repository``, which is made if it isn't there.

    Raises:
        Unavailable: the repository can't be made or read.
    """
    environment = {"IPFS_PATH": str(repository), "IPFS_TELEMETRY": "off"}
    if not (repository / "config").exists():
        _make(program, environment)
    _configure(repository / "config", port)
    api = f"/ip4/{HOST}/tcp/{port}/http"
    return Recipe(
        name="Kubo",
        kind="kubo",
        address=api,
        port=port,
        command=(str(program.path), "daemon"),
        log=log,
        answers=lambda: probe.kubo_version(api) is not None,
        environment=environment,
    )


def settings(port: int) -> dict[str, Any]:
    """What differs from Kubo's defaults: nobody is asked, told, listened to or announced to."""
    return {
        **_PRIVATE,
        "Bootstrap": [],
        "Addresses": {
            "API": f"/ip4/{HOST}/tcp/{port}",
            "Gateway": f"/ip4/{HOST}/tcp/0",  # any free port: nobody here needs to know it
            "Swarm": [],
        },
    }


def _make(program: Kubo, environment: Mapping[str, str]) -> None:
    """Make an empty repository beside its place, then move it there: it is whole or absent."""
    place = Path(environment["IPFS_PATH"])
    draft = place.with_name(place.name + ".new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    made = subprocess.run(
        (str(program.path), "init", "--empty-repo"),
        env={**os.environ, **environment, "IPFS_PATH": str(draft)},
        capture_output=True,
        text=True,
        timeout=_TIMEOUT,
        check=False,
    )
    if made.returncode:
        said = (made.stderr.strip().splitlines() or ["it says nothing"])[-1]
        raise Unavailable(
            f"Kubo can't make its repository in {place}: {said[:200]}",
            fix="Check that the folder can be written to.",
        )
    draft.rename(place)


def _configure(file: Path, port: int) -> None:
    """Write the settings into a repository's ``config``, which also holds the node's key."""
    try:
        config = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise Unavailable(
            f"{file} is damaged.", fix="Restore it from a copy, or start with another --state."
        ) from error
    merged = _merge(config, settings(port))
    draft = file.with_name("config.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        json.dump(merged, stream, indent=2)
    draft.replace(file)


def _merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """``base`` with ``over`` laid upon it, level by level; an empty mapping empties."""
    merged = dict(base)
    for key, value in over.items():
        nested = value and isinstance(value, Mapping) and isinstance(base.get(key), Mapping)
        merged[key] = _merge(base[key], value) if nested else value
    return merged
