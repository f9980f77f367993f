"""``make gas``: what each action costs, written to ``tests/snapshots/gas.json``."""

from __future__ import annotations

import json

from counterfoil.artifacts import ROOT
from tests.support import gas_points, gas_tickets
from tests.support.anvil import anvil

SNAPSHOT = ROOT / "tests" / "snapshots" / "gas.json"
MEASURES = (gas_points.measure, gas_tickets.measure)
NOON = "1767268800"  # 2026-01-01: no day ends, nor any period of lots, while it is measured


def measured() -> dict[str, int]:
    """All figures, each measure on a new chain, so that they are the same in every run."""
    figures: dict[str, int] = {}
    for measure in MEASURES:
        with anvil("--timestamp", NOON) as chain:
            figures |= measure(chain)
    return figures


def main() -> None:
    """Measure, write, and show."""
    figures = measured()
    SNAPSHOT.parent.mkdir(exist_ok=True)
    SNAPSHOT.write_text(json.dumps(figures, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    for name, gas in sorted(figures.items()):
        print(f"{name:40} {gas:>9,}")


if __name__ == "__main__":
    main()
