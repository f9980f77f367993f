"""Everything that working on tickets takes, put together from one state folder."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from counterfoil.keys import Signer
from counterfoil.tickets.attestation import Verifier
from counterfoil.tickets.cases import Cases
from counterfoil.tickets.drafts import Drafts
from counterfoil.tickets.fingerprint import EpochKey
from counterfoil.tickets.journal import Journal
from counterfoil.tickets.mirror import PATIENCE, Mirror, MirroredStore, settle
from counterfoil.tickets.registry import Registry
from counterfoil.tickets.sla import ALLOWANCES, Allowances
from counterfoil.tickets.told import ToldRows
from counterfoil.tickets.vault import Vault


@dataclass(frozen=True, slots=True, repr=False)
class Desk:
    """The intake desk: registry, store, vault and journals, and who acts.

    ``journal_key`` keys the hashes by which the journal tells one query from another. ``intake``
    mints, ``staff`` handles what was minted.
    """

    registry: Registry
    store: MirroredStore
    vault: Vault
    journal: Journal
    told: ToldRows
    drafts: Drafts
    verifiers: tuple[Verifier, ...]
    intake: Signer
    staff: Signer
    epoch_key: EpochKey
    journal_key: bytes
    allowances: Allowances = field(default_factory=lambda: ALLOWANCES)

    @property
    def mirror(self) -> Mirror:
        """What the verifiers' nodes are still to keep or drop."""
        return self.store.mirror

    def share(self, patience: float | None = PATIENCE) -> None:
        """Have the verifiers' nodes hold what ours holds; see :func:`~.mirror.settle`."""
        settle(self.store, self.verifiers, patience)

    @property
    def cases(self) -> Cases:
        """The case files."""
        return Cases(self.registry, self.store, self.vault, self.epoch_key)

    def close(self) -> None:
        """Give back connections and threads."""
        self.store.close()
        self.vault.close()
        self.journal.close()
        self.told.close()
        self.drafts.close()
        self.mirror.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()
