"""Slither over our contracts: fails on any finding of high or medium impact.

Slither reads what the compiler makes of the sources. Asked for syntax trees alone, it answers in
seconds where bytecode takes a minute.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from crytic_compile import CompilationUnit, CryticCompile
from crytic_compile.compiler.compiler import CompilerVersion
from crytic_compile.platform.solc_standard_json import (
    SolcStandardJson,
    parse_standard_json_output,
    run_solc_standard_json,
)
from crytic_compile.platform.standard import generate_standard_export

ROOT = Path(__file__).resolve().parents[1]
ASKED = ROOT / "build" / "slither-input.json"
EXPORT = ROOT / "build" / "slither_export.json"
SOLC = str(ROOT / "scripts" / "setup" / "solc" / "solc-v0.8.28")
# What would be noise at every other line; a single place has its reason there.
NOT_ASKED = {
    "uninitialized-local": "Solidity begins every local value at zero, and so do we",
    "weak-prng": "nothing here is random: each remainder is a place in a slot or an increment",
    "unused-return": "no value here tells of failure; a part of a pair may be all we want",
}
OURS = ("contracts/points", "contracts/tickets", "interfaces")
NO_CODE = {"object": "", "sourceMap": ""}


class SyntaxTrees(SolcStandardJson):
    """Our sources without bytecode."""

    def compile(self, crytic_compile: CryticCompile, **_: Any) -> None:
        unit = CompilationUnit(crytic_compile, "counterfoil")
        unit.compiler_version = CompilerVersion("solc", "0.8.28", optimized=True, via_ir=True)
        answer = run_solc_standard_json(self.to_dict(), unit.compiler_version, solc=SOLC)
        for contracts in answer["contracts"].values():
            for contract in contracts.values():
                contract["evm"] = {"bytecode": NO_CODE, "deployedBytecode": NO_CODE}
        parse_standard_json_output(answer, unit)


def compiler_input() -> dict[str, Any]:
    """What the compiler is asked (https://docs.soliditylang.org/en/v0.8.28/using-the-compiler.html)."""
    paths = sorted(path for folder in OURS for path in (ROOT / folder).glob("*.sol"))
    names = {path.relative_to(ROOT).as_posix(): path for path in paths}
    return {
        "language": "Solidity",
        "sources": {name: {"content": path.read_text("utf-8")} for name, path in names.items()},
        "settings": {
            "evmVersion": "shanghai",
            "remappings": [
                "@openzeppelin/=node_modules/@openzeppelin/",
                "solady/=node_modules/solady/src/",
            ],
            "outputSelection": {"*": {"": ["ast"], "*": ["abi"]}},
        },
    }


def main() -> int:
    """Slither's exit code."""
    EXPORT.parent.mkdir(exist_ok=True)
    ASKED.write_text(json.dumps(compiler_input()), encoding="utf-8")
    compilation = CryticCompile(SyntaxTrees(str(ASKED)))
    EXPORT.write_text(json.dumps(generate_standard_export(compilation)), encoding="utf-8")
    command = [Path(sys.executable).with_name("slither"), EXPORT.relative_to(ROOT)]
    choice = ["--fail-medium", "--exclude-low", "--exclude-informational", "--exclude-optimization"]
    where = ["--filter-paths", "node_modules", "--exclude", ",".join(NOT_ASKED)]
    return subprocess.run([*command, *choice, *where, *sys.argv[1:]], cwd=ROOT).returncode


if __name__ == "__main__":
    sys.exit(main())
