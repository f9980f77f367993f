"""From a recipe to a server that answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from counterfoil.local import process
from counterfoil.local.process import Running
from counterfoil.local.services import Kind


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one server is started, and how one knows that it works."""

    name: str  # for people
    kind: Kind  # for the record
    address: str  # what clients are given
    port: int
    command: tuple[str, ...]
    log: Path
    answers: Callable[[], bool]
    environment: Mapping[str, str] = field(default_factory=dict)
    chatty: bool = False  # its stdout is not worth keeping
    deadline: float = 30.0  # seconds


def launch(recipe: Recipe, keep: Callable[[Running], None]) -> Running:
    """Start a server and wait until it answers.

    Args:
        keep: gets the process the moment it exists, before anything can interrupt, so that
            whoever launches can always end it.

    Raises:
        Unavailable: it ended at once, or doesn't answer in time. It may still run.
    """
    with process.uninterrupted():
        running = process.spawn(
            recipe.command,
            log=recipe.log,
            environment=recipe.environment,
            chatty=recipe.chatty,
        )
        keep(running)
    # Some other server may answer on the port that ours failed to get.
    process.wait_until(
        lambda: process.listens(running, recipe.port) and recipe.answers(),
        running,
        name=recipe.name,
        log=recipe.log,
        deadline=recipe.deadline,
    )
    return running


@contextmanager
def serving(recipe: Recipe) -> Iterator[Running]:
    """A server for the length of a block."""
    started: list[Running] = []
    try:
        yield launch(recipe, started.append)
    finally:
        process.stop(*started)
