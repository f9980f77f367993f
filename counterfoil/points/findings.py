"""What comparing the books of one bank can find."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Literal

# Shows how far some work is: in words, with the steps to its end; what it gives is told each step.
Watch = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]

Kind = Literal["missing", "doubled", "differs", "unrecorded", "unfinalized", "unanswerable"]
Where = Literal["journal", "file", "chain"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found. ``where``: journal, file or chain, the one that lacks or differs.

    ``order_ref`` and ``order_id`` name an order; of a credit or a claw-back, the bank's own
    reference and what stands for it on chain.
    """

    kind: Kind
    where: Where
    order_ref: str
    order_id: str
    detail: str

    @property
    def amiss(self) -> bool:
        """Whether the books disagree. An order that the ledger can't answer is only told of."""
        return self.kind != "unanswerable"


@contextmanager
def unwatched(_words: str, _steps: int) -> Iterator[Callable[[int], None]]:
    """Nobody looks on."""
    yield lambda _: None


def hex_of(value: bytes) -> str:
    """Bytes as files and journals write them."""
    return "0x" + bytes(value).hex()


def unlike(name: str, here: object, there: object, *, first: str = "in the journal") -> str:
    """That two sides differ in something, and how."""
    return f"{name}: {here} {first}, {there} on chain"
