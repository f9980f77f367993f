"""Who may do what on a contract, besides its admin: OpenZeppelin's AccessControl.

``role`` is the word before ``_ROLE`` in the contract, in lower case.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from eth_utils.crypto import keccak

from counterfoil.chain import Contract
from counterfoil.keys import Signer


@dataclass(frozen=True, slots=True)
class Roles:
    """The roles of the contract behind ``contract``, which stands since block ``first``.

    Every method raises ``Unavailable`` when no node answers and ``Refused`` with the Solidity
    error's name when the contract says no.
    """

    contract: Contract
    first: int

    def holders(self, role: str) -> Iterator[str]:
        """The checksummed addresses that have a role now, in the order in which they got it."""
        granted = self.contract.events("RoleGranted", first=self.first, role=_id(role))
        for account in dict.fromkeys(str(event.arguments["account"]) for event in granted):
            if self.holds(role, account):
                yield account

    def holds(self, role: str, account: str) -> bool:
        """Whether an account has a role now."""
        return bool(self.contract.call("hasRole", _id(role), account))

    def was_revoked(self, role: str, account: str) -> bool:
        """Whether the role was ever taken from the account."""
        found = self.contract.events(
            "RoleRevoked", first=self.first, role=_id(role), account=account
        )
        return bool(found)

    def grant(self, admin: Signer, role: str, account: str) -> bool:
        """Give an account a role; whether it hadn't it before."""
        return self._set(admin, "grantRole", role, account, to=True)

    def revoke(self, admin: Signer, role: str, account: str) -> bool:
        """Take a role from an account, from the next block on; whether it had it."""
        return self._set(admin, "revokeRole", role, account, to=False)

    def _set(self, admin: Signer, function: str, role: str, account: str, *, to: bool) -> bool:
        if self.holds(role, account) == to:
            return False
        self.contract.send(admin, function, _id(role), account)
        return True


def _id(role: str) -> bytes:
    return keccak(text=f"{role.upper()}_ROLE")
