"""Every spelling in which a secret might lie somewhere: encodings of it, and its plain hashes."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path

from eth_utils.crypto import keccak

from counterfoil.chain import Chain

_HASHES = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3_256", "blake2b", "blake2s")


def spellings(secret: str | bytes) -> set[bytes]:
    """The secret as text in two encodings or as bytes, in hex and in base64 at each offset."""
    raw = [secret] if isinstance(secret, bytes) else [secret.encode(), secret.encode("utf-16-le")]
    found: set[bytes] = set()
    for one in raw:
        found |= {one, one.hex().encode(), one.hex().upper().encode()}
        for offset in range(3):
            # Only the letters that depend on no neighbour.
            text = base64.b64encode(bytes(offset) + one)[-(-offset * 8 // 6) :]
            whole = text[: len(text.rstrip(b"=")) - 1]
            found |= {whole, whole.replace(b"+", b"-").replace(b"/", b"_")}
    return {one for one in found if len(one) >= 8}  # shorter ones turn up by chance


def plain_hashes(*fields: str) -> Iterator[bytes]:
    """What anybody would find by trying: each field, and all joined with usual separators."""
    joined = {separator.join(fields) for separator in ("", "|", ":", ",", "-", "\0", " ")}
    for text in {*fields, *joined}:
        data = text.encode()
        yield keccak(data)
        yield from (hashlib.new(name, data).digest() for name in _HASHES)
        yield hashlib.sha256(hashlib.sha256(data).digest()).digest()


def written_in(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file of a folder: its name, which may tell as well, and what is in it."""
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            yield str(file), file.name.encode() + b"\n" + file.read_bytes()


def said_on(chain: Chain) -> Iterator[tuple[str, bytes]]:
    """Every block of a chain with its transactions, and every log, as the node tells them."""
    for number in range(chain.block_number() + 1):
        block = chain.web3.provider.make_request("eth_getBlockByNumber", [hex(number), True])
        yield f"block {number}", _bytes(str(block["result"]))
    logs = chain.web3.provider.make_request("eth_getLogs", [{"fromBlock": "0x0"}])
    yield "logs", _bytes(str(logs["result"]))


def traces(places: Iterable[tuple[str, bytes]], secrets: Iterable[bytes]) -> list[str]:
    """Where one of the secrets lies, and which."""
    wanted = list(secrets)
    return [
        f"{place}: {secret[:40]!r}"
        for (place, content), secret in product(places, wanted)
        if secret in content
    ]


def _bytes(text: str) -> bytes:
    """The hex of a node's answer as it stands, and as the bytes that it spells."""
    words = (word.strip("',{}[]\" ") for word in text.split())
    spelt = (word[2:] for word in words if word.startswith("0x") and len(word) % 2 == 0)
    return text.encode() + b"\n".join(bytes.fromhex(word) for word in spelt)
