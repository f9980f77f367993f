"""Signed orders as files carry them: JSON Lines of EIP-712 message, signature and ``order_ref``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeGuard

from counterfoil.errors import BadInput
from counterfoil.files import stream_jsonl
from counterfoil.points.orders import Domain, PaymentOrder, order_in, recovered, typed_data
from counterfoil.points.outcomes import Outcome, outcome_in, unsigned
from counterfoil.points.reasons import Reason

_MAX_SIGNATURE = 4096  # bytes
_MAX_REF = 255


@dataclass(frozen=True, slots=True)
class SignedOrder:
    """An order with its terminal's signature.

    ``row`` is the JSON line that it came in; ``order_id`` the order's id as files and journals
    write it: 0x and 64 hex digits.
    """

    order_ref: str
    order: PaymentOrder
    signature: bytes
    row: str
    order_id: str = field(init=False, compare=False)
    _signer: tuple[Domain, bytes | None] | None = field(
        default=None, init=False, compare=False, repr=False
    )

    def __post_init__(self) -> None:
        object.__setattr__(self, "order_id", "0x" + self.order.order_id().hex())

    @property
    def id_bytes(self) -> bytes:
        """The order's id, 32 bytes."""
        return bytes.fromhex(self.order_id[2:])

    def signer(self, domain: Domain) -> bytes | None:
        """Whose key signed it for a ledger, 20 bytes; None: nobody's. It is worked out once: that
        takes longer than all else that settling does with an order."""
        if self._signer is None or self._signer[0] != domain:
            found = recovered(domain.digest(self.id_bytes), self.signature)
            object.__setattr__(self, "_signer", (domain, found))
            return found
        return self._signer[1]

    def as_tuple(self) -> tuple[Any, ...]:
        """As the contract's ABI takes it."""
        return (*self.order.as_tuple(), self.signature)


def signed_row(order_ref: str, order: PaymentOrder, domain: Domain, signature: bytes) -> str:
    """The JSON line of a signed order."""
    row = {
        "order_ref": order_ref,
        "order_id": "0x" + order.order_id().hex(),
        "message": typed_data(order, domain),
        "signature": "0x" + signature.hex(),
    }
    return json.dumps(row, ensure_ascii=False)


def read_signed(file: Path, currency: str) -> Iterator[SignedOrder | Outcome]:
    """The signed orders of a file, and the finished results among them, in its order.

    A line that is JSON but no signed order comes as a ``bad-row`` outcome. The whole file is
    checked before this returns, and none of it is kept.

    Raises:
        BadInput: a line isn't JSON.
    """
    return (_entry(number, value, currency) for number, value in stream_jsonl(file))


def signed_alone(file: Path) -> Iterator[SignedOrder]:
    """The signed orders of a file, in its order, without the finished results among them.

    Raises:
        BadInput: a line isn't JSON, or neither; it names the line.
    """
    for number, value in stream_jsonl(file):
        try:
            entry = _signed_or_finished(value)
        except BadInput as error:
            place = str(file)
            raise BadInput(error.problem, file=place, row=number, field=error.field) from error
        if isinstance(entry, SignedOrder):
            yield entry


def signed_order(value: object) -> SignedOrder:
    """One signed order.

    Raises:
        BadInput: a field is missing or not of its type.
    """
    if not isinstance(value, dict):
        raise BadInput("is not an object", field="the line")
    order_ref = value.get("order_ref")
    if not _is_ref(order_ref):
        raise BadInput(f"is not 1 to {_MAX_REF} printable characters", field="order_ref")
    order = order_in(value.get("message"))
    return SignedOrder(order_ref, order, _bytes(value.get("signature")), json.dumps(value))


def _entry(number: int, value: object, currency: str) -> SignedOrder | Outcome:
    try:
        return _signed_or_finished(value)
    except BadInput as error:
        ref = value.get("order_ref") if isinstance(value, dict) else None
        detail = f"line {number}: {error.field} {error.problem}"
        return unsigned(ref if _is_ref(ref) else "", currency, Reason.BAD_ROW, detail)


def _signed_or_finished(value: object) -> SignedOrder | Outcome:
    if isinstance(value, dict) and "status" in value and "message" not in value:
        return outcome_in(value)
    return signed_order(value)


def _is_ref(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and 0 < len(value) <= _MAX_REF and value.isprintable()


def _bytes(value: object) -> bytes:
    if isinstance(value, str) and value.startswith("0x") and len(value) <= 2 * _MAX_SIGNATURE:
        try:
            return bytes.fromhex(value[2:])
        except ValueError as error:
            raise BadInput("is not hex", field="signature") from error
    raise BadInput("is not 0x and hex digits", field="signature")
