"""Terminals that are contracts (ERC-1271), honest and hostile, in a batch with somebody else's."""

from __future__ import annotations

import pytest
from hexbytes import HexBytes
from web3 import Web3
from web3.exceptions import ContractLogicError

from counterfoil.artifacts import artifact
from counterfoil.model import Mined
from counterfoil.reverts import refused
from tests.support.anvil import receipt_of
from tests.support.points import account_of
from tests.support.points_bank import CheckedBank
from tests.support.points_model import Placed
from tests.support.points_values import Reason
from tests.support.wallet_till import Manner, Wallet


@pytest.fixture(autouse=True)
def rich(bank: CheckedBank) -> None:
    """Ann has points enough."""
    bank.give("ann", 50_000)


def test_settle_paysIfWalletAccepts(bank: CheckedBank) -> None:
    wallet = Wallet.registered(bank)

    assert bank.settle(wallet.sign(wallet.order())) == [Reason.PAID]


def test_settle_skipsIfWalletsOwnerDidNotSign(bank: CheckedBank) -> None:
    wallet = Wallet.registered(bank)
    order = wallet.order()

    assert bank.settle(bank.sign(order, bank.admin)) == [Reason.BAD_SIGNATURE]


@pytest.mark.parametrize(
    ("manner", "answer"),
    [
        (Manner.REFUSE, Reason.BAD_SIGNATURE),
        (Manner.REVERT, Reason.BAD_SIGNATURE),
        (Manner.LOOP, Reason.BAD_SIGNATURE),
        (Manner.WRONG_MAGIC, Reason.BAD_SIGNATURE),
        (Manner.DIRTY_MAGIC, Reason.BAD_SIGNATURE),
        (Manner.SHORT_MAGIC, Reason.BAD_SIGNATURE),
        (Manner.NOTHING, Reason.BAD_SIGNATURE),
        (Manner.HUGE_REVERT, Reason.BAD_SIGNATURE),
        (Manner.HUGE_MAGIC, Reason.PAID),  # says yes, with more bytes than anybody reads
        (Manner.BURN_MOST, Reason.PAID),  # says yes, at the price of nearly all its gas
    ],
)
def test_settle_harmsNobodyElseIfWalletMisbehaves(
    bank: CheckedBank, manner: Manner, answer: Reason
) -> None:
    wallet = Wallet.registered(bank, manner)
    theirs = wallet.sign(wallet.order(), accepted=answer == Reason.PAID)

    answers = bank.settle(bank.order(), theirs, bank.order())

    assert answers == [Reason.PAID, answer, Reason.PAID]


def test_settle_boundsTheGasOfManyLoopingWallets(bank: CheckedBank) -> None:
    wallet = Wallet.registered(bank, Manner.LOOP)
    theirs = [wallet.sign(wallet.order(), accepted=False) for _ in range(20)]

    assert bank.settle(*theirs, bank.order()) == [Reason.BAD_SIGNATURE] * 20 + [Reason.PAID]


def test_settle_skipsIfKeyIsRotatedToAnEmptyAddress(bank: CheckedBank) -> None:
    bank.rotate(bank.till.address, "0x000000000000000000000000000000000000dEaD")

    assert bank.settle(bank.order()) == [Reason.BAD_SIGNATURE]


@pytest.mark.parametrize("number", [1, 2, 4])
def test_settle_skipsIfKeyIsAPrecompile(bank: CheckedBank, number: int) -> None:
    bank.rotate(bank.till.address, Web3.to_checksum_address(f"0x{number:040x}"))

    assert bank.settle(bank.order()) == [Reason.BAD_SIGNATURE]


def test_settle_skipsIfKeyIsTheLedgerItself(bank: CheckedBank) -> None:
    bank.rotate(bank.till.address, bank.contract.address)

    assert bank.settle(bank.order()) == [Reason.BAD_SIGNATURE]


