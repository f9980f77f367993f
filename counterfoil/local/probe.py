"""Whether something answers at an address, asked without any client library."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

import requests

from counterfoil.errors import BadInput

_TIMEOUT = 5.0  # seconds
_MULTIADDR = re.compile(
    r"/(?:ip4|ip6|dns|dns4|dns6)/(?P<host>[^/]+)/tcp/(?P<port>\d+)(?:/(?P<scheme>https?))?/?"
)
_URL = re.compile(r"(?P<scheme>https?)://(?P<host>\[[^]]+\]|[^/:@]+):(?P<port>\d+)/?")


def chain_id(url: str) -> int | None:
    """The chain id of the Ethereum node at ``url``, or None if there is none."""
    try:
        answer = requests.post(
            url,
            json={"jsonrpc": "2.0", "id": 1, "method": "eth_chainId", "params": []},
            timeout=_TIMEOUT,
        ).json()
        return int(answer["result"], 16)
    except (requests.RequestException, json.JSONDecodeError, KeyError, TypeError, ValueError):
        return None


def kubo_version(api: str) -> str | None:
    """The version of the Kubo node whose RPC is at this multiaddr, or None if there is none."""
    try:
        answer = requests.post(f"{_url(api)}/api/v0/version", timeout=_TIMEOUT).json()
    except (requests.RequestException, json.JSONDecodeError):
        return None
    version = answer.get("Version") if isinstance(answer, Mapping) else None
    return version if isinstance(version, str) else None


def answers(url: str) -> bool:
    """Whether an HTTP server says at ``url`` that all is well."""
    try:
        return requests.get(url, timeout=_TIMEOUT).ok
    except requests.RequestException:
        return False


def join(api: str, peers: Sequence[str]) -> str:
    """Connect the Kubo node at ``api`` to others, multiaddrs with ``/p2p/``; what it says if it
    can't, else nothing."""
    try:
        answer = requests.post(
            f"{_url(api)}/api/v0/swarm/connect", params={"arg": peers}, timeout=_TIMEOUT
        )
    except requests.RequestException as error:
        return type(error).__name__
    return "" if answer.ok else answer.text.strip()[:200]


def multiaddr(address: str) -> str:
    """An IPFS RPC address (multiaddr, or ``http://host:port``) as ``/ip4/…/tcp/…/http``.

    Raises:
        BadInput: neither.
    """
    if found := _MULTIADDR.fullmatch(address):
        return address.rstrip("/") if found["scheme"] else address.rstrip("/") + "/http"
    if found := _URL.fullmatch(address):
        host = found["host"].strip("[]")
        kind = "ip6" if ":" in host else "ip4" if re.fullmatch(r"[\d.]+", host) else "dns"
        return f"/{kind}/{host}/tcp/{found['port']}/{found['scheme']}"
    raise BadInput(
        f"{address[:80]!r} is no IPFS RPC address",
        fix="Give /ip4/127.0.0.1/tcp/5001 or http://127.0.0.1:5001 in IPFS_API.",
    )


def _url(api: str) -> str:
    found = _MULTIADDR.fullmatch(multiaddr(api))
    if found is None:
        raise BadInput(f"{api[:80]!r} is no IPFS RPC address")
    host = f"[{found['host']}]" if ":" in found["host"] else found["host"]
    return f"{found['scheme']}://{host}:{found['port']}"
