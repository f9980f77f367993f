"""The house plan (docs/architecture.md): who may import whom, what is where, how large."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from counterfoil.artifacts import ROOT


def of(package: str, names: str) -> tuple[str, ...]:
    """Modules of one package."""
    return tuple(f"{package}.{name}" for name in names.split())


LAYERS = (
    ("errors",),
    (
        *("model", "money", "keys", "state", "files", "artifacts", "deployment"),
        *("calls", "hashing", "logs", "reverts"),
    ),
    (  # pure
        *of("ipfs", "cid store"),
        *of(
            "points",
            "accounts arithmetic basket cells clawfile customersfile explain lotsfile orders",
        ),
        *of("points", "ordersfile outcomes precheck quoting reasons receipts requests rules"),
        *of("points", "signedfile terminals"),
        *of("bank", "examples examples_customers examples_problems examples_tills wire"),
        *of("bank", "wire_customers"),
        *of("tickets", "attachments attestation casecrypto casefile filetypes fingerprint keywrap"),
        *of("tickets", "layout limits masking queries querylines queryrow showing standing"),
        *of("tickets", "uploads"),
    ),
    (  # I/O
        *(
            "chain",
            "fees",
            "basefee",
            "node",
            "reading",
            "refusals",
            "dispatch",
            "sender",
            "roles",
            "turns",
            "advisory",
        ),
        *("database", "ipfs", "tickets.vault", "tickets.vaultlock", "web"),
    ),
    (  # use cases
        *("points", "tickets", "verifier", "index", "local"),
        *("attached", "audit", "rollout", "ticket_desk", "vault_desk"),
    ),
    ("bank", "terminal", "desk"),
    ("cli", "demo", "__main__"),
)
PURE = 2
OUTSIDE_WORLD = {
    *("web3", "requests", "httpx", "urllib", "http", "socket", "subprocess", "psutil"),
    *("sqlalchemy", "sqlite3", "ipfshttpclient", "click", "rich", "fastapi", "uvicorn"),
}
TOP_LEVEL = {
    *("contracts", "interfaces", "scripts", "tests", "brownie-config.yaml", "requirements.txt"),
    *("README.md", "counterfoil", "docs", "examples", "package.json", "package-lock.json"),
    *("Makefile", "pyproject.toml", "CHANGELOG.md", ".ci", ".gitignore"),
}
PYTHON_LINES, SOLIDITY_LINES, FUNCTION_LINES = 250, 300, 40


@cache
def modules() -> dict[str, frozenset[str]]:
    """What each module imports, modules of ours without the leading ``counterfoil.``"""
    found = {}
    for file in sorted((ROOT / "counterfoil").rglob("*.py")):
        name = ".".join(file.relative_to(ROOT / "counterfoil").with_suffix("").parts)
        found[name.removesuffix(".__init__")] = frozenset(imports(file))
    return found


def imports(file: Path) -> Iterator[str]:
    """Everything that a file imports, in functions too."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            assert not node.level, f"{file}: relative import"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        yield from (name.removeprefix("counterfoil.") for name in names)


def ours(module: str) -> set[str]:
    """The modules of ours that a module imports; ``a.b.c`` may be ``c`` out of ``a.b``."""
    known = modules()
    return {
        name if name in known else name.rpartition(".")[0]
        for name in known[module]
        if name in known or name.rpartition(".")[0] in known
    }


def layer(module: str) -> int:
    """The number of the layer that names the module or a package around it most closely."""
    places = {name: place for place, names in enumerate(LAYERS) for name in names}
    around = module
    while around not in places:
        assert "." in around, f"{module} is in no layer: give it a place in LAYERS"
        around = around.rpartition(".")[0]
    return places[around]


def reached(module: str) -> set[str]:
    """The modules of ours that come along when a module is imported."""
    found: set[str] = set()
    ahead = [module]
    while ahead:
        more = ours(ahead.pop()) - found
        found |= more
        ahead += more
    return found


MODULES = [name for name in modules() if name != "__init__"]


@pytest.mark.parametrize("module", MODULES)
def test_module_importsOnlyItsOwnLayerAndThoseBelow(module: str) -> None:
    above = {name for name in ours(module) if layer(name) > layer(module)}

    assert not above


@pytest.mark.parametrize("module", [name for name in MODULES if layer(name) <= PURE])
def test_pureModule_touchesNothingOfTheOutsideWorld(module: str) -> None:
    for name in {module, *reached(module)}:
        assert not {used.split(".")[0] for used in modules()[name]} & OUTSIDE_WORLD, name


@pytest.mark.parametrize("module", MODULES)
def test_module_doesNotImportItself(module: str) -> None:
    assert module not in reached(module)


@pytest.mark.parametrize(("one", "other"), [("points", "tickets"), ("tickets", "points")])
def test_flows_knowNothingOfEachOther(one: str, other: str) -> None:
    for module in MODULES:
        if module.split(".")[0] == one:
            assert other not in {name.split(".")[0] for name in reached(module)}, module


@pytest.mark.parametrize(
    ("library", "users"),
    [
        ("web3", {"chain", "refusals"}),
        ("ipfshttpclient", {"ipfs.calls", "ipfs.kubo", "ipfs.reading"}),
        ("brownie", set()),
    ],
)
def test_library_isUsedInOneRoomOnly(library: str, users: set[str]) -> None:
    found = {
        module
        for module, names in modules().items()
        if library in {name.split(".")[0] for name in names}
    }
    assert found == users


def test_topLevel_hasNoMoreThanTheHousePlanNames() -> None:
    kept = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert {line.split("/")[0] for line in kept.splitlines()} <= TOP_LEVEL


@pytest.mark.parametrize(
    ("folders", "pattern", "most"),
    [
        (("counterfoil", "scripts"), "*.py", PYTHON_LINES),
        (("contracts", "interfaces"), "*.sol", SOLIDITY_LINES),
    ],
)
def test_files_areShort(folders: tuple[str, ...], pattern: str, most: int) -> None:
    files = [file for folder in folders for file in (ROOT / folder).rglob(pattern)]

    lengths = {file: len(file.read_text(encoding="utf-8").splitlines()) for file in files}

    assert lengths
    assert not {str(file): length for file, length in lengths.items() if length > most}


def test_functions_areShort() -> None:
    long = {}
    for folder in ("counterfoil", "scripts"):
        for file in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
                    length = node.end_lineno - node.lineno + 1
                    if length > FUNCTION_LINES:
                        long[f"{file}:{node.name}"] = length
    assert not long


def test_modules_haveDocstringsAndDoNoWorkWhenImported() -> None:
    """Only definitions, constants and the main guard stand at the top of a module."""
    for file in (ROOT / "counterfoil").rglob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        assert ast.get_docstring(tree), file
        loose = [
            node
            for node in tree.body[1:]
            if isinstance(node, ast.Expr)
            and not (isinstance(node.value, ast.Constant) and isinstance(node.value.value, str))
        ]
        assert not loose, f"{file}:{loose[0].lineno}"
