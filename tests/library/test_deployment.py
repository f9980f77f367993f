"""The deployment record: kept whole, found again, and never guessed at."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from counterfoil import deployment
from counterfoil.deployment import (
    CatalogueRecord,
    Deployment,
    LedgerRecord,
    RegistryRecord,
    TerminalRecord,
)
from counterfoil.errors import BadInput, CounterfoilError, Unavailable
from counterfoil.state import State

LEDGER = LedgerRecord(
    bank="harbour",
    address="0x" + "ab" * 20,
    block=7,
    block_hash="0x" + "11" * 32,
    currency="CNY",
    lot_days=183,
    catalogues={"cafe": CatalogueRecord(1, ("espresso", "gift-card"), (300, 0))},
    terminals={"till-1": TerminalRecord("0x" + "cd" * 20, "cafe", local=True)},
)
RECORD = Deployment(
    chain_url="http://127.0.0.1:8545",
    chain_id=1337,
    deployer="0x" + "ef" * 20,
    source_hash="00" * 32,
    banks={"harbour": LEDGER},
)
REGISTRY = RegistryRecord("0x" + "12" * 20, 9, "0x" + "22" * 32)


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State(tmp_path / "state")


@pytest.mark.parametrize("record", [RECORD, replace(RECORD, banks={}, registry=REGISTRY)])
def test_find_isWhatWasSaved(state: State, record: Deployment) -> None:
    deployment.save(state, record)

    assert deployment.find(state) == deployment.load(state) == record
    assert [file.name for file in state.root.iterdir()] == ["deployment.json"]


def test_find_isNoneIfNothingWasDeployed(state: State) -> None:
    assert deployment.find(state) is None
    with pytest.raises(Unavailable, match="Nothing is deployed"):
        deployment.load(state)
    assert not state.root.exists()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b"\xff", b'{"chain_id": "x"}'])
def test_find_refusesADamagedRecord(state: State, content: bytes) -> None:
    deployment.save(state, RECORD)
    state.deployment_file.write_bytes(content)

    with pytest.raises(BadInput, match="not a deployment record") as caught:
        deployment.find(state)

    assert caught.value.file == str(state.deployment_file)


def test_bank_isTheOneNamedOrTheOnlyOne() -> None:
    assert RECORD.bank("harbour") == RECORD.bank(None) == LEDGER


def test_bank_refusesToChoose() -> None:
    two = replace(RECORD, banks={"harbour": LEDGER, "summit": replace(LEDGER, bank="summit")})

    assert two.bank("summit").bank == "summit"
    with pytest.raises(BadInput, match="several banks") as caught:
        two.bank(None)
    assert caught.value.fix == "Choose from harbour, summit."
    with pytest.raises(BadInput, match="no bank 'x'"):
        two.bank("x")


def test_catalogueOf_isTheTerminalsOwn() -> None:
    assert LEDGER.catalogue_of("till-1").items == ("espresso", "gift-card")


def test_key_tellsALedgerFromOneAtTheSameAddressOnANewChain() -> None:
    assert LEDGER.key != replace(LEDGER, block_hash="0x" + "33" * 32).key


def test_tickets_needARegistry() -> None:
    whole = replace(RECORD, registry=REGISTRY)

    assert (whole.tickets, whole.tickets_block) == (REGISTRY.address, REGISTRY.block)
    with pytest.raises(Unavailable, match="No ticket registry"):
        _ = RECORD.tickets


@dataclass
class Followed:
    """A record in a state folder that a process follows, and how often it read it."""

    state: State
    latest: deployment.Latest
    reads: list[State]
    told: list[CounterfoilError]

    def put(self, ledger: LedgerRecord) -> None:
        """Another record in its place."""
        deployment.save(self.state, replace(RECORD, banks={ledger.bank: ledger}))


@pytest.fixture
def followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Followed:
    """The record, read once."""
    state, reads, told = State(tmp_path), [], []
    deployment.save(state, RECORD)
    really = deployment.load

    def load(asked: State) -> Deployment:
        reads.append(asked)
        return really(asked)

    monkeypatch.setattr(deployment, "load", load)
    latest = deployment.Latest(state, LEDGER, told.append)
    assert latest.now() == LEDGER
    reads.clear()
    return Followed(state, latest, reads, told)


def test_latest_isReadOnceForEachChange(followed: Followed) -> None:
    moved = {"till-1": replace(LEDGER.terminals["till-1"], catalogue="market")}

    assert [followed.latest.now() for _ in range(9)] == [LEDGER] * 9
    assert not followed.reads
    followed.put(replace(LEDGER, terminals=moved))

    assert [followed.latest.now().terminals for _ in range(9)] == [moved] * 9
    assert len(followed.reads) == 1
    assert not followed.told


def test_latest_staysAsItWasOverADamagedFile(followed: Followed) -> None:
    followed.state.deployment_file.write_text("{")

    assert [followed.latest.now() for _ in range(9)] == [LEDGER] * 9
    assert [type(error) for error in followed.told] == [BadInput]

    followed.state.deployment_file.unlink()
    assert followed.latest.now() == LEDGER
    assert [type(error) for error in followed.told] == [BadInput, Unavailable]


def test_latest_takesNoOtherLedgerForTheOneItFollows(followed: Followed) -> None:
    followed.put(replace(LEDGER, address="0x" + "cc" * 20))

    assert followed.latest.now() == LEDGER
    assert "0x" + "cc" * 20 in followed.told[0].message
