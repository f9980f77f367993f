"""Registering terminals, their catalogues and their keys."""

from __future__ import annotations

from dataclasses import replace

import pytest

from counterfoil.points.orders import OrderLine
from tests.support.points import signer_of
from tests.support.points_bank import CheckedBank
from tests.support.points_books import NOBODY
from tests.support.points_values import Reason
from tests.support.refusals import refuses

STRANGER = "0x00000000000000000000000000000000DeaDBeef"


def test_registerTerminal_makesItSignForItself(bank: CheckedBank) -> None:
    other = bank.new_till("till 2")

    assert bank.contract.call("till", other.address).key == other.address


def test_registerTerminal_refusesIfKnown(bank: CheckedBank) -> None:
    with refuses("TerminalExists", terminal=bank.till.address):
        bank.register(bank.till.address)


def test_registerTerminal_refusesIfDisabled(bank: CheckedBank) -> None:
    bank.enable(bank.till.address, False)

    with refuses("TerminalExists", terminal=bank.till.address):
        bank.register(bank.till.address)


def test_registerTerminal_refusesIfRotated(bank: CheckedBank) -> None:
    bank.rotate(bank.till.address, STRANGER)

    with refuses("TerminalExists", terminal=bank.till.address):
        bank.register(bank.till.address)


def test_registerTerminal_refusesIfZero(bank: CheckedBank) -> None:
    with refuses("InvalidKey", key=NOBODY):
        bank.register(NOBODY)


@pytest.mark.parametrize("catalogue", [0, 2, 2**32 - 1])
def test_registerTerminal_refusesIfCatalogueUnknown(bank: CheckedBank, catalogue: int) -> None:
    with refuses("UnknownCatalogue", catalogue=catalogue):
        bank.register(STRANGER, catalogue)


def test_till_isEmptyIfUnknown(bank: CheckedBank) -> None:
    assert tuple(bank.contract.call("till", STRANGER)) == (NOBODY, 0, False, 0)


def test_assignCatalogue_changesWhatCanBePaid(bank: CheckedBank) -> None:
    bank.list_items([300], ["espresso"])
    bank.give("ann", 5000)
    bank.assign(bank.till.address, 2)

    assert bank.settle(bank.order()) == [Reason.UNKNOWN_ITEM]


@pytest.mark.parametrize("catalogue", [0, 2])
def test_assignCatalogue_refusesIfCatalogueUnknown(bank: CheckedBank, catalogue: int) -> None:
    with refuses("UnknownCatalogue", catalogue=catalogue):
        bank.assign(bank.till.address, catalogue)


def test_assignCatalogue_refusesIfTerminalUnknown(bank: CheckedBank) -> None:
    with refuses("TerminalUnknown", terminal=STRANGER):
        bank.assign(STRANGER, 1)


def test_assignCatalogue_keepsTheDaysTakings(bank: CheckedBank) -> None:
    bank.give("ann", 5000)
    bank.pay()
    bank.list_items([300], ["espresso"])

    bank.assign(bank.till.address, 2)
    bank.rotate(bank.till.address, STRANGER)
    bank.enable(bank.till.address, False)

    assert bank.contract.call("till", bank.till.address).takingsToday == 335


def test_rotateTerminalKey_refusesIfZero(bank: CheckedBank) -> None:
    with refuses("InvalidKey", key=NOBODY):
        bank.rotate(bank.till.address, NOBODY)


def test_rotateTerminalKey_refusesIfTerminalUnknown(bank: CheckedBank) -> None:
    with refuses("TerminalUnknown", terminal=STRANGER):
        bank.rotate(STRANGER, STRANGER)


def test_rotateTerminalKey_rotatesBack(bank: CheckedBank) -> None:
    bank.give("ann", 5000)
    bank.rotate(bank.till.address, STRANGER)
    bank.rotate(bank.till.address, bank.till.address)

    assert bank.settle(bank.order()) == [Reason.PAID]


def test_setTerminalEnabled_refusesIfTerminalUnknown(bank: CheckedBank) -> None:
    with refuses("TerminalUnknown", terminal=STRANGER):
        bank.enable(STRANGER, True)


def test_settle_sharesACatalogue(bank: CheckedBank) -> None:
    bank.give("ann", 5000)
    other = bank.new_till("till 2")
    bank.list_items([9999], ["feast"], catalogue=1)
    feast = (OrderLine(4, 1, 9999, 335),)

    orders = [bank.order(), bank.order(till=other.address)]

    assert bank.settle(*(replace(order, lines=feast) for order in orders)) == [Reason.PAID] * 2


def test_newKey_actsInTheOldOnesPlace(bank: CheckedBank) -> None:
    bank.give("ann", 5000)
    first, second = bank.pay(), bank.pay()
    new = signer_of(bank.chain, "new key")
    bank.rotate(bank.till.address, new.address)

    bank.finalize(first.sequence, by=new)
    bank.cancel(second, by=new)
    bank.record(bank.till.address, [second.order_id()], by=new)


def test_oldKey_actsNoMore(bank: CheckedBank) -> None:
    bank.give("ann", 5000)
    order = bank.pay()
    bank.rotate(bank.till.address, STRANGER)
    settled = bank.model.paid[order.order_id()]
    values = {"terminal": bank.till.address, "caller": bank.till.address}

    for function, arguments in (
        ("finalize", (bank.till.address, order.sequence, 1)),
        ("recordOrders", (bank.till.address, [order.order_id()])),
    ):
        with refuses("NotTheTerminal", **values):
            bank.contract.send(bank.till, function, *arguments)
    with refuses("NotTerminalNorBank", **values):
        bank.contract.send(bank.till, "cancel", settled.receipt, settled.proof)
    with refuses("NotTerminalNorBank", **values):
        bank.contract.send(bank.till, "refund", settled.receipt, settled.proof, 1)
    bank.check()
