"""Every error that Counterfoil raises on purpose.

::

    CounterfoilError    message, code (stable), fix (what to do), exit_status
    ├── BadInput        2   names file, line, field; never a customer's value
    │   └── InvalidCid      not a CIDv1 of one raw sha2-256 block
    ├── Refused         1   the chain or a rule said no: a reason code
    ├── Unavailable     3   chain, IPFS, database, verifier; safe to run again
    └── Tampered        1   bytes that don't match what the chain says

Raised where the knowledge is, caught only at an edge (command line, HTTP), turned there into
one line or one problem document.
"""

from __future__ import annotations

from typing import ClassVar


class CounterfoilError(Exception):
    """What went wrong in one sentence, and in ``fix`` what to do about it."""

    exit_status: ClassVar[int] = 1
    default_code: ClassVar[str] = "error"

    def __init__(self, message: str, *, fix: str = "", code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix
        self.code = code or self.default_code

    def line(self) -> str:
        """The error as one line for a person."""
        stop = "" if self.message.endswith((".", "!", "?")) else "."
        return f"{self.message}{stop} {self.fix}" if self.fix else self.message


class BadInput(CounterfoilError):
    """A file, a field or an argument that can't be taken. Nothing was done.

    ``problem`` is the message without the place (``file``, ``row``, ``field``) before it.
    """

    exit_status = 2
    default_code = "bad-input"

    def __init__(
        self,
        message: str,
        *,
        fix: str = "",
        code: str = "",
        file: str = "",
        row: int = 0,
        field: str = "",
    ) -> None:
        where = ":".join(part for part in (file, str(row) if row else "") if part)
        prefix = ": ".join(part for part in (where, field) if part)
        super().__init__(f"{prefix}: {message}" if prefix else message, fix=fix, code=code)
        self.problem = message
        self.file = file
        self.row = row
        self.field = field


class InvalidCid(BadInput):
    """Not the CIDv1 (base32) of one raw block with a sha2-256 digest."""

    default_code = "invalid-cid"

    def __init__(self, cid: str) -> None:
        super().__init__(
            f"not a raw sha2-256 CIDv1: {cid[:80]!r}", fix="Give a CID that starts with bafkrei."
        )


class Refused(CounterfoilError):
    """The chain or a rule said no. ``code`` is the reason, ``arguments`` what came with it."""

    default_code = "refused"

    def __init__(
        self,
        message: str,
        *,
        fix: str = "",
        code: str = "",
        arguments: dict[str, object] | None = None,
    ) -> None:
        super().__init__(message, fix=fix, code=code)
        self.arguments = arguments or {}


class Unavailable(CounterfoilError):
    """A part that is needed doesn't answer. Running again is safe."""

    exit_status = 3
    default_code = "unavailable"


class Tampered(CounterfoilError):
    """Bytes that are not what the chain says they are."""

    default_code = "tampered"
