"""One figure of a benchmark, and the file that keeps it."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

FIGURES = Path(__file__).resolve().parents[2] / "build" / "bench"


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured.

    ``yardstick``, in the same unit, is what the same run measured of the thing that it is compared
    with; ``against`` names that thing. ``bar`` is what the ratio, or the value where there is no
    yardstick, should reach, or not exceed if ``lower_is_better``.
    """

    name: str
    value: float
    unit: str
    yardstick: float | None = None
    against: str | None = None
    bar: float | None = None
    lower_is_better: bool = False

    @property
    def ratio(self) -> float | None:
        """The value for one of the yardstick."""
        return None if self.yardstick is None else self.value / self.yardstick

    @property
    def reached(self) -> bool | None:
        """Whether the bar is met; None if there is none."""
        if self.bar is None:
            return None
        measured = self.value if self.ratio is None else self.ratio
        return measured <= self.bar if self.lower_is_better else measured >= self.bar

    def write(self, folder: Path = FIGURES) -> Path:
        """Keep it as ``NAME.json``: name, value, unit, yardstick, against, ratio, bar, reached,
        machine, at (ISO 8601, UTC)."""
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{self.name}.json"
        row = {
            "name": self.name,
            "value": round(self.value, 4),
            "unit": self.unit,
            "yardstick": None if self.yardstick is None else round(self.yardstick, 4),
            "against": self.against,
            "ratio": None if self.ratio is None else round(self.ratio, 4),
            "bar": self.bar,
            "reached": self.reached,
            "machine": machine(),
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        file.write_text(json.dumps(row, indent=2) + "\n", encoding="utf-8")
        return file


def machine() -> str:
    """The processor, its cores and the system, without the machine's name."""
    return f"{_processor()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}"


def _processor() -> str:
    """The processor's name where the system tells it."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or "unknown processor")
