"""Terminals from the shell: a new one, and how each stands."""

from __future__ import annotations

import pytest

from counterfoil import deployment, rollout
from counterfoil.errors import BadInput
from counterfoil.keys import Signer
from tests.support.points_office import BANK, TERMINALS, Office, order, plan
from tests.support.shell import Shell

ADDRESS = "0x95B08567Fe848e74B810fB71f70ce9b9a7b04588"  # till-9's
FREE = Signer.from_hex("23" * 32).address
TEA = TERMINALS + '[catalogues.tea]\ncup = "40.00"\n'


def roll_out(office: Office, terminals: str = TERMINALS) -> None:
    """What `up` does with the ledger."""
    wanted = plan(office.files, terminals=terminals)
    rollout.ensure(wanted, office.state, office.chain.url, lambda _: None)


def test_add_registersATerminalThatSellsAtOnce(shell: Shell) -> None:
    shell.office.issue(shell.office.credit("R-1"))

    (row,) = shell.rows("terminal", "add", "till-3", "--catalogue", "cafe", "--json")

    assert (row["terminal"], row["catalogue"], row["replayed"]) == ("till-3", "cafe", False)
    lines = shell.office.lines(order("A", till="till-3"))
    assert [answer.status for answer in shell.office.redeem(lines)] == ["paid"]


def test_add_answersTheSameASecondTime(shell: Shell) -> None:
    words = ("terminal", "add", "till-3", "--catalogue", "cafe", "--json")
    (first,) = shell.rows(*words)
    block = shell.office.chain.block_number()

    assert shell.rows(*words) == [first | {"replayed": True}]
    assert shell.office.chain.block_number() == block


def test_add_takesAnAddressAndMakesNoKey(shell: Shell) -> None:
    words = ("--catalogue", "cafe", "--address", FREE.lower())
    (row,) = shell.rows("terminal", "add", "till-3", *words, "--json")

    assert row["address"] == FREE
    assert not shell.office.state.has_key("terminal-till-3")


def test_add_listsACatalogueThatIsNew(shell: Shell) -> None:
    file = shell.file("tea.toml", TEA)

    assert shell.run("terminal", "add", "till-3", "--catalogue", "tea", "--file", file)[0] == 0

    (row,) = shell.rows("terminal", "show", "till-3", "--json")
    assert (row["catalogue"], row["items"]) == ("tea", [{"item": "cup", "cap": "40.00"}])


def test_add_takesAContractThatJudgesSignatures(shell: Shell) -> None:
    contract = shell.office.desk.ledger.record.address  # any contract will do here
    words = ("terminal", "add", "till-3", "--catalogue", "cafe", "--address")

    shell.refuses(*words, contract, status=2, saying=["--erc1271"])
    shell.refuses(*words, FREE, "--erc1271", status=2, saying=["no contract"])
    assert shell.run(*words, contract, "--erc1271")[0] == 0

    assert shell.rows("terminal", "show", "till-3", "--json")[0]["contract"]


@pytest.mark.parametrize(
    ("words", "saying"),
    [
        (("till-3", "--catalogue", "tea"), ["tea", "cafe", "--file"]),
        (("till 3", "--catalogue", "cafe"), ["NAME", "till 3"]),
        (("x" * 33, "--catalogue", "cafe"), ["NAME"]),
        (("till-3", "--catalogue", "cafe", "--address", "0x12"), ["--address"]),
        (("till-3", "--catalogue", "cafe", "--address", ADDRESS), ["till-9"]),
        (("till-1", "--catalogue", "cafe", "--address", FREE), ["till-1", "rotate"]),
        (("till-3", "--catalogue", "cafe", "--erc1271"), ["--erc1271", "--address"]),
    ],
)
def test_add_refusesWhatContradictsTheLedger(
    shell: Shell, words: tuple[str, ...], saying: list[str]
) -> None:
    shell.refuses("terminal", "add", *words, status=2, saying=saying)
    assert "till-3" not in shell.office.desk.ledger.record.terminals


def test_add_refusesACatalogueThatDiffersFromTheLedgers(shell: Shell) -> None:
    file = shell.file("other.toml", TERMINALS.replace("3.00", "4.00"))

    words = ("terminal", "add", "till-3", "--catalogue", "cafe", "--file", file)
    shell.refuses(*words, status=2, saying=["cafe", "counterfoil up"])


