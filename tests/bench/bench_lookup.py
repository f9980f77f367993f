"""How long it takes to find a query's ticket among a million, beside a thousand.

Two desks with an Anvil, a database and a folder of blocks each. A hundred tickets of either are
real; the rest are put into storage and database directly (``ticket_filler.py``), so that the index
and the state that are searched have their size. Look-ups at the two desks alternate, and the
figures are medians.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from counterfoil.ipfs.embedded import EmbeddedStore
from counterfoil.state import State
from counterfoil.ticket_desk import assemble, epoch_keys
from counterfoil.tickets import lifecycle
from counterfoil.tickets.desk import Desk
from counterfoil.tickets.intake import open_queries
from counterfoil.tickets.opening import VERIFIERS
from counterfoil.tickets.queries import QueryFile
from counterfoil.verifier.verify import VerifierNode
from tests.bench.figure import Figure
from tests.support.anvil import anvil
from tests.support.cases import NOW
from tests.support.generated import generate, write
from tests.support.ticket_desk import deployed
from tests.support.ticket_filler import fill

FEW, MANY = 1_000, 1_000_000
REAL = 100
LOOKS = 1_000  # at each desk

Look = Callable[[Desk, bytes], object]
_LOOKS: dict[str, Look] = {
    "tickets_lookup": lifecycle.read,
    "tickets_lookup_chain": lambda desk, one: desk.registry.ticket(one),
    "tickets_lookup_index": lambda desk, one: (desk.vault.key_of(one), desk.journal.asked(one)),
}


def measure() -> Iterator[Figure]:
    """What ``ticket find`` does with an id, as a whole and by its parts."""
    with _desk(FEW) as (few, its), _desk(MANY) as (many, theirs):
        for name, look in _LOOKS.items():
            taken: tuple[list[float], list[float]] = ([], [])
            for _ in range(LOOKS):
                for times, desk, ids in zip(taken, (few, many), (its, theirs), strict=True):
                    began = time.perf_counter()
                    look(desk, random.choice(ids))
                    times.append(1000 * (time.perf_counter() - began))
            least, most = map(statistics.median, taken)
            against = f"{FEW:,} tickets"
            yield Figure(name, most, "ms", least, against, bar=1.1, lower_is_better=True)


@contextmanager
def _desk(size: int) -> Iterator[tuple[Desk, list[bytes]]]:
    """A desk with so many tickets, and the ids of the real ones."""
    with TemporaryDirectory() as name, anvil("--no-request-size-limit") as chain:
        folder = Path(name)
        state = State(folder / "state")
        registry, store, keys = deployed(chain, state), EmbeddedStore(folder), epoch_keys(state)
        verifiers = [
            VerifierNode(one, state.signer(one), state.secret(f"{one}-box"), store, registry, keys)
            for one in VERIFIERS
        ]
        with assemble(state, registry, store, verifiers) as desk:
            file = write(folder / "real.jsonl", generate(REAL, size, duplicates=False))
            opened = list(open_queries(desk, QueryFile(file, now=NOW), now=NOW))
            ids = [one.token_id for one in opened if one.token_id]
            fill(desk, ids[0], size - REAL)
            yield desk, ids
