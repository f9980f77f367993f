"""Second implementations that npm has: small scripts that read JSON and write JSON."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from counterfoil.local import parts

_SCRIPTS = Path(__file__).with_name("node")


def answer(script: str, question: Any) -> Any:
    """What ``node/<script>.mjs`` makes of it."""
    done = subprocess.run(
        [str(parts.node()), str(_SCRIPTS / f"{script}.mjs")],
        input=json.dumps(question),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
