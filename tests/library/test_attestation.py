"""What verifiers sign is the same in Python, in eth-account and in the registry."""

from __future__ import annotations

from eth_account.messages import _hash_eip191_message, encode_typed_data
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.chain import Chain
from counterfoil.keys import Signer
from counterfoil.tickets.attestation import Opening, Request, attestation_digest

_BYTES32 = st.binary(min_size=32, max_size=32)
_TYPES = {
    "Attestation": [
        {"name": "openings", "type": "Opening[]"},
        {"name": "deadline", "type": "uint40"},
    ],
    "Opening": [{"name": "tokenId", "type": "uint256"}, {"name": "digest", "type": "bytes32"}],
}


@given(
    st.lists(st.builds(Opening, _BYTES32, _BYTES32), max_size=5),
    st.integers(0, 2**40 - 1),
    st.integers(1, 2**32),
    st.binary(min_size=20, max_size=20),
)
def test_attestationDigest_isThatOfEthAccount(
    openings: list[Opening], deadline: int, chain_id: int, contract: bytes
) -> None:
    request = Request(chain_id, "0x" + contract.hex(), tuple(openings), deadline, "")
    message = encode_typed_data(
        {
            "name": "Counterfoil Tickets",
            "version": "1",
            "chainId": chain_id,
            "verifyingContract": "0x" + contract.hex(),
        },
        _TYPES,
        {
            "openings": [
                {"tokenId": int.from_bytes(one.token_id), "digest": one.digest} for one in openings
            ],
            "deadline": deadline,
        },
    )

    assert attestation_digest(request) == _hash_eip191_message(message)


def test_attestationDigest_isThatOfTheRegistry(chain: Chain) -> None:
    admin = Signer.generate()
    chain.fund(admin.address, 10**18)
    registry = chain.deploy(admin, "TicketRegistry", admin.address, 0, 2).contract
    openings = tuple(Opening(bytes([n]) * 32, bytes([n + 1]) * 32) for n in range(3))
    request = Request(chain.chain_id, registry.address, openings, 1_800_000_000, "")

    rows = [(int.from_bytes(one.token_id), one.digest) for one in openings]
    assert attestation_digest(request) == registry.call("attestationHash", rows, 1_800_000_000)
