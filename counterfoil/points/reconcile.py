"""The bank's journals, the terminals' file and the chain, each against the other two."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from counterfoil.errors import BadInput
from counterfoil.points.accounts import has_bank_key
from counterfoil.points.chainside import ChainSide
from counterfoil.points.clawcheck import check_claws
from counterfoil.points.comparison import Comparison
from counterfoil.points.creditcheck import check_credits
from counterfoil.points.desk import BankDesk
from counterfoil.points.filecheck import check_file
from counterfoil.points.finalcheck import check_records
from counterfoil.points.findings import Finding, Watch, unwatched
from counterfoil.points.ordercheck import check_orders
from counterfoil.points.refundcheck import check_refunds
from counterfoil.points.refunding import Refunding
from counterfoil.points.signedfile import SignedOrder


def reconcile(
    desk: BankDesk,
    file: Iterable[SignedOrder] | None,
    *,
    older_than: int,
    now: int,
    watch: Watch = unwatched,
    taken: Callable[[Sequence[str]], Collection[str]] = lambda _: (),
) -> Iterator[Finding]:
    """Everything that is found.

    Args:
        desk: the bank's side, and its line to the chain.
        file: the terminals' side; None: not compared.
        older_than: seconds after which what was begun should be done.
        now: in seconds, as :meth:`BankDesk.now` tells it.
        watch: shows how far each part of the work is.
        taken: which of some orders (by id) came in through the bank's node.

    Raises:
        BadInput: there are credits, and the key that names them isn't kept here.
    """
    chain = ChainSide.read(desk.ledger, watch)
    keyed = has_bank_key(desk.state, desk.bank)
    if not keyed and (chain.credits or any(desk.journal.credit_pages())):
        raise BadInput(
            f"{desk.state.root / 'keys'} doesn't hold {desk.bank}'s key for accounts.",
            fix="Copy the folder `keys` of the bank's state folder to there.",
        )
    books = Comparison(desk, chain, older_than, now, watch, taken)
    if file is not None:
        yield from check_file(books, file)
    yield from check_orders(books)
    yield from check_records(books)
    if keyed:
        yield from check_credits(books)
        yield from check_claws(desk.clawing(), chain.top)
    yield from check_refunds(books, Refunding.at(desk).journal)
