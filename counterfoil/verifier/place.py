"""The verifier that a state folder keeps the keys of, wherever chain and IPFS node are now."""

from __future__ import annotations

import threading
from functools import cache

from counterfoil import deployment
from counterfoil.chain import Chain
from counterfoil.errors import BadInput, Unavailable
from counterfoil.ipfs.address import store_at
from counterfoil.local import services
from counterfoil.state import State
from counterfoil.tickets.fingerprint import EpochKey
from counterfoil.tickets.registry import Registry
from counterfoil.verifier.verify import VerifierNode

_FETCH = 10.0  # seconds for a block to come from another node


class Standing:
    """Finds the node of verifier ``name``, anew whenever its registry or its store has moved.

    Args:
        state: holds its keys, ``deployment.json``, and the record of services.
        name: of its keys: ``NAME`` signs, ``NAME-box`` is what case keys are encrypted to.
        ipfs: address of its IPFS node; without one, the record of services says.

    Raises:
        BadInput: the folder has no such key.
    """

    def __init__(self, state: State, name: str, ipfs: str = "") -> None:
        if not state.has_key(name):
            raise BadInput("no such key in the state folder", field=name, fix="Name one in keys/.")
        self._state = state
        self._name = name
        self._ipfs = ipfs
        self._lock = threading.Lock()
        self._seen: tuple[str, str, str] | None = None
        self._node: VerifierNode | None = None

    def __call__(self) -> VerifierNode:
        """The node as it stands.

        Raises:
            Unavailable: nothing is deployed yet, or the chain doesn't answer.
        """
        record = deployment.load(self._state)
        ipfs = self._ipfs or services.read(self._state).node_of(self._name)
        if not ipfs:
            raise Unavailable(f"{self._name} has no IPFS node.", fix="Start it: `counterfoil up`.")
        now = (record.chain_url, record.tickets, ipfs)
        with self._lock:
            if self._node is None or self._seen != now:
                chain = Chain.connect(record.chain_url)
                registry = Registry(
                    chain.contract("TicketRegistry", record.tickets), record.tickets_block
                )
                self._node, self._seen = self._made(registry, ipfs), now
            return self._node

    def _made(self, registry: Registry, ipfs: str) -> VerifierNode:
        return VerifierNode(
            name=self._name,
            signer=self._state.signer(self._name),
            private_key=self._state.secret(f"{self._name}-box"),
            store=store_at(ipfs, timeout=_FETCH),
            registry=registry,
            epoch_key=given_keys(self._state),
        )


def given_keys(state: State) -> EpochKey:
    """The fingerprint keys that a state folder has been given. A verifier makes none: its own
    would be another than the desk's, and every true case a false one."""

    @cache
    def key(year: int) -> bytes:
        name = f"fingerprint-{year:04}"
        if not state.has_key(name):
            raise Unavailable(f"no fingerprint key of {year} here", code="no-epoch-key")
        return state.secret(name)

    return key
