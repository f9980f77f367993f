"""Keys sign, and never show themselves."""

from __future__ import annotations

import traceback

import pytest
from eth_account import Account

from counterfoil.errors import BadInput
from counterfoil.keys import Signer
from counterfoil.points.orders import recover

# The first account of Anvil and of Ganache's deterministic wallet, published in their manuals.
KEY = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"
ADDRESS = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


@pytest.mark.parametrize("text", [KEY, "0x" + KEY, KEY.upper(), f" {KEY}\n"])
def test_fromHex_isTheSignerOfThatKey(text: str) -> None:
    signer = Signer.from_hex(text)

    assert (signer.address, signer.private_key().hex()) == (ADDRESS, KEY)


@pytest.mark.parametrize("text", [f"{1:064x}", f"{N - 1:064x}"])
def test_fromHex_takesTheWholeRange(text: str) -> None:
    assert Signer.from_hex(text).private_key().hex() == text


@pytest.mark.parametrize(
    "text", ["", "0x", f"{0:064x}", f"{N:064x}", KEY[:-2], KEY + "00", "z" * 64, "é" * 64]
)
def test_fromHex_refusesWhatIsNoKeyAndDoesNotRepeatIt(text: str) -> None:
    with pytest.raises(BadInput, match="not a private key") as caught:
        Signer.from_hex(text)

    shown = "".join(traceback.format_exception(caught.value, chain=True)[-1:])
    assert len(text) < 3 or text not in shown


def test_generate_isAnotherKeyEachTime() -> None:
    assert len({Signer.generate().address for _ in range(5)}) == 5


def test_signDigest_isRSVWithLowS() -> None:
    signer = Signer.from_hex(KEY)
    for number in range(20):
        digest = number.to_bytes(32, "big")
        signature = signer.sign_digest(digest)
        assert len(signature) == 65
        assert signature[64] in (27, 28)
        assert int.from_bytes(signature[32:64], "big") <= N // 2
        assert recover(digest, signature) == ADDRESS


@pytest.mark.parametrize("to", [ADDRESS, None], ids=["call", "creation"])
@pytest.mark.parametrize(
    "data", [b"", b"\0", b"\x7f", b"\x80", b"x" * 55, b"x" * 56, b"x" * 70_000]
)
def test_signTransaction_isWhatEthAccountSigns(data: bytes, to: str | None) -> None:
    transaction = {"value": 0, "gas": 21_000, "nonce": 0, "chainId": 1, "data": data}
    transaction |= {"to": to} if to else {}
    fees = {"maxFeePerGas": 2**64, "maxPriorityFeePerGas": 1, "type": 2}

    raw = Signer.from_hex(KEY).sign_transaction(transaction | fees)

    assert raw == Account.from_key(KEY).sign_transaction(transaction | fees).raw_transaction


def test_generate_hasTheAddressAndSignsAsEthAccountSays() -> None:
    for _ in range(20):
        signer = Signer.generate()
        account = Account.from_key(signer.private_key())
        digest = b"\7" * 32

        assert signer.address == account.address
        assert signer.sign_digest(digest) == account.unsafe_sign_hash(digest).signature


def test_repr_showsTheAddressAndNothingElse() -> None:
    signer = Signer.from_hex(KEY)

    assert repr(signer) == str(signer) == f"Signer({ADDRESS})"
    assert KEY not in f"{signer} {[signer]} {signer!r}"
