"""Work a ticket to its answer: `brownie run resolve_ticket --network ganache-cli`.

`brownie run resolve_ticket main 0x… "The receipt shows your signature." --network ganache-cli`
"""

from datetime import UTC, datetime

from brownie import network

from counterfoil.attached import EXAMPLES, attached
from counterfoil.cli.main import told
from counterfoil.cli.ticket_options import token_id
from counterfoil.ticket_desk import open_desk
from counterfoil.tickets import lifecycle
from counterfoil.tickets.desk import Desk
from counterfoil.tickets.intake import open_queries
from counterfoil.tickets.listing import list_tickets
from counterfoil.tickets.queries import read_queries
from counterfoil.tickets.registry import Action


@told
def main(ticket_id: str = "", answer: str = "The receipt shows your signature.") -> None:
    """Without `ticket_id` the oldest open ticket is taken, of the sample queries if need be."""
    with attached(network.web3.provider.endpoint_uri) as state, open_desk(state) as desk:
        ticket = token_id(ticket_id) if ticket_id else _oldest(desk)
        for action, note in ((Action.TAKE, None), (Action.RESOLVE, answer), (Action.CLOSE, None)):
            sheet = lifecycle.move(desk, ticket, action, now=datetime.now(UTC), note=note)
            print(f"0x{ticket.hex()}: {sheet.ticket.status}")


def _oldest(desk: Desk) -> bytes:
    now = datetime.now(UTC)
    if next(list_tickets(desk, status="open"), None) is None:
        list(open_queries(desk, read_queries(EXAMPLES / "queries.jsonl", now=now), now=now))
    return next(list_tickets(desk, status="open")).token_id
