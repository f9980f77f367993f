"""The till's pages over HTTP: what is refused, what every answer carries, what is never told."""

from __future__ import annotations

import logging

import pytest
from fastapi.testclient import TestClient

from counterfoil.errors import Refused
from counterfoil.points import tills
from counterfoil.points.terminals import Item, Terminals
from counterfoil.web.forms import MAX_FIELDS
from tests.support.points_office import Office
from tests.support.till_bank import StandInBank


def visit(pages: TestClient, customer: str = "C-1") -> str:
    """The path of a customer's visit."""
    answer = pages.post("/visits", data={"customer_id": customer}, follow_redirects=False)
    assert answer.status_code == 303
    return answer.headers["location"]


@pytest.mark.parametrize("path", ["/", "/sales", "/nowhere", "/sales/nothing", "/visits/nothing"])
def test_everyPage_isUnderTheStrictPolicy(pages: TestClient, path: str) -> None:
    answer = pages.get(path)

    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["content-type"].startswith("text/html")
    assert "<h1" in answer.text or "<h2" in answer.text


@pytest.mark.parametrize(
    ("path", "status"),
    [("/nowhere", 404), ("/sales/nothing", 404), ("/visits/nothing", 409), ("/static/no.js", 404)],
)
def test_whatIsNotThere_isSaidSo(pages: TestClient, path: str, status: int) -> None:
    assert pages.get(path).status_code == status


def test_whatCantBeAsked_isNoPage(pages: TestClient) -> None:
    for answer in (pages.get("/visits"), pages.get("/events", params={"watch": "x" * 65})):
        assert answer.status_code == 404
        assert "There is no such page" in answer.text


@pytest.mark.parametrize("part", [True, False])
def test_fault_isAPageAndALineWithoutItsWords(
    pages: TestClient,
    bank: StandInBank,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    part: bool,
) -> None:
    here = visit(pages)

    def fails(*_: object) -> None:
        raise ValueError("C-1 has spoilt it")

    monkeypatch.setattr(bank, "quote", fails)
    headers = {"hx-request": "true"} if part else {}
    form = {"quantity-2": "1", "price-2": "50.00"}

    answer = pages.post(f"{here}/offer", data=form, headers=headers)

    assert answer.status_code == (200 if part else 500)  # htmx shows a part only if all is well
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert "Something went wrong in the till" in answer.text
    assert "ValueError at test_till_service.py:" in caplog.text
    assert "C-1" not in answer.text + caplog.text


@pytest.mark.parametrize("customer", ["", " ", "C\x00", "C" * 256])
def test_lookUp_refusesWhatIsNoId(pages: TestClient, customer: str) -> None:
    answer = pages.post("/visits", data={"customer_id": customer})

    assert answer.status_code == 422
    assert "That is no customer id" in answer.text


def test_lookUp_saysThatTheBankIsAway(pages: TestClient, bank: StandInBank) -> None:
    bank.away = True

    answer = pages.post("/visits", data={"customer_id": "C-1"})

    assert answer.status_code == 503
    assert "The bank doesn&#39;t answer" in answer.text


def test_lookUp_saysThatTheBankIsBusy(pages: TestClient, bank: StandInBank) -> None:
    bank.busy = True

    answer = pages.post("/visits", data={"customer_id": "C-1"})

    assert answer.status_code == 503
    assert "The bank is busy" in answer.text


@pytest.mark.parametrize(
    "form", [{"quantity-2": "x"}, {"quantity-2": "1", "price-2": "-1"}, {"quantity-2": "70000"}]
)
def test_offer_refusesABasketThatCantBeRead(pages: TestClient, form: dict[str, str]) -> None:
    here = visit(pages)

    answer = pages.post(f"{here}/offer", data={"price-2": "1.00", **form})
    part = pages.post(f"{here}/offer", data=form, headers={"hx-request": "true"})

    assert answer.status_code == 422
    assert "The basket can&#39;t be read" in answer.text
    assert part.text.startswith("<section")
    assert "The basket can&#39;t be read" in part.text


@pytest.fixture
def wide(pages: TestClient, office: Office) -> dict[str, str]:
    """The till sells 120 items from now on; the form of its page, with nothing chosen."""
    items = tuple(Item(f"item-{number}", 4000) for number in range(1, 121))
    tills.move(office.desk, "till-1", "wide", Terminals({"wide": items}, ()))
    rows = [(f"price-{number}", f"quantity-{number}") for number in range(1, 121)]
    return {price: "50.00" for price, _ in rows} | {quantity: "0" for _, quantity in rows}


