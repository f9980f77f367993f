"""``up``, ``down``, ``doctor``: a local installation from the shell."""

from __future__ import annotations

from dataclasses import asdict
from filecmp import cmp
from pathlib import Path

import click

from counterfoil import deployment, rollout
from counterfoil.artifacts import ROOT
from counterfoil.bank.consents import local_key
from counterfoil.cli.output import FILE, json_option, note, print_json, state_option
from counterfoil.deployment import Deployment
from counterfoil.local import asked, process
from counterfoil.local import doctor as examination
from counterfoil.local import stack as local
from counterfoil.local.asked import Files
from counterfoil.local.services import Services
from counterfoil.local.stack import Stack, Wishes
from counterfoil.rollout import Rollout
from counterfoil.state import State

_EXAMPLES = ROOT / "examples"
_TERMINALS = _EXAMPLES / "terminals.toml"
_PRICES = _EXAMPLES / "prices.toml"
_BANKS = {
    bank: Files(_EXAMPLES / bank / "rules.toml", _TERMINALS) for bank in ("harbour", "summit")
}


@click.command(
    epilog="Example: counterfoil up --detach --rules harbour.toml --terminals tills.toml"
)
@state_option
@click.option("--detach", is_flag=True, help="Return when everything answers.")
@click.option("--rules", multiple=True, type=FILE, help="A bank's rules; once for each bank.")
@click.option("--terminals", type=FILE, help="The terminals and their catalogues.")
@click.option(
    "--chain",
    default="",
    metavar="ganache|anvil|URL",
    help="The chain to start, or the URL of one that runs.  [default: ganache]",
)
@click.option("--chain-port", type=int, default=0, help="  [default: a free one]")
@click.option("--ipfs-port", type=int, default=0, help="  [default: a free one]")
@json_option
def up(
    folder: str | None,
    detach: bool,
    rules: tuple[Path, ...],
    terminals: Path | None,
    chain: str,
    chain_port: int,
    ipfs_port: int,
    as_json: bool,
) -> None:
    """Start a chain, IPFS nodes, verifiers, each bank's node and till; deploy the contracts.

    Without files it takes those of the last time, the first time those of examples/. What runs
    already is used; a second run goes on where the first one ended. Ctrl-C, or `counterfoil down`,
    ends all that was started.
    """
    state = State.at(folder)
    files = asked.wanted(state, rules, terminals, _BANKS)
    plan = rollout.check_each([(one.rules, one.terminals) for one in files])
    given = files if rules or terminals else ()
    with process.ends_like_interrupt(), Stack(state, note) as stack:
        services = stack.start(Wishes(chain, chain_port, ipfs_port))
        with stack.verifiers():
            if deployment.find(state) is None:
                asked.keep(state, given)  # if this is cut short, the next one goes on with it
            done = rollout.ensure(plan, state, services.chain, note)
            asked.keep(state, given)
        shops = all(cmp(one.terminals, _TERMINALS, shallow=False) for one in files)
        services = _services(stack, state, done.deployment, _PRICES if shops else None)
        _show(state, services, done, as_json)
        if detach:
            stack.leave_running()
        else:
            stack.release()
            _hold(stack)


@click.command(epilog="Example: counterfoil down --state S")
@state_option
@json_option
def down(folder: str | None, as_json: bool) -> None:
    """End what `counterfoil up` started, and nothing else. The data stay."""
    state = State.at(folder)
    ended = local.stop(state)
    if as_json:
        print_json({"state": str(state.root), "ended": list(ended)})
    else:
        click.echo(f"Ended {', '.join(ended)}." if ended else f"Nothing runs for {state.root}.")


@click.command(epilog="Example: counterfoil doctor --json")
@json_option
@click.pass_context
def doctor(context: click.Context, as_json: bool) -> None:
    """Look for each part that is needed, and say how to get what is missing."""
    rows = examination.examine()
    for row in rows:
        if as_json:
            print_json(asdict(row))
        elif row.found:
            click.echo(f"{row.part:20} {row.version or 'found'}")
        else:  # the fix on a line of its own, to be copied whole
            lacks = "MISSING" if row.needed else "not found"
            click.echo(f"{row.part:20} {lacks} {row.version}".rstrip() + f"\n    {row.fix}")
    context.exit(0 if examination.is_well(rows) else 3)


def _services(stack: Stack, state: State, deployed: Deployment, prices: Path | None) -> Services:
    """The banks' nodes, each with a key for its channel, and a till for each."""
    for name in deployed.banks:
        local_key(state, name)
    stack.banks(tuple(deployed.banks))
    return stack.tills(_tills(deployed), prices)


def _tills(deployed: Deployment) -> dict[str, str]:
    """By bank, the first terminal whose key is kept here."""
    found = {
        bank: [name for name, till in record.terminals.items() if till.local]
        for bank, record in deployed.banks.items()
    }
    return {bank: names[0] for bank, names in found.items() if names}


def _show(state: State, services: Services, done: Rollout, as_json: bool) -> None:
    deployed = done.deployment
    banks = {name: bank.address for name, bank in deployed.banks.items()}
    if as_json:
        answer = {
            "state": str(state.root),
            "chain": services.chain,
            "chain_id": deployed.chain_id,
            "ipfs": services.ipfs,
            "banks": banks,
            "nodes": services.banks,
            "tills": services.tills,
            "tickets": deployed.tickets,
            "reused": done.reused,
        }
        print_json(answer)
        return
    for name, address in banks.items():
        click.echo(f"Bank {name}: {address}")
    for name, url in services.banks.items():
        click.echo(f"Node of {name}: {url}")
    for name, terminal in _tills(deployed).items():
        click.echo(f"Till {terminal} at {name}: {services.tills[name]}")
    click.echo(f"Tickets: {deployed.tickets}")
    click.echo("All of it stood already." if done.reused else f"Recorded in {state.root}.")


def _hold(stack: Stack) -> None:
    if not stack.started:
        note("Nothing was started here, so nothing is left to wait for.")
        return
    note("Ctrl-C ends it.")
    try:
        stack.watch()
    except KeyboardInterrupt:
        note("Ending what was started.")
