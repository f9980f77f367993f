"""What is said of a fault that nobody foresaw: its own words may repeat what a customer sent."""

from __future__ import annotations

import traceback


def kind_and_place(fault: BaseException) -> str:
    """Which kind of error it is and where it was raised, in a few words."""
    place = traceback.extract_tb(fault.__traceback__)[-1]
    return f"{type(fault).__name__} at {place.filename.rpartition('/')[2]}:{place.lineno}"
