"""Revert data into the custom error that a contract's ABI declares.

Encoding: https://docs.soliditylang.org/en/v0.8.28/contracts.html#errors-and-the-revert-statement
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from eth_utils.crypto import keccak

from counterfoil.artifacts import Abi
from counterfoil.errors import Refused

_FIXES = {  # of what whoever runs a bank or a desk can do something about
    "EnforcedPause": "It is paused; whoever has the role pauser lets it go on.",
    "AccessControlUnauthorizedAccount": "`role list` says who has which role.",
}


def refused(abi: Abi, data: bytes, otherwise: str) -> Refused:
    """The refusal that ``data`` spells; ``otherwise`` is what the node said if it spells none."""
    for entry in abi:
        if entry["type"] != "error":
            continue
        if keccak(text=spelt(entry))[:4] == data[:4]:
            try:
                values = decode([canonical(item) for item in entry["inputs"]], data[4:])
            except DecodingError:  # cut short on the way, or another error of the same four bytes
                break
            names = [str(item["name"]) for item in entry["inputs"]]
            arguments = dict(zip(names, values, strict=True))
            shown = ", ".join(f"{name}={_shown(value)}" for name, value in arguments.items())
            message, name = f"{entry['name']}({shown})", entry["name"]
            return Refused(message, fix=_FIXES.get(name, ""), code=name, arguments=arguments)
    return Refused(f"The chain refused it: {otherwise}", code="reverted")


def spelt(entry: Mapping[str, Any]) -> str:
    """A function, event or error of an ABI as its selector or topic is worked out from."""
    return f"{entry['name']}({','.join(canonical(item) for item in entry['inputs'])})"


def canonical(item: Mapping[str, Any]) -> str:
    """The type of an ABI entry as signatures spell it, structs as their fields'."""
    kind = str(item["type"])
    if kind.startswith("tuple"):
        return f"({','.join(canonical(part) for part in item['components'])}){kind[5:]}"
    return kind


def _shown(value: object) -> str:
    return "0x" + value.hex() if isinstance(value, bytes) else str(value)
