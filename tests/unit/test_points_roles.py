"""Who may do what on the points ledger, and how its admin changes."""

from __future__ import annotations

from typing import Any

import pytest

from counterfoil.errors import Refused
from counterfoil.keys import Signer
from tests.support.points import DAY, RULES, account_of, signer_of
from tests.support.points_bank import CheckedBank
from tests.support.points_books import NOBODY
from tests.support.refusals import plain, refuses

CREDIT = (account_of("ann"), 1, 0, b"\1" * 32)
MOVES: list[tuple[str, str, tuple[Any, ...]]] = [
    ("RULES_ROLE", "publishRules", (RULES,)),
    ("RULES_ROLE", "publishCatalogue", ([1], ["tea"])),
    ("RULES_ROLE", "extendCatalogue", (1, [1], ["tea"])),
    ("RULES_ROLE", "registerTerminal", (NOBODY, 1)),
    ("RULES_ROLE", "assignCatalogue", (NOBODY, 1)),
    ("RULES_ROLE", "rotateTerminalKey", (NOBODY, NOBODY)),
    ("RULES_ROLE", "setTerminalEnabled", (NOBODY, True)),
    ("ISSUER_ROLE", "issue", (1, [CREDIT])),
    ("ISSUER_ROLE", "clawBack", (1, CREDIT, [], (bytes(32), 1, 0))),
    ("SETTLER_ROLE", "settle", ([],)),
    ("PAUSER_ROLE", "setFrozen", (account_of("ann"), True)),
    ("PAUSER_ROLE", "pause", ()),
    ("PAUSER_ROLE", "unpause", ()),
]
ROLES = sorted({role for role, _, _ in MOVES})
BY_NAME = pytest.mark.parametrize(
    ("role", "function", "arguments"), MOVES, ids=lambda v: str(v)[:20]
)


def holder(bank: CheckedBank, *roles: str) -> Signer:
    """Somebody with these roles alone."""
    signer = signer_of(bank.chain, "somebody")
    for role in roles:
        bank.contract.send(bank.admin, "grantRole", bank.contract.call(role), signer.address)
    return signer


@BY_NAME
def test_call_refusesIfCallerHasEveryOtherRole(
    bank: CheckedBank, role: str, function: str, arguments: tuple[Any, ...]
) -> None:
    caller = holder(bank, *(other for other in ROLES if other != role))

    needed = bank.contract.call(role)
    with refuses("AccessControlUnauthorizedAccount", account=caller.address, neededRole=needed):
        bank.contract.send(caller, function, *arguments)
    bank.check()


@BY_NAME
def test_call_passesTheDoorIfCallerHasTheRole(
    bank: CheckedBank, role: str, function: str, arguments: tuple[Any, ...]
) -> None:
    caller = holder(bank, role)

    try:
        bank.contract.send(caller, function, *arguments)
    except Refused as said:
        assert said.code != "AccessControlUnauthorizedAccount"


@BY_NAME
def test_call_refusesIfCallerIsOnlyAdmin(
    bank: CheckedBank, role: str, function: str, arguments: tuple[Any, ...]
) -> None:
    with refuses(
        "AccessControlUnauthorizedAccount",
        account=bank.admin.address,
        neededRole=bank.contract.call(role),
    ):
        bank.contract.send(bank.admin, function, *arguments)


def test_call_refusesIfRoleWasRevoked(bank: CheckedBank) -> None:
    role = bank.contract.call("SETTLER_ROLE")
    bank.contract.send(bank.admin, "revokeRole", role, bank.operator.address)

    with refuses(
        "AccessControlUnauthorizedAccount", account=bank.operator.address, neededRole=role
    ):
        bank.contract.send(bank.operator, "settle", [])


def test_grantRole_refusesIfCallerIsNotAdmin(bank: CheckedBank) -> None:
    admin_role = bank.contract.call("DEFAULT_ADMIN_ROLE")

    with refuses(
        "AccessControlUnauthorizedAccount", account=bank.operator.address, neededRole=admin_role
    ):
        bank.contract.send(bank.operator, "grantRole", b"\1" * 32, bank.operator.address)


def test_grantRole_refusesToMakeASecondAdmin(bank: CheckedBank) -> None:
    with refuses("AccessControlEnforcedDefaultAdminRules"):
        bank.contract.send(bank.admin, "grantRole", b"\0" * 32, bank.operator.address)


def test_pause_refusesIfPaused(bank: CheckedBank) -> None:
    bank.pause()

    with refuses("EnforcedPause"):
        bank.pause()


def test_unpause_refusesIfNotPaused(bank: CheckedBank) -> None:
    with refuses("ExpectedPause"):
        bank.pause(False)


def test_adminTransfer_takesTwoStepsAndTheDelay(bank: CheckedBank) -> None:
    heir = signer_of(bank.chain, "heir")
    bank.contract.send(bank.admin, "beginDefaultAdminTransfer", heir.address)
    due = bank.now + 2 * DAY

    bank.at(due)
    with refuses("AccessControlEnforcedDefaultAdminDelay", schedule=due):
        bank.contract.send(heir, "acceptDefaultAdminTransfer")
    bank.at(due + 1)
    with refuses("AccessControlInvalidDefaultAdmin", defaultAdmin=bank.admin.address):
        bank.contract.send(bank.admin, "acceptDefaultAdminTransfer")
    bank.contract.send(heir, "acceptDefaultAdminTransfer")

    assert plain(bank.contract.call("defaultAdmin")) == heir.address


@pytest.mark.parametrize("lot_days", [0, 3661, 2**256 - 1])
def test_deploy_refusesIfLotDaysAreOut(bank: CheckedBank, lot_days: int) -> None:
    with refuses("InvalidLotDays", lotDays=lot_days):
        bank.chain.deploy(bank.admin, "PointsLedger", "x", b"EUR", lot_days, bank.admin.address, 0)


@pytest.mark.parametrize("lot_days", [1, 3660])
def test_deploy_takesTheLimitsOfLotDays(bank: CheckedBank, lot_days: int) -> None:
    made = bank.chain.deploy(
        bank.admin, "PointsLedger", "summit", b"EUR", lot_days, bank.admin.address, 0
    ).contract

    assert made.call("lotDays") == lot_days
    assert (made.call("bank"), bytes(made.call("currency"))) == ("summit", b"EUR")


@pytest.mark.parametrize("known", ["01ffc9a7", "7965db0b", "31498786"])
def test_ledger_saysWhichInterfacesItHas(bank: CheckedBank, known: str) -> None:
    """ERC-165, access control, default admin rules."""
    assert bank.contract.call("supportsInterface", bytes.fromhex(known)) is True


@pytest.mark.parametrize("other", ["ffffffff", "80ac58cd"])
def test_ledger_claimsNoOtherInterface(bank: CheckedBank, other: str) -> None:
    assert bank.contract.call("supportsInterface", bytes.fromhex(other)) is False
