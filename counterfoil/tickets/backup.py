"""The vault in one file, under a passphrase: all without which the blocks in IPFS can't be read.

That is the case keys, the fingerprint keys of every epoch, and the key of the journal's hashes. A
back-up made before an erasure still holds the erased key: destroy the old ones.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from counterfoil.errors import BadInput
from counterfoil.tickets.sealing import Cost, seal, unseal

FORMAT = "counterfoil-vault/1"
_CONTEXT = FORMAT.encode()
_MOST_MEMORY = 2**31  # bytes that a file may make scrypt take


@dataclass(frozen=True, slots=True, repr=False)
class Contents:
    """What a vault holds. Keys are 32 bytes, None for a ticket whose key was destroyed."""

    registry: str
    case_keys: dict[bytes, bytes | None]
    epoch_keys: dict[int, bytes]
    journal_key: bytes


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class _Scrypt(_Part):
    n: int
    r: int
    p: int
    salt: str


class _Envelope(_Part):
    format: Literal["counterfoil-vault/1"]
    scrypt: _Scrypt
    sealed: str


class _Inside(_Part):
    registry: str
    case_keys: dict[str, str | None]
    epoch_keys: dict[int, str]
    journal_key: str


def write(file: Path, contents: Contents, passphrase: str, cost: Cost) -> None:
    """Write a back-up that nobody else can read, whole or not at all.

    Raises:
        BadInput: the file is there already or can't be written, or the passphrase is too short.
    """
    inside = _Inside(
        registry=contents.registry,
        case_keys={one.hex(): k.hex() if k else None for one, k in contents.case_keys.items()},
        epoch_keys={year: key.hex() for year, key in contents.epoch_keys.items()},
        journal_key=contents.journal_key.hex(),
    )
    salt, sealed = seal(inside.model_dump_json().encode(), passphrase, _CONTEXT, cost)
    envelope = _Envelope(
        format=FORMAT,
        scrypt=_Scrypt(n=cost.n, r=cost.r, p=cost.p, salt=salt.hex()),
        sealed=base64.b64encode(sealed).decode(),
    )
    draft = file.with_name(file.name + ".new")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
            stream.write(envelope.model_dump_json() + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        os.link(draft, file)
    except OSError as error:
        raise BadInput(f"can't be written: {error.strerror}", file=str(file)) from None
    finally:
        draft.unlink(missing_ok=True)


def read(file: Path, passphrase: str) -> Contents:
    """What a back-up holds.

    Raises:
        BadInput: no such file, or no back-up of a vault.
        Refused: another passphrase, or a file that was changed (``passphrase``).
    """
    try:
        envelope = _Envelope.model_validate_json(file.read_bytes())
        scrypt = envelope.scrypt
        salt, sealed = bytes.fromhex(scrypt.salt), base64.b64decode(envelope.sealed)
        if scrypt.n * scrypt.r * 128 > _MOST_MEMORY:
            raise ValueError
    except OSError as error:
        raise BadInput(f"can't be read: {error.strerror}", file=str(file)) from None
    except (ValidationError, ValueError):
        raise BadInput("not a back-up of a vault", file=str(file)) from None
    cost = Cost(scrypt.n, scrypt.r, scrypt.p)
    inside = _Inside.model_validate_json(unseal(sealed, salt, passphrase, _CONTEXT, cost))
    return Contents(
        registry=inside.registry,
        case_keys=dict(_keys(list(inside.case_keys.items()))),
        epoch_keys={year: bytes.fromhex(key) for year, key in inside.epoch_keys.items()},
        journal_key=bytes.fromhex(inside.journal_key),
    )


def _keys(pairs: Sequence[tuple[str, str | None]]) -> list[tuple[bytes, bytes | None]]:
    return [(bytes.fromhex(one), bytes.fromhex(key) if key else None) for one, key in pairs]
