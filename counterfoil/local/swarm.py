"""The private swarm of a state folder: the intake desk's Kubo and one for each verifier.

Every node knows every other by id and port and holds the same key, so that a block that one has
lost comes from any of the rest, and nobody else is ever talked to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from counterfoil.errors import Unavailable
from counterfoil.local import kubo, ports, probe
from counterfoil.local.kubo import Swarm
from counterfoil.local.launch import Recipe
from counterfoil.local.parts import Kubo
from counterfoil.local.ports import HOST

_CONNECT = 3  # attempts: two nodes that call each other at once may both hang up


@dataclass(frozen=True, slots=True)
class Member:
    """A node to be: its role in the record, its place on disk, its RPC port, its log."""

    role: str
    name: str
    repository: Path
    port: int
    log: Path
    runs: bool
    """It is up already, and keeps its settings."""


def recipes(program: Kubo, key: bytes, members: Sequence[Member]) -> dict[str, Recipe]:
    """How to start the members that don't run yet, by role.

    Raises:
        Unavailable: a repository can't be made or read.
    """
    with ThreadPoolExecutor(len(members)) as pool:
        list(pool.map(lambda one: kubo.make(program, one.repository), members))
    places = {one.role: (kubo.peer_id(one.repository), _port(one)) for one in members}
    made: dict[str, Recipe] = {}
    for one in members:
        if one.runs:
            continue
        others = tuple(place for role, place in places.items() if role != one.role)
        swarm = Swarm(key, places[one.role][1], others)
        made[one.role] = kubo.recipe(
            program, one.repository, one.port, one.log, name=one.name, swarm=swarm
        )
    return made


def connect(members: Sequence[Member], apis: Mapping[str, str]) -> None:
    """Have every member connected to every other, without waiting for them to find out.

    Args:
        members: nodes that answer.
        apis: their RPC multiaddresses by role.

    Raises:
        Unavailable: two of them can't be connected.
    """
    addresses = [
        f"/ip4/{HOST}/tcp/{kubo.swarm_port(one.repository)}/p2p/{kubo.peer_id(one.repository)}"
        for one in members
    ]
    for place, one in enumerate(members[1:], 1):
        for _ in range(_CONNECT):
            said = probe.join(apis[one.role], addresses[:place])
            if not said:
                break
        else:
            raise Unavailable(f"{one.name} can't join its swarm: {said}", fix=f"Its log: {one.log}")


def _port(member: Member) -> int:
    former = kubo.swarm_port(member.repository)
    return former if former and (member.runs or ports.is_free(former)) else ports.free()
