"""The case file of a ticket: what it holds, and how it is written down.

JSON, schema ``case/1``. Each version names the digest of the one before. Spaces after the closing
brace (RFC 8259 allows them) pad it to one of a few sizes, so that a block's length tells little.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Literal, Self, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from counterfoil.errors import Refused, Tampered
from counterfoil.tickets.fingerprint import Composite, is_normal, utc_text
from counterfoil.tickets.masking import without_pan

SCHEMA = "case/1"
_KIB = 1024
SIZES = tuple(kib * _KIB for kib in (2, 4, 8, 16, 32, 64, 128, 190))
"""Bytes that a case file is padded to; encrypted, the largest just fits one IPFS block."""
ROOM_TO_END = 20 * _KIB
"""Bytes of the largest that notes and files leave to an answer, and to what ends a case."""
ROOM_TO_ERASE = _KIB
"""Bytes of those that are for its erasure only."""
Status = Literal[
    "open",
    "in-progress",
    "pending-customer",
    "resolved",
    "closed",
    "reopened",
    "rejected",
    "withdrawn",
    "erasure-requested",
    "erased",
]

ANSWERED: tuple[Status, ...] = ("resolved", "closed")
"""The statuses in which a case has an answer."""
Priority = Literal["urgent", "high", "normal", "low"]

PRIORITIES: tuple[Priority, ...] = get_args(Priority)
STATUSES: tuple[Status, ...] = get_args(Status)


_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # general category Cc but \t and \n


def _without_controls(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError("a control character")
    return text


def _with_plain_ends(text: object) -> object:
    """A web form ends its lines in CRLF."""
    return text.replace("\r\n", "\n") if isinstance(text, str) else text


Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(_without_controls),
]
Note = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=4000),
    AfterValidator(_without_controls),
    BeforeValidator(_with_plain_ends),
]
Category = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")]
Channel = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$")]
Digest = Annotated[str, StringConstraints(pattern=r"^0x[0-9a-f]{64}$")]
"""0x and 32 bytes in lower-case hex."""
MediaType = Annotated[str, StringConstraints(pattern=r"^[a-z]{1,20}/[a-z0-9.+-]{1,60}$")]
Moment = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z$")]


class Part(BaseModel):
    """Frozen, strict, without unknown fields; errors don't repeat what was put in."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, hide_input_in_errors=True, populate_by_name=True
    )


class Customer(Part):
    """Whose query it is; one field at least."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [
                {"required": [name]} for name in ("customer_no", "name", "national_id", "mobile")
            ]
        }
    )

    customer_no: Line | None = None
    name: Line | None = None
    national_id: Line | None = None
    mobile: Line | None = None

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if not any((self.customer_no, self.name, self.national_id, self.mobile)):
            raise ValueError("one of customer_no, name, national_id, mobile is needed")
        return self


class Identity(Part):
    """The card and the customer."""

    pan: Annotated[str, StringConstraints(pattern=r"^[0-9]{8,19}$")]
    customer: Customer


class Transaction(Part):
    """The transaction that is asked about, in the fingerprint's own spelling."""

    amount: str
    local_datetime: str
    """ISO 8601 with the offset of the place, whole seconds."""
    serial: str
    address: Line | None = None
    merchant_category_code: Category | None = None


class Entry(Part):
    """One thing that was done."""

    at: Moment
    actor: Line
    """The address that signed it."""
    action: Line
    note: Note | None = None


class Process(Part):
    """Where the case stands, who has it, and all that was done, oldest first."""

    status: Status
    handler: Line
    entries: tuple[Entry, ...]
    priority: Priority = "normal"


class Asked(Part):
    """A channel that raised the query."""

    channel: Channel
    channel_ref: Line
    at: Moment


class Attachment(Part):
    """A file kept in encrypted blocks of its own."""

    id: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
    name: Line
    size: Annotated[int, Field(ge=0)]
    blocks: tuple[Digest, ...]
    type: MediaType | None = None
    """What its first bytes say it is, whatever its name says."""


class CaseFile(Part):
    """All that is known of one query, one version."""

    schema_: Literal["case/1"] = Field(default="case/1", alias="schema")
    identity: Identity
    transaction: Transaction
    process: Process
    previous: Digest | None = None
    channels: tuple[Asked, ...] = ()
    attachments: tuple[Attachment, ...] = ()

    @property
    def answer(self) -> str | None:
        """What the customer is told: the note of the last ``resolve``, while it holds, the card
        number masked."""
        if self.process.status not in ANSWERED:
            return None
        given = [entry.note for entry in self.process.entries if entry.action == "resolve"]
        return without_pan(given[-1], self.identity.pan) if given and given[-1] else None

    def composite(self) -> Composite:
        """The four fields that the ticket's id is made of.

        Raises:
            Tampered: they aren't spelled the way that normalising spells them.
        """
        try:
            local = datetime.fromisoformat(self.transaction.local_datetime)
            time = utc_text(local) if local.tzinfo else ""
        except (ValueError, OverflowError):
            raise _malformed() from None
        transaction = self.transaction
        composite = Composite(self.identity.pan, transaction.amount, time, transaction.serial)
        if not is_normal(composite):
            raise _malformed()
        return composite


def to_bytes(case: CaseFile, spare: int = ROOM_TO_END) -> bytes:
    """The case as UTF-8 JSON, padded to one of ``SIZES``.

    Args:
        case: the case.
        spare: bytes that it has to have free for later steps.

    Raises:
        Refused: it has outgrown the largest (``case-too-large``).
    """
    text = case.model_dump_json(by_alias=True, exclude_none=True).encode()
    if len(text) + spare > SIZES[-1]:
        raise Refused(
            f"the case would have {len(text)} bytes; this step may fill it up to "
            f"{SIZES[-1] - spare}",
            fix="Say it in fewer words. A full case can still be resolved, ended and erased.",
            code="case-too-large",
        )
    return text.ljust(next(size for size in SIZES if len(text) <= size))


def from_bytes(data: bytes) -> CaseFile:
    """What :func:`to_bytes` was given.

    Raises:
        Tampered: not a case file of this schema. What is in it isn't repeated.
    """
    try:
        return CaseFile.model_validate_json(data)
    except ValidationError:
        raise _malformed() from None


def _malformed() -> Tampered:
    return Tampered(f"the case file doesn't follow schema {SCHEMA}", code="schema")
