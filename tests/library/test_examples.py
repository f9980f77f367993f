"""The sample files say what they should, and what is expected of them is right.

Three readings meet here: the committed expectations, a fresh calculation, and cases that
were worked out by hand, with the sum beside each.
"""

from __future__ import annotations

import ast
import csv
import json
import struct
import tomllib
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_utils.crypto import keccak

from tests.support import expectations
from tests.support.expectations import by_hand
from tests.support.expectations.files import BANKS, EXAMPLES, expected, written
from tests.support.expectations.money import cash_for, decimal_string, minor_units

REASONS = {
    *("bad-row", "unknown-terminal", "bad-signature", "replayed"),
    *("expired", "rules-version", "unknown-item", "item-cap", "points-minimum"),
    *("points-increment", "cash-mismatch", "order-cap", "account-day-cap"),
    *("terminal-day-cap", "frozen", "insufficient-points"),
}


def load(name: str) -> Any:
    return json.loads((EXAMPLES / name).read_text(encoding="utf-8"))


def csv_rows(name: str) -> list[dict[str, str]]:
    with (EXAMPLES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def all_orders() -> list[dict[str, Any]]:
    return [order for bank in BANKS for order in load(f"{bank}/orders.expected.json")["orders"]]


def span() -> tuple[date, date]:
    """The days, first and last, on which every expected file holds."""
    files = [load(f"{bank}/lots.expected.json") for bank in BANKS]
    first = max(date.fromisoformat(file["valid_from"]) for file in files)
    last = min(date.fromisoformat(file["valid_until"]) for file in files)
    return first, last


@pytest.mark.parametrize("end", [0, 1], ids=["first day", "last day"])
def test_committed_equalsAFreshCalculation(end: int) -> None:
    for path, content in expected(span()[end]).items():
        assert path.read_text(encoding="utf-8") == written(content), path.name


def test_committed_endsOnlyWhenALotLapses() -> None:
    harbour = EXAMPLES / "harbour/lots.expected.json"

    after: Any = expected(span()[1] + timedelta(days=1))[harbour]

    lapsed = [row["reference"] for row in after["rows"] if row["reason"] == "lapsed"]
    assert "HB-0001" in lapsed


def test_expectations_shareNoCodeWithTheLibrary() -> None:
    for path in Path(expectations.__path__[0]).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            assert not [name for name in names if name.split(".")[0] == "counterfoil"], path.name


def test_cash_roundsDownAtEveryStepOfAFraction() -> None:
    for points in range(2001):
        cash = cash_for(points, 250, 99)
        assert cash * 250 <= points * 99 < (cash + 1) * 250


def test_minorUnits_readsBackWhatDecimalStringShows() -> None:
    for currency, shown in {"CNY": "0.05", "JPY": "1200", "KWD": "12.500"}.items():
        assert decimal_string(minor_units(shown, currency) or 0, currency) == shown


def test_samples_haveTheNumbersThatTheIssueNames() -> None:
    terminals = tomllib.loads((EXAMPLES / "terminals.toml").read_text(encoding="utf-8"))
    customers = {row["customer_id"] for bank in BANKS for row in csv_rows(f"{bank}/lots.csv")}
    rates = [
        tomllib.loads((EXAMPLES / f"{bank}/rules.toml").read_text(encoding="utf-8"))["rules"]
        for bank in BANKS
    ]

    assert len(terminals["terminals"]) == 6
    assert len(terminals["catalogues"]) >= 3
    assert len(customers) == 40
    assert len(all_orders()) == len({order["order_ref"] for order in all_orders()}) == 80
    assert len({(rate["points"], rate["minor_units"]) for rate in rates}) == 2


def test_orders_hitEveryReasonAndNoOther() -> None:
    assert {order["reason"] for order in all_orders()} == REASONS | {None}


def test_lots_haveDifferentAgesAndEveryKindOfAnswer() -> None:
    for bank in BANKS:
        file = load(f"{bank}/lots.expected.json")
        assert len({row["expires_on"] for row in file["rows"] if row["expires_on"]}) >= 3
        assert file["totals"]["customers"] == len(file["balances"])
    rows = load("harbour/lots.expected.json")["rows"]
    assert {row["reason"] for row in rows} == {None, "bad-row", "future", "lapsed"}
    assert any(row["replayed"] for row in rows)


def test_totals_conserveEveryPoint() -> None:
    for bank in BANKS:
        issued, settled = load(f"{bank}/lots.expected.json"), load(f"{bank}/orders.expected.json")
        held = sum(row["points"] for row in settled["balances"])
        assert issued["totals"]["points"] == held + settled["totals"]["points"]


def test_queries_areThirtyTwoTicketsTwelveDuplicatesAndSixInvalid() -> None:
    rows = load("queries.expected.json")
    outcomes = [row["outcome"] for row in rows]
    tickets = [tuple(row["normalised"].values()) for row in rows if row["outcome"] == "minted"]

    assert len(rows) == len({row["channel_ref"] for row in rows}) == 50
    assert [outcomes.count(kind) for kind in ("minted", "duplicate", "invalid")] == [32, 12, 6]
    assert len(set(tickets)) == 32
    assert {row["channel"] for row in rows} == {"app", "hotline", "branch"}
    assert {"JPY", "KWD"} < {amount.split(":")[0] for _, amount, _, _ in tickets}


def test_duplicates_areAllWrittenDifferentlyFromTheirFirst() -> None:
    lines = (EXAMPLES / "queries.jsonl").read_text(encoding="utf-8").splitlines()
    asked = {row["channel_ref"]: row for row in map(json.loads, lines)}
    fields = ("card_number", "amount", "currency", "time", "serial")
    duplicates = [row for row in load("queries.expected.json") if row["same_as"]]
    for row in duplicates:
        first, again = asked[row["same_as"]], asked[row["channel_ref"]]
        assert [first[field] for field in fields] != [again[field] for field in fields]


def test_slip_isAWholePng() -> None:
    data = (EXAMPLES / "slip.png").read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">4sII", data[12:24]) == (b"IHDR", 48, 64)
    assert data[-8:-4] == b"IEND"


