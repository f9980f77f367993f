"""EIP-712 by npm's ethers: the same ids, digests, domains and signers as ours, at every extreme;
and orders as it writes them."""

from __future__ import annotations

from random import Random
from typing import Any

from eth_utils.address import to_checksum_address

from counterfoil.keys import Signer
from counterfoil.points.orders import (
    MAX_LINES,
    Domain,
    OrderLine,
    PaymentOrder,
    order_in,
    recover,
    typed_data,
)
from counterfoil.tickets.attestation import Opening, Request, attestation_digest
from tests.support.node_script import answer

COUNT = 200
DOMAIN_TYPE = [
    {"name": "name", "type": "string"},
    {"name": "version", "type": "string"},
    {"name": "chainId", "type": "uint256"},
    {"name": "verifyingContract", "type": "address"},
]
ATTESTATION = {
    "EIP712Domain": DOMAIN_TYPE,
    "Attestation": [
        {"name": "openings", "type": "Opening[]"},
        {"name": "deadline", "type": "uint40"},
    ],
    "Opening": [{"name": "tokenId", "type": "uint256"}, {"name": "digest", "type": "bytes32"}],
}


def whole(random: Random, bits: int) -> int:
    """A number of so many bits, its ends as often as not."""
    return random.choice([0, 1, 2**bits - 1, random.getrandbits(bits), random.getrandbits(bits)])


def address(random: Random) -> str:
    return str(to_checksum_address(random.randbytes(20)))


def order(random: Random) -> PaymentOrder:
    """Any order at all, often of the most lines."""
    count = random.choice([1, 2, MAX_LINES, random.randint(1, MAX_LINES)])
    line_bits = (32, 16, 40, 40)
    return PaymentOrder(
        account=random.randbytes(32),
        terminal=address(random),
        sequence=whole(random, 64),
        rules=whole(random, 32),
        points=whole(random, 32),
        deadline=whole(random, 40),
        lines=tuple(OrderLine(*(whole(random, bits) for bits in line_bits)) for _ in range(count)),
    )


def in_strings(value: Any) -> Any:
    """Numbers as decimal strings, since JavaScript cuts its own at 2^53."""
    if isinstance(value, dict):
        return {name: in_strings(item) for name, item in value.items()}
    if isinstance(value, list):
        return [in_strings(item) for item in value]
    return str(value) if isinstance(value, int) else value


def question(message: dict[str, Any], signature: bytes) -> dict[str, Any]:
    """What ethers is asked of a whole message."""
    numbers = {name: in_strings(message[name]) for name in ("domain", "message")}
    return message | numbers | {"signature": "0x" + signature.hex()}


def test_orders_areHashedAndSignedAsByEthers() -> None:
    random = Random(712)
    cases = []
    for _ in range(COUNT):
        signer = Signer.from_hex(f"{random.getrandbits(255) + 1:064x}")
        cases.append((order(random), Domain(whole(random, 64), address(random)), signer))
    signatures = [who.sign_digest(domain.digest(one.order_id())) for one, domain, who in cases]

    answers = answer(
        "typed_data",
        [
            question(typed_data(one, domain), signature)
            for (one, domain, _), signature in zip(cases, signatures, strict=True)
        ],
    )

    for (one, domain, who), signature, said in zip(cases, signatures, answers, strict=True):
        digest = domain.digest(one.order_id())
        assert order_in(said.pop("payload")) == one
        assert said == {
            "struct": "0x" + one.order_id().hex(),
            "domain": "0x" + domain.separator().hex(),
            "digest": "0x" + digest.hex(),
            "signer": who.address,
        }
        assert recover(digest, signature) == who.address


def test_attestations_areHashedAndSignedAsByEthers() -> None:
    random = Random(721)
    signer = Signer.from_hex("77" * 32)
    requests = [
        Request(
            chain_id=whole(random, 64),
            contract=address(random),
            openings=tuple(
                Opening(random.randbytes(32), random.randbytes(32))
                for _ in range(random.choice([0, 1, 2, 100]))
            ),
            deadline=whole(random, 40),
            keys="",
        )
        for _ in range(COUNT)
    ]

    answers = answer(
        "typed_data",
        [
            question(attestation(one), signer.sign_digest(attestation_digest(one)))
            for one in requests
        ],
    )

    for request, said in zip(requests, answers, strict=True):
        assert said["digest"] == "0x" + attestation_digest(request).hex()
        assert said["signer"] == signer.address


def attestation(request: Request) -> dict[str, Any]:
    """The whole message of an attestation."""
    return {
        "types": ATTESTATION,
        "primaryType": "Attestation",
        "domain": {
            "name": "Counterfoil Tickets",
            "version": "1",
            "chainId": request.chain_id,
            "verifyingContract": request.contract,
        },
        "message": {
            "openings": [
                {"tokenId": int.from_bytes(one.token_id), "digest": "0x" + one.digest.hex()}
                for one in request.openings
            ],
            "deadline": request.deadline,
        },
    }
