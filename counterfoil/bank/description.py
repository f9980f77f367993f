"""What the node says of itself at ``/openapi.json``."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

DESCRIPTION = """\
A bank's points for its terminals, its own channel and its customers.

A terminal signs each request with the key that signs its orders (EIP-191 over chain id, ledger,
method, path, body's SHA-256, time and nonce, a line each after `counterfoil/bank/1`), in the
headers `counterfoil-terminal`, `counterfoil-time`, `counterfoil-nonce`, `counterfoil-signature`.
The bank's own channel sends its key as `Authorization: Bearer`. Customers come by links.
Cash is a decimal string; times are ISO 8601 in UTC; errors are problem details (RFC 9457)."""


class Described(FastAPI):
    """An application whose errors are described as what they are: problem documents and nothing
    else. The framework adds its own kind of answer to whatever has a model."""

    def openapi(self) -> dict[str, Any]:
        """The description."""
        found = super().openapi()
        for path in found["paths"].values():
            for operation in path.values():
                for answer in operation["responses"].values():
                    if "application/problem+json" in answer.get("content", {}):
                        answer["content"].pop("application/json", None)
        return found
