"""Case files between the vault, IPFS and the chain: sealed here, opened here, and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from counterfoil.errors import BadInput, Tampered
from counterfoil.ipfs.cid import digest_of
from counterfoil.ipfs.store import BlockStore
from counterfoil.tickets.attachments import (
    MAX_ATTACHMENT,
    TOO_LARGE,
    File,
    new_attachment_id,
    seal_file,
    unseal_file,
)
from counterfoil.tickets.casecrypto import seal, unseal
from counterfoil.tickets.casefile import (
    ROOM_TO_END,
    SCHEMA,
    Attachment,
    CaseFile,
    from_bytes,
    to_bytes,
)
from counterfoil.tickets.filetypes import checked_name, media_type_of
from counterfoil.tickets.fingerprint import EpochKey, token_id_of
from counterfoil.tickets.registry import Registry
from counterfoil.tickets.vault import Vault


@dataclass(frozen=True, slots=True, repr=False)
class Cases:
    """The case files of one registry."""

    registry: Registry
    store: BlockStore
    vault: Vault
    epoch_key: EpochKey

    def read(self, token_id: bytes, digest: bytes) -> CaseFile:
        """The version of a ticket's case that the chain knows by ``digest``.

        Every byte is re-hashed, and the four fields must give the ticket's own id.

        Raises:
            Tampered: other bytes, another ticket's block, or another query's case.
            Refused: the key was destroyed (``erased``) or isn't in this vault (``no-key``).
            Unavailable: no node has the block.
        """
        key = self.vault.key_of(token_id)
        block = self.store.get(digest)
        case = from_bytes(unseal(block, key, self.registry.binding(token_id), SCHEMA))
        if token_id_of(case.composite(), self.epoch_key) != token_id:
            raise Tampered("the case is another query's", code="fingerprint")
        return case

    def sealed(
        self, token_id: bytes, key: bytes, case: CaseFile, spare: int = ROOM_TO_END
    ) -> bytes:
        """The case as an encrypted block of this ticket, not yet kept anywhere; errors as
        ``to_bytes``."""
        return seal(to_bytes(case, spare), key, self.registry.binding(token_id), SCHEMA)

    def sealed_file(
        self, token_id: bytes, key: bytes, name: str, data: bytes
    ) -> tuple[Attachment, list[bytes]]:
        """A file's entry for the case, and its encrypted blocks, not yet kept anywhere.

        Raises:
            BadInput: a name that can't be kept.
        """
        try:
            checked_name(name)
        except ValueError as error:
            raise BadInput(str(error), field="the attached file's name") from None
        attachment_id = new_attachment_id()
        blocks = seal_file(data, key, self.registry.binding(token_id), attachment_id)
        digests = tuple("0x" + digest_of(block).hex() for block in blocks)
        try:
            entry = Attachment(
                id=attachment_id,
                name=name,
                size=len(data),
                blocks=digests,
                type=media_type_of(data),
            )
        except ValidationError:
            raise BadInput("not 1 to 200 characters", field="the attached file's name") from None
        return entry, blocks

    def sealed_files(
        self, token_id: bytes, key: bytes, files: Sequence[File]
    ) -> tuple[list[Attachment], list[bytes]]:
        """The entries of several files and all their blocks; errors as :meth:`sealed_file`."""
        attachments: list[Attachment] = []
        blocks: list[bytes] = []
        for file in files:
            if len(file.data) > MAX_ATTACHMENT:
                raise BadInput(TOO_LARGE, field="the attached file")
            attachment, sealed = self.sealed_file(token_id, key, file.name, file.data)
            attachments.append(attachment)
            blocks += sealed
        return attachments, blocks

    def read_file(self, token_id: bytes, attachment: Attachment) -> bytes:
        """The bytes of an attached file; errors as :meth:`read`."""
        blocks = [self.store.get(digest) for digest in digests_of([attachment])]
        key = self.vault.key_of(token_id)
        binding = self.registry.binding(token_id)
        return unseal_file(blocks, attachment.size, key, binding, attachment.id)


def digests_of(attachments: Sequence[Attachment]) -> list[bytes]:
    """The 32-byte digests of all blocks of these attachments, in order."""
    return [bytes.fromhex(block[2:]) for one in attachments for block in one.blocks]