@pytest.mark.parametrize("part", [True, False])
@pytest.mark.parametrize(("count", "taken"), [(32, True), (33, False)])
def test_offer_takesAsManyDifferentItemsAsAnOrderHasLines(
    pages: TestClient, wide: dict[str, str], count: int, taken: bool, part: bool
) -> None:
    chosen = {f"quantity-{number}": "1" for number in range(88, 88 + count)}
    headers = {"hx-request": "true"} if part else {}

    answer = pages.post(f"{visit(pages)}/offer", data=wide | chosen, headers=headers)

    assert answer.status_code == (200 if taken or part else 422)
    assert (attempt_in(answer.text) != "") == taken
    assert ("One order takes 32 of them." in answer.text) != taken


def test_offer_isBoundedByTheCatalogue(pages: TestClient, wide: dict[str, str]) -> None:
    more = {f"more-{number}": "1" for number in range(MAX_FIELDS)}

    full = pages.post(f"{visit(pages)}/offer", data=wide | more)
    over = pages.post(f"{visit(pages)}/offer", data=wide | more | {"one-more": "1"})

    assert (full.status_code, over.status_code) == (200, 422)


def test_pay_refusesAnOfferThatWasNeverMade(pages: TestClient) -> None:
    answer = pages.post(f"{visit(pages)}/pay", data={"attempt": "0" * 16, "points": "500"})

    assert answer.status_code == 409
    assert "This offer is too old" in answer.text


@pytest.mark.parametrize("points", ["", "x", "1e3", "400", "550"])
def test_pay_refusesPointsThatWereNotOffered(pages: TestClient, points: str) -> None:
    here = visit(pages)
    offer = pages.post(f"{here}/offer", data={"quantity-2": "1", "price-2": "50.00"})
    attempt = attempt_in(offer.text)

    answer = pages.post(f"{here}/pay", data={"attempt": attempt, "points": points})

    assert answer.status_code == 422
    assert 'name="quantity-2" value="1"' in answer.text  # the basket stays


def test_pay_offersAnewIfTheOfferIsTooOld(pages: TestClient, bank: StandInBank) -> None:
    here = visit(pages)
    bank.until = "2020-01-01T00:00:00Z"
    offer = pages.post(f"{here}/offer", data={"quantity-2": "3", "price-2": "50.00"})
    bank.until = "2099-01-01T00:00:00Z"

    answer = pages.post(f"{here}/pay", data={"attempt": attempt_in(offer.text), "points": "500"})

    assert answer.status_code == 409
    assert "That offer was too old" in answer.text
    assert 'name="quantity-2" value="3"' in answer.text
    again = pages.post(f"{here}/pay", data={"attempt": attempt_in(answer.text), "points": "500"})
    assert again.status_code == 200


def attempt_in(page: str) -> str:
    """The name of the offer that a page shows."""
    return page.partition('name="attempt" value="')[2].partition('"')[0]


@pytest.mark.parametrize(
    ("status", "code", "title"),
    [
        (401, "not-authenticated", "The bank says no"),
        (409, "frozen", "Points can&#39;t pay for this"),
        (409, "never-heard-of", "The bank says no"),
    ],
)
def test_lookUp_saysWhyTheBankRefuses(
    pages: TestClient, bank: StandInBank, status: int, code: str, title: str
) -> None:
    bank.refuses = Refused("Its own words.", code=code, arguments={"status": status})

    answer = pages.post("/visits", data={"customer_id": "C-1"})

    assert answer.status_code == 409
    assert title in answer.text
    assert ("Its own words." in answer.text) == (code == "never-heard-of")


def test_customersId_isKeptNowhereAndToldNowhere(
    pages: TestClient, office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    here = visit(pages)
    offer = pages.post(f"{here}/offer", data={"quantity-2": "1", "price-2": "50.00"})
    attempt = attempt_in(offer.text)
    sale = pages.post(f"{here}/pay", data={"attempt": attempt, "points": "500"})

    kept = [file.read_bytes() for file in office.state.root.glob("terminal-*.db*")]
    assert sale.status_code == 200
    assert kept
    assert not any(b"C-1" in content for content in kept)
    assert "C-1" not in here + sale.text + offer.text + caplog.text
