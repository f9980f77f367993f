"""Who signed: keys of terminals, in both encodings, and everything that is nobody's signature."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from counterfoil.points.orders import Domain, PaymentOrder
from tests.support.points import signer_of
from tests.support.points_bank import CheckedBank
from tests.support.points_model import Placed
from tests.support.points_values import Reason

CURVE = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


@pytest.fixture(autouse=True)
def rich(bank: CheckedBank) -> None:
    """Ann has points enough."""
    bank.give("ann", 5000)


def signed(bank: CheckedBank, order: PaymentOrder, domain: Domain | None = None) -> bytes:
    """65 bytes of the till over an order."""
    return bank.till.sign_digest((domain or bank.domain).digest(order.order_id()))


def test_settle_paysIfSignatureHas65Bytes(bank: CheckedBank) -> None:
    order = bank.order()

    assert bank.settle(Placed(order, signed(bank, order), bank.till.address)) == [Reason.PAID]


def test_settle_paysIfSignatureIsCompact(bank: CheckedBank) -> None:
    placed = [bank.sign(bank.order()) for _ in range(20)]
    of_each_parity = {one.signature[32] >> 7: one for one in placed}  # of v

    assert {len(one.signature) for one in placed} == {64}
    assert of_each_parity.keys() == {0, 1}
    assert bank.settle(*of_each_parity.values()) == [Reason.PAID] * 2


def flipped(signature: bytes) -> bytes:
    """The other signature over the same, with a high s."""
    s = CURVE - int.from_bytes(signature[32:64], "big")
    return signature[:32] + s.to_bytes(32, "big") + bytes((55 - signature[64],))


SPOILT: dict[str, Callable[[bytes], bytes]] = {
    "nothing": lambda s: b"",
    "high s": flipped,
    "v 0 or 1": lambda s: s[:64] + bytes((s[64] - 27,)),
    "other v": lambda s: s[:64] + bytes((55 - s[64],)),
    "v 29": lambda s: s[:64] + b"\x1d",
    "63 bytes": lambda s: s[:63],
    "66 bytes": lambda s: s + b"\0",
    "r and s without v": lambda s: (
        s[:32] + bytes((s[32] ^ (0 if s[64] == 28 else 0x80),)) + s[33:64]
    ),
    "zeros": lambda s: b"\0" * 65,
    "compact zeros": lambda s: b"\0" * 64,
    "r beyond the curve": lambda s: b"\xff" * 32 + s[32:],
    "s zero": lambda s: s[:32] + b"\0" * 32 + s[64:],
    "a bit off": lambda s: bytes((s[0] ^ 1,)) + s[1:],
    "huge": lambda s: s * 1000,
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT.keys())
def test_settle_skipsIfSignatureIsSpoilt(
    bank: CheckedBank, spoil: Callable[[bytes], bytes]
) -> None:
    order = bank.order()
    placed = Placed(order, spoil(signed(bank, order)), None)

    assert bank.settle(placed, bank.order()) == [Reason.BAD_SIGNATURE, Reason.PAID]


def test_settle_skipsIfSomebodyElseSigned(bank: CheckedBank) -> None:
    stranger = signer_of(bank.chain, "stranger")

    assert bank.settle(bank.sign(bank.order(), stranger)) == [Reason.BAD_SIGNATURE]


def test_settle_skipsIfAnotherTerminalSigned(bank: CheckedBank) -> None:
    other = bank.new_till("till 2")

    assert bank.settle(bank.sign(bank.order(), other)) == [Reason.BAD_SIGNATURE]


def test_settle_skipsIfSignedForAnotherChain(bank: CheckedBank) -> None:
    order = bank.order()
    elsewhere = Domain(bank.domain.chain_id + 1, bank.domain.ledger)

    assert bank.settle(Placed(order, signed(bank, order, elsewhere), None)) == [
        Reason.BAD_SIGNATURE
    ]


def test_settle_skipsIfSignedForAnotherLedger(bank: CheckedBank) -> None:
    order = bank.order()
    elsewhere = Domain(bank.domain.chain_id, bank.admin.address)

    assert bank.settle(Placed(order, signed(bank, order, elsewhere), None)) == [
        Reason.BAD_SIGNATURE
    ]


def test_settle_skipsIfOrderWasChangedAfterSigning(bank: CheckedBank) -> None:
    signature = bank.sign(bank.order(points=500)).signature

    assert bank.settle(Placed(bank.order(points=600), signature, None)) == [Reason.BAD_SIGNATURE]


def test_settle_skipsIfOldKeySigned(bank: CheckedBank) -> None:
    new = signer_of(bank.chain, "new key")
    before = bank.order()
    bank.rotate(bank.till.address, new.address)

    answers = bank.settle(bank.sign(before, bank.till), bank.sign(before, new))

    assert answers == [Reason.BAD_SIGNATURE, Reason.PAID]


def test_settle_keepsHistoryIfKeyIsRotated(bank: CheckedBank) -> None:
    before = bank.pay()
    new = signer_of(bank.chain, "new key")
    bank.rotate(bank.till.address, new.address)

    assert bank.settle(bank.sign(before, new)) == [Reason.REPLAYED]


def test_settle_paysEachIfTwoTerminalsShareAKey(bank: CheckedBank) -> None:
    other = bank.new_till("till 2")
    bank.rotate(other.address, bank.till.address)

    mine, theirs = bank.order(), bank.order(till=other.address)

    answers = bank.settle(bank.sign(mine, bank.till), bank.sign(theirs, bank.till))
    assert answers == [Reason.PAID] * 2
