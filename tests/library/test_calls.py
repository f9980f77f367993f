"""A call's bytes are those that web3 makes of it."""

from __future__ import annotations

from typing import Any

import pytest
from eth_utils.address import to_checksum_address
from web3 import Web3

from counterfoil.artifacts import artifact
from counterfoil.calls import call_data

ABI = artifact("TicketRegistry")["abi"]
SOMEBODY = to_checksum_address("0x" + "5a" * 20)


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        ("unpause", ()),
        ("seenAgain", ([1, 2**256 - 1], b"app".ljust(32, b"\0"))),
        ("openBatch", ([], SOMEBODY, bytes(32), (0, ()))),
        (
            "openBatch",
            (
                [(7, b"\x01" * 32), (2**255, b"\xff" * 32)],
                SOMEBODY,
                b"hotline".ljust(32, b"\0"),
                (1_900_000_000, (b"\x02" * 65, b"\x03" * 64)),
            ),
        ),
    ],
)
def test_callData_isWhatWeb3MakesOfIt(function: str, arguments: tuple[Any, ...]) -> None:
    contract = Web3().eth.contract(abi=ABI)

    assert call_data(ABI, function, arguments) == contract.encode_abi(function, args=arguments)


def test_callData_refusesAFunctionOfManyKinds() -> None:
    with pytest.raises(ValueError, match="too many"):
        call_data(ABI, "safeTransferFrom", (SOMEBODY, SOMEBODY, 1))
