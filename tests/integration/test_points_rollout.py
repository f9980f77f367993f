"""Putting banks on a chain: what stands is used again, what changed is brought up to date."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from counterfoil import deployment, rollout
from counterfoil.artifacts import ROOT
from counterfoil.chain import Chain, Contract
from counterfoil.deployment import Deployment
from counterfoil.errors import BadInput, Unavailable
from counterfoil.state import State
from tests.support.crash import crashing
from tests.support.points_office import BANK, RULES, TERMINALS, Office, plan

EXAMPLES = ROOT / "examples"


def ensure(
    office: Office, *, rules: str = RULES, terminals: str = TERMINALS
) -> tuple[Deployment, list[str]]:
    """Roll these files out; what stands then, and what was said."""
    said: list[str] = []
    wanted = plan(office.files, rules, terminals)
    done = rollout.ensure(wanted, office.state, office.chain.url, said.append)
    return done.deployment, said


def test_ensure_putsTheSampleBanksOnAChain(chain: Chain, tmp_path: Path) -> None:
    state = State(tmp_path / "state")
    rules = [EXAMPLES / bank / "rules.toml" for bank in ("harbour", "summit")]
    wanted = rollout.check(rules, EXAMPLES / "terminals.toml")

    first = rollout.ensure(wanted, state, chain.url, lambda _: None)
    second = rollout.ensure(wanted, state, chain.url, lambda _: None)

    assert (first.reused, second.reused) == (False, True)
    assert first.deployment == second.deployment == deployment.load(state)
    banks = first.deployment.banks
    assert list(banks) == ["harbour", "summit"]
    assert len({bank.address for bank in banks.values()}) == 2
    assert all(len(bank.terminals) == 6 for bank in banks.values())
    assert all(chain.has_code(bank.address) for bank in banks.values())
    record = json.loads(state.deployment_file.read_text(encoding="utf-8"))
    assert {"chain_id", "deployer", "source_hash", "banks"} <= record.keys()
    assert (record["chain_id"], len(record["source_hash"])) == (chain.chain_id, 64)


def test_ensure_sendsNothingIfAllStands(office: Office) -> None:
    block = office.chain.block_number()

    ensure(office)

    assert office.chain.block_number() == block


def test_ensure_saysThatItReuses(office: Office) -> None:
    _, said = ensure(office)

    address = office.desk.ledger.record.address
    assert f"{BANK}: reusing the ledger at {address}" in said


def test_ensure_publishesRulesThatChanged(office: Office) -> None:
    changed = RULES.replace("minimum_points = 500", "minimum_points = 600")

    _, said = ensure(office, rules=changed)

    assert f"{BANK}: rules version 2 published" in said
    ledger = office.desk.ledger
    assert ledger.current_rules() == 2
    assert [ledger.rules(version).minimum_points for version in (1, 2)] == [500, 600]
    ensure(office, rules=changed)
    assert ledger.current_rules() == 2


def test_ensure_publishesACatalogueThatChanged(office: Office) -> None:
    before = office.desk.ledger.record
    changed = TERMINALS.replace('espresso = "3.00"', 'espresso = "4.00"\ntea = "1.00"')

    now, _ = ensure(office, terminals=changed)

    record = now.banks[BANK]
    assert record.address == before.address
    assert record.catalogues["cafe"].items == ("espresso", "tea", "hamper", "gift-card")
    assert record.catalogues["cafe"].number == before.catalogues["cafe"].number + 1
    contract = office.desk.ledger.contract
    for terminal in record.terminals.values():
        found = contract.call("till", terminal.address).catalogue
        assert found == record.catalogues["cafe"].number
    assert contract.call("itemCaps", found, 1, 9) == [400, 100, 4500, 0]


def test_ensure_listsACatalogueOfMoreItemsThanOneCallTakes(office: Office) -> None:
    shelf = "\n".join(f'item-{number} = "1.{number % 100:02}"' for number in range(1001))
    changed = TERMINALS + f'[catalogues.store]\n{shelf}\n[terminals.till-3]\ncatalogue = "store"\n'

    now, _ = ensure(office, terminals=changed)

    listed = now.banks[BANK].catalogues["store"]
    contract = office.desk.ledger.contract
    assert contract.call("itemCaps", listed.number, 1, 2000) == list(listed.caps)
    assert len(listed.caps) == 1001


def test_ensure_registersATerminalThatIsNew(office: Office) -> None:
    changed = TERMINALS + '[terminals.till-3]\ncatalogue = "cafe"\n'

    now, _ = ensure(office, terminals=changed)

    added = now.banks[BANK].terminals["till-3"]
    assert office.desk.ledger.key_of(added.address) == added.address
    assert added.local
    assert office.state.signer("terminal-till-3").address == added.address


def test_ensure_keepsNoKeyOfATerminalThatHasItsOwn(office: Office) -> None:
    till = office.desk.ledger.record.terminals["till-9"]

    assert (till.local, till.address) == (False, "0x95B08567Fe848e74B810fB71f70ce9b9a7b04588")
    assert not office.state.has_key("terminal-till-9")


@pytest.mark.parametrize(
    "change", [('currency = "CNY"', 'currency = "EUR"'), ("lot_days = 183", "lot_days = 184")]
)
def test_ensure_refusesWhatIsFixedAtDeployment(office: Office, change: tuple[str, str]) -> None:
    block = office.chain.block_number()

    with pytest.raises(BadInput, match="fixed at deployment"):
        ensure(office, rules=RULES.replace(*change))

    assert office.chain.block_number() == block


def test_ensure_deploysAnewIfTheRecordIsLost(office: Office) -> None:
    office.issue(office.credit("R-1"))
    before = office.desk.ledger.record.address
    office.state.deployment_file.unlink()

    now, said = ensure(office)

    assert now.banks[BANK].address != before
    assert f"{BANK}: ledger deployed at {now.banks[BANK].address}" in said
    assert office.points() == 0
    assert office.issue(office.credit("R-1"))[0].replayed is False


def test_ensure_refusesADamagedRecord(office: Office) -> None:
    office.state.deployment_file.write_text("{", encoding="utf-8")

    with pytest.raises(BadInput, match="not a deployment record"):
        ensure(office)


@pytest.mark.parametrize("step", ["publishRules", "publishCatalogue", "registerTerminal"])
def test_ensure_goesOnWhereARunWasCutShort(chain: Chain, tmp_path: Path, step: str) -> None:
    office = Office(chain, State(tmp_path / "state"), tmp_path)
    with crashing(Contract, "send", only=step):
        ensure(office)
    begun = deployment.load(office.state).banks[BANK].address

    now, _ = ensure(office)

    assert now.banks[BANK].address == begun
    assert len(now.banks[BANK].terminals) == 3
    assert office.issue(office.credit("R-1"))[0].status == "issued"


def test_ensure_deploysAnewOnAnotherChain(office: Office) -> None:
    """Ours never heard of the recorded block, though its number of the chain is the same."""
    deployed = deployment.load(office.state)
    bank = replace(deployed.banks[BANK], block_hash="0x" + "11" * 32)
    deployment.save(office.state, replace(deployed, banks={BANK: bank}))
    with pytest.raises(Unavailable, match="doesn't know"):
        _ = office.desk

    now, _ = ensure(office)

    assert now.banks[BANK].address != bank.address
    assert office.desk.ledger.current_rules() == 1


def test_ensure_isUnavailableIfNothingAnswers(office: Office) -> None:
    with pytest.raises(Unavailable, match="No Ethereum node answers"):
        rollout.ensure(plan(office.files), office.state, "http://127.0.0.1:9", lambda _: None)


@pytest.mark.parametrize("url", ["", "nonsense", "ftp://127.0.0.1", "http://", "http://[::1"])
def test_connect_isUnavailableIfTheUrlIsNone(url: str) -> None:
    with pytest.raises(Unavailable):
        Chain.connect(url)


def test_check_refusesNoRulesAndASecondFileOfOneBank(tmp_path: Path) -> None:
    plan(tmp_path)
    rules, terminals = tmp_path / "rules.toml", tmp_path / "terminals.toml"

    with pytest.raises(BadInput, match="--rules"):
        rollout.check([], terminals)
    with pytest.raises(BadInput, match="a second file for bank 'harbour'"):
        rollout.check([rules, rules], terminals)
