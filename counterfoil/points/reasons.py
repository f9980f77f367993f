"""Why an order isn't paid: the published codes, in the order in which they are checked."""

from __future__ import annotations

from enum import IntEnum


class Reason(IntEnum):
    """The contract's ``Reason``; :attr:`code` is what users see."""

    NONE = 0
    BAD_ROW = 1
    UNKNOWN_TERMINAL = 2
    BAD_SIGNATURE = 3
    REPLAYED = 4
    EXPIRED = 5
    RULES_VERSION = 6
    UNKNOWN_ITEM = 7
    ITEM_CAP = 8
    POINTS_MINIMUM = 9
    POINTS_INCREMENT = 10
    CASH_MISMATCH = 11
    ORDER_CAP = 12
    ACCOUNT_DAY_CAP = 13
    TERMINAL_DAY_CAP = 14
    FROZEN = 15
    INSUFFICIENT_POINTS = 16

    @property
    def code(self) -> str:
        """The stable code, such as ``item-cap``."""
        return self.name.lower().replace("_", "-")

    @property
    def sentence(self) -> str:
        """The reason in words."""
        return _SENTENCES[self]

    @classmethod
    def of(cls, code: str) -> Reason:
        """The reason with this code."""
        return cls[code.upper().replace("-", "_")]


_SENTENCES = {
    Reason.NONE: "Paid.",
    Reason.BAD_ROW: "The row can't be read as an order.",
    Reason.UNKNOWN_TERMINAL: "The bank knows no such terminal, or has disabled it.",
    Reason.BAD_SIGNATURE: "The terminal didn't sign this order for this ledger.",
    Reason.REPLAYED: "Another order has used this sequence of the terminal.",
    Reason.EXPIRED: "The order's deadline has passed.",
    Reason.RULES_VERSION: "The order names rules that aren't live.",
    Reason.UNKNOWN_ITEM: "An item isn't in the terminal's catalogue.",
    Reason.ITEM_CAP: "A line pays more with points than its item allows.",
    Reason.POINTS_MINIMUM: "Fewer points than the smallest order.",
    Reason.POINTS_INCREMENT: "The points aren't a multiple of the increment.",
    Reason.CASH_MISMATCH: "The lines don't add up to what the points are worth.",
    Reason.ORDER_CAP: "More cash than one order may pay with points.",
    Reason.ACCOUNT_DAY_CAP: "More cash than one account may pay with points in a day.",
    Reason.TERMINAL_DAY_CAP: "More cash than one terminal may take with points in a day.",
    Reason.FROZEN: "The account is frozen.",
    Reason.INSUFFICIENT_POINTS: "The account holds too few points.",
}
