"""From a recipe to a server that answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
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
    nice: int = 0  # how far it lets others go first
    deadline: float = 30.0  # seconds


def launch(recipe: Recipe, keep: Callable[[Running], None]) -> Running:
    """:func:`launch_all` of one server."""
    return launch_all([recipe], lambda _, running: keep(running))[0]


def launch_all(recipes: Sequence[Recipe], keep: Callable[[Recipe, Running], None]) -> list[Running]:
    """Start servers side by side and wait until all of them answer.

    Args:
        keep: gets each process the moment it exists, before anything can interrupt, so that
            whoever launches can always end it.

    Raises:
        Unavailable: one of them ended at once, or doesn't answer in time. All may still run.
    """
    started = begin(recipes, keep)
    for recipe, running in zip(recipes, started, strict=True):
        await_one(recipe, running)
    return started


def begin(recipes: Sequence[Recipe], keep: Callable[[Recipe, Running], None]) -> list[Running]:
    """Start servers without waiting for them; ``keep`` as in :func:`launch_all`."""
    started: list[Running] = []
    for recipe in recipes:
        with process.uninterrupted():
            running = process.spawn(
                recipe.command,
                log=recipe.log,
                environment=recipe.environment,
                chatty=recipe.chatty,
                nice=recipe.nice,
            )
            keep(recipe, running)
        started.append(running)
    return started


def await_one(recipe: Recipe, running: Running) -> None:
    """Wait until a server that was begun answers; errors as :func:`launch_all`."""
    # Some other server may answer on the port that ours failed to get.
    process.wait_until(
        lambda: process.listens(running, recipe.port) and recipe.answers(),
        running,
        name=recipe.name,
        log=recipe.log,
        deadline=recipe.deadline,
    )


@contextmanager
def serving(recipe: Recipe) -> Iterator[Running]:
    """A server for the length of a block."""
    started: list[Running] = []
    try:
        yield launch(recipe, started.append)
    finally:
        process.stop(*started)
