"""The case file: what it takes, how it is padded, what of it is shown."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from counterfoil.errors import Refused, Tampered
from counterfoil.tickets.casefile import (
    ROOM_TO_END,
    ROOM_TO_ERASE,
    SIZES,
    Attachment,
    CaseFile,
    Customer,
    Entry,
    Identity,
    from_bytes,
    to_bytes,
)
from counterfoil.tickets.fingerprint import Composite
from counterfoil.tickets.masking import masked_pan, without_pan
from counterfoil.tickets.showing import shown
from tests.support.cases import CASE, OPENED, PAN


def _with(**changed: Any) -> CaseFile:
    return CASE.model_copy(update=changed)


def _process(status: str, *entries: Entry) -> CaseFile:
    update = {"status": status, "entries": (OPENED, *entries)}
    return _with(process=CASE.process.model_copy(update=update))


def _resolved(note: str) -> Entry:
    return OPENED.model_copy(update={"action": "resolve", "note": note})


def test_toBytes_isReadBack() -> None:
    assert from_bytes(to_bytes(CASE)) == CASE


def test_toBytes_isJsonOfTheSchema() -> None:
    document = json.loads(to_bytes(CASE))

    assert document["schema"] == "case/1"
    assert document["identity"]["pan"] == PAN


def test_toBytes_padsToAFewSizes() -> None:
    sizes = {len(to_bytes(_process("open", *[OPENED] * count))) for count in range(0, 200, 10)}

    assert sizes <= set(SIZES)
    assert len(sizes) > 2


@pytest.mark.parametrize("spare", [0, ROOM_TO_ERASE, ROOM_TO_END])
def test_toBytes_refusesIfItLeavesTooLittle(spare: int) -> None:
    def text(more: int) -> bytes:
        note = OPENED.model_copy(update={"note": "x" * more})
        return to_bytes(_process("open", *[long] * 40, note), spare)

    long = OPENED.model_copy(update={"note": "x" * 4000})
    whole = to_bytes(_process("open", *[long] * 40, OPENED.model_copy(update={"note": ""})), 0)
    most = SIZES[-1] - spare - len(whole.rstrip())

    assert len(text(most)) == SIZES[-1]
    with pytest.raises(Refused) as caught:
        text(most + 1)
    assert caught.value.code == "case-too-large"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("schema",), "case/2"),
        (("unknown",), 1),
        (("identity", "pan"), "6222"),
        (("identity", "pan"), 6222021234567894),
        (("identity", "customer"), {}),
        (("process", "status"), "lost"),
        (("process", "entries"), None),
        (("previous",), "abc"),
    ],
)
def test_fromBytes_refusesIfNotOfTheSchema(path: tuple[str, ...], value: object) -> None:
    document = json.loads(to_bytes(CASE))
    inner = document
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = value

    with pytest.raises(Tampered) as caught:
        from_bytes(json.dumps(document).encode())

    assert caught.value.code == "schema"
    assert "6222" not in str(caught.value)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"\xff"])
def test_fromBytes_refusesIfNoJson(data: bytes) -> None:
    with pytest.raises(Tampered):
        from_bytes(data)


def test_composite_isTheNormalisedQuery() -> None:
    assert CASE.composite() == Composite(
        PAN, "CNY:12850", "2025-03-04T01:15:00Z", "RRN:506309123456"
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"amount": "CNY:0"},
        {"amount": "CNY:012850"},
        {"amount": "cny:12850"},
        {"amount": "12850"},
        {"amount": "CNY:-1"},
        {"serial": "506309123456"},
        {"serial": "rrn:506309123456"},
        {"local_datetime": "2025-03-04T09:15:00"},
        {"local_datetime": "yesterday"},
        {"local_datetime": "0001-01-01T00:00:00+08:00"},
    ],
)
def test_composite_refusesIfNotInTheOneSpelling(changed: dict[str, str]) -> None:
    with pytest.raises(Tampered):
        _with(transaction=CASE.transaction.model_copy(update=changed)).composite()


def test_composite_refusesIfCardNumberFailsLuhn() -> None:
    wrong = CASE.identity.model_copy(update={"pan": "6222021234567890"})

    with pytest.raises(Tampered):
        _with(identity=wrong).composite()


def test_answer_isTheLastResolution() -> None:
    assert _process("resolved", _resolved("No."), _resolved("Yes.")).answer == "Yes."
    assert _process("closed", _resolved("Yes.")).answer == "Yes."


def test_answer_isNoneUntilResolvedAndOnceReopened() -> None:
    assert CASE.answer is None
    assert _process("reopened", _resolved("Yes.")).answer is None


@pytest.mark.parametrize(
    ("pan", "masked"),
    [
        ("6222021234567894", "622202******7894"),
        ("4222222222222", "422222***2222"),
        ("422222222222", "********2222"),
        ("40000002", "****0002"),
        ("6212345678900000003", "621234*********0003"),
    ],
)
def test_maskedPan_showsNoMoreThanItMay(pan: str, masked: str) -> None:
    assert masked_pan(pan) == masked


@pytest.mark.parametrize(
    "written",
    [
        PAN,
        "6222 0212 3456 7894",
        "6222-0212-3456-7894",
        "6222\u2010021234\u00a0567894",
        "6222.0212.3456.7894",
        "6222\n0212\n3456\n7894",
        "6 2 2 2 0 2 1 2 3 4 5 6 7 8 9 4",
        "６２２２ ０２１２ ３４５６ ７８９４",
    ],
)
def test_withoutPan_masksItHoweverItIsWritten(written: str) -> None:
    text = f"Paid with {written}, she says, not with {written}."

    masked = "622202******7894"
    assert without_pan(text, PAN) == f"Paid with {masked}, she says, not with {masked}."


@pytest.mark.parametrize("text", ["", "6222021234567890", "622202 1234", "½ ² 7894"])
def test_withoutPan_leavesTheRest(text: str) -> None:
    assert without_pan(text, PAN) == text


def test_shown_masksTheCardNumberOnly() -> None:
    assert shown(CASE).identity.pan == "622202******7894"
    assert shown(CASE).transaction == CASE.transaction
    assert shown(CASE).process == CASE.process


def test_shown_masksTheCardNumberInWhatPeopleWrote() -> None:
    case = _with(
        identity=Identity(pan=PAN, customer=Customer(customer_no=PAN, name=f"{PAN} A.")),
        transaction=CASE.transaction.model_copy(update={"address": f"Quay, card {PAN}"}),
        process=_process("resolved", _resolved(f"{PAN} was refunded.")).process,
        attachments=(Attachment(id="0" * 32, name=f"{PAN}.png", size=0, blocks=()),),
    )

    assert PAN not in shown(case).model_dump_json()
    assert case.answer == shown(case).answer == "622202******7894 was refunded."


@pytest.mark.parametrize("note", ["", " ", "a\x00b", "a\x1bb", "x" * 4001, "\ud800"])
def test_entry_refusesNotesThatCantBeKept(note: str) -> None:
    with pytest.raises(ValidationError):
        Entry(at=OPENED.at, actor=OPENED.actor, action="note", note=note)


def test_entry_takesLongNotesOfSeveralLines() -> None:
    note = "x\n\ty" * 1000

    assert Entry(at=OPENED.at, actor=OPENED.actor, action="note", note=note).note == note
