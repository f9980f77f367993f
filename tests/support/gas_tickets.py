"""What a ticket costs on chain, in gas, once the desk's slots have been written."""

from __future__ import annotations

from counterfoil.chain import Chain
from counterfoil.ipfs.cid import cid_of
from tests.support.ticket_rules import Action, Opening
from tests.support.ticket_samples import opening
from tests.support.tickets import Desk

BATCH = 100
DEADLINE = 2**35  # fixed: signatures, and so the gas of their bytes, are the same in every run


def measure(chain: Chain) -> dict[str, int]:
    """Whole gas per ticket by name, each the transaction's gas over its tickets.

    The same on every fresh chain; on a used one the registry's address, and with it the price of
    the signatures' bytes, may differ by some tens.
    """
    alone, quorate = Desk.deployed(chain, quorum=0), Desk.deployed(chain, quorum=2)
    for desk in (alone, quorate):  # from here on the handler's balance is no new slot
        _mint(desk, opening(0))
    return {
        "plain_ticket": _plain(chain, alone),
        "mint_single": _mint(alone, opening(1)),
        "mint_single_quorum2": _mint(quorate, opening(1)),
        "mint_batch100_quorum2": _batch(quorate),
        "ticket_move": _move(alone, opening(0)),
    }


def _mint(desk: Desk, one: Opening) -> int:
    return desk.open(one, desk.proof([one], deadline=DEADLINE)).gas_used


def _batch(desk: Desk) -> int:
    """Rounded up."""
    batch = [opening(number) for number in range(2, 2 + BATCH)]
    mined = desk.open_batch(batch, desk.proof(batch, deadline=DEADLINE))
    return -(-mined.gas_used // BATCH)


def _move(desk: Desk, one: Opening) -> int:
    """A change of status by the handler."""
    desk.act(desk.resolver, one, Action.TAKE)
    return desk.act(desk.resolver, one, Action.ASK).gas_used


def _plain(chain: Chain, desk: Desk) -> int:
    """The second mint, for the same reason as everywhere."""
    plain = chain.deploy(desk.admin, "PlainTicket").contract

    def mint(one: Opening) -> int:
        uri = "ipfs://" + cid_of(one.digest)
        return plain.send(desk.admin, "mint", desk.resolver.address, one.token_id, uri).gas_used

    mint(opening(0))
    return mint(opening(1))
