"""What may be shown of a card number (PCI DSS v4.0, 3.4.1)."""

from __future__ import annotations

_SHORTEST_WITH_BOTH_ENDS = 13  # of fewer digits, six and four would leave too little to guess


def masked_pan(pan: str) -> str:
    """First six and last four digits, stars between; of fewer than 13 digits the last four."""
    head = 6 if len(pan) >= _SHORTEST_WITH_BOTH_ENDS else 0
    return pan[:head] + "*" * (len(pan) - head - 4) + pan[-4:]
