"""Fixtures of the tests on real chains."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from counterfoil import deployment, rollout
from counterfoil.chain import Chain
from counterfoil.cli.main import run
from counterfoil.keys import Signer
from counterfoil.state import State
from tests.support.anvil import anvil, set_right
from tests.support.cut_line import Line, line_to
from tests.support.errands import rich_signer, standing_still
from tests.support.points_office import Office, plan
from tests.support.shell import Shell
from tests.support.ticket_shell import Shell as TicketShell
from tests.support.ticket_stack import Stack


@pytest.fixture(scope="session")
def opened_office(shared_anvil: Chain, tmp_path_factory: pytest.TempPathFactory) -> State:
    """A bank with two tills and nothing issued, deployed once."""
    folder = tmp_path_factory.mktemp("office")
    state = State(folder / "state")
    rollout.ensure(plan(folder), state, shared_anvil.url, lambda _: None)
    return state


@pytest.fixture
def office(opened_office: State, chain: Chain, tmp_path: Path) -> Office:
    """That bank for one test, with a state folder of its own."""
    shutil.copytree(opened_office.root, tmp_path / "state")
    set_right(chain)
    return Office(chain, State(tmp_path / "state"), tmp_path)


@pytest.fixture
def credited(office: Office) -> None:
    """C-1 holds 5,000 points there."""
    office.issue(office.credit("R-1"))


@pytest.fixture
def settled(office: Office) -> list[str]:
    """Signed orders with all their records: A paid, B rejected, C paid at the other till."""
    office.issue(office.credit("R-1"))
    lines = office.three()
    office.redeem(lines)
    return lines


@pytest.fixture
def line(office: Office, chain: Chain) -> Iterator[Line]:
    """The line between the bank and its chain, which can be cut."""
    with line_to(chain.url) as line:
        deployed = deployment.load(office.state)
        deployment.save(office.state, replace(deployed, chain_url=line.url))
        yield line


@pytest.fixture
def shell(
    office: Office, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Shell:
    """A shell in which that bank's state folder is the one."""
    monkeypatch.setenv("COUNTERFOIL_STATE", str(office.state.root))
    monkeypatch.delenv("COUNTERFOIL_BANK", raising=False)
    return Shell(office, capsys)


@pytest.fixture(scope="module")
def idle_anvil() -> Iterator[Chain]:
    """An Anvil that mines nothing by itself."""
    with anvil("--no-mining") as chain:
        yield chain


@pytest.fixture
def still(idle_anvil: Chain) -> Iterator[Chain]:
    """It, as it was before the test, with nothing waiting."""
    with standing_still(idle_anvil) as chain:
        yield chain


@pytest.fixture
def signer(still: Chain) -> Signer:
    """A key with ether there."""
    return rich_signer(still)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A ticket desk on a Ganache, with four Kubos and three verifiers, for one file of tests."""
    stack = Stack(tmp_path_factory.mktemp("stack") / "state")
    stack.up()
    yield stack
    assert run(["down", "--state", str(stack.folder)]) == 0


@pytest.fixture
def tickets(stack: Stack, capsys: pytest.CaptureFixture[str]) -> Iterator[TicketShell]:
    """The command. A test ends with everything running, and each block where it has to be."""
    shell = TicketShell(stack.folder, capsys)
    yield shell
    stack.mend()
    stack.check()
