"""Everything that a state folder needs to run: a chain, IPFS nodes, verifiers.

::

    with Stack(state) as stack:
        services = stack.start(Wishes())
        with stack.verifiers():
            ...                 # put the contracts there while the verifiers come up
        ...                     # whatever happens here, what was started is ended
        stack.leave_running()   # unless this was said

What runs already and answers is used as it is; what has died starts again on the same data, at
the same port where that is still free.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from counterfoil.artifacts import ROOT
from counterfoil.errors import Unavailable
from counterfoil.local import launch, process, services, swarm
from counterfoil.local.casting import Casting, Due, Wishes
from counterfoil.local.launch import Recipe
from counterfoil.local.process import Running
from counterfoil.local.services import CHAIN, IPFS, Service, Services, log_of, title
from counterfoil.state import State
from counterfoil.tickets.opening import VERIFIERS

__all__ = ["Stack", "Wishes", "stop"]

Say = Callable[[str], None]


class Stack:
    """The parts of one state folder; those that this run starts end with the block."""

    def __init__(
        self,
        state: State,
        say: Say = lambda _: None,
        root: Path = ROOT,
        names: Sequence[str] = VERIFIERS,
    ) -> None:
        """
        Args:
            say: gets a line for a person at each step.
            root: the project folder, whose parts ``make setup`` installed.
            names: the verifiers, each of which gets an IPFS node of its own.
        """
        self.state = state
        self.services = Services()
        self.started: list[Running] = []
        self._say = say
        self._root = root
        self._names = names
        self._lock = ExitStack()

    def __enter__(self) -> Self:
        self._lock.enter_context(services.alone(self.state))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with process.uninterrupted():
            try:
                services.end(self.state, tuple(self.started))
            finally:
                self._lock.close()

    def start(self, wishes: Wishes) -> Services:
        """Have a chain and IPFS nodes that answer.

        Raises:
            BadInput: what is asked for doesn't fit what the folder holds or runs.
            Unavailable: a part is missing or doesn't start, or a port is taken.
        """
        self.services = services.read(self.state)
        casting = self._casting()
        chain = casting.chain(wishes)
        nodes, members = casting.nodes(wishes, self._names)
        due = [*chain, *nodes]
        launch.launch_all([one.recipe for one in due], self._keeper(due))
        for one in due:
            self._told(one)
        if nodes:
            swarm.connect(members, {role: p.address for role, p in self.services.by_role.items()})
            if len(members) > 1:
                self._say(f"Swarm: {len(members)} Kubo nodes, the desk's and one for each verifier")
        return self.services

    @contextmanager
    def verifiers(self) -> Iterator[None]:
        """Begin the verifiers; when the block is done, wait until each of them answers.

        Raises:
            Unavailable: one doesn't start.
        """
        due = self._casting().verifiers(self._names)
        running = launch.begin([one.recipe for one in due], self._keeper(due))
        yield
        for one, its in zip(due, running, strict=True):
            launch.await_one(one.recipe, its)
        if due:
            self._say(f"Verifiers: {', '.join(one.role for one in due)}")

    def banks(self, names: Sequence[str]) -> Services:
        """Have a node of each of these banks, whose ledgers are deployed.

        Raises:
            Unavailable: one doesn't start.
        """
        due = self._casting().banks(names)
        launch.launch_all([one.recipe for one in due], self._keeper(due))
        return self.services

    def tills(self, names: Mapping[str, str], prices: Path | None) -> Services:
        """Have a till for each bank, whose node runs: by bank, the terminal's name. ``prices``:
        the file that says what the shops charge.

        Raises:
            Unavailable: one doesn't start.
        """
        due = self._casting().tills(names, prices)
        launch.launch_all([one.recipe for one in due], self._keeper(due))
        return self.services

    def release(self) -> None:
        """Let others work on the folder from here on, ``down`` among them."""
        self._lock.close()

    def leave_running(self) -> None:
        """Let what was started go on after the block."""
        self.started.clear()

    def watch(self) -> None:
        """Stay until a part that was started here has ended and the rest can't do without it: any
        but a verifier, its node, a bank's or a till, whose end is said and no more.

        Raises:
            Unavailable: it ended by itself and not at the hands of ``down``.
        """
        watched = list(self.started)
        while watched:
            ended = process.first_to_end(watched)
            watched.remove(ended)
            try:
                with services.alone(self.state):
                    recorded = services.read(self.state).by_role
            except Unavailable:
                return  # `down` is at work
            found = [role for role, part in recorded.items() if part.process == ended]
            if not found:
                return  # `down` has been here
            self._mourn(found[0], recorded[found[0]])

    def _mourn(self, role: str, part: Service) -> None:
        log = log_of(self.state, role, part.kind)
        said = f"{title(role, part.kind)} ended by itself{process.last_words(log)}."
        if role in (CHAIN, IPFS):
            raise Unavailable(said, fix=f"Its log: {log}")
        self._say(f"{said} The others go on; `counterfoil up` starts it again.")

    def _casting(self) -> Casting:
        return Casting(self.state, self.services, self._record, self._say, self._root)

    def _keeper(self, due: Sequence[Due]) -> Callable[[Recipe, Running], None]:
        roles = {one.recipe.address: one.role for one in due}

        def keep(recipe: Recipe, running: Running) -> None:
            self.started.append(running)
            role = roles[recipe.address]
            self._record(role, Service(recipe.kind, recipe.address, running))

        return keep

    def _told(self, one: Due) -> None:
        if one.role not in (CHAIN, IPFS):
            return
        address, former = one.recipe.address, one.former
        moved = f", which was {former.address}" if former and former.address != address else ""
        self._say(f"{one.recipe.name}: {address}{moved}")

    def _record(self, role: str, part: Service) -> None:
        self.services = self.services.with_part(role, part)
        services.write(self.state, self.services)


def stop(state: State) -> tuple[str, ...]:
    """End what was started for a folder and nothing else.

    Returns:
        What people call the parts that ran, and now don't.

    Raises:
        Unavailable: an ``up`` is at work on the folder.
    """
    if not state.services_file.exists():
        return ()
    with services.alone(state):
        known = services.read(state)
        ran = tuple(
            title(role, part.kind)
            for role, part in known.by_role.items()
            if part.process and part.runs
        )
        services.end(state, known.processes)
    return ran
