"""A ledger ready to settle, and the few moves that tests of it share."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from hashlib import sha256

from counterfoil.chain import Chain, Contract
from counterfoil.keys import Signer
from counterfoil.model import Mined
from counterfoil.points.orders import Domain, OrderLine, PaymentOrder

LOT_DAYS = 183
DAY = 86_400
ETHER = 10**18
# points, minor units, minimum, increment, an order, an account's day, a terminal's day (minor
# units), sunset (seconds), refund and grace (days)
RULES = (100, 67, 500, 100, 200_00, 500_00, 20_000_00, 3600, 180, 30)
CAPS = [300, 4500, 0]
ITEMS = ["espresso", "hamper", "gift-card"]
ROLES = ("RULES_ROLE", "ISSUER_ROLE", "SETTLER_ROLE", "PAUSER_ROLE")


def account_of(name: str) -> bytes:
    """Some 32 bytes for a customer of a test."""
    return sha256(name.encode()).digest()


def signer_of(chain: Chain, name: str, *, ether: int = 10) -> Signer:
    """A funded key that is the same in every run, so that gas is too."""
    signer = Signer.from_hex(sha256(b"counterfoil test " + name.encode()).hexdigest())
    chain.fund(signer.address, ether * ETHER)
    return signer


@dataclass
class Bank:
    """One deployed ledger: ``operator`` holds every role but admin."""

    chain: Chain
    contract: Contract
    admin: Signer
    operator: Signer
    till: Signer
    sequences: dict[str, int] = field(default_factory=dict)

    @property
    def domain(self) -> Domain:
        return Domain(self.chain.chain_id, self.contract.address)

    def issue(self, name: str, points: int, *, batch: int, earned_on: int | None = None) -> Mined:
        """Credit one account."""
        day = self.today() if earned_on is None else earned_on
        credit = (account_of(name), points, day, sha256(f"{batch}/{name}".encode()).digest())
        return self.contract.send(self.operator, "issue", batch, [credit])

    def today(self) -> int:
        return self.chain.timestamp() // DAY

    def register(self, till: Signer, catalogue: int = 1) -> None:
        self.contract.send(self.operator, "registerTerminal", till.address, catalogue)

    def order(self, name: str, points: int = 500, *, till: Signer | None = None) -> PaymentOrder:
        """An order that the ledger pays: one hamper, at the terminal's next sequence."""
        terminal = (till or self.till).address
        sequence = self.sequences.get(terminal, 0)
        self.sequences[terminal] = sequence + 1
        cash = points * RULES[1] // RULES[0]
        return PaymentOrder(
            account=account_of(name),
            terminal=terminal,
            sequence=sequence,
            rules=1,
            points=points,
            deadline=self.chain.timestamp() + 600,
            lines=(OrderLine(item=2, quantity=1 + cash // 4500, price=4500, cash=cash),),
        )

    def signature(self, order: PaymentOrder, *, till: Signer | None = None) -> bytes:
        """EIP-2098: 64 bytes."""
        return compact((till or self.till).sign_digest(self.domain.digest(order.order_id())))

    def signed(self, order: PaymentOrder, *, till: Signer | None = None) -> tuple[object, bytes]:
        return (*order.as_tuple(), self.signature(order, till=till))

    def settle(self, *orders: PaymentOrder, till: Signer | None = None) -> Mined:
        return self.contract.send(
            self.operator, "settle", [self.signed(order, till=till) for order in orders]
        )


def compact(signature: bytes) -> bytes:
    """65 bytes (r, s, v) as 64 (EIP-2098)."""
    top = (signature[64] - 27) << 7
    return signature[:32] + bytes((signature[32] | top,)) + signature[33:64]


def open_bank(chain: Chain, *, rules: tuple[int, ...] = RULES) -> Bank:
    """Deploy a ledger with rules, a catalogue and a terminal."""
    admin = signer_of(chain, "admin")
    operator = signer_of(chain, "operator")
    till = signer_of(chain, "till")
    made = chain.deploy(
        admin, "PointsLedger", "harbour", b"CNY", LOT_DAYS, admin.address, 2 * DAY
    ).contract
    for role in ROLES:
        made.send(admin, "grantRole", made.call(role), operator.address)
    made.send(operator, "publishRules", rules)
    made.send(operator, "publishCatalogue", CAPS, ITEMS)
    bank = Bank(chain, made, admin, operator, till)
    bank.register(till)
    return bank


__all__ = ["Bank", "account_of", "compact", "open_bank", "replace", "signer_of"]
