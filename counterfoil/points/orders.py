"""Payment orders as EIP-712 typed data (https://eips.ethereum.org/EIPS/eip-712).

The struct hash of an order is its id; the digest that a terminal signs binds it to one chain and
one ledger. Hashing is spelt out here because a batch does it thousands of times; that it agrees
with eth-account and with the contract is tested.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache, lru_cache
from typing import Any

from counterfoil import keys
from counterfoil.errors import BadInput
from counterfoil.hashing import checksummed, keccak

DOMAIN_NAME = "Counterfoil Points"
DOMAIN_VERSION = "1"
MAX_LINES = 32

_FIELDS = {
    "EIP712Domain": (
        ("name", "string"),
        ("version", "string"),
        ("chainId", "uint256"),
        ("verifyingContract", "address"),
    ),
    "OrderLine": (
        ("item", "uint32"),
        ("quantity", "uint16"),
        ("price", "uint40"),
        ("cash", "uint40"),
    ),
    "PaymentOrder": (
        ("account", "bytes32"),
        ("terminal", "address"),
        ("sequence", "uint64"),
        ("rules", "uint32"),
        ("points", "uint32"),
        ("deadline", "uint40"),
        ("lines", "OrderLine[]"),
    ),
}


def _spelt(name: str) -> str:
    return f"{name}({','.join(f'{kind} {field}' for field, kind in _FIELDS[name])})"


_LINE_TYPE = keccak(_spelt("OrderLine").encode())
_ORDER_TYPE = keccak((_spelt("PaymentOrder") + _spelt("OrderLine")).encode())
_DOMAIN_TYPE = keccak(_spelt("EIP712Domain").encode())
_HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0
_ADDRESS = re.compile("(?:0[xX])?[0-9a-fA-F]{40}")
_BYTES32 = re.compile("0x[0-9a-fA-F]{64}")
_DIGITS = re.compile("0|[1-9][0-9]{0,77}")  # no longer than 2^256
_EXACT = 2**53  # JavaScript rounds numbers from here on
TYPES = {
    name: [{"name": field, "type": kind} for field, kind in fields]
    for name, fields in _FIELDS.items()
}


@dataclass(frozen=True, slots=True)
class OrderLine:
    """``price`` and ``cash`` (the part paid with points) in minor units; item 0 is unknown."""

    item: int
    quantity: int
    price: int
    cash: int

    def packed(self) -> int:
        """The line in one word, as the contract's ABI takes it."""
        return self.item << 96 | self.quantity << 80 | self.price << 40 | self.cash


@dataclass(frozen=True, slots=True)
class PaymentOrder:
    """What a terminal signs. ``account`` 32 bytes, ``terminal`` checksummed, times in seconds."""

    account: bytes
    terminal: str
    sequence: int
    rules: int
    points: int
    deadline: int
    lines: tuple[OrderLine, ...]

    def order_id(self) -> bytes:
        """The EIP-712 struct hash, 32 bytes."""
        return keccak(
            b"".join(
                (
                    _ORDER_TYPE,
                    self.account,
                    _word(int(self.terminal, 16)),
                    _word(self.sequence),
                    _word(self.rules),
                    _word(self.points),
                    _word(self.deadline),
                    keccak(b"".join([_line_hash(line) for line in self.lines])),
                )
            )
        )

    def as_tuple(self) -> tuple[Any, ...]:
        """The order as the contract's ABI takes it: IPointsTypes.sol tells the bits."""
        head = int(self.terminal, 16) << 96 | self.sequence << 32 | self.rules
        terms = self.points << 40 | self.deadline
        return (self.account, head, terms, [line.packed() for line in self.lines])

    @property
    def cash(self) -> int:
        """What the lines say is paid with points, in minor units."""
        return sum(line.cash for line in self.lines)


@dataclass(frozen=True, slots=True)
class Domain:
    """The one ledger on the one chain for which a signature counts (ERC-5267 tells it)."""

    chain_id: int
    ledger: str

    def separator(self) -> bytes:
        """The domain separator, 32 bytes."""
        return _separator(self.chain_id, self.ledger)

    def digest(self, order_id: bytes) -> bytes:
        """The 32 bytes that the terminal signs."""
        return keccak(b"\x19\x01" + self.separator() + order_id)


