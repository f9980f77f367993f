"""What a bank does to its own ledger besides issuing and settling."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from counterfoil.errors import BadInput
from counterfoil.model import Mined
from counterfoil.points.desk import BankDesk
from counterfoil.points.roles import Role, admin_of, key_of, operator_of
from counterfoil.points.rules import BankRules
from counterfoil.points.shelves import fund

_ACCOUNTS_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Published:
    """A version of the rules; ``replayed``: it was live already."""

    version: int
    replayed: bool


def publish(desk: BankDesk, wanted: BankRules) -> Published:
    """Make these the live rules, if they aren't.

    Raises:
        BadInput: they are another bank's, or change what is fixed at deployment.
    """
    record = desk.ledger.record
    for field, found, fixed in (
        ("bank", wanted.bank, record.bank),
        ("currency", wanted.currency, record.currency),
        ("lot_days", wanted.lot_days, record.lot_days),
    ):
        if found != fixed:
            raise BadInput(f"is {found}, and the ledger's is {fixed} for good", field=field)
    current = desk.ledger.current_rules()
    if desk.ledger.rules(current) == wanted.rules:
        return Published(current, replayed=True)
    desk.ledger.contract.send(desk.signer("rules"), "publishRules", wanted.rules.as_tuple())
    return Published(current + 1, replayed=False)


def sweep(desk: BankDesk, customer_ids: Sequence[str]) -> Iterator[int]:
    """Let lapse what is due in these customers' accounts; the points that lapsed in each. Of a
    customer who is named twice they are the first one's."""
    accounts = [desk.account(customer_id) for customer_id in customer_ids]
    for start in range(0, len(accounts), _ACCOUNTS_AT_ONCE):
        some = accounts[start : start + _ACCOUNTS_AT_ONCE]
        mined: Mined = desk.ledger.contract.send(desk.signer("settler"), "sweep", some)
        lapsed = Counter[bytes]()
        for event in mined.of("PointsLapsed"):
            lapsed[bytes(event.arguments["account"])] += event.arguments["points"]
        yield from (lapsed.pop(account, 0) for account in some)


def enable_terminal(desk: BankDesk, name: str, enabled: bool) -> bool:
    """Let a terminal place orders, or stop it; whether anything had to change."""
    address = terminal_address(desk, name)
    if bool(desk.ledger.contract.call("till", address).enabled) == enabled:
        return False
    desk.ledger.contract.send(desk.signer("rules"), "setTerminalEnabled", address, enabled)
    return True


def rotate_key(desk: BankDesk, name: str, key: str) -> bool:
    """Let another key sign for a terminal; whether anything had to change."""
    address = terminal_address(desk, name)
    if str(desk.ledger.contract.call("till", address).key) == key:
        return False
    desk.ledger.contract.send(desk.signer("rules"), "rotateTerminalKey", address, key)
    return True


def separate(desk: BankDesk, role: Role) -> tuple[str, bool]:
    """Give a role a key of its own and take it from the operator's; the key's address, and whether
    anything had to change. What is cut off in the middle is done by doing it again."""
    state, bank, roles = desk.state, desk.bank, desk.ledger.roles()
    admin, own = admin_of(state, bank), key_of(bank, role)
    # Until it has the role it goes by another name, so that nobody signs with it in vain.
    name = own if state.has_key(own) else f"{own}.new"
    address = state.signer(name).address
    fund(desk.ledger.chain, address)
    granted = roles.grant(admin, role, address)
    if name != own:
        state.rename_secret(name, own)
    revoked = roles.revoke(admin, role, operator_of(state, bank).address)
    return address, granted or revoked


def pause(desk: BankDesk, paused: bool) -> bool:
    """Stop settling, or let it go on; whether anything had to change. Refunds always work."""
    if bool(desk.ledger.contract.call("paused")) == paused:
        return False
    desk.ledger.contract.send(desk.signer("pauser"), "pause" if paused else "unpause")
    return True


def terminal_address(desk: BankDesk, name: str) -> str:
    """The address under which a terminal is registered.

    Raises:
        BadInput: the bank has no terminal of this name.
    """
    terminals = desk.ledger.record.terminals
    if name not in terminals:
        raise BadInput(
            f"no terminal {name!r}", field="TERMINAL", fix=f"Known: {', '.join(terminals)}."
        )
    return terminals[name].address