def test_move_letsATerminalSellWhatAnotherCatalogueHas(shell: Shell) -> None:
    office = shell.office
    office.issue(office.credit("R-1"))
    file = shell.file("tea.toml", TEA)
    words = ("terminal", "move", "till-1", "--catalogue", "tea")

    status, _, said = shell.run(*words, "--file", file)

    assert status == 0
    assert "signed before" in said
    (row,) = shell.rows("terminal", "show", "till-1", "--json")
    assert (row["catalogue"], row["items"]) == ("tea", [{"item": "cup", "cap": "40.00"}])
    lines = office.lines(order("A").replace("hamper", "cup"), order("B", till="till-2"))
    assert [answer.status for answer in office.redeem(lines)] == ["paid", "paid"]


def test_move_answersTheSameASecondTime(shell: Shell) -> None:
    words = ("terminal", "move", "till-1", "--catalogue", "cafe", "--json")
    block = shell.office.chain.block_number()

    assert shell.rows(*words) == [{"terminal": "till-1", "catalogue": "cafe", "replayed": True}]
    assert shell.office.chain.block_number() == block


def test_move_isRepairedByASecondRun(shell: Shell) -> None:
    file = shell.file("tea.toml", TEA)
    words = ("terminal", "move", "till-1", "--catalogue", "tea", "--file", file, "--json")
    shell.run("terminal", "add", "till-3", "--catalogue", "tea", "--file", file)
    desk = shell.office.desk
    till, number = (
        desk.ledger.record.terminals["till-1"].address,
        desk.ledger.record.catalogues["tea"].number,
    )
    shell.office.act("assignCatalogue", till, number)  # and then the process ended

    assert not shell.rows(*words)[0]["replayed"]

    assert shell.office.desk.ledger.record.terminals["till-1"].catalogue == "tea"
    assert shell.rows(*words)[0]["replayed"]


@pytest.mark.parametrize(
    ("words", "saying"),
    [
        (("till-3", "--catalogue", "cafe"), ["till-3", "till-1"]),
        (("till-1", "--catalogue", "tea"), ["tea", "cafe", "--file"]),
    ],
)
def test_move_refusesWhatThereIsNot(
    shell: Shell, words: tuple[str, ...], saying: list[str]
) -> None:
    shell.refuses("terminal", "move", *words, status=2, saying=saying)


def test_list_tellsHowEachTerminalStands(shell: Shell) -> None:
    office = shell.office
    office.issue(office.credit("R-1"))
    office.redeem(office.lines(order("A")))
    shell.run("terminal", "disable", "till-2")

    rows = {row["terminal"]: row for row in shell.rows("terminal", "list", "--json")}

    assert list(rows) == ["till-1", "till-2", "till-9"]
    assert [row["enabled"] for row in rows.values()] == [True, False, True]
    assert [row["signs_here"] for row in rows.values()] == [True, True, False]
    assert (rows["till-1"]["takings_today"], rows["till-1"]["currency"]) == ("3.35", "CNY")
    assert rows["till-9"]["key"] == rows["till-9"]["address"] == ADDRESS
    assert "till-9" in shell.run("terminal", "list")[1]
    assert "hamper" in shell.run("terminal", "show", "till-1")[1]


# ------------------------------------------------------------- `up` with files that changed


def test_up_keepsATerminalThatTheFilesDontName(shell: Shell) -> None:
    shell.run("terminal", "add", "till-3", "--catalogue", "cafe")

    roll_out(shell.office)

    assert "till-3" in shell.office.desk.ledger.record.terminals


def test_up_movesAllTerminalsOfACatalogueThatChanged(shell: Shell) -> None:
    office = shell.office
    shell.run("terminal", "add", "till-3", "--catalogue", "cafe")

    roll_out(office, TERMINALS.replace("espresso", "ristretto"))

    ledger = office.desk.ledger
    number = ledger.record.catalogues["cafe"].number
    for terminal in ledger.record.terminals.values():
        assert ledger.contract.call("till", terminal.address).catalogue == number


def test_up_refusesAnotherAddressOfATerminal(office: Office) -> None:
    changed = TERMINALS.replace(ADDRESS, FREE).replace("45.00", "46.00")
    block = office.chain.block_number()

    with pytest.raises(BadInput, match="till-9 is registered under") as caught:
        roll_out(office, changed)

    assert "terminal rotate" in caught.value.fix
    assert office.chain.block_number() == block


def test_up_leavesATerminalWhoseKeyWasRotated(shell: Shell) -> None:
    office = shell.office
    before = deployment.load(office.state).banks[BANK].terminals
    new = Signer.from_hex("31" * 32)
    shell.run("terminal", "rotate", "till-1", "--key", new.address)
    assert not shell.rows("terminal", "show", "till-1", "--json")[0]["signs_here"]
    (office.state.root / "keys" / "terminal-till-1").write_text(new.private_key().hex())

    roll_out(office)

    assert deployment.load(office.state).banks[BANK].terminals == before
    assert shell.rows("terminal", "show", "till-1", "--json")[0]["signs_here"]
