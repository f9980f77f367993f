"""What the parts of a ticket desk do by themselves, as yardsticks for the desk."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat

import ipfshttpclient
from eth_utils.crypto import keccak

from counterfoil.keys import Signer
from counterfoil.tickets.attestation import Opening, Request, attestation_digest
from counterfoil.tickets.desk import Desk
from counterfoil.tickets.limits import opening_gas

BATCH = 100
_GWEI = 10**9


def adds_a_second(address: str, count: int, size: int, clients: int) -> float:
    """Files of ``size`` random bytes that a Kubo adds and pins for so many clients, each with a
    connection of its own, one file to a request."""
    files = [os.urandom(size) for _ in range(count)]

    def add(mine: list[bytes]) -> None:
        with ipfshttpclient.Client(address) as client:
            for one in mine:
                client.add_bytes(one, opts={"cid-version": 1, "raw-leaves": "true"})

    with ThreadPoolExecutor(clients) as pool:
        began = time.monotonic()
        list(pool.map(add, (files[start::clients] for start in range(clients))))
        return count / (time.monotonic() - began)


def mints_a_second(desk: Desk, verifiers: list[Signer], count: int) -> float:
    """Tickets that the chain mints in batches whose transactions are signed beforehand."""
    signed = [_signed(desk, verifiers, place) for place in range(count // BATCH)]
    chain = desk.registry._contract.chain
    began = time.monotonic()
    hashes = [chain.request("eth_sendRawTransaction", "0x" + one.hex()) for one in signed]
    for name, one in zip(hashes, signed, strict=True):
        while not (receipt := chain.request("eth_getTransactionReceipt", name)):
            pass
        assert int(receipt["status"], 16) == 1
        assert name == "0x" + keccak(one).hex()
    return count / (time.monotonic() - began)


def _signed(desk: Desk, verifiers: list[Signer], place: int) -> bytes:
    registry, contract = desk.registry, desk.registry._contract
    openings = tuple(Opening(os.urandom(32), os.urandom(32)) for _ in repeat(None, BATCH))
    deadline = registry.now() + 3000
    request = Request(registry.chain_id, registry.address, openings, deadline, "")
    digest = attestation_digest(request)
    ascending = sorted(verifiers, key=lambda one: int(one.address, 16))
    arguments = [
        [(int.from_bytes(one.token_id), one.digest) for one in openings],
        desk.staff.address,
        b"app".ljust(32, b"\0"),
        (deadline, [one.sign_digest(digest) for one in ascending]),
    ]
    chain = contract.chain
    count = chain.request("eth_getTransactionCount", desk.intake.address, "latest")
    return desk.intake.sign_transaction(
        {
            "type": 2,
            "chainId": chain.chain_id,
            "nonce": int(count, 16) + place,
            "to": contract.address,
            "value": 0,
            "data": bytes.fromhex(contract._contract.encode_abi("openBatch", args=arguments)[2:]),
            "gas": opening_gas(BATCH),
            "maxPriorityFeePerGas": _GWEI,
            "maxFeePerGas": 100 * _GWEI,
        }
    )
