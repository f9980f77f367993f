"""What the tests of sending send, and a chain that mines only when it is told to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from counterfoil.chain import Chain
from counterfoil.dispatch import Dispatch, Errand
from counterfoil.fees import GWEI, Terms
from counterfoil.keys import Signer
from counterfoil.turns import NoTurns

TERMS = Terms(stuck=0.3, patience=20)
_ETHER = 10**18


@contextmanager
def standing_still(idle: Chain) -> Iterator[Chain]:
    """An idle chain with nothing waiting, afterwards as it was before."""
    snapshot = idle.request("evm_snapshot")
    idle.request("anvil_setNextBlockBaseFeePerGas", hex(GWEI))  # no snapshot keeps it
    yield idle
    idle.request("evm_setAutomine", False)
    idle.request("anvil_dropAllTransactions")
    idle.request("evm_revert", snapshot)


def rich_signer(chain: Chain) -> Signer:
    """A new key with a hundred ether."""
    made = Signer.generate()
    chain.request("anvil_setBalance", made.address, hex(100 * _ETHER))
    return made


def dispatch(chain: Chain, terms: Terms = TERMS) -> Dispatch:
    """A sender that has the chain for itself."""
    return Dispatch(chain.node, chain.chain_id, NoTurns(), terms)


def errand(signer: Signer, note: bytes = b"") -> Errand:
    """A transaction that does nothing but tell itself from others by ``note``."""
    return Errand(signer, signer.address, note, 50_000)
