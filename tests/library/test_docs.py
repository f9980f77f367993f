"""What the docs name is there: tests, files, links, commands, and every word of the contracts."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import click
import pytest

from counterfoil.artifacts import ROOT, artifact
from counterfoil.cli.main import cli
from tests.support.readme import blocks
from tests.support.ticket_rules import ENDS, RIGHTS, STARTS, Action, Status

DOCS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
CONTRACT_DOCS = [ROOT / "docs" / f"{name}.md" for name in ("specification", "invariants")]
CONTRACT_DOCS += [ROOT / "docs" / f"{name}.md" for name in ("migration", "erc721")]
CONTRACTS = ("PointsLedger", "PointsOffers", "TicketRegistry")
STANDARDS = {"onERC721Received", "isValidSignature", "Locked", "Unlocked", "PaymentOrder"}

CODE = re.compile(r"`([^`\n]+)`")
TEST = re.compile(r"\btest_\w+(?!\.py|\w)")
FILE = re.compile(r"(?:contracts|counterfoil|docs|examples|interfaces|scripts|tests)/[\w./-]*\w")
LINK = re.compile(r"\[[^\]]+\]\(([^)\s]+)\)")
NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:_ROLE)?")

each_doc = pytest.mark.parametrize("doc", DOCS, ids=lambda doc: doc.stem[:30])
each_contract_doc = pytest.mark.parametrize("doc", CONTRACT_DOCS, ids=lambda doc: doc.stem)


def text(doc: Path) -> str:
    return doc.read_text(encoding="utf-8")


def anchors(doc: Path) -> set[str]:
    """The headings of a document as GitHub links to them."""
    titles = re.findall(r"^#+ (.+)$", text(doc), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@cache
def known_tests() -> frozenset[str]:
    """The names of all tests, and of the files that hold them."""
    files = list((ROOT / "tests").rglob("*.py"))
    found = {name for file in files for name in re.findall(r"def (test_\w+)\(", text(file))}
    return frozenset(found | {file.stem for file in files})


@cache
def contract_words() -> frozenset[str]:
    """All that the contracts' ABIs and interfaces name."""
    words = {*CONTRACTS, *STANDARDS}
    for contract in CONTRACTS:
        words.update(names_in(artifact(contract)["abi"]))
    for interface in (ROOT / "interfaces").glob("*.sol"):
        words.update(re.findall(r"^ {8}([A-Z]\w+),?$", text(interface), re.MULTILINE))  # of enums
    return frozenset(words)


def names_in(abi: Any) -> Iterator[str]:
    """Functions, events, errors, their parameters and the structs and enums among these."""
    for entry in abi:
        if entry.get("name"):
            yield entry["name"]
        if " " in entry.get("internalType", ""):
            yield entry["internalType"].split(" ")[1].split(".")[-1].rstrip("[]0123456789")
        for part in ("inputs", "outputs", "components"):
            yield from names_in(entry.get(part, []))


def contract_names(doc: Path) -> Iterator[str]:
    """Words of a document that only a contract can mean: `settle(…)`, `OrderPaid`, `refundDays`."""
    for code in CODE.findall(text(doc)):
        name, bracket, _ = code.partition("(")
        inner = any(letter.isupper() for letter in name)
        if NAME.fullmatch(name) and (inner or bracket):
            yield name


@each_doc
def test_docs_nameTestsThatExist(doc: Path) -> None:
    assert {name for name in TEST.findall(text(doc)) if name not in known_tests()} == set()


@each_doc
def test_docs_nameFilesThatExist(doc: Path) -> None:
    named = {path for code in CODE.findall(text(doc)) for path in FILE.findall(code)}

    assert {path for path in named if "NAME" not in path and not (ROOT / path).exists()} == set()


@each_doc
def test_docs_linkToWhatExists(doc: Path) -> None:
    for target in LINK.findall(text(doc)):
        if target.startswith(("http://", "https://")):
            continue
        path, _, anchor = target.partition("#")
        there = doc.parent / path if path else doc
        assert there.exists(), target
        assert not anchor or anchor in anchors(there), target


@each_doc
def test_docs_typeCommandsThatExist(doc: Path) -> None:
    lines = [line for block in blocks(doc) for line in block.replace("\\\n", " ").splitlines()]
    for line in lines:
        words = shlex.split(line.partition("|")[0], comments=True)
        if words[:1] == ["counterfoil"]:
            assert isinstance(command(words[1:]), click.Command), line


def command(words: list[str]) -> click.Command | None:
    """The command that these words begin with; None if there is none."""
    found: click.Command | None = cli
    for word in words:
        if not isinstance(found, click.Group):
            break
        found = found.get_command(click.Context(found), word)
    return None if isinstance(found, click.Group) else found


@each_contract_doc
def test_contractDocs_nameWhatTheContractsHave(doc: Path) -> None:
    assert {name for name in contract_names(doc) if name not in contract_words()} == set()


@each_contract_doc
def test_contractDocs_nameATestInEveryRow(doc: Path) -> None:
    """A promise without a test is a wish."""
    rows = re.findall(r"^\|(.+)\|$", text(doc), re.MULTILINE)
    promises = [row for row in rows if not re.match(r"[- |]+$|.*\| held by ", row)]

    assert promises
    assert [row for row in promises if not TEST.search(row.split("|")[-1])] == []


@pytest.mark.parametrize("contract", CONTRACTS)
def test_specification_namesEveryFunctionOfOurs(contract: str) -> None:
    """Those of the interfaces; what OpenZeppelin and solady bring is theirs to describe."""
    interface = text(ROOT / "interfaces" / f"I{contract}.sol")
    ours = set(re.findall(r"\bfunction (\w+)\(", interface))
    told = set(re.findall(r"`(\w+)[`(]", text(ROOT / "docs" / "specification.md")))

    assert ours - told == set()


def test_contractWords_leaveOutWhatNobodyNamed() -> None:
    """That a wrong name is found."""
    assert not {"OrderPayed", "settleAll", "settled_at"} & contract_words()
    assert {"OrderPaid", "settle", "RULES_ROLE", "Finalized", "refundDays"} <= contract_words()


def test_operating_tellsOfEachStepWhatTheContractDoes() -> None:
    row = re.compile(r"^\| (`[^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
    rows = row.findall(text(ROOT / "docs" / "operating.md"))
    told = {word: cells for words, *cells in rows for word in CODE.findall(words)}
    words = {status: status.name.lower().replace("_", "-") for status in Status}

    for action in set(Action) - {Action.REQUEST_ERASURE, Action.ERASE}:
        where, then, who = told[action.name.lower()]
        end = ENDS[action]
        assert set(where.split(", ")) == {words[status] for status in STARTS[action]}
        assert then == (words[end] if end else "the same")
        assert who.endswith(RIGHTS[action].name.lower())
    assert told["note"] == told["attach"] == told["priority"]
    assert told["erase"] == ["anywhere but erased", "erased", "supervisor"]
    assert STARTS[Action.REQUEST_ERASURE] | STARTS[Action.ERASE] == set(Status) - {
        Status.NONE,
        Status.ERASED,
    }
