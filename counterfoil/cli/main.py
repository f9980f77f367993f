"""The ``counterfoil`` command as a whole, and the one place where its errors end."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import click

from counterfoil import __version__
from counterfoil.cli.faults import keep_words_back, mind_the_answer
from counterfoil.cli.lazy import LazyGroup
from counterfoil.errors import CounterfoilError

_INTERRUPTED = 130  # 128 + SIGINT, as shells count
_Given = ParamSpec("_Given")

_LOCAL = dict.fromkeys(("up", "down", "doctor"), "counterfoil.cli.local")
_ABOUT = {
    "audit": "Check every ledger and ticket against chain and IPFS; exit 0 only if nothing is "
    "amiss.",
    "bank": "Answer terminals, the bank's own channel and customers over HTTP.",
    "doctor": "Look for each part that is needed, and say how to get what is missing.",
    "down": "End what `counterfoil up` started, and nothing else.",
    "points": "A bank's points: credits, settlement, balances, offers, quotes.",
    "role": "Say who may mint, work and vouch for tickets.",
    "rules": "A bank's rules: show, publish, explain.",
    "terminal": "Payment terminals: serve, add, move, list, show, sign, disable, enable, rotate.",
    "ticket": "Raise, look up and work tickets.",
    "up": "Start a chain, IPFS nodes, verifiers, each bank's node and till; deploy the contracts.",
    "vault": "Look after the keys of the case files.",
    "verifier": "Vouch for case files before their tickets are minted.",
}


@click.group(
    cls=LazyGroup,
    modules={name: f"counterfoil.cli.{name}" for name in _ABOUT} | _LOCAL,
    about=_ABOUT,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="counterfoil")
def cli() -> None:
    """Credit-card points as cash, and work tickets, on an EVM chain."""


def main() -> None:
    """Run the command; every error that is ours is one line and its exit status."""
    keep_words_back()
    mind_the_answer()
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """The exit status of the command with these arguments."""
    return ended(lambda: _answered(arguments))


def _answered(arguments: list[str]) -> object:
    status = cli.main(arguments, prog_name="counterfoil", standalone_mode=False)
    if sys.stdout is not None:
        sys.stdout.flush()
    return status


def told(script: Callable[_Given, object]) -> Callable[_Given, None]:
    """A Brownie script that ends as a command does: with one line about an error of ours."""

    @wraps(script)
    def main(*given: _Given.args, **named: _Given.kwargs) -> None:
        status = ended(lambda: script(*given, **named))
        if status:
            sys.exit(status)

    return main


def ended(program: Callable[[], object]) -> int:
    """The exit status of a program, every error of ours said in one line on stderr."""
    try:
        status = program()
    except CounterfoilError as error:
        click.echo(f"counterfoil: {error.line()}", err=True)
        return error.exit_status
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("counterfoil: interrupted", err=True)
        return _INTERRUPTED
    return status if isinstance(status, int) else 0
