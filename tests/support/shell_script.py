"""Shell scripts, run as people run them."""

from __future__ import annotations

import os
import subprocess

from counterfoil.artifacts import ROOT

_SECONDS = 900  # every command starts Python anew


def run(script: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A script in the project folder; the test fails with all that was printed."""
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    return done
