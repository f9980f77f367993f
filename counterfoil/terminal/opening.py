"""A till out of a state folder: its key, its store, its lines to the bank and the chain."""

from __future__ import annotations

import logging
import time
from pathlib import Path

from pydantic import RootModel, StrictStr

from counterfoil import deployment
from counterfoil.advisory import turns_of
from counterfoil.deployment import LedgerRecord
from counterfoil.errors import BadInput, CounterfoilError
from counterfoil.files import read_toml
from counterfoil.money import parse_minor
from counterfoil.points.signing import terminal_signer
from counterfoil.state import State
from counterfoil.terminal.bank_client import BankClient
from counterfoil.terminal.journal import TillJournal
from counterfoil.terminal.placing import Counter
from counterfoil.terminal.pulse import Lines, Pulse
from counterfoil.terminal.records import TillChain
from counterfoil.terminal.steps import Steps
from counterfoil.terminal.till import Till
from counterfoil.terminal.worker import Changes, Worker

_LOG = logging.getLogger("counterfoil.terminal")
HAND_OVER = 30
"""Seconds after which a paid sale completes by itself, unless told otherwise."""


class _Prices(RootModel[dict[str, dict[str, StrictStr]]]):
    """``prices.toml``: a table for each catalogue, of what the shop charges for an item."""


def counter_of(state: State, terminal: str, bank: str | None) -> Counter:
    """Who signs here. No secret of the bank's is read.

    Raises:
        BadInput: the bank has no such terminal, or its key isn't kept here.
        Unavailable: nothing is deployed.
    """
    deployed = deployment.load(state)
    record = deployed.bank(bank)
    if terminal not in record.terminals:
        known = ", ".join(record.terminals)
        problem = f"{record.bank} has no terminal {terminal[:32]!r}"
        raise BadInput(problem, field="--terminal", fix=f"Known: {known}.")
    signer = terminal_signer(state, terminal)
    if signer is None:
        raise BadInput(
            f"no key of {terminal} is kept in {state.root}",
            field="--terminal",
            fix=f"Put it into keys/terminal-{terminal}.",
        )
    return Counter(record, deployed.chain_id, terminal, signer)


def open_till(
    state: State,
    counter: Counter,
    bank_url: str,
    *,
    prices: Path | None = None,
    hand_over: int = HAND_OVER,
) -> tuple[Till, Pulse]:
    """The till and what watches its lines. Neither bank nor chain need answer.

    Raises:
        BadInput: a price can't be read.
        Unavailable: the store can't be opened.
    """
    url = deployment.load(state).chain_url
    turns = turns_of(state)
    chain = TillChain(url, counter.record, counter.address, counter.signer, turns)
    bank = BankClient(bank_url, counter.terminal, counter.signer, counter.domain)
    store = state.database_url(f"terminal-{counter.terminal}")
    journal = TillJournal.open(store, counter.record.key, counter.address)
    changes = Changes()
    steps = Steps(journal, chain, bank, hand_over, time.time)
    pulse = Pulse(Lines(bank.missing, lambda: _answers(chain)).look, changes)
    worker = Worker(journal, steps, changes, pulse.look)
    shop = _prices(prices, counter.record) if prices else {}
    latest = deployment.Latest(state, counter.record, _passed_over)
    till = Till(counter, journal, chain, bank, worker, changes, shop, hand_over, latest.now)
    return till, pulse


def _answers(chain: TillChain) -> bool:
    try:
        return chain.height() >= 0
    except CounterfoilError:
        return False


def _passed_over(error: CounterfoilError) -> None:
    _LOG.warning("the deployment record is passed over: %s", error.line())


def _prices(file: Path, record: LedgerRecord) -> dict[str, dict[str, str]]:
    """By catalogue, of those that the ledger has: the terminal may be moved to any."""
    tables = read_toml(file, _Prices).root
    for name in tables.keys() & record.catalogues.keys():
        for item, price in tables[name].items():
            try:
                parse_minor(price, record.currency)
            except BadInput as error:
                raise BadInput(error.message, file=str(file), field=f"{name}.{item}") from error
    return tables
