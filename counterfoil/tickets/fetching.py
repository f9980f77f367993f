"""An attached file, out of its encrypted blocks again."""

from __future__ import annotations

from dataclasses import dataclass

from counterfoil.errors import Refused
from counterfoil.tickets import lifecycle
from counterfoil.tickets.casefile import Attachment
from counterfoil.tickets.desk import Desk
from counterfoil.tickets.showing import shown


@dataclass(frozen=True, slots=True, repr=False)
class Fetched:
    """A file and its entry in the case."""

    attachment: Attachment
    data: bytes


def fetch(desk: Desk, token_id: bytes, wanted: str) -> Fetched:
    """The file that is attached under this name or id; every byte of it is checked.

    Raises:
        Refused: there is none (``no-such-file``), several have the name (``ambiguous``), the case
            is erased (``erased``), or as ``lifecycle.read``.
        Tampered: the file or the case isn't what the chain says.
        Unavailable: chain or IPFS don't answer, or no node has a block.
    """
    case = lifecycle.read(desk, token_id).case
    if case is None:
        raise Refused("the case is erased", code="erased")
    pairs = zip(case.attachments, shown(case).attachments, strict=True)
    found = [one for one, masked in pairs if wanted in (one.name, one.id, masked.name)]
    if not found:
        raise Refused(
            "no file of that name is attached", fix="`ticket show` lists them.", code="no-such-file"
        )
    if len(found) > 1:
        raise Refused(
            f"{len(found)} files of that name are attached",
            fix="Give the id of one: `ticket show --json`.",
            code="ambiguous",
        )
    return Fetched(found[0], desk.cases.read_file(token_id, found[0]))
