"""Everything that working on tickets takes, put together from one state folder."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType
from typing import Self

from counterfoil.ipfs.store import BlockStore
from counterfoil.keys import Signer
from counterfoil.tickets.attestation import Verifier
from counterfoil.tickets.cases import Cases
from counterfoil.tickets.fingerprint import EpochKey
from counterfoil.tickets.journal import Journal
from counterfoil.tickets.registry import Registry
from counterfoil.tickets.vault import Vault


@dataclass(frozen=True, slots=True, repr=False)
class Desk:
    """The intake desk: registry, store, vault and journal, and who acts.

    ``journal_key`` keys the hashes by which the journal tells one query from another. ``intake``
    mints, ``staff`` handles what was minted.
    """

    registry: Registry
    store: BlockStore
    vault: Vault
    journal: Journal
    verifiers: tuple[Verifier, ...]
    intake: Signer
    staff: Signer
    epoch_key: EpochKey
    journal_key: bytes

    @property
    def cases(self) -> Cases:
        """The case files."""
        return Cases(self.registry, self.store, self.vault, self.epoch_key)

    def close(self) -> None:
        """Give back connections and threads."""
        self.store.close()
        self.vault.close()
        self.journal.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()
