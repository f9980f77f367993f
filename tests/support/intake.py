"""Rows written to a file and opened by a desk inside the test's own process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from counterfoil.ipfs.cid import digest_in
from counterfoil.tickets.attestation import Refusal, Request, Verdict, Verifier
from counterfoil.tickets.desk import Desk
from counterfoil.tickets.fingerprint import token_id_of
from counterfoil.tickets.intake import open_queries
from counterfoil.tickets.opened import Opened
from counterfoil.tickets.queries import read_queries
from tests.support.cases import CASE, NOW, queries_file

SAME = {"card_number": "６２２２-0212-3456-7894", "time": "2025-03-04T01:15:00.5Z"}
"""Another way of writing two fields of ``cases.row()``."""


@dataclass(frozen=True)
class Opener:
    """Writes rows to a file and opens it."""

    desk: Desk
    folder: Path

    def __call__(self, *rows: dict[str, Any], desk: Desk | None = None) -> list[Opened]:
        file = queries_file(self.folder, *rows)
        return list(open_queries(desk or self.desk, read_queries(file, now=NOW), now=NOW))

    def blocks(self) -> set[bytes]:
        """The digest of every block in the store."""
        files = (self.folder / "blocks" / "blocks").rglob("bafk*")
        return {digest_in(file.name) for file in files}


def outcomes(results: Sequence[Opened]) -> list[str]:
    """What became of each row, in a word."""
    return [one.outcome for one in results]


def with_picky_verifiers(desk: Desk) -> Desk:
    """The desk with a quorum of verifiers who refuse the ticket of ``cases.row()``, always."""
    refused = token_id_of(CASE.composite(), desk.epoch_key)
    return replace(desk, verifiers=tuple(_Picky(one, refused) for one in desk.verifiers[:2]))


class _Picky:
    def __init__(self, honest: Verifier, refused: bytes) -> None:
        self.name, self.address = honest.name, honest.address
        self.public_key, self.blocks = honest.public_key, honest.blocks
        self._honest, self._refused = honest, refused

    def attest(self, request: Request) -> Verdict:
        if any(one.token_id == self._refused for one in request.openings):
            return Verdict(self.address, None, (Refusal(self._refused, "fingerprint"),))
        return self._honest.attest(request)
