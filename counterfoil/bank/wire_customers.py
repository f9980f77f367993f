"""What goes over the wire about what comes after an order, and for customers: refunds, statements,
consent, status pages, alarms."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from counterfoil.bank import examples_customers, examples_tills
from counterfoil.bank.wire import (
    Balance,
    Cash,
    CustomerId,
    Lot,
    OrderAnswer,
    OrderEvent,
    Ref,
    _Asked,
    _like,
    _Told,
)

ConfirmationState = Literal["waiting", "confirmed", "declined", "expired", "withdrawn"]


class RefundBody(_Asked):
    """``POST /v1/orders/{order_id}/refunds``. ``refund_id`` is the caller's idempotency key: the
    same again gives the first answer. ``kind`` ``cancel`` calls an order off that its terminal
    never finalized; ``refund`` gives ``cash`` back, or all that is left if it is null."""

    refund_id: Ref
    kind: Literal["refund", "cancel"] = "refund"
    cash: Cash | None = None
    wait_seconds: Annotated[float, Field(ge=0, le=30)] = 10.0


class RefundAnswer(_Told):
    """``status``: received (202: ask again), refunded, or refused with the ledger's ``reason``.
    ``left``: cash that can still be given back."""

    model_config = _like(examples_tills.REFUNDED)
    order_id: str
    refund_id: str
    kind: Literal["refund", "cancel"]
    status: Literal["received", "refunded", "refused"]
    reason: str | None
    detail: str
    cash: str | None
    points: int | None
    left: str | None
    currency: str
    transaction: str | None
    block: int | None
    replayed: bool


class Receipt(_Told):
    """The contract's ``Receipt`` and its Merkle proof: what `cancel` and `refund` on chain take."""

    model_config = _like(examples_tills.RECEIPT)
    order_id: str
    account: str
    terminal: str
    sequence: int
    rules: int
    points: int
    cash: int
    drawn: str
    first_period: int
    proof: list[str]
    lots: list[Lot]


class CustomerBody(_Asked):
    """``POST /v1/customers``."""

    customer_id: CustomerId


class Customer(_Told):
    """``confirm_above``: null if the customer is never asked."""

    model_config = _like(examples_customers.CUSTOMER)
    account: str
    confirm_above: str | None
    currency: str


class ConsentBody(_Asked):
    """``PUT /v1/customers/{id}/consent``: an amount, ``always``, or null for the bank's own
    setting. A customer can be asked more often than the bank would, never less."""

    confirm_above: Cash | Literal["always"] | None


class Movement(_Told):
    """A row of ``counterfoil points statement``."""

    at: str
    movement: str
    points: int
    balance: int
    cash: str | None
    currency: str
    reference: str
    block: int | None
    transaction: str | None


class Statement(_Told):
    """Every movement of an account, oldest first."""

    model_config = _like(examples_customers.STATEMENT)
    account: str
    movements: list[Movement]


class CatalogueItem(_Told):
    """``cap``: most cash per unit that points may pay."""

    item: str
    number: int
    cap: str


class Catalogue(_Told):
    """What a terminal sells that points may pay for."""

    model_config = _like(examples_customers.CATALOGUE)
    terminal: str
    terminal_address: str
    enabled: bool
    catalogue: str
    currency: str
    items: list[CatalogueItem]


class Line(_Told):
    """A line of an order, by the item's name."""

    item: str
    quantity: int
    unit_price: str
    cash: str


class Confirmation(_Told):
    """What a customer is asked. ``state``: waiting until ``expires_at``, then what came of it."""

    model_config = _like(examples_customers.CONFIRMATION)
    state: ConfirmationState
    bank: str
    terminal: str
    order_id: str
    order_ref: str
    points: int
    cash: str
    currency: str
    lines: list[Line]
    asked_at: str
    expires_at: str


class Decision(_Asked):
    """``POST /v1/confirmations/{token}``."""

    decision: Literal["confirm", "decline"]


class ConfirmationLink(_Told):
    """For the bank's channel, which takes it to the customer whose account it is."""

    token: str
    link: str | None
    account: str
    order_id: str
    terminal: str
    cash: str
    currency: str
    expires_at: str


class ConfirmationLinks(_Told):
    """All that wait now, oldest first."""

    model_config = _like(examples_customers.CONFIRMATIONS)
    confirmations: list[ConfirmationLink]


class ChainPlace(_Told):
    """Where to check it without the bank."""

    chain_id: int
    ledger: str
    order_id: str
    account: str
    terminal: str


class Status(_Told):
    """One payment for its customer: the answer, every event so far, the balance now (null while the
    chain doesn't say). The link ends at ``expires_at``."""

    model_config = _like(examples_customers.STATUS)
    bank: str
    terminal: str
    order: OrderAnswer
    lines: list[Line]
    events: list[OrderEvent]
    drawn: list[Lot]
    balance: Balance | None
    confirmation: ConfirmationState | None
    chain: ChainPlace
    expires_at: str


class Alarm(_Told):
    """``kind``: accounts (a minute) or refusals (a minute); ``count`` is over ``limit``."""

    terminal: str
    kind: Literal["accounts", "refusals"]
    count: int
    limit: int
    at: str


class Alarms(_Told):
    """Newest first."""

    model_config = _like(examples_customers.ALARMS)
    alarms: list[Alarm]


class Listening(_Told):
    """The node runs."""

    model_config = _like(examples_customers.LISTENING)
    listening: bool


class Ready(_Told):
    """Which parts answer, and whether this node is the one that sends."""

    model_config = _like(examples_customers.READY)
    chain: bool
    database: bool
    sending: bool
