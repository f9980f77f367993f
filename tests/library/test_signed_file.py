"""Signed orders in JSON Lines: each an order, a finished result, or ``bad-row``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from counterfoil.errors import BadInput
from counterfoil.points.orders import Domain, OrderLine, PaymentOrder
from counterfoil.points.outcomes import Outcome, outcome, unsigned
from counterfoil.points.reasons import Reason
from counterfoil.points.signedfile import SignedOrder, read_signed, signed_order, signed_row

TERMINAL = "0x95B08567Fe848e74B810fB71f70ce9b9a7b04588"
ORDER = PaymentOrder(b"\x01" * 32, TERMINAL, 0, 1, 500, 9, (OrderLine(1, 1, 500, 335),))
SIGNATURE = b"\x02" * 65
ROW = signed_row("A", ORDER, Domain(1, TERMINAL), SIGNATURE)
RESULT = unsigned("B", "CNY", Reason.UNKNOWN_TERMINAL, points=500, cash=335).as_row()


def read(folder: Path, *lines: str) -> list[SignedOrder | Outcome]:
    file = folder / "signed.jsonl"
    file.write_text("\n".join(lines), "utf-8")
    return list(read_signed(file, "CNY"))


def bad(folder: Path, line: str) -> Outcome:
    """The only row, which must be a bad one."""
    (found,) = read(folder, line)
    assert isinstance(found, Outcome)
    assert (found.status, found.reason, found.currency) == ("invalid", "bad-row", "CNY")
    return found


def changed(**changes: Any) -> str:
    return json.dumps(json.loads(ROW) | changes)


def test_readSigned_undoesSignedRow(tmp_path: Path) -> None:
    (found,) = read(tmp_path, ROW)

    assert isinstance(found, SignedOrder)
    assert (found.order_ref, found.order, found.signature) == ("A", ORDER, SIGNATURE)
    assert json.loads(found.row) == json.loads(ROW)
    assert found.as_tuple() == (*ORDER.as_tuple(), SIGNATURE)


def test_readSigned_takesFinishedResults(tmp_path: Path) -> None:
    first, second = read(tmp_path, json.dumps(RESULT), ROW)

    assert isinstance(first, Outcome)
    assert first.as_row() == RESULT
    assert isinstance(second, SignedOrder)


def test_readSigned_takesAResultWithMoreColumns(tmp_path: Path) -> None:
    (found,) = read(tmp_path, json.dumps(RESULT | {"shop": "Harbour Street"}))

    assert isinstance(found, Outcome)
    assert found.as_row() == RESULT


@pytest.mark.parametrize(
    "change",
    [
        {"status": "paid"},
        {"status": "rejected"},
        {"status": None},
        {"reason": None},
        {"reason": "none"},
        {"reason": "because"},
        {"points": "500"},
        {"points": True},
        {"points": 1.5},
        {"cash": 3.35},
        {"block": {}},
        {"replayed": "no"},
        {"order_ref": None},
        {"detail": "\ud800"},
    ],
    ids=str,
)
def test_readSigned_believesNoOtherResult(tmp_path: Path, change: dict[str, Any]) -> None:
    assert bad(tmp_path, json.dumps(RESULT | change))


def test_readSigned_refusesAResultThatLacksAColumn(tmp_path: Path) -> None:
    for name in RESULT:
        assert bad(tmp_path, json.dumps({key: RESULT[key] for key in RESULT if key != name}))


@pytest.mark.parametrize("line", ["1", "null", "[]", '"x"', "{}", '{"order_ref": "A"}'])
def test_readSigned_answersALineThatIsNoOrder(tmp_path: Path, line: str) -> None:
    assert bad(tmp_path, "\n" + line).detail.startswith("line 2: ")


@pytest.mark.parametrize("ref", ["x", "客户 7", "x" * 255])
def test_orderRef_isOneTo255PrintableCharacters(tmp_path: Path, ref: str) -> None:
    (found,) = read(tmp_path, changed(order_ref=ref))

    assert found.order_ref == ref


@pytest.mark.parametrize("ref", ["", "x" * 256, "a\0", "\ud800", "a\nb", 7, None, ["x"]])
def test_orderRef_refusesAnythingElse(tmp_path: Path, ref: object) -> None:
    found = bad(tmp_path, changed(order_ref=ref))

    assert found.order_ref == ""
    assert "order_ref" in found.detail


@pytest.mark.parametrize("text", ["0x", "0x" + "ab" * 64, "0x" + "AB" * 65, "0x" + "00" * 4095])
def test_signature_isHexOfAnyLengthUpToALimit(text: str) -> None:
    found = signed_order(json.loads(changed(signature=text)))

    assert found.signature == bytes.fromhex(text[2:])


@pytest.mark.parametrize("text", ["", "ab", "0xa", "0xzz", "0x" + "00" * 4096, 7, None, ["0x"]])
def test_signature_refusesAnythingElse(text: object) -> None:
    with pytest.raises(BadInput, match="signature"):
        signed_order(json.loads(changed(signature=text)))


def test_readSigned_refusesALineThatIsNotJson(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="not JSON") as caught:
        read(tmp_path, ROW, "{")

    assert caught.value.row == 2


# ------------------------------------------------------------------------------------- outcomes


@pytest.mark.parametrize("reason", list(Reason))
def test_outcome_isFinalOrNeverReachedTheChain(reason: Reason) -> None:
    found = outcome("A", ORDER, "CNY", reason, transaction="0x1", block=7)

    invalid = reason.code in ("bad-row", "unknown-terminal", "bad-signature", "replayed")
    assert (found.status == "invalid") == invalid
    assert (found.status == "paid") == (found.reason is None) == (reason is Reason.NONE)
    assert (found.transaction, found.block) == ((None, None) if invalid else ("0x1", 7))
    assert (found.points, found.cash, found.rules_version) == (500, "3.35", 1)
    assert found.detail == reason.sentence


def test_reasons_standInTheirPublishedOrder() -> None:
    assert [reason.code for reason in Reason] == [
        "none",
        *("bad-row", "unknown-terminal", "bad-signature", "replayed"),
        *("expired", "rules-version", "unknown-item", "item-cap", "points-minimum"),
        *("points-increment", "cash-mismatch", "order-cap", "account-day-cap"),
        *("terminal-day-cap", "frozen", "insufficient-points"),
    ]
    assert [Reason.of(reason.code) for reason in Reason] == list(Reason)
