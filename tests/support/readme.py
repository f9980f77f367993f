"""The shell commands of a Markdown file, and how each is to end."""

from __future__ import annotations

import re
from pathlib import Path

_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_EXITS = re.compile(r"# exits ([0-9]+)")


def blocks(file: Path) -> list[str]:
    """The text of each ``sh`` block."""
    return _BLOCK.findall(file.read_text(encoding="utf-8"))


def checked(block: str) -> str:
    """The block as a Bash script that stops at the first line that doesn't end as it should: with
    0, or with what its comment says."""
    script = []
    for line in block.splitlines():
        exits = _EXITS.search(line)
        expected = exits.group(1) if exits else "0"
        script.append(line)
        script.append(
            f'status=$?; [ $status -eq {expected} ] || {{ echo "exit $status" >&2; exit 1; }}'
        )
    return "set -x -o pipefail\n" + "\n".join(script) + "\n"
