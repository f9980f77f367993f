"""Three spellings of one EIP-712 hash agree: the contract's, ours and eth-account's."""

from __future__ import annotations

from dataclasses import replace

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_utils.crypto import keccak
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from counterfoil.points.orders import (
    DOMAIN_NAME,
    DOMAIN_VERSION,
    Domain,
    OrderLine,
    PaymentOrder,
    order_in,
    recover,
    typed_data,
)
from tests.support.points import compact
from tests.support.points_bank import CheckedBank


def whole(bits: int) -> st.SearchStrategy[int]:
    """Any unsigned number of so many bits, its ends often."""
    return st.one_of(st.sampled_from([0, 1, 2**bits - 1]), st.integers(0, 2**bits - 1))


LINES = st.builds(OrderLine, whole(32), whole(16), whole(40), whole(40))
ORDERS = st.builds(
    PaymentOrder,
    account=st.binary(min_size=32, max_size=32),
    terminal=st.sampled_from(
        ["0x0000000000000000000000000000000000000001", "0xB6EE9144730A33e18353D4bE860Abc79F20c02FA"]
    ),
    sequence=whole(64),
    rules=whole(32),
    points=whole(32),
    deadline=whole(40),
    lines=st.lists(LINES, min_size=1, max_size=32).map(tuple),
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(order=ORDERS)
def test_orderId_isTheSameEverywhere(bank: CheckedBank, order: PaymentOrder) -> None:
    signable = encode_typed_data(full_message=typed_data(order, bank.domain))

    assert bank.contract.call("orderId", order.as_tuple()) == order.order_id()
    assert signable.body == order.order_id()
    assert signable.header == bank.domain.separator()
    digest = keccak(b"\x19" + signable.version + signable.header + signable.body)
    assert digest == bank.domain.digest(order.order_id())


@settings(max_examples=60, deadline=None)
@given(order=ORDERS)
def test_typedData_readsBack(order: PaymentOrder) -> None:
    domain = Domain(1, "0x0000000000000000000000000000000000000001")

    assert order_in(typed_data(order, domain)) == order


def test_sign_isWhatEthAccountSigns(bank: CheckedBank) -> None:
    order = bank.order()
    signable = encode_typed_data(full_message=typed_data(order, bank.domain))

    theirs = Account.from_key(bank.till.private_key()).sign_message(signable).signature

    digest = bank.domain.digest(order.order_id())
    assert bank.till.sign_digest(digest) == theirs
    assert recover(digest, theirs) == recover(digest, compact(theirs)) == bank.till.address


def test_eip712Domain_saysWhatIsSigned(bank: CheckedBank) -> None:
    fields, name, version, chain_id, ledger, salt, extensions = bank.contract.call("eip712Domain")

    assert (fields, salt, extensions) == (b"\x0f", b"\0" * 32, [])
    assert (name, version) == (DOMAIN_NAME, DOMAIN_VERSION)
    assert Domain(chain_id, ledger) == bank.domain


@pytest.mark.parametrize(
    "change",
    [
        {"account": b"\2" * 32},
        {"terminal": "0x0000000000000000000000000000000000000001"},
        {"sequence": 1},
        {"rules": 2},
        {"points": 600},
        {"deadline": 1},
        {"lines": ()},
    ],
    ids=lambda change: str(*change),
)
def test_orderId_commitsToEveryField(bank: CheckedBank, change: dict[str, object]) -> None:
    order = bank.order()

    assert replace(order, **change).order_id() != order.order_id()  # type: ignore[arg-type]


@pytest.mark.parametrize("field", ["item", "quantity", "price", "cash"])
def test_orderId_commitsToEveryFieldOfALine(bank: CheckedBank, field: str) -> None:
    order = bank.order()
    line = replace(order.lines[0], **{field: 9})

    assert replace(order, lines=(line,)).order_id() != order.order_id()
