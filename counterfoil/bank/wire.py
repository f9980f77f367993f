"""What goes over the wire between a bank's node and its terminals, channel and customers.

Cash is a decimal string in the ledger's currency, ids and hashes are 0x hex, times ISO 8601 in UTC
with a ``Z``; keys are those of the command line's JSON (docs: FORMATS). Errors are problem details
(RFC 9457): :class:`Problem`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from counterfoil.bank import examples_problems, examples_tills

MAX_ORDERS = 1000
MAX_LINES = 32
MAX_WAIT = 30.0

Cash = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,15}(\.[0-9]{1,4})?$")]
Bytes32 = Annotated[str, StringConstraints(pattern=r"^0x[0-9a-fA-F]{64}$")]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$")]
Ref = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,64}$")]
CustomerId = Annotated[str, StringConstraints(min_length=1, max_length=255)]
Token = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{32,64}$")]
OrderStatus = Literal["received", "waiting", "paid", "rejected", "invalid", "declined", "withdrawn"]
EventKind = Literal[
    "received",  # the bank has the order; no block
    "waiting",  # the customer is asked; no block
    "confirmed",  # ... and said yes; no block
    "declined",  # ... and said no, or nothing in time; the order's end; no block
    "withdrawn",  # the terminal called it off before its customer had answered: its end; no block
    "invalid",  # nobody answers for such an order; no block
    "recorded",  # record 1, the terminal's
    "settled",  # record 2, the bank's: status paid or rejected
    "finalized",  # record 3, the terminal's: completed
    "cancelled",  # record 3: called off; a refund of everything comes with it
    "refunded",
    "reverted",  # the chain took event `reverted` back; what follows is true
]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True)


def _like(example: dict[str, Any]) -> ConfigDict:
    return ConfigDict(frozen=True, json_schema_extra={"examples": [example]})


class Problem(_Told):
    """An error, ``application/problem+json``. ``code`` is stable; ``fix`` says what to do."""

    model_config = _like(examples_problems.PROBLEMS["too-many"])
    type: str
    title: str
    status: int
    detail: str
    code: str
    field: str | None = None
    fix: str | None = None
    request_id: str


class BasketLine(_Asked):
    """So many pieces of an item at what the shop charges for one."""

    item: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    quantity: Annotated[int, Field(ge=1, lt=2**16, strict=True)]
    unit_price: Cash


class QuoteBody(_Asked):
    """``POST /v1/quotes``. Without a basket any order of the customer may answer the quote."""

    customer_id: CustomerId
    terminal: Name
    basket: Annotated[list[BasketLine], Field(min_length=1, max_length=MAX_LINES)] | None = None


class Lot(_Told):
    """Points, and the first day on which they are gone."""

    points: int
    expires_on: str


class Balance(_Told):
    """What an account holds now."""

    model_config = _like(examples_tills.BALANCE)
    account: str
    points: int
    worth: str
    currency: str
    lots: list[Lot]
    frozen: bool


class Rules(_Told):
    """A version of the rules, keys as in rules.toml. ``live_until`` null: current."""

    model_config = _like(examples_tills.RULES)
    version: int
    live: bool
    live_until: str | None
    currency: str
    points: int
    minor_units: int
    minimum_points: int
    increment: int
    max_order: str
    max_account_day: str
    max_terminal_day: str
    sunset_seconds: int
    refund_days: int
    restored: str


class Offer(_Told):
    """What points can pay for one piece of an item, or why nothing. ``number``: the item's in an
    order's lines; ``cap``: most cash per unit."""

    item: str
    number: int
    cap: str
    redeemable: bool
    points: int
    cash: str
    reason: str | None
    detail: str | None


class BasketOffer(_Told):
    """The most that points can pay of a basket: an order may take fewer, from ``minimum_points``
    up in steps of the increment. ``payable``: cash that points may pay of each line, by its item's
    cap. ``limit``: the code of what allows no more (``item-cap``: the items)."""

    redeemable: bool
    minimum_points: int
    points: int
    cash: str
    reason: str | None
    detail: str | None
    payable: list[str]
    limit: str | None = None


class Quote(_Told):
    """The answer: good for one order of this terminal, account and basket until ``expires_at``.
    ``confirm_above``: an order of more cash waits for the customer; null: none does."""

    model_config = _like(examples_tills.QUOTED)
    quote_id: str
    expires_at: str
    bank: str
    chain_id: int
    ledger: str
    terminal: str
    terminal_address: str
    account: str
    currency: str
    balance: Balance
    rules: Rules
    items: list[Offer]
    basket: BasketOffer | None
    confirm_above: str | None


class PostedOrder(_Asked):
    """A signed order as ``counterfoil terminal sign`` prints it, and the quote it answers.
    ``message`` is the EIP-712 message; its ``types`` and ``domain`` may be left out."""

    order_ref: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    message: dict[str, Any]
    signature: Annotated[str, StringConstraints(pattern=r"^0x([0-9a-fA-F]{2}){1,4096}$")]
    quote_id: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    order_id: Bytes32 | None = None


class OrdersBody(_Asked):
    """``POST /v1/orders``. Answered once all are final, or with 202 after ``wait_seconds``."""

    orders: Annotated[list[PostedOrder], Field(min_length=1, max_length=MAX_ORDERS)]
    wait_seconds: Annotated[float, Field(ge=0, le=MAX_WAIT)] = 10.0


class OrderAnswer(_Told):
    """A row of ``redeem``, and where to look. Final: paid, rejected, invalid, declined,
    withdrawn.

    ``status_token`` opens the customer's page of this order (null if there is none: invalid);
    ``confirm_until`` is set while the customer is asked. ``finalized``: null, completed or
    cancelled; ``refunded`` so far.
    """

    model_config = _like(examples_tills.ANSWER)
    order_ref: str
    order_id: str | None
    status: OrderStatus
    reason: str | None
    detail: str
    points: int | None
    cash: str | None
    currency: str
    rules_version: int | None
    transaction: str | None
    block: int | None
    replayed: bool
    final: bool
    events: str | None = None
    status_token: str | None = None
    status_url: str | None = None
    confirm_until: str | None = None
    recorded: bool = False
    finalized: Literal["completed", "cancelled"] | None = None
    refunded: str = "0"


class OrdersAnswer(_Told):
    """One row for each order, in their order."""

    model_config = _like(examples_tills.ANSWERS)
    orders: list[OrderAnswer]


class OrderEvent(_Told):
    """``data`` of a server-sent event; its ``event`` is ``kind``, its ``id`` is ``number``."""

    model_config = _like(examples_tills.EVENT)
    number: int
    order_id: str
    kind: EventKind
    at: str
    status: str | None = None
    reason: str | None = None
    detail: str | None = None
    points: int | None = None
    cash: str | None = None
    lots: list[Lot] | None = None
    reverted: int | None = None
    block: int | None = None
    transaction: str | None = None
