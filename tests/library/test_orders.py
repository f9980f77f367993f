"""Payment orders as EIP-712 has them: against eth-account, and every field's limits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_utils.address import to_checksum_address
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.errors import BadInput
from counterfoil.keys import Signer
from counterfoil.points.orders import (
    MAX_LINES,
    Domain,
    OrderLine,
    PaymentOrder,
    order_in,
    recover,
    typed_data,
)

N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141  # secp256k1's order
SIGNER = Signer.from_hex("11" * 32)
DOMAIN = Domain(1337, to_checksum_address("0x" + "ab" * 20))
NO_DIGITS = ("", "01", "00", "+1", "-1", " 1", "1 ", "1\n", "1_0", "1.0", "1e1", "0x1", "１", "١")
LINE = OrderLine(item=1, quantity=2, price=500, cash=335)
ORDER = PaymentOrder(
    account=b"\x07" * 32,
    terminal=SIGNER.address,
    sequence=4,
    rules=1,
    points=500,
    deadline=1_800_000_000,
    lines=(LINE,),
)


def uint(bits: int) -> st.SearchStrategy[int]:
    return st.integers(0, 2**bits - 1)


addresses = st.binary(min_size=20, max_size=20).map(to_checksum_address)
lines = st.builds(OrderLine, uint(32), uint(16), uint(40), uint(40))
orders = st.builds(
    PaymentOrder,
    account=st.binary(min_size=32, max_size=32),
    terminal=addresses,
    sequence=uint(64),
    rules=uint(32),
    points=uint(32),
    deadline=uint(40),
    lines=st.lists(lines, min_size=1, max_size=4).map(tuple),
)


@given(orders, uint(64), addresses)
def test_digest_isThatOfEthAccount(order: PaymentOrder, chain_id: int, ledger: str) -> None:
    domain = Domain(chain_id, ledger)

    signable = encode_typed_data(full_message=typed_data(order, domain))

    assert order.order_id() == signable.body
    assert domain.separator() == signable.header


@given(orders)
def test_orderIn_undoesTypedData(order: PaymentOrder) -> None:
    assert order_in(typed_data(order, DOMAIN)) == order


@pytest.mark.parametrize(
    "change",
    [
        {"account": b"\x08" * 32},
        {"terminal": to_checksum_address("0x" + "cd" * 20)},
        {"sequence": 5},
        {"rules": 2},
        {"points": 501},
        {"deadline": 1_800_000_001},
        {"lines": (LINE, LINE)},
        {"lines": (replace(LINE, item=2),)},
        {"lines": (replace(LINE, quantity=3),)},
        {"lines": (replace(LINE, price=501),)},
        {"lines": (replace(LINE, cash=334),)},
    ],
    ids=str,
)
def test_orderId_commitsToEveryField(change: dict[str, Any]) -> None:
    assert replace(ORDER, **change).order_id() != ORDER.order_id()


def test_digest_bindsToOneChainAndOneLedger() -> None:
    others = [Domain(1, DOMAIN.ledger), Domain(1337, SIGNER.address)]
    assert len({domain.digest(ORDER.order_id()) for domain in (DOMAIN, *others)}) == 3


def test_cash_isTheSumOfTheLines() -> None:
    assert replace(ORDER, lines=(LINE, replace(LINE, cash=1))).cash == 336


# ------------------------------------------------------------------------------- reading orders


def message(**changes: Any) -> dict[str, Any]:
    """The order as JSON with some fields of the message changed."""
    whole = typed_data(ORDER, DOMAIN)
    return whole | {"message": whole["message"] | changes}


@pytest.mark.parametrize(
    ("field", "bits"), [("sequence", 64), ("rules", 32), ("points", 32), ("deadline", 40)]
)
def test_orderIn_takesWhatFitsTheType(field: str, bits: int) -> None:
    for value in (0, 2**bits - 1):
        for written in (value, str(value)):
            assert getattr(order_in(message(**{field: written})), field) == value
    for wrong in (-1, 2**bits, True, 1.0, None, [1], *NO_DIGITS, str(2**bits), "9" * 5000):
        with pytest.raises(BadInput, match=f"is not a uint{bits}") as caught:
            order_in(message(**{field: wrong}))
        assert caught.value.field == f"message.{field}"


@pytest.mark.parametrize(
    ("field", "bits"), [("item", 32), ("quantity", 16), ("price", 40), ("cash", 40)]
)
def test_orderIn_takesLinesThatFitTheirTypes(field: str, bits: int) -> None:
    line = typed_data(ORDER, DOMAIN)["message"]["lines"][0]
    for value in (0, 2**bits - 1):
        for written in (value, str(value)):
            found = order_in(message(lines=[line | {field: written}]))
            assert getattr(found.lines[0], field) == value
    for wrong in (-1, 2**bits, False, None, *NO_DIGITS, str(2**bits)):
        with pytest.raises(BadInput, match=f"message.lines.{field}"):
            order_in(message(lines=[line | {field: wrong}]))


def test_typedData_writesNoNumberThatJavaScriptRounds() -> None:
    for sequence, written in ((2**53 - 1, 2**53 - 1), (2**53, str(2**53))):
        found = typed_data(replace(ORDER, sequence=sequence), DOMAIN)["message"]["sequence"]
        assert found == written


def test_orderIn_takesOneToThirtyTwoLines() -> None:
    line = typed_data(ORDER, DOMAIN)["message"]["lines"][0]
    for count in (1, MAX_LINES):
        assert len(order_in(message(lines=[line] * count)).lines) == count
    wrong: list[object] = [[], [line] * (MAX_LINES + 1), {}, None, "x"]
    for value in wrong:
        with pytest.raises(BadInput, match="1 to 32 lines"):
            order_in(message(lines=value))
    with pytest.raises(BadInput, match="not an object"):
        order_in(message(lines=[1]))


@pytest.mark.parametrize("value", ["0x" + "07" * 31, "0x" + "07" * 33, "07" * 32, "0x" + "zz" * 32])
def test_orderIn_refusesAnAccountThatIsNot32Bytes(value: str) -> None:
    with pytest.raises(BadInput, match="is not a bytes32"):
        order_in(message(account=value))


@pytest.mark.parametrize("value", ["", "0x", SIGNER.address[:-1], SIGNER.address + "0", 7, None])
def test_orderIn_refusesATerminalThatIsNoAddress(value: object) -> None:
    with pytest.raises(BadInput, match="is not a address"):
        order_in(message(terminal=value))


def test_orderIn_readsAnAddressInSmallLetters() -> None:
    assert order_in(message(terminal=SIGNER.address.lower())) == ORDER


@pytest.mark.parametrize("value", [None, 1, "x", [], {}, {"message": 1}, {"message": None}])
def test_orderIn_refusesWhatIsNoMessage(value: object) -> None:
    with pytest.raises(BadInput, match="message"):
        order_in(value)


# ------------------------------------------------------------------------------------ recovering


DIGEST = DOMAIN.digest(ORDER.order_id())
SIGNATURE = SIGNER.sign_digest(DIGEST)


def compact(signature: bytes) -> bytes:
    """EIP-2098."""
    top = (signature[64] - 27) << 7
    return signature[:32] + bytes((signature[32] | top,)) + signature[33:64]


def high(signature: bytes) -> bytes:
    """The other signature of the same key over the same digest: s in the upper half."""
    s = N - int.from_bytes(signature[32:64], "big")
    return signature[:32] + s.to_bytes(32, "big") + bytes((55 - signature[64],))


@given(st.binary(min_size=32, max_size=32), st.integers(1, N - 1))
def test_recover_findsWhoSigned(digest: bytes, key: int) -> None:
    signer = Signer.from_hex(f"{key:064x}")
    signature = signer.sign_digest(digest)

    assert recover(digest, signature) == recover(digest, compact(signature)) == signer.address


def test_recover_refusesTheSignatureWithHighS() -> None:
    assert Account._recover_hash(DIGEST, signature=high(SIGNATURE)) == SIGNER.address
    assert recover(DIGEST, high(SIGNATURE)) is None


@pytest.mark.parametrize("v", [0, 1, 2, 26, 29, 255])
def test_recover_refusesAnyOtherV(v: int) -> None:
    assert recover(DIGEST, SIGNATURE[:64] + bytes((v,))) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s[:63],
        lambda s: s + b"\0",
        lambda s: b"",
        lambda s: bytes(65),
        lambda s: bytes(64) + b"\x1b",
        lambda s: b"\xff" * 32 + s[32:],  # r is beyond the field
        lambda s: bytes(32) + s[32:],  # r is zero
        lambda s: s[:32] + bytes(32) + s[64:],  # s is zero
        lambda s: N.to_bytes(32, "big") + s[32:],
    ],
)
def test_recover_isNobodyForGarbage(change: Callable[[bytes], bytes]) -> None:
    assert recover(DIGEST, change(SIGNATURE)) is None


@given(st.binary(max_size=70))
def test_recover_isTotal(signature: bytes) -> None:
    assert recover(DIGEST, signature) != SIGNER.address


def test_recover_isSomebodyElseForAnotherDigest() -> None:
    assert recover(bytes(32), SIGNATURE) not in (None, SIGNER.address)
