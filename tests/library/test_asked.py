"""What an installation was last asked to be, and what a later ``up`` takes from that."""

from __future__ import annotations

from pathlib import Path

import pytest

from counterfoil.artifacts import ROOT
from counterfoil.local.asked import Files, keep, keep_rules, wanted
from counterfoil.state import State

_RULES = (ROOT / "examples" / "harbour" / "rules.toml").read_text(encoding="utf-8")
OTHERWISE = {"harbour": Files(Path("harbour.toml"), Path("till.toml"))}


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State(tmp_path / "state")


def rules(folder: Path, bank: str, points: int = 100) -> Path:
    """Rules of this bank in a file."""
    text = _RULES.replace('"harbour"', f'"{bank}"').replace(
        "points = 100\n", f"points = {points}\n"
    )
    file = folder / f"{bank}-{points}.toml"
    file.write_text(text, encoding="utf-8")
    return file


def terminals(folder: Path, name: str) -> Path:
    """A file of terminals, which is kept as it is."""
    file = folder / f"{name}.toml"
    file.write_text(f"# {name}\n", encoding="utf-8")
    return file


def texts(files: tuple[Files, ...]) -> list[tuple[str, str]]:
    return [(one.rules.read_text(), one.terminals.read_text()) for one in files]


def test_wanted_isTheExamplesIfNobodyGaveFiles(state: State) -> None:
    assert wanted(state, (), None, OTHERWISE) == tuple(OTHERWISE.values())


def test_wanted_isWhatWasGivenLastEvenIfTheFilesAreGone(state: State, tmp_path: Path) -> None:
    acme, zinc = rules(tmp_path, "acme"), rules(tmp_path, "zinc")
    first = wanted(state, (acme, zinc), terminals(tmp_path, "tills"), OTHERWISE)
    said = texts(first)
    keep(state, first)
    for one in tmp_path.glob("*.toml"):
        one.unlink()

    assert texts(wanted(state, (), None, OTHERWISE)) == said


def test_wanted_takesFromWhatIsKeptWhatIsNotGiven(state: State, tmp_path: Path) -> None:
    acme, tills = rules(tmp_path, "acme"), terminals(tmp_path, "tills")
    keep(state, wanted(state, (acme,), tills, OTHERWISE))
    newer, others = rules(tmp_path, "acme", points=50), terminals(tmp_path, "others")

    assert texts(wanted(state, (newer,), None, OTHERWISE)) == texts((Files(newer, tills),))
    assert texts(wanted(state, (), others, OTHERWISE)) == texts((Files(acme, others),))
    new = rules(tmp_path, "zinc")
    assert wanted(state, (new,), None, OTHERWISE) == (Files(new, Path("till.toml")),)


def test_wanted_staysWithRulesThatWerePublished(state: State, tmp_path: Path) -> None:
    published = rules(tmp_path, "harbour", points=50)
    keep_rules(state, "harbour", published)

    (found,) = wanted(state, (), None, OTHERWISE)

    assert found.rules.read_text() == published.read_text() != _RULES
    assert found.terminals == Path("till.toml")
