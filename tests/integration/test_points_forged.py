"""Orders that no terminal signed so: nobody answers for them, and nothing is used up."""

from __future__ import annotations

import json

import pytest

from counterfoil.points.ledger import Mark
from tests.support.points_office import Office, order, reasons

pytestmark = pytest.mark.usefixtures("credited")


@pytest.mark.parametrize("value", ["0x", "0x" + "00" * 65, "0x" + "11" * 64, "0x" + "ff" * 300])
def test_redeem_refusesAnotherSignature(office: Office, value: str) -> None:
    (line,) = office.lines(order("A"))

    answers = office.redeem([json.dumps(json.loads(line) | {"signature": value})])

    assert [(answer.status, answer.reason) for answer in answers] == [("invalid", "bad-signature")]
    assert office.marks([line]) == [Mark.UNUSED]


def test_redeem_refusesTheSignatureOfAnotherTill(office: Office) -> None:
    first, second = office.lines(order("A"), order("B", till="till-2"))
    swapped = json.loads(first) | {"signature": json.loads(second)["signature"]}

    assert reasons(office.redeem([json.dumps(swapped), first])) == ["bad-signature", None]


@pytest.mark.parametrize("field", ["sequence", "rules", "points", "deadline"])
def test_redeem_refusesAMessageThatWasTamperedWith(office: Office, field: str) -> None:
    (line,) = office.lines(order("A"))
    row = json.loads(line)
    row["message"]["message"][field] += 100

    assert reasons(office.redeem([json.dumps(row)])) == ["bad-signature"]
    assert reasons(office.redeem([line])) == [None]


def test_redeem_refusesAnotherSignatureOfAnOrderThatWasPaid(office: Office) -> None:
    (line,) = office.lines(order("A"))
    office.redeem([line])

    forged = json.loads(line) | {"signature": "0x" + "11" * 65}

    assert reasons(office.redeem([json.dumps(forged)])) == ["bad-signature"]


def test_redeem_takesACompactSignature(office: Office) -> None:
    (line,) = office.lines(order("A"))
    row = json.loads(line)
    raw = bytes.fromhex(row["signature"][2:])
    top = (raw[64] - 27) << 7
    row["signature"] = "0x" + (raw[:32] + bytes((raw[32] | top,)) + raw[33:64]).hex()

    assert reasons(office.redeem([json.dumps(row)])) == [None]
