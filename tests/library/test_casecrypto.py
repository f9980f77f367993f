"""Encrypted blocks open where they belong and nowhere else."""

from __future__ import annotations

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from counterfoil.errors import Refused, Tampered
from counterfoil.ipfs.store import MAX_BLOCK
from counterfoil.tickets.attachments import new_attachment_id, seal_file, unseal_file
from counterfoil.tickets.casecrypto import Binding, new_key, seal, unseal
from counterfoil.tickets.casefile import SIZES
from counterfoil.tickets.keywrap import public_key_of, unwrap_keys, wrap_keys
from tests.support.cases import BINDING

KEY = new_key()
PLAIN = b"what the customer said"


def _decoded(part: bytes) -> bytes:
    return base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4))


def test_seal_isOpenedAgain() -> None:
    assert unseal(seal(PLAIN, KEY, BINDING, "case/1"), KEY, BINDING, "case/1") == PLAIN


def test_seal_isTheJweThatRfc7516Describes() -> None:
    header, wrapped, nonce, text, tag = seal(PLAIN, KEY, BINDING, "case/1").split(b".")

    assert wrapped == b""
    opened = AESGCM(KEY).decrypt(_decoded(nonce), _decoded(text) + _decoded(tag), header)
    assert opened == PLAIN
    assert json.loads(_decoded(header)) == {
        "alg": "dir",
        "enc": "A256GCM",
        "kind": "case/1",
        "chain": BINDING.chain_id,
        "contract": BINDING.contract,
        "token": BINDING.token_id.hex(),
    }


def test_seal_takesAFreshNonce() -> None:
    assert seal(PLAIN, KEY, BINDING, "case/1") != seal(PLAIN, KEY, BINDING, "case/1")


@pytest.mark.parametrize("size", SIZES)
def test_seal_fitsOneBlock(size: int) -> None:
    block = seal(bytes(size), KEY, BINDING, "case/1")

    assert len(block) <= MAX_BLOCK
    assert unseal(block, KEY, BINDING, "case/1") == bytes(size)


@pytest.mark.parametrize(
    "other",
    [
        replace(BINDING, chain_id=1),
        replace(BINDING, contract="0x" + "Cd" * 20),
        replace(BINDING, token_id=bytes(32)),
    ],
)
def test_unseal_refusesIfItBelongsElsewhere(other: Binding) -> None:
    with pytest.raises(Tampered) as caught:
        unseal(seal(PLAIN, KEY, other, "case/1"), KEY, BINDING, "case/1")

    assert caught.value.code == "undecryptable"


def test_unseal_refusesIfOfAnotherKindOrKey() -> None:
    block = seal(PLAIN, KEY, BINDING, "case/1")

    for key, kind in ((KEY, "case/2"), (new_key(), "case/1")):
        with pytest.raises(Tampered):
            unseal(block, key, BINDING, kind)


@pytest.mark.parametrize("part", [0, 2, 3, 4])
def test_unseal_refusesIfChanged(part: int) -> None:
    parts = seal(PLAIN, KEY, BINDING, "case/1").split(b".")
    changed = bytearray(_decoded(parts[part]))
    changed[-2] ^= 1
    parts[part] = base64.urlsafe_b64encode(changed).rstrip(b"=")

    with pytest.raises(Tampered):
        unseal(b".".join(parts), KEY, BINDING, "case/1")


@pytest.mark.parametrize("block", [b"", b"....", b"not a jwe", b"a.b.c.d.e", b"\xff" * 100])
def test_unseal_refusesIfNoJwe(block: bytes) -> None:
    with pytest.raises(Tampered):
        unseal(block, KEY, BINDING, "case/1")


@pytest.mark.parametrize("size", [0, 1, SIZES[-1] - 1, SIZES[-1], SIZES[-1] + 1, 3 * SIZES[-1]])
def test_sealFile_isReadBackWhateverItsSize(size: int) -> None:
    data = bytes(range(251)) * (size // 251 + 1)
    name = new_attachment_id()
    blocks = seal_file(data[:size], KEY, BINDING, name)

    assert all(len(block) <= MAX_BLOCK for block in blocks)
    assert unseal_file(blocks, size, KEY, BINDING, name) == data[:size]


def test_unsealFile_refusesIfBlocksAreMissingMovedOrForeign() -> None:
    name, size = new_attachment_id(), 2 * SIZES[-1]
    one, two = seal_file(bytes(size), KEY, BINDING, name)
    foreign = seal_file(bytes(size), KEY, BINDING, new_attachment_id())[1]

    for blocks in ([one], [two, one], [one, foreign], [one, two, two]):
        with pytest.raises(Tampered):
            unseal_file(blocks, size, KEY, BINDING, name)


@pytest.mark.parametrize("size", [-1, SIZES[-1] * 2 + 1])
def test_unsealFile_refusesIfTheSizeIsAnother(size: int) -> None:
    name = new_attachment_id()

    with pytest.raises(Tampered):
        unseal_file(seal_file(b"x" * 2 * SIZES[-1], KEY, BINDING, name), size, KEY, BINDING, name)


def test_wrapKeys_opensForTheReceiverOnly() -> None:
    keys = [new_key() for _ in range(256)]
    mine, other = new_key(), new_key()
    wrapped = wrap_keys(keys, public_key_of(mine))

    assert unwrap_keys(wrapped, mine) == keys
    for text, private in ((wrapped, other), ("", mine), ("a.b.c.d.e", mine)):
        with pytest.raises(Refused) as caught:
            unwrap_keys(text, private)
        assert caught.value.code == "unreadable-keys"


def test_wrapKeys_canBeCalledByManyThreads() -> None:
    owners = [new_key() for _ in range(3)]

    def there_and_back(number: int) -> bool:
        keys, owner = [new_key()], owners[number % 3]
        return unwrap_keys(wrap_keys(keys, public_key_of(owner)), owner) == keys

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(there_and_back, range(300)))
