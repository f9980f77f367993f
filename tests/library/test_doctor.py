"""The doctor: what is there, what isn't, and how to get it."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from counterfoil.artifacts import ROOT
from counterfoil.local import doctor, parts
from counterfoil.local.doctor import Row


def row(rows: tuple[Row, ...], part: str) -> Row:
    """The row of this part."""
    (found,) = (one for one in rows if one.part == part)
    return found


def program(place: Path, says: str) -> None:
    """A program that answers anything with one line."""
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(f"#!/bin/sh\necho '{says}'\n", encoding="utf-8")
    place.chmod(place.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project in which nothing was set up, on a machine that has nothing."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.delenv("IPFS_API", raising=False)
    return tmp_path


def test_examine_findsEveryPartHere() -> None:
    rows = doctor.examine()

    assert [one.part for one in rows if one.needed and not one.found] == []
    assert doctor.is_well(rows)
    assert row(rows, "Ganache").version == "7.9.2"
    assert row(rows, "Solidity compiler").version == "0.8.28"


def test_examine_saysHowToGetEachMissingPart(bare: Path) -> None:
    rows = doctor.examine(bare)

    missing = [one for one in rows if not one.found]
    assert [one.part for one in missing] == [
        "Python parts",
        "Node",
        "Ganache",
        "Anvil",
        "Solidity compiler",
        "Compiled contracts",
        "Kubo",
        "Go, to build Kubo",
    ]
    assert all(one.fix and "\n" not in one.fix for one in missing)
    assert not doctor.is_well(rows)


def test_examine_namesThePackageThatIsNotAsPinned(bare: Path) -> None:
    (bare / "requirements.txt").write_text("# pins\nclick==0.0.1\nrich==0.0.2\n", encoding="utf-8")

    found = row(doctor.examine(bare), "Python parts")

    assert (found.found, found.version) == (False, "not as pinned: click and 1 more")


def test_examine_refusesAnotherVersionThanThePinnedOne(bare: Path) -> None:
    package = bare / "node_modules" / "ganache"
    program(package / "dist" / "node" / "cli.js", "")
    program(bare / "bin" / "node", "v20.1.0")
    (package / "package.json").write_text(json.dumps({"version": "7.0.0"}), encoding="utf-8")
    pins = {"dependencies": {"ganache": "7.9.2"}}
    (bare / "package.json").write_text(json.dumps(pins), encoding="utf-8")

    found = row(doctor.examine(bare), "Ganache")

    assert (found.found, found.version) == (False, "7.0.0, and 7.9.2 is pinned")


@pytest.mark.parametrize(("version", "well"), [("v20.0.0", True), ("v19.9.9", False)])
def test_examine_wantsNode20(bare: Path, version: str, well: bool) -> None:
    program(bare / "bin" / "node", version)

    assert row(doctor.examine(bare), "Node").found is well


@pytest.mark.parametrize(("version", "well"), [("go1.21.0", True), ("go1.20.14", False)])
def test_examine_wantsAGoThatFetchesNewerOnes(bare: Path, version: str, well: bool) -> None:
    program(bare / "bin" / "go", version)

    assert row(doctor.examine(bare), "Go, to build Kubo").found is well


def test_examine_doesNotNeedGo(bare: Path) -> None:
    assert not row(doctor.examine(bare), "Go, to build Kubo").needed


def test_examine_tellsToSetUpIfGoCanBuildKubo(bare: Path) -> None:
    program(bare / "bin" / "go", "go1.26.8")

    assert row(doctor.examine(bare), "Kubo").fix == "Run `make setup`."


def test_examine_asksTheNodeOfIpfsApi(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IPFS_API", "/ip4/127.0.0.1/tcp/9")

    found = row(doctor.examine(bare), "Kubo")

    assert (found.found, found.version) == (False, "no answer at /ip4/127.0.0.1/tcp/9")


@pytest.mark.parametrize(
    ("place", "says", "found"),
    [
        ("bin/ipfs", "0.42.0", True),
        ("node_modules/.bin/ipfs", "0.42.0", True),
        (".tools/ipfs", "0.42.0", True),
        (".tools/ipfs", "0.38.0", True),
        (".tools/ipfs", "0.37.9", False),
        ("node_modules/.bin/ipfs", "IPFS is not installed.", False),  # npm's stand-in
    ],
)
def test_kubo_isFoundWhereItRunsAndIsNewEnough(
    bare: Path, place: str, says: str, found: bool
) -> None:
    program(bare / place, says)

    assert (parts.kubo(bare) is not None) is found


def test_kubo_prefersPathThenNpmThenTheBuild(bare: Path) -> None:
    for place, version in (
        (".tools/ipfs", "0.42.1"),
        ("node_modules/.bin/ipfs", "0.42.2"),
        ("bin/ipfs", "0.42.3"),
    ):
        program(bare / place, version)
        found = parts.kubo(bare)
        assert found is not None
        assert found.version == version


def test_anvil_isTheProgramAndNotItsWrapper() -> None:
    (command,) = parts.anvil(ROOT)

    assert Path(command).read_bytes()[:4] in (b"\x7fELF", b"\xcf\xfa\xed\xfe")
