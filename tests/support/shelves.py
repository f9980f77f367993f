"""A swarm of folders: blocks of a desk and its verifiers, without a Kubo."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from counterfoil.ipfs.embedded import EmbeddedStore
from counterfoil.ipfs.store import BlockStore
from counterfoil.tickets.desk import Desk
from counterfoil.verifier.verify import VerifierNode


@dataclass(frozen=True, slots=True)
class Shelf(EmbeddedStore):
    """A folder of one's own in a swarm of folders: what is missing comes from the others."""

    others: tuple[Path, ...] = ()

    def mend(self, digest: bytes) -> None:
        for other in self.others:
            shelf = EmbeddedStore(other)
            if shelf.look(digest) in ("kept", "unpinned"):
                self.delete(digest)
                self.put(shelf.get(digest))
                return
        EmbeddedStore.mend(self, digest)

    def pin(self, digest: bytes) -> None:
        self.mend(digest) if not self.has(digest) else EmbeddedStore.pin(self, digest)

    def get(self, digest: bytes) -> bytes:
        if not self.has(digest):
            self.mend(digest)
        return EmbeddedStore.get(self, digest)


@dataclass(frozen=True)
class Swarm:
    """A desk and three verifiers, each with a shelf of its own."""

    desk: Desk
    shelves: dict[str, BlockStore]

    def file(self, node: str, digest: bytes) -> Path:
        """The file in which a node has a block."""
        shelf = self.shelves[node]
        assert isinstance(shelf, EmbeddedStore)
        return shelf._block(digest)


def swarm_of(desk: Desk, tmp_path: Path) -> Swarm:
    """The swarm of a desk, on folders of its own."""
    folders = {"desk": tmp_path / "blocks"}
    folders |= {one.name: tmp_path / one.name for one in desk.verifiers}
    shelves: dict[str, BlockStore] = {
        name: Shelf(folder, tuple(set(folders.values()) - {folder}))
        for name, folder in folders.items()
    }
    verifiers = []
    for node in desk.verifiers:
        assert isinstance(node, VerifierNode)
        verifiers.append(replace(node, store=shelves[node.name]))
    store = replace(desk.store, own=shelves["desk"])
    return Swarm(replace(desk, store=store, verifiers=tuple(verifiers)), shelves)
