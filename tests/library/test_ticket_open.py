"""``counterfoil ticket open``: what is shown when it can't go on."""

from __future__ import annotations

from contextlib import nullcontext
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from counterfoil.cli import ticket
from counterfoil.errors import Unavailable
from counterfoil.tickets import chunks
from counterfoil.tickets.desk import Desk
from counterfoil.tickets.registry import Minted, Registry
from tests.support.cases import queries_file, row
from tests.support.ticket_shell import Shell


@pytest.mark.parametrize("as_json", [False, True])
def test_open_showsWhatWasDoneBeforeTheChainWentAway(
    desk: Desk,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    as_json: bool,
) -> None:
    original, calls = Registry.open_batch, count(1)

    def away(*given: Any, **named: Any) -> Minted:
        if next(calls) > 1:
            raise Unavailable("the chain is away")
        return original(*given, **named)

    monkeypatch.setattr(Registry, "open_batch", away)
    monkeypatch.setattr(chunks, "CHUNK", 4)
    monkeypatch.setattr(ticket, "open_desk", lambda _: nullcontext(desk))
    rows = [row(channel_ref=f"A-{number}", serial=str(number)) for number in range(3)]
    file, shell = queries_file(tmp_path, *rows), Shell(tmp_path / "state", capsys)
    answer = shell("open", file, as_json=as_json)

    assert answer.status == 3
    assert "the chain is away" in answer.err
    assert "minted" in answer.out
    assert "A-0" in answer.out
    assert "A-1" not in answer.out
