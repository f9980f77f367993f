"""Refunds and cancellations from the shell, with receipts rebuilt from the chain's own events."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue

import pytest

from counterfoil.advisory import turns_of
from counterfoil.errors import Unavailable
from counterfoil.points import refunds
from counterfoil.points.desk import BankDesk
from counterfoil.points.ledger import Mark
from counterfoil.points.naming import paid_order
from counterfoil.points.refunding import Refunding
from tests.support.points_office import Office, order
from tests.support.shell import Shell


@pytest.fixture
def paid(office: Office) -> list[str]:
    """Three orders of one batch: A paid, B rejected, C paid; none of them final."""
    office.issue(office.credit("R-1"))
    lines = office.three()
    office.redeem(lines, finalize=False)
    return lines


@pytest.mark.usefixtures("paid")
def test_refunds_in_parts_restore_what_the_order_took(shell: Shell) -> None:
    first = shell.rows("points", "refund", "C", "1.20", "--json")[0]
    second = shell.rows("points", "refund", "C", "2.15", "--json")[0]

    assert (first["cash"], first["points"], first["left"]) == ("1.20", 179, "2.15")
    assert (second["cash"], second["points"], second["left"]) == ("2.15", 321, "0.00")
    assert shell.office.points() == 4500


@pytest.mark.usefixtures("paid")
def test_more_than_is_left_is_refused(shell: Shell) -> None:
    shell.rows("points", "refund", "A", "3.34", "--json")

    shell.refuses("points", "refund", "A", "0.02", status=1, saying=["0.02 CNY was asked"])

    assert shell.rows("points", "refund", "A", "0.01", "--json")[0]["left"] == "0.00"


@pytest.mark.usefixtures("paid")
@pytest.mark.parametrize("ref", ["B", "nobody's"])
def test_an_order_that_was_not_paid_is_refused(shell: Shell, ref: str) -> None:
    shell.refuses("points", "refund", ref, "1.00", status=1, saying=["was paid here"])


@pytest.mark.usefixtures("paid")
@pytest.mark.parametrize("cash", ["0", "-1", "1.234", "1,000.00", "all"])
def test_a_malformed_amount_is_bad_input(shell: Shell, cash: str) -> None:
    shell.refuses("points", "refund", "--", "A", cash, status=2, saying=["CASH"])


def test_an_order_that_nobody_finalized_is_cancelled_whole(shell: Shell, paid: list[str]) -> None:
    done = shell.rows("points", "cancel", "A", "--json")[0]

    assert (done["cash"], done["points"], done["left"]) == ("3.35", 500, "0.00")
    assert shell.office.marks(paid) == [Mark.FINALIZED, Mark.REJECTED, Mark.PAID]
    assert shell.office.points() == 4500


def test_a_final_order_is_not_cancelled(shell: Shell, paid: list[str]) -> None:
    shell.office.redeem(paid)

    shell.refuses("points", "cancel", "A", status=1, saying=["is final"])


def test_each_order_of_an_odd_batch_has_its_proof(shell: Shell) -> None:
    office = shell.office
    office.issue(office.credit("R-1"))
    office.redeem(office.lines(*(order(f"O-{number}") for number in range(7))))

    for number in range(7):
        assert shell.rows("points", "refund", f"O-{number}", "3.35", "--json")[0]["points"] == 500
    assert office.points() == 5000


@pytest.mark.usefixtures("paid")
def test_a_refund_with_an_id_is_done_once(shell: Shell) -> None:
    words = ("points", "refund", "C", "1.20", "--refund-id", "till-7", "--json")
    first, again = shell.rows(*words)[0], shell.rows(*words)[0]

    assert again == {**first, "replayed": True}
    assert (first["refund_id"], first["replayed"]) == ("till-7", False)
    assert shell.office.points() == 4000 + 179


@pytest.mark.usefixtures("paid")
def test_an_id_stands_for_one_refund_of_its_order(shell: Shell) -> None:
    shell.rows("points", "refund", "C", "1.20", "--refund-id", "till-7", "--json")

    other = ("points", "refund", "C", "1.21", "--refund-id", "till-7")
    shell.refuses(*other, status=1, saying=["was used for another refund"])
    assert shell.rows("points", "refund", "A", "1.21", "--refund-id", "till-7", "--json")


@pytest.mark.usefixtures("paid")
@pytest.mark.parametrize("refund_id", ["x" * 65, "a b", "退款"])
def test_a_malformed_id_is_bad_input(shell: Shell, refund_id: str) -> None:
    words = ("points", "refund", "A", "1.00", "--refund-id", refund_id)
    shell.refuses(*words, status=2, saying=["--refund-id"])


@pytest.mark.usefixtures("paid")
def test_without_an_id_the_same_again_is_a_second_refund(shell: Shell) -> None:
    first, second = (shell.rows("points", "refund", "C", "1.00", "--json")[0] for _ in range(2))

    assert (first["left"], second["left"]) == ("2.35", "1.35")
    assert not second["replayed"]


@pytest.mark.usefixtures("paid")
@pytest.mark.parametrize("sent", [True, False])
@pytest.mark.parametrize("words", [("refund", "C", "1.00"), ("cancel", "C")])
def test_a_refund_that_was_cut_short_is_done_once_when_it_is_asked_for_again(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], sent: bool
) -> None:
    name = f"{words[0]}_order"
    really = getattr(refunds, name)

    def breaks_off(*asked: object) -> None:
        if sent:
            really(*asked)
        raise Unavailable("The chain doesn't answer.")

    with monkeypatch.context() as broken:
        broken.setattr(refunds, name, breaks_off)
        assert shell.run("points", *words)[0] == 3
    points = shell.office.points()
    (done,) = shell.rows("points", *words, "--json")

    assert shell.office.points() == (points if sent else points + done["points"])
    assert shell.office.points() == 4000 + done["points"]
    assert done["left"] == ("2.35" if words[0] == "refund" else "0.00")


@pytest.mark.usefixtures("paid")
def test_a_cancellation_again_is_answered_as_the_first_time(shell: Shell) -> None:
    first = shell.rows("points", "cancel", "C", "--json")[0]
    again = shell.rows("points", "cancel", "C", "--json")[0]

    assert again == {**first, "replayed": True}


@pytest.mark.usefixtures("paid")
def test_a_refund_waits_for_the_process_that_is_at_work_on_another(shell: Shell) -> None:
    desk = BankDesk.open(shell.office.state, None)
    order_id = paid_order(desk, "C").order_id
    said: SimpleQueue[str] = SimpleQueue()
    desk.ledger.chain.turns.say = said.put
    name = f"refunds-{desk.ledger.record.address}"
    others = turns_of(shell.office.state)
    others.take(name, 1)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(Refunding.at(desk).give_back, order_id, "refund", 100)
        assert (
            said.get(timeout=20)
            == f"Waiting for process {os.getpid()}, which is at work on {name}."
        )
        assert shell.office.points() == 4000
        others.give(name)

        assert asked.result(20)[0].points == 149


def test_the_statement_tells_every_movement_with_its_balance(shell: Shell) -> None:
    office = shell.office
    office.issue(office.credit("R-1"))
    office.redeem(office.lines(order("A")))
    shell.rows("points", "refund", "A", "1.00", "--json")

    rows = shell.rows("points", "statement", "C-1", "--json")

    keys = ("movement", "points", "balance", "cash", "reference")
    assert [tuple(row[key] for key in keys) for row in rows] == [
        ("issued", 5000, 5000, None, "R-1"),
        ("paid", -500, 4500, "3.35", "A"),
        ("refunded", 149, 4649, "1.00", "A"),
    ]


@pytest.fixture
def twins(office: Office) -> dict[str, str]:
    """The ids of two paid orders that their terminals both call AA, by terminal."""
    office.issue(office.credit("R-1"))
    lines = office.lines(order("AA")) + office.lines(order("AB", 1000, till="till-2"))
    lines[1] = lines[1].replace('"AB"', '"AA"')  # as a till that signs for itself may call it
    answers = office.redeem(lines, finalize=False)
    return {f"till-{place}": answer.order_id or "" for place, answer in enumerate(answers, 1)}


@pytest.mark.parametrize("words", [("refund", "AA", "1.00"), ("cancel", "AA")])
def test_a_reference_of_two_orders_is_ambiguous(
    shell: Shell, twins: dict[str, str], words: tuple[str, ...]
) -> None:
    saying = ["--terminal", *twins, *twins.values()]
    shell.refuses("points", *words, status=2, saying=saying)


@pytest.mark.parametrize("words", [("refund", "{}", "3.35"), ("cancel", "{}")])
@pytest.mark.parametrize("by_id", [False, True], ids=["terminal", "id"])
def test_a_terminal_or_an_id_tells_which_order_is_meant(
    shell: Shell, twins: dict[str, str], words: tuple[str, ...], by_id: bool
) -> None:
    name, option = (twins["till-1"], ()) if by_id else ("AA", ("--terminal", "till-1"))
    asked = [word.format(name) for word in words]

    (done,) = shell.rows("points", *asked, *option, "--json")

    assert (done["order_ref"], done["order_id"]) == ("AA", twins["till-1"])
    assert (done["points"], done["left"]) == (500, "0.00")


@pytest.mark.usefixtures("twins")
def test_a_terminal_that_has_no_such_order_is_refused(shell: Shell) -> None:
    words = ("points", "cancel", "AA", "--terminal")

    shell.refuses(*words, "till-9", status=1, saying=["was paid at till-9"])
    shell.refuses(*words, "till-8", status=2, saying=["no terminal 'till-8'"])


def test_finalize_names_the_orders_of_an_ambiguous_reference(
    shell: Shell, twins: dict[str, str]
) -> None:
    (refused,) = shell.rows("points", "finalize", "AA", "--json", status=1)
    (one,) = shell.rows("points", "finalize", "AA", "--terminal", "till-2", "--json")
    both = shell.rows("points", "finalize", *twins.values(), "--json")
    twice = shell.rows(
        "points", "finalize", "AA", twins["till-1"], "--terminal", "till-1", "--json"
    )

    assert refused["reason"] == "ambiguous"
    assert all(word in refused["detail"] for word in (*twins, *twins.values()))
    assert (one["order_id"], one["status"]) == (twins["till-2"], "final")
    assert [(row["order_id"], row["replayed"]) for row in both] == [
        (twins["till-1"], False),
        (twins["till-2"], True),
    ]
    assert [row["order_id"] for row in twice] == [twins["till-1"]] * 2
