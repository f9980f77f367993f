"""docs/formats.md lists what the commands answer."""

from __future__ import annotations

import pytest

from tests.support.formats import listed
from tests.support.points_office import Office, order
from tests.support.shell import Shell


@pytest.fixture
def paid(office: Office, credited: None) -> None:
    """An order that can be refunded."""
    office.redeem(office.lines(order("A")))


@pytest.mark.parametrize(
    "words", ["points balance C-1", "points offers C-1 till-1", "points refund A 1.20"]
)
def test_answer_hasTheFieldsThatAreListed(shell: Shell, paid: None, words: str) -> None:
    start = " ".join(words.split()[:2])
    start = f"`{start}`, of each item:" if "offers" in start else f"`{start}`:"

    row = shell.rows(*words.split(), "--json")[0]

    assert list(row) == listed(start)


@pytest.mark.parametrize(("command", "other"), [("freeze", "lapsed"), ("sweep", "frozen")])
def test_customer_hasTheFieldsThatAreListed(shell: Shell, command: str, other: str) -> None:
    file = shell.file("customers.csv", "customer_id\nC-1\n")

    (row,) = shell.rows("points", command, "--file", file, "--json")

    assert {*row, other} == {*listed("Of each customer comes back:")}
