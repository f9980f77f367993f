"""Revert data into errors of the ABI, whatever a node says."""

from __future__ import annotations

from typing import Any

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.artifacts import artifact
from counterfoil.errors import Refused, Unavailable
from counterfoil.reverts import refused

PAIR = [
    {"name": "to", "type": "address"},
    {"name": "what", "type": "tuple", "components": [{"name": "x", "type": "bool"}]},
]
ABI: list[dict[str, Any]] = [
    {"type": "function", "name": "Full", "inputs": []},
    {"type": "error", "name": "Empty", "inputs": []},
    {
        "type": "error",
        "name": "Full",
        "inputs": [{"name": "reference", "type": "bytes32"}, {"name": "points", "type": "uint256"}],
    },
    {
        "type": "error",
        "name": "Nested",
        "inputs": [{"name": "pairs", "type": "tuple[]", "components": PAIR}],
    },
]
FULL = keccak(text="Full(bytes32,uint256)")[:4] + encode(["bytes32", "uint256"], [b"\x07" * 32, 9])


def test_refused_namesTheErrorAndItsValues() -> None:
    error = refused(ABI, FULL, "reverted")

    assert (error.code, error.arguments) == ("Full", {"reference": b"\x07" * 32, "points": 9})
    assert error.message == f"Full(reference=0x{'07' * 32}, points=9)"
    assert error.exit_status == 1


def test_refused_namesAnErrorWithoutValues() -> None:
    assert refused(ABI, keccak(text="Empty()")[:4], "x").message == "Empty()"


def test_refused_readsStructsInLists() -> None:
    pairs = [("0x" + "ab" * 20, (True,))]
    data = keccak(text="Nested((address,(bool))[])")[:4]
    data += encode(["(address,(bool))[]"], [pairs])

    assert refused(ABI, data, "x").arguments == {"pairs": (("0x" + "ab" * 20, (True,)),)}


@pytest.mark.parametrize(
    "data",
    [
        *(b"", FULL[:3], FULL[:4], FULL[:-1], b"\xff" * 36),
        keccak(text="Error(string)")[:4] + encode(["string"], ["no"]),
    ],
)
def test_refused_saysWhatTheNodeSaidIfTheDataSpellsNothing(data: bytes) -> None:
    error = refused(ABI, data, "execution reverted")

    assert (error.code, error.arguments) == ("reverted", {})
    assert error.message == "The chain refused it: execution reverted"


@given(st.binary(max_size=100))
def test_refused_isTotal(data: bytes) -> None:
    assert isinstance(refused(ABI, data, ""), Refused)


def test_artifact_isUnavailableIfNotCompiled() -> None:
    assert artifact("PointsLedger")["abi"]
    with pytest.raises(Unavailable, match="is not compiled") as caught:
        artifact("NoSuchContract")

    assert "make setup" in caught.value.line()
