"""What every block store promises, held against a folder and against a real Kubo."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from counterfoil.errors import BadInput, Tampered, Unavailable
from counterfoil.ipfs.address import store_at
from counterfoil.ipfs.cid import cid_of, digest_of
from counterfoil.ipfs.embedded import EmbeddedStore
from counterfoil.ipfs.kubo import KuboStore
from counterfoil.ipfs.store import MAX_BLOCK
from counterfoil.local import ports
from tests.support.kubo import kubo

AnyStore = EmbeddedStore | KuboStore
_ABSENT = digest_of(b"nobody has this")


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    repository = tmp_path_factory.mktemp("kubo") / "repository"
    with kubo(repository) as address:
        yield address, repository


@pytest.fixture(params=["embedded", "kubo"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[AnyStore]:
    if request.param == "embedded":
        yield EmbeddedStore(tmp_path / "blocks")
    else:
        made = KuboStore(request.getfixturevalue("node")[0], timeout=1)
        yield made
        made.close()


@pytest.mark.parametrize("block", [b"", b"x", b"\x00" * 1000, bytes(range(256)) * 1024])
def test_put_givesTheDigestAndKeepsTheBlock(store: AnyStore, block: bytes) -> None:
    digest = store.put(block)

    assert digest == digest_of(block)
    assert store.get(digest) == block
    assert store.has(digest)
    assert store.is_pinned(digest)


def test_put_isIdempotent(store: AnyStore) -> None:
    assert store.put(b"twice") == store.put(b"twice")


def test_put_refusesIfLargerThanOneBlock(store: AnyStore) -> None:
    with pytest.raises(BadInput):
        store.put(bytes(MAX_BLOCK + 1))


def test_putAll_answersInOrder(store: AnyStore) -> None:
    blocks = [b"block %d" % number for number in range(50)]

    assert store.put_all(blocks) == [digest_of(block) for block in blocks]
    assert all(store.get(digest_of(block)) == block for block in blocks)


def test_pinAll_pinsEachOfMoreThanOneRequestHolds(store: AnyStore) -> None:
    digests = store.put_all([b"pin %d" % number for number in range(60)])
    for digest in digests:
        store.unpin(digest)
    store.pin_all(digests)

    assert all(map(store.is_pinned, digests))
    with pytest.raises(Unavailable):
        store.pin_all([*digests, _ABSENT])


def _some(store: AnyStore, digests: list[bytes]) -> dict[bytes, bytes]:
    """What a store gives at once: nothing false, and nothing that it wasn't asked for."""
    found = store.get_all(digests)
    assert found.keys() <= set(digests)
    assert all(digest_of(block) == digest for digest, block in found.items())
    return found


def test_getAll_givesBlocksOfOneLengthTogether(store: AnyStore) -> None:
    digests = store.put_all([b"read %02d" % number for number in range(60)])

    assert set(_some(store, digests)) == (set(digests) if isinstance(store, KuboStore) else set())
    assert store.get_all([]) == {}


def test_getAll_givesNothingFalseOfWhatItCantTellApart(store: AnyStore) -> None:
    digests = store.put_all([b"as", b"long", b"as they are"])

    _some(store, digests)
    assert _some(store, [*digests, _ABSENT]) == {}


def test_lookAll_saysOfEachWhatLookSays(store: AnyStore) -> None:
    digests = store.put_all([b"look %02d" % number for number in range(60)])
    assert store.look_all(digests) == dict.fromkeys(digests, "kept")
    store.unpin(digests[3])
    store.delete(digests[40])
    other = store.put(b"of another length")

    found = store.look_all([*digests, other])

    assert found == {digest: store.look(digest) for digest in [*digests, other]}
    assert (found[digests[3]], found[digests[40]], found[other]) == ("unpinned", "missing", "kept")


def test_getAll_isUnavailableIfNoNodeAnswers() -> None:
    store = KuboStore(f"/ip4/127.0.0.1/tcp/{ports.free()}/http", timeout=1)
    with pytest.raises(Unavailable) as caught:
        store.get_all([_ABSENT])
    store.close()

    assert caught.value.code == "ipfs-unreachable"


def test_get_saysWhichBlockIsMissing(store: AnyStore) -> None:
    with pytest.raises(Unavailable, match=cid_of(_ABSENT)) as caught:
        store.get(_ABSENT)

    assert caught.value.code == "block-missing"
    assert not store.has(_ABSENT)


def test_pin_refusesIfNobodyHasTheBlock(store: AnyStore) -> None:
    with pytest.raises(Unavailable) as caught:
        store.pin(_ABSENT)

    assert caught.value.code == "block-missing"


def test_pinAll_refusesIfNobodyHasOneOfTheBlocks(store: AnyStore) -> None:
    kept = [store.put(bytes([place])) for place in range(20)]
    with pytest.raises(Unavailable) as caught:
        store.pin_all([*kept, _ABSENT])

    assert caught.value.code == "block-missing"
    assert not store.has(_ABSENT)


def test_unpin_letsGoAndIsIdempotent(store: AnyStore) -> None:
    digest = store.put(b"let go")
    store.unpin(digest)
    store.unpin(digest)

    assert not store.is_pinned(digest)
    assert store.has(digest)

    store.pin(digest)
    assert store.is_pinned(digest)


def test_delete_dropsTheBlockNowAndIsIdempotent(store: AnyStore) -> None:
    digest = store.put(b"drop me")
    store.delete(digest)
    store.delete(digest)

    assert not store.has(digest)


def test_get_refusesIfTheBlockWasChangedOnDisk(tmp_path: Path, node: tuple[str, Path]) -> None:
    for place in (f"embedded:{tmp_path}", node[0]):
        store = store_at(place, timeout=1)
        digest = store.put(b"honest bytes " + place.encode())
        folder = tmp_path if place.startswith("embedded") else node[1] / "blocks"
        _damage(folder, b"honest bytes " + place.encode())

        with pytest.raises(Tampered) as caught:
            store.get(digest)

        assert caught.value.code == "block-corrupt"
        store.close()


def test_put_mendsADamagedBlock(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path)
    digest = store.put(b"mend me")
    _damage(tmp_path, b"mend me")

    assert store.put(b"mend me") == digest
    assert store.get(digest) == b"mend me"


def test_put_leavesNoHalfBlockIfTheDiskFails(tmp_path: Path) -> None:
    (tmp_path / "blocks").write_text("a file where a folder must be")

    with pytest.raises(Unavailable):
        EmbeddedStore(tmp_path).put(b"no room")


def test_call_isUnavailableIfNoNodeAnswers() -> None:
    store = KuboStore(f"/ip4/127.0.0.1/tcp/{ports.free()}/http", timeout=1)

    for call in (store.version, lambda: store.put(b"x"), lambda: store.get(_ABSENT)):
        with pytest.raises(Unavailable) as caught:
            call()
        assert caught.value.code == "ipfs-unreachable"
    store.close()


@pytest.mark.parametrize("address", ["", "localhost", "http://127.0.0.1:5001", "/ip4/1.2.3/tcp/1"])
def test_storeAt_refusesIfNoAddress(address: str) -> None:
    with pytest.raises(BadInput):
        store_at(address)


def _damage(folder: Path, block: bytes) -> None:
    """Change the one file under ``folder`` that holds ``block``."""
    (file,) = [file for file in folder.rglob("*") if file.is_file() and _holds(file, block)]
    file.chmod(0o600)
    file.write_bytes(b"other bytes")


def _holds(file: Path, block: bytes) -> bool:
    return file.stat().st_size == len(block) and file.read_bytes() == block
