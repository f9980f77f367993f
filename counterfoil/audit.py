"""Everything that one deployment has on chain and in IPFS, checked against itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from counterfoil import deployment
from counterfoil.model import Check
from counterfoil.points.audit import audit as audit_ledger
from counterfoil.points.desk import BankDesk
from counterfoil.state import State
from counterfoil.ticket_desk import open_desk
from counterfoil.tickets.audit import audit as audit_tickets


def audit(state: State) -> Iterator[Check]:
    """Each bank's ledger, then the tickets; a check's name begins with whose it is."""
    for bank in deployment.load(state).banks:
        with BankDesk.open(state, bank) as bank_desk:
            for check in audit_ledger(bank_desk.ledger):
                yield replace(check, name=f"{bank}: {check.name}")
    with open_desk(state) as desk:
        for check in audit_tickets(desk.registry, desk.store):
            yield replace(check, name=f"tickets: {check.name}")
