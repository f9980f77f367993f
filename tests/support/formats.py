"""What docs/formats.md says: its samples, and its lists of names."""

from __future__ import annotations

import re
from pathlib import Path

from counterfoil.artifacts import ROOT

TEXT = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")


def sample(kind: str, place: int, folder: Path) -> Path:
    """One of the document's blocks of a kind, in a file."""
    found = re.findall(rf"^```{kind}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)[place]
    file = folder / f"{place}.{kind}"
    file.write_text(" ".join(found.split("\n")) if kind == "json" else found, encoding="utf-8")
    return file


def listed(start: str) -> list[str]:
    """The names in backticks of the paragraph that starts so, without what is in brackets, and
    without that of a command before the colon."""
    paragraph = TEXT[TEXT.index(f"\n\n{start}") + 2 :].split("\n\n")[0].split(". ")[0]
    names = paragraph.removeprefix(start) if start.endswith(":") else paragraph
    return re.findall(r"`(\w+)`", re.sub(r"\([^)]*\)", "", names))
