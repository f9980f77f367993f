"""``counterfoil verifier``: a node that vouches for case files."""

from __future__ import annotations

import click

from counterfoil.cli.lazy import Group
from counterfoil.cli.output import note, state_option
from counterfoil.local.ports import HOST
from counterfoil.state import State
from counterfoil.verifier.place import Standing


@click.group(cls=Group)
def verifier() -> None:
    """Vouch for case files before their tickets are minted."""


@verifier.command(epilog="Example: counterfoil verifier serve --name verifier-1 --port 8701")
@click.option(
    "--name",
    required=True,
    envvar="COUNTERFOIL_VERIFIER",
    help="Of its keys: NAME signs attestations, NAME-box opens case keys.",
)
@click.option("--host", default=HOST, show_default=True, envvar="COUNTERFOIL_VERIFIER_HOST")
@click.option("--port", required=True, type=int, envvar="COUNTERFOIL_VERIFIER_PORT")
@click.option(
    "--ipfs",
    default="",
    envvar="COUNTERFOIL_VERIFIER_IPFS",
    help="RPC address of its own IPFS node.  [default: the one that `up` started]",
)
@state_option
def serve(name: str, host: str, port: int, ipfs: str, folder: str | None) -> None:
    """Answer an intake desk until Ctrl-C.

    It may start before anything is deployed. Chain and registry are those of the state folder's
    deployment.json.
    """
    from counterfoil.verifier.service import serve as answer  # a web server: for this command only

    find = Standing(State.at(folder), name, ipfs)
    note(f"{name} listens at http://{host}:{port}")
    answer(find, host, port)
