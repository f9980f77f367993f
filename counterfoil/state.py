"""The one folder in which a local installation keeps what it must not lose.

Keys and secrets are files of their own, readable by their owner only. Everything else is a
record (JSON) or a journal (SQLite, or the database that ``COUNTERFOIL_DATABASE_URL`` names).
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from counterfoil.errors import BadInput
from counterfoil.keys import Signer

DEFAULT = Path("build/local")
DATABASE_VARIABLE = "COUNTERFOIL_DATABASE_URL"
_NAME = re.compile(r"[A-Za-z0-9-][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class State:
    """A state folder. Nothing is made before it is needed."""

    root: Path

    @classmethod
    def at(cls, folder: str | Path | None = None) -> State:
        """The folder asked for, else the one in ``COUNTERFOIL_STATE``, else ``build/local``."""
        return cls(Path(folder or os.environ.get("COUNTERFOIL_STATE") or DEFAULT).absolute())

    @property
    def deployment_file(self) -> Path:
        """Where the deployment record stands."""
        return self.root / "deployment.json"

    @property
    def services_file(self) -> Path:
        """Where ``up`` writes what it started."""
        return self.root / "services.json"

    @property
    def logs(self) -> Path:
        """Folder of the services' logs."""
        return self.root / "logs"

    def database_url(self, name: str) -> str:
        """SQLAlchemy URL of the journal ``name``."""
        configured = os.environ.get(DATABASE_VARIABLE)
        if configured:
            return configured
        self.root.mkdir(parents=True, exist_ok=True)
        return f"sqlite:///{self.root / name}.db"

    def has_key(self, name: str) -> bool:
        """Whether a key of this name is kept here."""
        return self._key_file(name).exists()

    def signer(self, name: str) -> Signer:
        """The signer of this name, made at its first use."""
        return Signer.from_hex(self._read_or_make(name, 32))

    def secret(self, name: str, length: int = 32) -> bytes:
        """``length`` secret bytes under this name, made at their first use."""
        return bytes.fromhex(self._read_or_make(name, length))

    def put_secret(self, name: str, value: bytes) -> None:
        """Keep this secret under a name that has none yet; of two writers the first one's stays."""
        file = self._key_file(name)
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write_once(file, value.hex())

    def rename_secret(self, name: str, to: str) -> None:
        """Put one secret in the place of another, which is gone then."""
        self._key_file(name).replace(self._key_file(to))

    def drop_secret(self, name: str) -> None:
        """Forget a secret; one that isn't there is no error."""
        self._key_file(name).unlink(missing_ok=True)

    def names(self, prefix: str) -> list[str]:
        """The names of kept keys and secrets that begin so, sorted."""
        found = (self.root / "keys").glob(f"{prefix}*")
        return sorted(file.name for file in found if _NAME.fullmatch(file.name))

    def _key_file(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise BadInput(
                f"{name!r} can't name a key", fix="Use letters, digits, dots and hyphens."
            )
        return self.root / "keys" / name

    def _read_or_make(self, name: str, length: int) -> str:
        file = self._key_file(name)
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _write_once(file, secrets.token_hex(length))
        text = file.read_text(encoding="ascii", errors="replace").strip().removeprefix("0x")
        if not re.fullmatch(f"[0-9a-fA-F]{{{2 * length}}}", text):
            raise BadInput(f"{file} doesn't hold {length} bytes of hex", fix="Restore the file.")
        return text


def _write_once(file: Path, text: str) -> None:
    """Write a new file whole or not at all; of two writers the first one's text stays."""
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as stream:
        stream.write(text + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    try:
        with contextlib.suppress(FileExistsError):
            os.link(draft, file)
    finally:
        draft.unlink()
