"""What a transaction may cost (EIP-1559, https://eips.ethereum.org/EIPS/eip-1559) and how long it
may take."""

from __future__ import annotations

import os
from dataclasses import dataclass

from counterfoil.errors import BadInput, Unavailable

GWEI = 10**9


@dataclass(frozen=True, slots=True)
class Terms:
    """``tip`` and ``cap`` (the most that is ever paid, base fee included) in wei a gas; ``stuck``:
    seconds after which a transaction is replaced; ``confirmations``: blocks that must stand on top
    of its own before it counts (0 suits a chain that makes a block only when there is something to
    put in); ``patience``: seconds to wait for another sender with the same key.
    """

    tip: int = GWEI  # Ganache never mines at a zero price
    cap: int = 500 * GWEI
    stuck: float = 20.0
    confirmations: int = 0
    patience: float = 120.0

    @classmethod
    def configured(cls) -> Terms:
        """As the environment says: ``COUNTERFOIL_TIP_GWEI``, ``COUNTERFOIL_FEE_CAP_GWEI``,
        ``COUNTERFOIL_STUCK_SECONDS``, ``COUNTERFOIL_CONFIRMATIONS``,
        ``COUNTERFOIL_TURN_SECONDS``.

        Raises:
            BadInput: one of them isn't a number from 0 on.
        """
        usual = cls()
        return cls(
            tip=int(_number("COUNTERFOIL_TIP_GWEI", usual.tip / GWEI) * GWEI),
            cap=int(_number("COUNTERFOIL_FEE_CAP_GWEI", usual.cap / GWEI) * GWEI),
            stuck=_number("COUNTERFOIL_STUCK_SECONDS", usual.stuck),
            confirmations=int(_number("COUNTERFOIL_CONFIRMATIONS", usual.confirmations)),
            patience=_number("COUNTERFOIL_TURN_SECONDS", usual.patience),
        )


@dataclass(frozen=True, slots=True)
class Fee:
    """What a transaction offers: ``tip`` and ``price`` (tip and base fee at most), wei a gas."""

    tip: int
    price: int

    @classmethod
    def at(cls, base: int, terms: Terms) -> Fee:
        """Enough for this base fee and for its doubling."""
        return cls(min(terms.tip, terms.cap), min(2 * base + terms.tip, terms.cap))

    def raised(self, base: int, terms: Terms) -> Fee:
        """An eighth more, the least that nodes take for a replacement, or what it takes now.

        Raises:
            Unavailable: an eighth more is over the cap.
        """
        tip, price = _eighth_more(self.tip), _eighth_more(self.price)
        if price > terms.cap:
            raise Unavailable(
                f"A transaction isn't mined at {self.price / GWEI:g} gwei a gas, and the cap is"
                f" {terms.cap / GWEI:g}.",
                fix="Wait, or set COUNTERFOIL_FEE_CAP_GWEI higher, and run again.",
                code="fee-cap",
            )
        return Fee(tip, min(max(price, 2 * base + tip), terms.cap))


def _eighth_more(wei: int) -> int:
    return -(-wei * 9 // 8)  # rounded up


def _number(name: str, usual: float) -> float:
    try:
        value = float(os.environ.get(name) or usual)
    except ValueError:
        value = -1
    if not 0 <= value < float("inf"):
        raise BadInput("is not a number from 0 on", field=name, fix="Set it right, or not at all.")
    return value
