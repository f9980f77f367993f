"""Files that a query names: found, measured and hashed before anything is done.

A path is relative to the queries' file and stays in its folder, links followed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from counterfoil.errors import BadInput
from counterfoil.tickets.attachments import MAX_ATTACHMENT, TOO_LARGE


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to attach, as it was when the queries were read."""

    name: str
    path: Path
    size: int
    sha256: bytes

    def read(self) -> bytes:
        """The file's bytes, the same that were measured.

        Raises:
            BadInput: it has changed since, or is gone.
        """
        data = _bytes(self.path)
        if hashlib.sha256(data).digest() != self.sha256:
            raise BadInput("the file changed while the queries were being opened")
        return data


def read_upload(folder: Path, name: str, path: str) -> Upload:
    """The file at ``path`` in ``folder``, to be attached under ``name``.

    Raises:
        BadInput: it lies elsewhere, is missing, no plain file, or over 25 MB.
    """
    root = folder.resolve()
    try:
        target = (root / path).resolve(strict=True)
    except (OSError, ValueError, RuntimeError):  # missing, a NUL byte, a ring of links
        raise BadInput("no such file beside the queries") from None
    if Path(path).is_absolute() or not target.is_relative_to(root):
        raise BadInput("outside the folder of the queries")
    if not target.is_file():
        raise BadInput("not a plain file")
    if target.stat().st_size > MAX_ATTACHMENT:
        raise BadInput(TOO_LARGE)
    data = _bytes(target)
    return Upload(name, target, len(data), hashlib.sha256(data).digest())


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadInput(f"can't be read: {error.strerror}") from None
