"""One ticket to work on, and the blocks that are kept for it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from counterfoil.ipfs.cid import digest_in
from counterfoil.keys import Signer
from counterfoil.tickets.desk import Desk
from counterfoil.tickets.intake import open_queries
from counterfoil.tickets.queries import read_queries
from tests.support.cases import NOW, queries_file, row

LATER = NOW + timedelta(minutes=5)


def one_ticket(desk: Desk, folder: Path) -> bytes:
    """The id of a ticket that was just opened, with a file attached."""
    (folder / "slip").write_bytes(b"a slip")
    one = row(attachments=[{"name": "slip", "path": "slip"}])
    queries = read_queries(queries_file(folder, one), now=NOW)
    (opened,) = open_queries(desk, queries, now=NOW)
    assert opened.token_id
    return opened.token_id


def digests_in(folder: Path) -> set[bytes]:
    """Of every block in the desk's store."""
    return {digest_in(file.name) for file in (folder / "blocks" / "blocks").rglob("bafk*")}


def grant(desk: Desk, folder: Path, role: str, account: str) -> None:
    """The registry's admin, whose key is in the state folder, gives an account a role."""
    admin = Signer.from_hex((folder / "state" / "keys" / "tickets-admin").read_text())
    contract = desk.registry._contract
    contract.send(admin, "grantRole", contract.call(role), account)
