"""What the tests of a local installation ask its parts."""

from __future__ import annotations

from typing import Any

import requests

from counterfoil.local import services
from counterfoil.local.process import Running
from counterfoil.local.services import Service
from counterfoil.state import State


def ask(url: str, method: str, *parameters: Any) -> Any:
    """A chain's answer."""
    call = {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}
    return requests.post(url, json=call, timeout=20).json()["result"]


def rpc(address: str, path: str, **options: Any) -> Any:
    """A Kubo's answer."""
    port = Service("kubo", address).port
    return requests.post(f"http://127.0.0.1:{port}/api/v0/{path}", timeout=20, **options)


def chain_process(state: State) -> Running:
    """The recorded process of the chain."""
    part = services.read(state).chain_part
    assert part is not None
    assert part.process is not None
    return part.process
