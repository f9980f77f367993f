"""What `points reconcile` says at a shell."""

from __future__ import annotations

import json

from tests.support.shell import Shell


def findings(shell: Shell, lines: list[str] | None = None) -> list[tuple[str, str, str]]:
    """What reconciling finds: kind, where and order_ref of each."""
    words = ["points", "reconcile", "--json"]
    if lines is not None:
        words += ["--file", shell.file("till.jsonl", "\n".join(lines))]
    status, out, _ = shell.run(*words)
    rows = [json.loads(line) for line in out.splitlines()]
    assert status == (1 if any(row["kind"] != "unanswerable" for row in rows) else 0)
    return sorted((row["kind"], row["where"], row["order_ref"]) for row in rows)
