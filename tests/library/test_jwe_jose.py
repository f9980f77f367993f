"""Our JWEs and those of npm's ``jose``: each opens what the other sealed, or neither does."""

from __future__ import annotations

import secrets

import pytest

from counterfoil.errors import Refused, Tampered
from counterfoil.tickets.casecrypto import new_key, seal, unseal
from counterfoil.tickets.casefile import SCHEMA, SIZES
from counterfoil.tickets.keywrap import public_key_of, unwrap_keys, wrap_keys
from tests.support.cases import BINDING
from tests.support.node_script import answer

KEYWRAP = {"alg": "ECDH-ES+A256KW", "enc": "A256GCM"}
PLAINS = [b"", b"x", secrets.token_bytes(2048), secrets.token_bytes(SIZES[-1])]


def test_jose_opensWhatWeSeal() -> None:
    key = new_key()
    tasks = [
        {"do": "open", "jwe": seal(plain, key, BINDING, SCHEMA).decode(), "key": key.hex()}
        for plain in PLAINS
    ]
    opened = answer("jwe", tasks)

    assert [one["plain"] for one in opened] == [plain.hex() for plain in PLAINS]
    assert all(one["header"] == BINDING.header(SCHEMA) for one in opened)


def test_jose_refusesWhatWasChanged() -> None:
    key = new_key()
    header, _, *rest = seal(b"plain", key, BINDING, SCHEMA).decode().split(".")
    other = seal(b"plain", key, BINDING, "case/2").decode().split(".")[0]
    whole = ".".join((header, "", *rest))
    tasks = [
        {"do": "open", "jwe": ".".join((other, "", *rest)), "key": key.hex()},
        {"do": "open", "jwe": whole, "key": new_key().hex()},
    ]

    assert [one["error"] for one in answer("jwe", tasks)] == ["ERR_JWE_DECRYPTION_FAILED"] * 2


def test_unseal_opensWhatJoseSeals() -> None:
    key = new_key()
    task = {"do": "seal", "key": key.hex(), "header": BINDING.header(SCHEMA)}
    sealed = answer("jwe", [task | {"plain": plain.hex()} for plain in PLAINS])

    for one, plain in zip(sealed, PLAINS, strict=True):
        assert unseal(one["jwe"].encode(), key, BINDING, SCHEMA) == plain


def test_unseal_refusesOtherHeadersOfJoses() -> None:
    key = new_key()
    good = BINDING.header(SCHEMA)
    headers = [
        good | {"token": "00" * 32},
        good | {"chain": 1},
        good | {"kind": "case/2"},
        good | {"zip": "DEF"},
        good | {"more": "of it"},
        {"alg": "dir", "enc": "A256GCM"},
    ]
    tasks = [{"do": "seal", "plain": "00", "key": key.hex(), "header": one} for one in headers]

    for one in answer("jwe", tasks):
        if "jwe" in one:
            with pytest.raises(Tampered):
                unseal(one["jwe"].encode(), key, BINDING, SCHEMA)
        else:
            assert one["error"] == "ERR_JOSE_NOT_SUPPORTED"


def test_caseKeys_areReadBothWays() -> None:
    owner, keys = new_key(), [new_key() for _ in range(256)]
    public = {"public": public_key_of(owner).hex()}
    joined = b"".join(keys).hex()
    opened, sealed, foreign = answer(
        "jwe",
        [
            {
                "do": "open",
                "jwe": wrap_keys(keys, bytes.fromhex(public["public"])),
                "key": {"private": owner.hex()},
            },
            {"do": "seal", "plain": joined, "key": public, "header": KEYWRAP},
            {
                "do": "open",
                "jwe": wrap_keys(keys, public_key_of(new_key())),
                "key": {"private": owner.hex()},
            },
        ],
    )

    assert opened["plain"] == joined
    assert unwrap_keys(sealed["jwe"], owner) == keys
    assert "error" in foreign
    with pytest.raises(Refused):
        unwrap_keys(sealed["jwe"], new_key())
