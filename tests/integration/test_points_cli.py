"""The points commands as FORMATS has them: columns, streams, exit codes."""

from __future__ import annotations

import json

import pytest

from tests.support.points_office import LOTS, ORDERS, order
from tests.support.shell import Shell

RESULT = ["order_ref", "order_id", "status", "reason", "detail", "points", "cash", "currency"]
RESULT += ["rules_version", "transaction", "block", "replayed"]


def test_issue_streamsOneRowForEach(shell: Shell) -> None:
    rows = [shell.office.credit("R-1"), "C-1,0,2026-01-01,R-2"]
    file = shell.file("lots.csv", LOTS + "\n".join(rows))

    issued, refused = shell.rows("points", "issue", file, "--json", status=1)

    assert (issued["reference"], issued["status"], issued["replayed"]) == ("R-1", "issued", False)
    assert (refused["line"], refused["status"], refused["reason"]) == (3, "refused", "bad-row")
    again, _ = shell.rows("points", "issue", file, "--json", status=1)
    assert again == issued | {"replayed": True}


def test_issue_isDoneIfNothingIsRefused(shell: Shell) -> None:
    file = shell.file("lots.csv", LOTS + shell.office.credit("R-1") + "\n")

    status, out, err = shell.run("points", "issue", file)

    assert status == 0
    assert "R-1" in out
    assert err == "1 issued, 0 refused.\n"
    assert shell.run("points", "issue", file)[2] == "1 issued, 0 refused; 1 of them done before.\n"


def test_flow_goesThroughTheShell(shell: Shell) -> None:
    lots = shell.file("lots.csv", LOTS + shell.office.credit("R-1"))
    rows = [order("A"), order("B", 400), order("C", till="none")]
    orders = shell.file("orders.csv", ORDERS + "\n".join(rows))
    shell.rows("points", "issue", lots, "--json")

    status, signed, _ = shell.run("terminal", "sign", orders)
    results = shell.rows("points", "redeem", shell.file("signed.jsonl", signed), "--json", status=1)

    assert status == 1
    first = json.loads(signed.splitlines()[0])
    assert list(first) == ["order_ref", "order_id", "message", "signature"]
    assert first["message"]["primaryType"] == "PaymentOrder"
    assert all(list(row) == RESULT for row in results)
    assert [row["status"] for row in results] == ["paid", "rejected", "invalid"]
    assert [row["reason"] for row in results] == [None, "points-minimum", "unknown-terminal"]
    paid = results[0]
    assert (paid["points"], paid["cash"], paid["currency"]) == (500, "3.35", "CNY")
    assert (paid["rules_version"], paid["order_id"]) == (1, first["order_id"])


def test_redeem_isDoneIfAllIsPaid(shell: Shell) -> None:
    shell.office.issue(shell.office.credit("R-1"))
    file = shell.file("signed.jsonl", "\n".join(shell.office.lines(order("A"))))

    until = shell.rows("points", "redeem", file, "--until", "settled", "--json")
    status, out, err = shell.run("points", "redeem", file)

    assert (until[0]["status"], until[0]["replayed"]) == ("paid", False)
    assert status == 0
    assert "A" in out.splitlines()[1]
    assert err == "1 paid, 0 rejected, 0 invalid; 1 of them done before.\n"


def test_sign_refusesBeforehandIfAskedTo(shell: Shell) -> None:
    orders = shell.file("orders.csv", ORDERS + order("A", 400) + "\n" + order("B"))

    refused, signed = shell.rows("terminal", "sign", orders, "--check", status=1)

    assert list(refused) == RESULT
    assert (refused["status"], refused["reason"]) == ("invalid", "points-minimum")
    assert "signature" in signed
    passed = shell.file("signed.jsonl", json.dumps(refused))
    assert shell.rows("points", "redeem", passed, "--json", status=1) == [refused]


def test_balance_isOneValue(shell: Shell) -> None:
    office = shell.office
    office.issue(office.credit("R-1", 700), f"C-1,50,{office.day(-183)},R-2")

    (held,) = shell.rows("points", "balance", "C-1", "--json")

    assert {"customer_id", "points", "worth", "currency", "lots"} <= held.keys()
    assert (held["customer_id"], held["points"], held["worth"]) == ("C-1", 750, "5.02")
    assert [lot["points"] for lot in held["lots"]] == [50, 700]
    assert all(list(lot) == ["points", "expires_on"] for lot in held["lots"])
    assert held["lots"][0]["expires_on"] < held["lots"][1]["expires_on"]
    assert shell.rows("points", "balance", "nobody", "--json")[0]["points"] == 0


def test_offers_sayWhatIsRedeemableAndWhyNot(shell: Shell) -> None:
    shell.office.issue(shell.office.credit("R-1"))

    rows = shell.rows("points", "offers", "C-1", "till-1", "--json")

    assert all(list(row) == ["item", "redeemable", "points", "cash", "reason"] for row in rows)
    assert [tuple(row.values()) for row in rows] == [
        ("espresso", False, 0, "0.00", "item-cap"),
        ("hamper", True, 5000, "33.50", None),
        ("gift-card", False, 0, "0.00", "item-cap"),
    ]
    poor = shell.rows("points", "offers", "C-2", "till-1", "--json")
    assert poor[1]["reason"] == "insufficient-points"


def test_freeze_showsInTheBalance(shell: Shell) -> None:
    assert shell.run("points", "freeze", "C-1") == (0, "", "C-1 is frozen.\n")
    assert "The account is frozen." in shell.run("points", "balance", "C-1")[1]
    assert shell.run("points", "freeze", "C-1", "--thaw") == (0, "", "C-1 is thawed.\n")
    assert "frozen" not in shell.run("points", "balance", "C-1")[1]


@pytest.mark.parametrize("words", ["issue", "redeem", "balance", "offers", "freeze"])
def test_help_hasAnExample(shell: Shell, words: str) -> None:
    status, out, _ = shell.run("points", words, "--help")

    assert status == 0
    assert f"Example: counterfoil points {words}" in out
