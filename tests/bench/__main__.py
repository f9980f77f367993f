"""Run the benchmarks that are named, or all, and keep each figure in ``build/bench``."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

from tests.bench.figure import Figure

BENCHMARKS = sorted(file.stem[6:] for file in Path(__file__).parent.glob("bench_*.py"))


def main(names: list[str]) -> int:
    """0 if every bar is met, 1 if one is not, 2 if there is no benchmark of a name."""
    unknown = sorted(set(names) - set(BENCHMARKS))
    if unknown:
        print(f"No benchmark {unknown[0]!r}: there are {', '.join(BENCHMARKS)}.", file=sys.stderr)
        return 2
    met = True
    for name in names or BENCHMARKS:
        for figure in import_module(f"tests.bench.bench_{name}").measure():
            figure.write()
            print(told(figure), flush=True)
            met &= figure.reached is not False
    return 0 if met else 1


def told(figure: Figure) -> str:
    """The figure in one line."""
    line = f"{figure.name}: {figure.value:,.4g} {figure.unit}"
    if figure.ratio is not None:
        line += f", {figure.ratio:.2f} of {figure.against} ({figure.yardstick:,.4g})"
    if figure.bar is not None:
        side = "at most" if figure.lower_is_better else "at least"
        line += f"; {side} {figure.bar:g}: {'reached' if figure.reached else 'NOT reached'}"
    return line


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
