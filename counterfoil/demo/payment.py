"""One payment as a customer makes it at a till: through the pages' own HTTP calls."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import httpx

from counterfoil.artifacts import ROOT
from counterfoil.errors import Unavailable
from counterfoil.local.stack import Stack
from counterfoil.model import Check
from counterfoil.points import enquiry
from counterfoil.points.desk import BankDesk
from counterfoil.state import State

BANK, TILL, CUSTOMER, POINTS = "harbour", "till-1", "C-101", 500
_BREAKFAST = 2  # its number in the cafe's catalogue
_SECONDS = 60
_RECORDS = 3
_DONE = re.compile(r'class="record done"')


@dataclass(frozen=True, slots=True)
class Payment:
    """What was seen of it: how many records the till's page and the customer's showed as done, each
    time they changed; the customer's points ``before`` and ``after``."""

    at_the_till: tuple[int, ...]
    at_the_bank: tuple[int, ...]
    before: int
    after: int


def pay(stack: Stack, state: State, say: Callable[[str], None]) -> Payment:
    """Start the bank's node and the till, and pay for a breakfast."""
    stack.banks((BANK,))
    url = stack.tills({BANK: TILL}, ROOT / "examples" / "prices.toml").tills[BANK]
    before = _points(state)
    with httpx.Client(base_url=url, follow_redirects=True, timeout=_SECONDS) as browser:
        visit = _page(browser, "/visits", customer_id=CUSTOMER).url.path
        basket = {f"quantity-{_BREAKFAST}": "1", f"price-{_BREAKFAST}": "18.00"}
        offer = _page(browser, f"{visit}/offer", **basket)
        attempt = _found(r'name="attempt" value="([0-9a-f]+)"', offer.text)
        sale = _page(browser, f"{visit}/pay", attempt=attempt, points=str(POINTS)).url.path
        say(f"{BANK}: {CUSTOMER} pays with {POINTS} points at {TILL}, {url}{sale}")
        records = tuple(_watched(browser, sale))
        link = _found(r'href="(http[^"]+/s/[^"]+)"', _got(browser, sale).text)
        at_the_bank = tuple(_shown(browser, f"{link}/events"))
    return Payment(records, at_the_bank, before, _points(state))


def check_payment(payment: Payment) -> Iterator[Check]:
    """Whether the three records came one after the other, and both pages tell the same."""
    yield Check("till: records on its page", payment.at_the_till[-1], _RECORDS)
    yield Check("till: records on the customer's page", payment.at_the_bank[-1], _RECORDS)
    yield Check("till: points that it took", payment.before - payment.after, POINTS)


def _watched(browser: httpx.Client, sale: str) -> Iterator[int]:
    """How many records the till's page shows as done; the goods are handed over once the bank has
    answered."""
    handed = False
    for done in _shown(browser, f"/events?watch={sale.rpartition('/')[2]}"):
        yield done
        if done == 2 and not handed:
            handed = True
            _page(browser, f"{sale}/complete")


def _shown(browser: httpx.Client, events: str) -> Iterator[int]:
    """How many records a page shows as done, each time that it changes, up to all three."""
    with browser.stream("GET", events) as stream:
        part: list[str] = []
        for line in stream.iter_lines():
            part.append(line)
            if line:
                continue
            event, part = "\n".join(part), []
            if event.startswith("event: records"):
                done = len(_DONE.findall(event))
                yield done
                if done == _RECORDS:
                    return
    raise Unavailable("A page ended before the payment did.", fix="Look at the services' logs.")


def _page(browser: httpx.Client, path: str, **form: str) -> httpx.Response:
    return browser.post(path, data=form).raise_for_status()


def _got(browser: httpx.Client, url: str) -> httpx.Response:
    return browser.get(url).raise_for_status()


def _found(pattern: str, html: str) -> str:
    found = re.search(pattern, html)
    if found is None:
        raise Unavailable("The till's page isn't what it was.", fix="Look at its log.")
    return found[1]


def _points(state: State) -> int:
    with BankDesk.open(state, BANK) as desk:
        return enquiry.balance(desk.ledger, desk.account(CUSTOMER)).points
