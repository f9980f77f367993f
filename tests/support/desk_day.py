"""A bad day at the desk, with customers' data that are known."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from counterfoil.local.services import CHAIN, IPFS
from tests.support.cases import queries_file
from tests.support.liars import Naysayer, lying
from tests.support.ticket_shell import Shell
from tests.support.ticket_stack import Stack

PAN, SERIAL, AMOUNT = "6222021234567894", "RRN:778899001122", "CNY:98765"
TIME = "2025-02-11T11:47:31Z"
QUERY: dict[str, Any] = {
    "channel": "app",
    "channel_ref": "A-1",
    "card_number": "6222 0212 3456 7894",
    "amount": "987.65",
    "currency": "CNY",
    "time": "2025-02-11T19:47:31+08:00",
    "serial": "778899001122",
    "customer": {
        "customer_no": "CUST-4711-0815",
        "name": "Wilhelmina Zschokke",
        "national_id": "ID-19700101-9876",
        "mobile": "+86 138 0013 8000",
    },
    "transaction": {"merchant_category_code": "5812", "address": "17 Quayside Terrace"},
    "process": {"note": "was never anywhere near the harbour"},
    "attachments": [{"name": "receipt-zschokke.txt", "path": "receipt"}],
}
MORE = {"channel_ref": "A-2", "serial": "ARN:556677990011"}
SLIP = "signed by Wilhelmina on the quay"
SAID = (
    "spoke to her on the telephone",
    "which restaurant was it then",
    "money went back on Monday",
)
SECRETS = (
    *(
        PAN,
        QUERY["card_number"],
        SERIAL,
        "778899001122",
        "556677990011",
        AMOUNT,
        TIME,
        QUERY["time"],
        SLIP,
    ),
    *(*QUERY["customer"].values(), QUERY["transaction"]["address"], QUERY["process"]["note"]),
    *(QUERY["attachments"][0]["name"], *SAID),
)


@dataclass(frozen=True)
class Day:
    """A day at the desk: where it was kept, what was printed on stderr, the ticket."""

    folder: Path
    errors: bytes
    token_id: bytes


def spent(folder: Path, files: Path, capfd: pytest.CaptureFixture[str]) -> Day:
    said: list[str] = []
    stack = Stack(folder)

    def shell(*words: str | Path) -> list[dict[str, Any]]:
        answer = Shell(folder, capfd)(*words)
        said.append(answer.err)
        return answer.rows

    (files / "receipt").write_text(SLIP)
    again = QUERY | {"channel": "hotline", "channel_ref": "T-1", "card_number": PAN}
    rows = [
        *(QUERY, again, again | {"channel_ref": "T-2", "amount": "0"}),
        *(again | {"channel_ref": "T-3", "customer": {PAN: PAN}}, QUERY | {"serial": SLIP}),
    ]
    stack.kill("verifier-2")
    opened = shell("open", queries_file(files, *rows))
    (files / "bad.jsonl").write_text('{"card_number": "' + PAN + '", ' + SLIP)
    shell("open", files / "bad.jsonl")
    token_id = str(opened[0]["token_id"])
    shell("take", token_id)
    shell("note", token_id, "--note", SAID[0])
    shell("note", token_id, "--note", SAID[0] + "\x00")
    shell("ask", token_id, "--question", SAID[1])
    shell("attach", token_id, files / "receipt")
    stack.kill("ipfs")
    shell("resolve", token_id, "--answer", SAID[2])
    shell("show", token_id)
    shell("open", queries_file(files, again | {"channel_ref": "T-4"}))
    stack.up()
    shell("resolve", token_id, "--answer", SAID[2])
    shell("open", queries_file(files, again | {"channel_ref": "T-4"}))
    shell(
        "find",
        "--card-number",
        PAN,
        *(f"--{n}={QUERY[n]}" for n in ("amount", "currency")),
        "--time",
        SLIP,
        "--serial",
        SERIAL,
    )
    (message, *_) = shell("outbox", "--deliver")
    shell("doctor")
    assert message["answer"] == SAID[2]
    said += _worse(stack, shell, queries_file(files, QUERY | MORE), token_id)
    return Day(folder, "\n".join(said).encode(), bytes.fromhex(token_id[2:]))


def _worse(
    stack: Stack, shell: Callable[..., list[dict[str, Any]]], queries: Path, token_id: str
) -> list[str]:
    """Verifiers that lie, a full disk, a damaged block, and a desk that is killed in the middle."""
    with lying(stack, Naysayer, "verifier-1", "verifier-3"):
        assert shell("open", queries)[0]["outcome"] == "refused"
    with stack.full(IPFS, 1_000):
        shell("note", token_id, "--note", SAID[0])
        shell("open", queries)
    stack.settle()
    for one in stack.files(IPFS):
        one.chmod(0o600)
        one.write_bytes(one.read_bytes()[::-1])
    shell("show", token_id)
    found = shell("doctor", "--repair")
    assert all(one["repaired"] for one in found), found
    victims: list[subprocess.Popen[str]] = []
    with stack.wire(CHAIN) as wire:
        wire.arm(b"eth_sendRawTransaction", lambda: victims[0].kill())
        victims.append(stack.command("ticket", "open", queries))
        out, err = victims[0].communicate(timeout=180)
        assert wire.sprung
    assert shell("open", queries)[0]["outcome"] == "minted"
    return [out, err]
