"""Customers' accounts: on chain a customer is a keyed hash, and only the bank has the key."""

from __future__ import annotations

import hmac
import json
from collections.abc import Sequence

from counterfoil.state import State


def account_of(key: bytes, bank: str, customer_id: str) -> bytes:
    """HMAC-SHA-256(key, bank ‖ customer id), 32 bytes: the customer's account on the ledger."""
    return hmac.digest(key, bank.encode() + customer_id.encode(), "sha256")


def reference_of(key: bytes, bank: str, reference: str) -> bytes:
    """32 bytes that stand on chain for the bank's own id of a credit."""
    return hmac.digest(key, b"reference\0" + bank.encode() + reference.encode(), "sha256")


def claw_reference_of(key: bytes, bank: str, reference: str) -> bytes:
    """32 bytes that stand on chain for the bank's own id of a claw-back."""
    return hmac.digest(key, b"claw-back\0" + bank.encode() + reference.encode(), "sha256")


def batch_of(key: bytes, contents: Sequence[str]) -> int:
    """The number, 63 bits, of a batch of credits: it says what is in it, so that no other batch,
    of another process or another journal, has the same."""
    return int.from_bytes(hmac.digest(key, json.dumps(contents).encode(), "sha256")[:8]) >> 1


def bank_key(state: State, bank: str) -> bytes:
    """The bank's 32-byte key for both."""
    return state.secret(_name(bank))


def has_bank_key(state: State, bank: str) -> bool:
    """Whether that key is kept here: who only reads mustn't make one."""
    return state.has_key(_name(bank))


def _name(bank: str) -> str:
    return f"{bank}-accounts"
