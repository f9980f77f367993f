"""Digest and CID say the same thing, each in one spelling only."""

from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.errors import BadInput, InvalidCid
from counterfoil.ipfs.cid import cid_of, digest_in, digest_of

# Published by the IPFS project as the raw CIDv1 of no bytes and of "hello world".
_EMPTY = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"
_HELLO = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e"


@pytest.mark.parametrize(("block", "cid"), [(b"", _EMPTY), (b"hello world", _HELLO)])
def test_cidOf_isWhatIpfsGives(block: bytes, cid: str) -> None:
    assert cid_of(digest_of(block)) == cid
    assert digest_in(cid) == hashlib.sha256(block).digest()


@given(st.binary(min_size=32, max_size=32))
def test_digestIn_undoesCidOf(digest: bytes) -> None:
    assert digest_in(cid_of(digest)) == digest


@pytest.mark.parametrize("length", [0, 31, 33])
def test_cidOf_refusesIfDigestHasAnotherLength(length: int) -> None:
    with pytest.raises(BadInput):
        cid_of(bytes(length))


def _spelled(header: bytes, digest: bytes = bytes(32)) -> str:
    return "b" + base64.b32encode(header + digest).decode().lower().rstrip("=")


@pytest.mark.parametrize(
    "cid",
    [
        "",
        "b",
        "bafkrei",
        "QmTkzDwWqPbnAh5YiV5VwcTLnGdwSNsNTn2aDxdXBFca7D",
        _HELLO + "a",
        _HELLO[:-1],
        _HELLO + "======",
        _HELLO.upper(),
        "B" + _HELLO[1:],
        _HELLO[:10] + _HELLO[10].upper() + _HELLO[11:],
        "z" + _HELLO[1:],
        _HELLO[:-1] + "f",  # the bits that base32 leaves over are not zero
        " " + _HELLO[:-1],
        _HELLO[:20] + "1" + _HELLO[21:],  # no base32 letter
        _HELLO[:20] + "é" + _HELLO[21:],
        _spelled(bytes((0x01, 0x70, 0x12, 0x20))),  # dag-pb
        _spelled(bytes((0x01, 0x55, 0x16, 0x20))),  # sha3-256
        _spelled(bytes((0x02, 0x55, 0x12, 0x20))),  # no such version
        _spelled(bytes((0x01, 0x55, 0x12, 0x1F)), bytes(31)),
        _spelled(bytes((0x01, 0x55, 0x12, 0x20)), bytes(31)),
    ],
)
def test_digestIn_refusesIfNotTheOneSpelling(cid: str) -> None:
    with pytest.raises(InvalidCid):
        digest_in(cid)


@given(st.text())
def test_digestIn_isTotal(text: str) -> None:
    with pytest.raises(InvalidCid):
        digest_in(text)
