"""What the points commands say to bad files and missing parts: one line, and nothing is done."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from counterfoil import deployment
from counterfoil.points.issuing import BATCH
from counterfoil.points.ledger import Ledger
from tests.support.cut_line import Line
from tests.support.points_office import LOTS, ORDERS, order
from tests.support.shell import Shell

COUNTERFOIL = str(Path(sys.executable).with_name("counterfoil"))


@pytest.mark.parametrize(
    ("text", "saying"),
    [
        (b"customer_id,points,earned_on,reference\nC-1,1,2026-01-01,R\nC-\xff", [":3:", "UTF-8"]),
        (b"customer_id,points,reference\n", [":1:", "earned_on"]),
        (b"", [":1:", "customer_id"]),
        (b'customer_id,points,earned_on,reference\nC-1,"1"0,x,y\n', [":2:", "not CSV"]),
    ],
    ids=["not UTF-8", "missing column", "empty", "not CSV"],
)
def test_issue_refusesAMalformedFile(shell: Shell, text: bytes, saying: list[str]) -> None:
    file = shell.file("lots.csv", text)

    shell.refuses("points", "issue", file, status=2, saying=[file, *saying])


@pytest.mark.parametrize(
    ("text", "saying"),
    [(b"\xef\xbb\xbf\n\xff", [":2:", "UTF-8"]), (ORDERS[:20].encode(), [":1:", "customer_id"])],
)
def test_sign_refusesAMalformedFile(shell: Shell, text: bytes, saying: list[str]) -> None:
    file = shell.file("orders.csv", text)

    shell.refuses("terminal", "sign", file, status=2, saying=[file, *saying])


@pytest.mark.parametrize("text", ["{}\nnot json\n", "\n{", "{}\n" + "[" * 100_000])
def test_redeem_refusesAMalformedFile(shell: Shell, text: str) -> None:
    file = shell.file("signed.jsonl", text)

    shell.refuses("points", "redeem", file, status=2, saying=[file, ":2:", "not JSON"])


@pytest.mark.parametrize("words", ["points issue", "points redeem", "terminal sign"])
def test_commands_refuseAFileThatIsMissing(shell: Shell, words: str) -> None:
    shell.refuses(*words.split(), "gone.csv", status=2, saying=["gone.csv", "no such file"])


def test_commands_refuseAnUnknownBankOrTerminal(shell: Shell) -> None:
    bank = ["--bank", "nobody"]
    shell.refuses("points", "balance", "C-1", *bank, status=2, saying=["nobody", "harbour"])
    shell.refuses("points", "offers", "C-1", "till-7", status=2, saying=["till-7", "till-1"])


def test_commands_needABankWhereThereAreSeveral(shell: Shell) -> None:
    deployed = deployment.load(shell.office.state)
    banks = deployed.banks | {"summit": replace(deployed.banks["harbour"], bank="summit")}
    deployment.save(shell.office.state, replace(deployed, banks=banks))

    shell.refuses("points", "balance", "C-1", status=2, saying=["--bank", "harbour, summit"])
    shell.rows("points", "balance", "C-1", "--bank", "harbour", "--json")


def test_commands_areUnavailableIfNothingIsDeployed(shell: Shell, tmp_path: Path) -> None:
    empty = ["--state", str(tmp_path / "empty")]
    shell.refuses("points", "balance", "C-1", *empty, status=3, saying=["counterfoil up"])
    assert not (tmp_path / "empty").exists()


def test_commands_areUnavailableIfTheChainIsDown(shell: Shell, line: Line) -> None:
    line.down = True
    lots = shell.file("lots.csv", LOTS + shell.office.credit("R-1"))
    signed = shell.file("signed.jsonl", "{}")

    for words in (["issue", lots], ["redeem", signed], ["balance", "C-1"]):
        shell.refuses("points", *words, status=3, saying=["No Ethereum node", "counterfoil up"])


@pytest.mark.parametrize(
    "url", ["nonsense", "foo://x", "mssql://u:pass@h/n", "postgresql://u:pass@host:port/name"]
)
def test_commands_refuseWhatIsNoDatabase(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("COUNTERFOIL_DATABASE_URL", url)

    shell.refuses("points", "balance", "C-1", status=2, saying=["COUNTERFOIL_DATABASE_URL: isn't"])
    assert "u:pass@" not in shell.run("points", "balance", "C-1")[2]


def test_commands_areUnavailableIfTheDatabaseIsAway(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COUNTERFOIL_DATABASE_URL", "postgresql://u:secret@127.0.0.1:1/name")

    shell.refuses("points", "balance", "C-1", status=3, saying=["database", "Check it, then run"])


def test_redeem_canRunAgainIfTheChainGoesAway(shell: Shell, line: Line) -> None:
    shell.office.issue(shell.office.credit("R-1"))
    file = shell.file("signed.jsonl", "\n".join(shell.office.lines(order("A"))))
    line.cut_at("eth_sendRawTransaction", after=1, delivered=True)

    status, out, err = shell.run("points", "redeem", file, "--json")

    assert (status, out, err.count("\n")) == (3, "", 1)
    line.mend()
    assert shell.rows("points", "redeem", file, "--json")[0]["status"] == "paid"
    assert shell.office.points() == 4500


def test_issue_showsWhatWasDoneBeforeTheChainWentAway(shell: Shell, line: Line) -> None:
    rows = [shell.office.credit(f"R-{number}", 1) for number in range(BATCH + 1)]
    file = shell.file("lots.csv", LOTS + "\n".join(rows))
    line.cut_at("eth_sendRawTransaction", after=1)

    status, out, err = shell.run("points", "issue", file)

    assert (status, err.count("\n")) == (3, 1)
    table = out.splitlines()
    assert len(table) == 1 + BATCH
    assert table[1].split()[:2] == ["R-0", "issued"]


def test_run_isInterruptedWithoutATraceback(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Ledger, "holding", interrupt)

    status, out, err = shell.run("points", "balance", "C-1")

    assert (status, out, err.splitlines()[-1]) == (130, "", "counterfoil: interrupted")


@pytest.mark.parametrize("words", ["points", "points issue", "points redeem x --until never"])
def test_run_isUsageIfAWordIsMissingOrUnknown(shell: Shell, words: str) -> None:
    status, out, err = shell.run(*words.split())

    assert status == 2
    assert "Usage: counterfoil points" in out + err


def test_program_keepsItsAnswerApartFromItsMessages(shell: Shell) -> None:
    rows = [shell.office.credit("R-1") + ",?", "C-Ä,1,2026-99-01,R-2,?"]
    file = shell.file("lots.csv", LOTS.replace("\n", ",colour\n") + "\n".join(rows))

    ended = subprocess.run(
        [COUNTERFOIL, "points", "issue", file, "--json"], capture_output=True, check=False
    )

    assert ended.returncode == 1
    assert [json.loads(line)["status"] for line in ended.stdout.splitlines()] == [
        *("issued", "refused")
    ]
    assert ended.stderr.decode() == "Ignored columns: colour.\n1 issued, 1 refused.\n"


def test_program_endsInOneLineIfAFileIsMalformed(shell: Shell) -> None:
    file = shell.file("signed.jsonl", "{}\n{")

    ended = subprocess.run([COUNTERFOIL, "points", "redeem", file], capture_output=True, text=True)

    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == f"counterfoil: {file}:2: not JSON\n"
