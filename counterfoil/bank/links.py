"""Links that nobody can guess: what they open is known by their digest alone.

A token is a keyed hash of the order's id, so that the node can tell it again without keeping it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Literal

Kind = Literal["status", "confirm"]
_BYTES = 24


def token_of(key: bytes, kind: Kind, order_id: str) -> str:
    """The token, 32 characters of base64url, of an order's status page or confirmation."""
    whole = hmac.digest(key, f"counterfoil {kind} {order_id}".encode(), "sha256")
    return base64.urlsafe_b64encode(whole[:_BYTES]).decode()


def digest_of(token: str) -> str:
    """Under what a token is kept."""
    return hashlib.sha256(token.encode()).hexdigest()
