"""The intake journal: first come, first kept; nothing of a customer in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from counterfoil.errors import Unavailable
from counterfoil.tickets.journal import Journal, Taken

HERE = "0x" + "11" * 32
ROW = Taken("app", "A-1", b"\x01" * 32, b"\x02" * 32, "2025-06-01T12:00:00Z")


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = Journal(f"sqlite:///{tmp_path / 'tickets.db'}", HERE)
    yield opened
    opened.close()


LATER = "2025-06-02T12:00:00Z"
OTHER = replace(ROW, content=b"\x09" * 32, token_id=b"\x08" * 32, taken_at=LATER)
SEALED = replace(ROW, digest=b"\x03" * 32, blocks=(b"\x04" * 32, b"\x05" * 32))


@pytest.mark.parametrize(
    "entered",
    [
        SEALED,
        replace(SEALED, digest=None),
        replace(SEALED, outcome="minted"),
        replace(ROW, digest=b"\x03" * 32, outcome="duplicate"),
    ],
)
def test_take_entersARowOnce(journal: Journal, entered: Taken) -> None:
    assert journal.take([ROW]) == {ROW.key: ROW}
    journal.write([entered])

    assert journal.take([OTHER]) == {ROW.key: entered}


def test_take_letsAnotherQueryHaveTheKeyOfARowThatLedToNothing(journal: Journal) -> None:
    journal.take([ROW])

    assert journal.take([OTHER, ROW]) == {ROW.key: OTHER}
    assert journal.take([ROW])[ROW.key].content == ROW.content


def test_take_isOfNowWhileThereIsNoOutcome(journal: Journal) -> None:
    again, ended = replace(SEALED, taken_at=LATER), replace(SEALED, outcome="minted")
    journal.take([ROW])
    journal.write([SEALED])

    assert journal.take([replace(ROW, taken_at=LATER)]) == {ROW.key: again}
    assert journal.take([ROW]) == {ROW.key: again}
    journal.write([ended])
    assert journal.take([replace(ROW, taken_at=LATER)]) == {ROW.key: ended}


def test_cutOff_listsWhatIsKeptWithoutAnOutcome(journal: Journal) -> None:
    rows = [
        SEALED,
        replace(SEALED, channel_ref="A-2", digest=None),
        replace(ROW, channel_ref="A-3"),
        replace(SEALED, channel_ref="A-4", outcome="minted"),
        replace(SEALED, channel_ref="A-5", taken_at=LATER),
    ]
    journal.take(rows)

    assert list(journal.cut_off(before=LATER)) == rows[:2]


def test_setAside_isOfARowThatNoRunHasTakenUp(journal: Journal) -> None:
    journal.take([ROW])
    journal.write([SEALED])
    aside = journal.set_aside(SEALED)

    assert aside
    assert journal.take([replace(ROW, taken_at=LATER)]) == {ROW.key: aside}
    assert journal.set_aside(aside) == aside
    assert journal.set_aside(replace(aside, taken_at=LATER)) is None


def test_write_isUnavailableIfAnotherQueryHasTheKeyNow(journal: Journal) -> None:
    """Another run entered it just before what this one is about to keep was noted."""
    second = replace(ROW, channel_ref="A-2")
    journal.take([ROW, second])
    journal.take([OTHER])

    with pytest.raises(Unavailable) as caught:
        journal.write([replace(second, digest=b"\x03" * 32), SEALED])

    assert caught.value.code == "key-raced"
    assert list(journal.find([ROW.key, second.key])) == [OTHER, second]


def test_take_tellsChannelsAndReferencesApart(journal: Journal) -> None:
    rows = [ROW, replace(ROW, channel="branch"), replace(ROW, channel_ref="A-2")]

    assert journal.take(rows) == {row.key: row for row in rows}


def test_take_takesMoreRowsThanOneStatementHolds(journal: Journal) -> None:
    rows = [replace(ROW, channel_ref=f"A-{number}") for number in range(1001)]

    assert len(journal.take(rows)) == 1001


def test_write_replacesTheRow(journal: Journal) -> None:
    journal.take([ROW, replace(ROW, channel_ref="A-2")])
    ended = replace(SEALED, outcome="minted")

    for row in (SEALED, ended):
        journal.write([row])
        assert journal.take([ROW]) == {ROW.key: row}


def test_asked_listsFinishedRowsOldestFirst(journal: Journal) -> None:
    second = replace(ROW, channel="hotline", taken_at="2025-06-03T12:00:00Z", outcome="duplicate")
    first = replace(ROW, outcome="minted")
    with_it = replace(ROW, channel_ref="A-0", outcome="duplicate")
    other = replace(ROW, channel_ref="A-3", token_id=bytes(32), outcome="minted")
    unfinished = replace(ROW, channel_ref="A-4")
    journal.take([second, with_it, first, other, unfinished])

    assert journal.asked(ROW.token_id) == [first, with_it, second]


def test_answered_namesTheTicketsThatAFinishedRowLedTo(journal: Journal) -> None:
    ids = [number.to_bytes(32) for number in range(600)]
    rows = [replace(ROW, channel_ref=f"A-{n}", token_id=one) for n, one in enumerate(ids)]
    journal.take(rows)
    assert journal.answered(ids) == set()
    journal.write([replace(row, outcome="minted") for row in rows[:301]])

    assert journal.answered([*ids, *ids, bytes(31) + b"\xff"]) == set(ids[:301])
    assert journal.answered([]) == set()


def test_find_givesWhatWasEntered(journal: Journal) -> None:
    journal.take([ROW])

    assert list(journal.find([ROW.key, ("app", "A-2")])) == [ROW]


def test_rows_areThoseOfOneRegistry(tmp_path: Path, journal: Journal) -> None:
    other = Journal(f"sqlite:///{tmp_path / 'tickets.db'}", "0x" + "22" * 32)
    theirs = replace(ROW, content=b"\x09" * 32, outcome="minted")

    assert journal.take([ROW]) == {ROW.key: ROW}
    assert other.take([theirs]) == {ROW.key: theirs}
    assert journal.asked(ROW.token_id) == []
    other.write([replace(theirs, outcome="duplicate")])
    assert journal.take([ROW]) == {ROW.key: ROW}
    other.close()