def typed_data(order: PaymentOrder, domain: Domain) -> dict[str, Any]:
    """The full EIP-712 message, JSON-ready, as ``eth_signTypedData_v4`` takes it."""
    message = asdict(order)
    message["sequence"] = order.sequence if order.sequence < _EXACT else str(order.sequence)
    message["account"] = "0x" + order.account.hex()
    message["lines"] = [asdict(line) for line in order.lines]
    return {
        "types": TYPES,
        "primaryType": "PaymentOrder",
        "domain": {
            "name": DOMAIN_NAME,
            "version": DOMAIN_VERSION,
            "chainId": domain.chain_id,
            "verifyingContract": domain.ledger,
        },
        "message": message,
    }


def order_in(message: object) -> PaymentOrder:
    """The order inside a full EIP-712 message; its numbers may be decimal strings, as in ethers.

    Raises:
        BadInput: a field is missing, or isn't of its type; ``field`` names it.
    """
    body = message.get("message") if isinstance(message, Mapping) else None
    if not isinstance(body, Mapping):
        raise BadInput("is not an EIP-712 message", field="message")
    values = _typed(body, "PaymentOrder", "message")
    lines = body.get("lines")
    if not isinstance(lines, list) or not 1 <= len(lines) <= MAX_LINES:
        raise BadInput(f"is not a list of 1 to {MAX_LINES} lines", field="message.lines")
    parsed = (OrderLine(**_typed(line, "OrderLine", "message.lines")) for line in lines)
    return PaymentOrder(**values, lines=tuple(parsed))


def recover(digest: bytes, signature: bytes) -> str | None:
    """The address whose key signed, or None: 65 bytes (r, s, v) or 64 (EIP-2098), low s only."""
    found = recovered(digest, signature)
    return None if found is None else checksummed(found)


def recovered(digest: bytes, signature: bytes) -> bytes | None:
    """As :func:`recover`, in 20 bytes."""
    if len(signature) == 64:
        top = signature[32] >> 7
        signature = signature[:32] + bytes((signature[32] & 0x7F,)) + signature[33:]
        signature += bytes((27 + top,))
    if len(signature) != 65 or signature[64] not in (27, 28):
        return None
    if int.from_bytes(signature[32:64], "big") > _HALF_ORDER:
        return None
    return keys.recovered(digest, signature)


def _line_hash(line: OrderLine) -> bytes:
    fields = (line.item, line.quantity, line.price, line.cash)
    return keccak(_LINE_TYPE + b"".join([_word(field) for field in fields]))


@cache
def _separator(chain_id: int, ledger: str) -> bytes:
    names = keccak(DOMAIN_NAME.encode()) + keccak(DOMAIN_VERSION.encode())
    return keccak(_DOMAIN_TYPE + names + _word(chain_id) + _word(int(ledger, 16)))


def _word(number: int) -> bytes:
    return number.to_bytes(32, "big")


def _typed(body: object, name: str, where: str) -> dict[str, Any]:
    if not isinstance(body, Mapping):
        raise BadInput("is not an object", field=where)
    return {
        field: _value(body.get(field), kind, f"{where}.{field}")
        for field, kind in _FIELDS[name]
        if not kind.endswith("[]")
    }


@lru_cache(maxsize=4096)
def _checksummed(text: str) -> str | None:
    """An address in hex, of one case or rightly mixed; None for anything else."""
    if not _ADDRESS.fullmatch(text):
        return None
    found = checksummed(bytes.fromhex(text[-40:]))
    digits = text[-40:]
    mixed = digits not in (digits.lower(), digits.upper())
    return None if mixed and digits != found[2:] else found


def _value(value: object, kind: str, where: str) -> object:
    if kind == "address":
        address = _checksummed(value) if isinstance(value, str) else None
        if address is not None:
            return address
    elif kind == "bytes32":
        if isinstance(value, str) and _BYTES32.fullmatch(value):
            return bytes.fromhex(value[2:])
    else:
        number = int(value) if isinstance(value, str) and _DIGITS.fullmatch(value) else value
        if type(number) is int and 0 <= number < 2 ** int(kind.removeprefix("uint")):
            return number
    raise BadInput(f"is not a {kind}", field=where)
