"""Open a file of queries as tickets: `brownie run open_tickets --network ganache-cli`."""

from datetime import UTC, datetime
from pathlib import Path

from brownie import network

from counterfoil.attached import EXAMPLES, attached
from counterfoil.cli.main import told
from counterfoil.ticket_desk import open_desk
from counterfoil.tickets.intake import open_queries
from counterfoil.tickets.queries import read_queries


@told
def main(file: str = "") -> None:
    """`file` holds one query a line (JSON); without it the sample is used."""
    now = datetime.now(UTC)
    queries = read_queries(Path(file or EXAMPLES / "queries.jsonl"), now=now)
    with attached(network.web3.provider.endpoint_uri) as state, open_desk(state) as desk:
        for opened in open_queries(desk, queries, now=now):
            token_id = f"0x{opened.token_id.hex()}" if opened.token_id else "-"
            print(opened.channel_ref, opened.outcome, opened.status or "-", token_id)
