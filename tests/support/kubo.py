"""A private Kubo for tests: no peers, a free port, its own repository, nothing left behind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from counterfoil.local import parts, ports
from counterfoil.local.kubo import recipe
from counterfoil.local.launch import serving


@contextmanager
def kubo(repository: Path) -> Iterator[str]:
    """The RPC multiaddress of a node that keeps its blocks in ``repository``."""
    program = parts.kubo()
    assert program, "no Kubo: `make setup` finds or builds one"
    made = recipe(program, repository, ports.free(), repository.with_suffix(".log"))
    with serving(made):
        yield made.address
