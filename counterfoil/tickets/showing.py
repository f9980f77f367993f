"""What of a case may be looked at."""

from __future__ import annotations

from typing import TypeVar

from counterfoil.tickets.casefile import CaseFile, Customer, Identity, Part
from counterfoil.tickets.masking import masked_pan, without_pan

P = TypeVar("P", bound=Part)


def shown(case: CaseFile) -> CaseFile:
    """The case as it may be looked at: the card number masked, in what people wrote too."""
    pan = case.identity.pan

    def masked(part: P, *names: str) -> P:
        texts = {name: getattr(part, name) for name in names}
        said = {name: without_pan(text, pan) for name, text in texts.items() if text}
        return part.model_copy(update=said)

    customer = masked(case.identity.customer, *Customer.model_fields)
    entries = tuple(masked(entry, "note") for entry in case.process.entries)
    return case.model_copy(
        update={
            "identity": Identity.model_construct(pan=masked_pan(pan), customer=customer),
            "transaction": masked(case.transaction, "address"),
            "process": case.process.model_copy(update={"entries": entries}),
            "attachments": tuple(masked(one, "name") for one in case.attachments),
        }
    )
