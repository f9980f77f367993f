"""Who may ask a till for its pages, and with how much."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from counterfoil.web.forms import MAX_BODY


def test_posts_fromOtherSitesAreRefused(pages: TestClient) -> None:
    answer = pages.post(
        "/visits", data={"customer_id": "C-1"}, headers={"origin": "http://elsewhere.test"}
    )

    assert answer.status_code == 409
    assert "That came from another page" in answer.text


@pytest.mark.parametrize(
    ("host", "known"),
    [
        *(("127.0.0.1:8801", True), ("localhost", True), ("[::1]:8801", True)),
        *(("LOCALHOST:1", True), ("127.0.0.2", True)),
        *(("till.test", True), ("TILL.test:8801", True), ("0.0.0.0:8801", True)),
        *(("[fd00::7]:8801", True), ("[fd00::8]:8801", False)),
        *(("elsewhere.test:8801", False), ("localhost.elsewhere.test", False)),
        *(("till.test.elsewhere.test", False), ("127.0.0.1.elsewhere.test", False)),
        *(("10.0.0.7:8801", False), ("till.test@elsewhere.test", False), ("[", False), ("", False)),
    ],
)
def test_pages_areOnlyForTheTillsOwnNames(pages: TestClient, host: str, known: bool) -> None:
    headers = {"host": host, "origin": f"http://{host}", "sec-fetch-site": "same-origin"}

    first = pages.get("/", headers=headers)
    posted = pages.post("/visits", data={"customer_id": "C-1"}, headers=headers)

    assert (first.status_code, posted.status_code) == ((200, 200) if known else (409, 409))
    assert ("isn&#39;t known by that name" in first.text) != known


def test_refusalOfAnotherName_isDrawnLikeAnyPage(pages: TestClient) -> None:
    page = pages.get("/", headers={"host": "elsewhere.test"}).text
    style = page.partition('rel="stylesheet" href="')[2].partition('"')[0]

    answer = pages.get(style, headers={"host": "elsewhere.test"})

    assert (answer.status_code, answer.headers["content-type"][:8]) == (200, "text/css")


def test_posts_areBounded(pages: TestClient) -> None:
    answer = pages.post("/visits", data={"customer_id": "C" * MAX_BODY})

    assert answer.status_code == 409
