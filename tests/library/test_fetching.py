"""Attached files, in and out again."""

from __future__ import annotations

from pathlib import Path

import pytest

from counterfoil.errors import BadInput, Refused, Tampered
from counterfoil.ipfs.cid import digest_in
from counterfoil.tickets import lifecycle
from counterfoil.tickets.attachments import MAX_ATTACHMENT, File
from counterfoil.tickets.desk import Desk
from counterfoil.tickets.fetching import fetch
from counterfoil.tickets.masking import masked_pan
from counterfoil.tickets.registry import Action
from tests.support.cases import PAN
from tests.support.ticket_cases import LATER, digests_in, one_ticket


@pytest.fixture
def token_id(desk: Desk, tmp_path: Path) -> bytes:
    return one_ticket(desk, tmp_path)


def _attach(desk: Desk, token_id: bytes, *files: File) -> None:
    lifecycle.move(desk, token_id, Action.NOTE, now=LATER, files=files)


@pytest.mark.parametrize("size", [0, 1, MAX_ATTACHMENT])
def test_fetch_givesBackWhatWasAttached(desk: Desk, token_id: bytes, size: int) -> None:
    data = (bytes(range(256)) * (size // 256 + 1))[:size]
    _attach(desk, token_id, File("a file", data))
    found = fetch(desk, token_id, "a file")

    assert found.data == data
    assert found.attachment.size == size
    assert fetch(desk, token_id, found.attachment.id).attachment == found.attachment
    assert fetch(desk, token_id, "slip").attachment.type == "text/plain"


def test_fetch_takesANameAsItIsShown(desk: Desk, token_id: bytes) -> None:
    _attach(desk, token_id, File(f"{PAN}.txt", b"x"))

    for name in (f"{PAN}.txt", f"{masked_pan(PAN)}.txt"):
        assert fetch(desk, token_id, name).data == b"x"


def test_attach_refusesOneByteTooMany(desk: Desk, token_id: bytes, tmp_path: Path) -> None:
    before = digests_in(tmp_path)

    with pytest.raises(BadInput, match="over 25 MB"):
        _attach(desk, token_id, File("zschokke.bin", bytes(MAX_ATTACHMENT + 1)))
    assert digests_in(tmp_path) == before


@pytest.mark.parametrize("name", ["", "a\x00b", "x" * 201, "../slip", "a/b", "slip\u202egnp.exe"])
def test_attach_refusesNamesThatCantBeKept(desk: Desk, token_id: bytes, name: str) -> None:
    with pytest.raises(BadInput) as caught:
        _attach(desk, token_id, File(name, b"x"))

    assert caught.value.field == "the attached file's name"
    assert not name or name not in caught.value.line()


def test_fetch_refusesIfThereIsNone(desk: Desk, token_id: bytes) -> None:
    with pytest.raises(Refused) as caught:
        fetch(desk, token_id, "slop")

    assert caught.value.code == "no-such-file"


def test_fetch_refusesIfTheNameIsNotOneFiles(desk: Desk, token_id: bytes) -> None:
    _attach(desk, token_id, File("slip", b"another slip"))

    with pytest.raises(Refused) as caught:
        fetch(desk, token_id, "slip")
    assert caught.value.code == "ambiguous"


def test_fetch_refusesIfABlockWasChanged(desk: Desk, token_id: bytes, tmp_path: Path) -> None:
    standing = desk.registry.ticket(token_id)
    for file in (tmp_path / "blocks" / "blocks").rglob("bafk*"):
        if standing and digest_in(file.name) != standing.digest:
            file.write_bytes(b"other bytes")

    with pytest.raises(Tampered):
        fetch(desk, token_id, "slip")


def test_fetch_refusesIfTheCaseIsErased(desk: Desk, token_id: bytes) -> None:
    lifecycle.erase(desk, token_id, now=LATER)

    with pytest.raises(Refused) as caught:
        fetch(desk, token_id, "slip")
    assert caught.value.code == "erased"
