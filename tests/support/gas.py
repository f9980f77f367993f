"""``make gas``: what each action costs, written to ``tests/snapshots/gas.json``."""

from __future__ import annotations

import json

from counterfoil.artifacts import ROOT
from tests.support import gas_tickets
from tests.support.anvil import anvil

SNAPSHOT = ROOT / "tests" / "snapshots" / "gas.json"
MEASURES = (gas_tickets.measure,)


def main() -> None:
    """Measure on a new chain, write, and show."""
    figures: dict[str, int] = {}
    with anvil() as chain:
        for measure in MEASURES:
            figures |= measure(chain)
    SNAPSHOT.parent.mkdir(exist_ok=True)
    SNAPSHOT.write_text(json.dumps(figures, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    for name, gas in sorted(figures.items()):
        print(f"{name:40} {gas:>9,}")


if __name__ == "__main__":
    main()
