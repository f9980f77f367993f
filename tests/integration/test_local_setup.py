"""Set-up on a machine that lacks a part: one line that says which, and how to get it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from counterfoil.artifacts import ROOT

NEEDED = ("bash", "dirname", "mkdir", "timeout", "tail")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with the set-up scripts and this Python, whose only other programs are basic."""
    for name in NEEDED:
        found = shutil.which(name)
        assert found
        link(tmp_path / "bin" / name, Path(found))
    shutil.copytree(ROOT / "scripts" / "setup", tmp_path / "scripts" / "setup")
    link(tmp_path / ".venv" / "bin" / "python", Path(sys.prefix) / "bin" / "python")
    return tmp_path


def link(place: Path, target: Path) -> None:
    """A name for a program."""
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(target)


def program(place: Path, text: str) -> None:
    """A small program."""
    place.write_text(f"#!/usr/bin/env bash\n{text}\n", encoding="utf-8")
    place.chmod(0o755)


def run(project: Path, script: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """A set-up script that has ended."""
    environment = {"PATH": str(project / "bin"), "HOME": str(project), "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [str(project / "scripts" / "setup" / script)],
        env={**environment, **settings},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_python_saysIfItIsMissing(project: Path) -> None:
    answer = run(project, "python.sh")

    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr == (
        "Python 3.11 is missing. On Debian: apt-get install python3.11 python3.11-venv\n"
    )


def test_node_saysIfItIsMissing(project: Path) -> None:
    answer = run(project, "node.sh")

    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr == "Node is missing. On Debian: apt-get install nodejs npm\n"


def test_node_saysIfItIsTooOld(project: Path) -> None:
    program(project / "bin" / "node", "echo 18.19.0")

    answer = run(project, "node.sh")

    assert answer.returncode == 2
    assert answer.stderr.startswith("Node 18.19.0 is too old; 20 is needed.")


def test_node_saysIfNpmIsMissing(project: Path) -> None:
    program(project / "bin" / "node", "echo 20.0.0")

    answer = run(project, "node.sh")

    assert (answer.returncode, answer.stderr) == (
        2,
        "npm is missing. On Debian: apt-get install nodejs npm\n",
    )


def test_node_showsTheEndOfTheLogIfItFails(project: Path) -> None:
    program(project / "bin" / "node", "echo 20.0.0")
    program(project / "bin" / "npm", '[ "$1" = --version ] || { echo no network; exit 7; }')

    answer = run(project, "node.sh")

    assert answer.returncode == 1
    assert answer.stdout == "Node parts ... failed. The end of build/setup.log:\n"
    assert answer.stderr.endswith("no network\n")


def test_kubo_goesOnWithoutIfThereIsNoWayToGetIt(project: Path) -> None:
    answer = run(project, "kubo.sh")

    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout == (
        "Kubo is missing, and so is Go, which could build it: https://go.dev/doc/install\n"
        "Going on without: the embedded file store gives the same CIDs.\n"
    )


def test_kubo_goesOnWithoutIfItCanNotBeBuilt(project: Path) -> None:
    program(project / "bin" / "go", "echo invalid go version; exit 1")

    answer = run(project, "kubo.sh")

    assert answer.returncode == 0
    assert answer.stdout.endswith("the embedded file store gives the same CIDs.\n")
    assert "invalid go version" in answer.stderr


@pytest.mark.parametrize("place", ["bin/ipfs", ".tools/ipfs"])
def test_kubo_isQuietIfItIsThere(project: Path, place: str) -> None:
    (project / place).parent.mkdir(exist_ok=True)
    program(project / place, "echo 0.42.0")

    answer = run(project, "kubo.sh")

    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "", "")


def test_kubo_buildsWhatGoModPins(project: Path) -> None:
    # What `go build` leaves behind, and the words that it was called with.
    build = 'echo "$@" > built; printf "#!/usr/bin/env bash\\necho 0.42.0\\n" > .tools/ipfs.new'
    program(project / "bin" / "go", f"{build}; chmod +x .tools/ipfs.new")
    for name in ("chmod", "mv"):
        link(project / "bin" / name, Path(shutil.which(name) or name))

    answer = run(project, "kubo.sh")

    assert answer.returncode == 0
    assert answer.stdout.startswith("Kubo, built with Go: about three minutes ... done")
    assert os.access(project / ".tools" / "ipfs", os.X_OK)
    assert "-C scripts/setup/kubo" in (project / "built").read_text(encoding="utf-8")


def test_make_helpListsEveryTarget() -> None:
    answer = subprocess.run(
        ["make", "help"], cwd=ROOT, capture_output=True, text=True, timeout=20, check=True
    )

    listed = {line.split()[0] for line in answer.stdout.splitlines()}
    assert listed >= {"help", "setup", "demo", "test", "lint", "gas", "console", "clean"}
    assert all(len(line.split()) > 2 for line in answer.stdout.splitlines())