# ------------------------------------------------------------------------------- reentrancy


def test_settle_letsNoWalletActWhileAsked(bank: CheckedBank) -> None:
    """The wallet accepts only if its move failed, so that a paid order proves that it did."""
    wallet = Wallet.registered(bank)
    before = wallet.order()
    bank.settle(wallet.sign(before))
    settled = bank.model.paid[before.order_id()]
    moves = {
        "recordOrders": (wallet.address, [b"\x01" * 32]),
        "finalize": (wallet.address, before.sequence, 1),
        "refund": (settled.receipt, settled.proof, 1),
        "cancel": (settled.receipt, settled.proof),
        "sweep": ([account_of("ann")],),
    }
    for function, arguments in moves.items():
        wallet.plan(function, *arguments)
        assert bank.settle(wallet.sign(wallet.order())) == [Reason.PAID], function


def test_settle_letsNoWalletSettleWhileAsked(bank: CheckedBank) -> None:
    wallet = Wallet.registered(bank)
    role = bank.contract.call("SETTLER_ROLE")
    bank.contract.send(bank.admin, "grantRole", role, wallet.address)
    placed = wallet.sign(wallet.order())
    wallet.plan("settle", [(*placed.order.as_tuple(), placed.signature)])

    assert bank.settle(placed, placed) == [Reason.PAID, Reason.REPLAYED]


# ------------------------------------------------------------------------------ starved of gas


def starved(bank: CheckedBank, placed: Placed, gas: int) -> dict[str, str]:
    """A settlement of one order with so much gas."""
    data = bank.encoded("settle", [(*placed.order.as_tuple(), placed.signature)])
    parties = {"from": bank.operator.address, "to": bank.contract.address}
    return parties | {"data": data, "gas": hex(gas)}


def outcome(bank: CheckedBank, call: dict[str, str]) -> Mined | None:
    """What a call leaves; None if it reverts."""
    sent = bank.chain.request("eth_sendTransaction", call)
    receipt = receipt_of(bank.chain, sent)
    return bank.contract.mined(receipt) if int(receipt["status"], 16) else None


@pytest.mark.parametrize("manner", [Manner.OWNER_ONLY, Manner.BURN_MOST])
def test_settle_paysOrRevertsHoweverLittleGas(bank: CheckedBank, manner: Manner) -> None:
    wallet = Wallet.registered(bank, manner)
    bank.chain.request("anvil_impersonateAccount", bank.operator.address)

    outcomes = [
        outcome(bank, starved(bank, wallet.sign(wallet.order()), gas))
        for gas in range(90_000, 330_000, 4_000)
    ]

    assert outcomes[0] is None and outcomes[-1] is not None
    assert all(mined is None or mined.of("OrderPaid") for mined in outcomes)


def test_settle_revertsTooLittleGasIfWalletCantBeAsked(bank: CheckedBank) -> None:
    wallet = Wallet.registered(bank)

    with pytest.raises(ContractLogicError) as caught:
        bank.chain.web3.eth.call(starved(bank, wallet.sign(wallet.order()), 130_000))

    error = refused(artifact("PointsLedger")["abi"], HexBytes(str(caught.value.data)), "")
    left, needed = (int(str(error.arguments[name])) for name in ("left", "needed"))
    assert error.code == "TooLittleGas" and left < needed


def test_settle_paysOrRevertsHoweverLittleGasAKeysOrderGets(bank: CheckedBank) -> None:
    """Recovering a signer is a call too: starved of gas, it must not look like a bad signature."""
    bank.chain.request("anvil_impersonateAccount", bank.operator.address)

    outcomes = [
        outcome(bank, starved(bank, bank.sign(bank.order()), gas))
        for gas in range(28_000, 170_000, 1_600)
    ]

    assert outcomes[0] is None and outcomes[-1] is not None
    assert all(mined is None or mined.of("OrderPaid") for mined in outcomes)
