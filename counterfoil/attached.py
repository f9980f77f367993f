"""An installation on a chain that somebody else runs, such as the one of a Brownie session."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from counterfoil import rollout
from counterfoil.artifacts import ROOT
from counterfoil.local import process, services
from counterfoil.local.stack import Stack, Wishes
from counterfoil.state import State

EXAMPLES = ROOT / "examples"
_FOLDER = ROOT / "build" / "brownie"

BANKS = ("harbour", "summit")


def example_plan() -> rollout.Plan:
    """What the sample files ask for."""
    return rollout.check(
        [EXAMPLES / bank / "rules.toml" for bank in BANKS], EXAMPLES / "terminals.toml"
    )


def folder() -> State:
    """The state folder of scripts: ``COUNTERFOIL_STATE``, else ``build/brownie``."""
    return State.at(os.environ.get("COUNTERFOIL_STATE") or _FOLDER)


@contextmanager
def attached(url: str, say: Callable[[str], None] = print) -> Iterator[State]:
    """Everything that the sample files ask for on the chain at ``url``, with IPFS nodes and
    verifiers.

    What is deployed there is used again; nodes that are started here end with the block.
    """
    state = folder()
    ours = services.read(state).chain == url
    with process.ends_like_interrupt(), Stack(state, say) as stack:
        stack.start(Wishes() if ours else Wishes(chain=url))
        with stack.verifiers():
            rollout.ensure(example_plan(), state, url, say)
        yield state
