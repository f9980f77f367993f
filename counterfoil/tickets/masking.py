"""What may be shown of a card number (PCI DSS v4.0, 3.4.1)."""

from __future__ import annotations

import re
import unicodedata

_BETWEEN = r"[\W_]{0,3}"
_SHORTEST_WITH_BOTH_ENDS = 13  # of fewer digits, six and four would leave too little to guess


def masked_pan(pan: str) -> str:
    """First six and last four digits, stars between; of fewer than 13 digits the last four."""
    head = 6 if len(pan) >= _SHORTEST_WITH_BOTH_ENDS else 0
    return pan[:head] + "*" * (len(pan) - head - 4) + pan[-4:]


def without_pan(text: str, pan: str) -> str:
    """``text`` with each mention of this card number masked, in whatever groups and digits it is
    written."""
    digits = "".join(str(unicodedata.decimal(letter, letter)) for letter in text)
    shown, end = "", 0
    for mention in re.finditer(_BETWEEN.join(map(re.escape, pan)), digits):
        shown += text[end : mention.start()] + masked_pan(pan)
        end = mention.end()
    return shown + text[end:]
