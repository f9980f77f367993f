"""The key that makes a bank's links: all its nodes have the same one, or some hand out dead links.

It is made in the state folder at its first use; the database keeps a digest of it. It is 32 random
bytes, so that a plain hash keeps it.
"""

from __future__ import annotations

import hashlib

from sqlalchemy import Engine, select

from counterfoil.bank.tables import LINKS_KEYS
from counterfoil.database import insert_new, transaction
from counterfoil.errors import BadInput
from counterfoil.state import State


def links_key(engine: Engine, ledger: str, state: State, bank: str) -> bytes:
    """The key, which the ledger's other nodes have too.

    Raises:
        BadInput: they have another one.
    """
    name = f"{bank}-links"
    key = state.secret(name)
    digest = hashlib.sha256(key).hexdigest()
    asked = select(LINKS_KEYS.c.digest).where(LINKS_KEYS.c.ledger == ledger)
    with transaction(engine) as link:
        insert_new(link, LINKS_KEYS, [{"ledger": ledger, "digest": digest}])
        known = link.execute(asked).scalar_one()
    if known != digest:
        raise BadInput(
            f"keys/{name} in {state.root} isn't the key with which this bank's links are made",
            fix="Copy keys/ from the state folder of the bank's first node, all of it.",
            code="other-links-key",
        )
    return key