def test_foreignOrder_isSignedByTill6ForAnotherLedger() -> None:
    order = json.loads((EXAMPLES / "harbour/foreign.jsonl").read_text(encoding="utf-8"))
    key = (EXAMPLES / "till-6.key").read_text(encoding="utf-8").strip()
    terminals = tomllib.loads((EXAMPLES / "terminals.toml").read_text(encoding="utf-8"))
    till = terminals["terminals"]["till-6"]["address"]

    signable = encode_typed_data(full_message=order["message"])

    assert bytes.fromhex(key[2:]) == keccak(text="counterfoil example till-6")
    assert Account.from_key(key).address == till == order["message"]["message"]["terminal"]
    assert Account.recover_message(signable, signature=order["signature"]) == till
    assert "0x" + signable.body.hex() == order["order_id"]
    assert order["message"]["domain"]["chainId"] == 1


def test_orders_equalThoseWorkedOutByHand() -> None:
    found = {row["order_ref"]: (row["status"], row["reason"], row["cash"]) for row in all_orders()}
    assert {ref: found[ref] for ref in by_hand.ORDERS} == by_hand.ORDERS


def test_lots_equalThoseWorkedOutByHand() -> None:
    rows = [row for bank in BANKS for row in load(f"{bank}/lots.expected.json")["rows"]]
    found = {row["reference"]: (row["reason"], row["expires_on"]) for row in rows}
    assert {reference: found[reference] for reference in by_hand.LOTS} == by_hand.LOTS


def test_balances_equalThoseWorkedOutByHand() -> None:
    left = {
        row["customer_id"]: [(lot["points"], lot["expires_on"]) for lot in row["lots"]]
        for bank in BANKS
        for row in load(f"{bank}/orders.expected.json")["balances"]
    }
    # 1200 + 2600 − 500 − 1400, from the older lot first
    assert left["C-101"] == [(1900, "2028-08-15")]
    # 600 + 700 + 800 + 900 − 1600 − 750: the first three are used up, 250 of the last
    assert left["S-207"] == [(650, "2031-12-17")]
    # 640 + 860 + 1000 − 1200: 640 and then 560 of the 860
    assert left["C-117"] == [(300, "2028-08-15"), (1000, "2029-02-14")]
    assert left["C-113"] == left["S-213"] == []


def test_queries_equalThoseWorkedOutByHand() -> None:
    rows = {row["channel_ref"]: row for row in load("queries.expected.json")}
    for ref, (outcome, same_as, *fields) in by_hand.QUERIES.items():
        row = rows[ref]
        assert (row["outcome"], row["same_as"]) == (outcome, same_as), ref
        assert list(row["normalised"].values())[1:] == fields, ref
    found = {ref: row["problems"] for ref, row in rows.items() if row["problems"]}
    assert found == by_hand.PROBLEMS
