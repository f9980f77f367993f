"""What stands on chain for customers, references and batches: keyed, and not to be guessed."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from counterfoil.points.accounts import account_of, bank_key, batch_of, reference_of
from counterfoil.state import State

KEY = b"\x01" * 32


def test_accountOf_isTheHmacOfBankAndCustomer() -> None:
    expected = hmac.new(KEY, "harbourC-客户".encode(), hashlib.sha256).digest()

    assert account_of(KEY, "harbour", "C-客户") == expected


def test_accountOf_isAnotherForAnotherKeyBankOrCustomer() -> None:
    found = {
        account_of(KEY, "harbour", "C-1"),
        account_of(b"\x02" * 32, "harbour", "C-1"),
        account_of(KEY, "summit", "C-1"),
        account_of(KEY, "harbour", "C-2"),
        reference_of(KEY, "harbour", "C-1"),
    }
    assert len(found) == 5


@given(st.lists(st.text(), max_size=5), st.lists(st.text(), max_size=5))
def test_batchOf_saysWhatIsInTheBatch(one: list[str], other: list[str]) -> None:
    assert 0 <= batch_of(KEY, one) < 2**63
    assert (batch_of(KEY, one) == batch_of(KEY, other)) == (one == other)


def test_bankKey_isKeptForEachBank(tmp_path: Path) -> None:
    state = State(tmp_path)

    assert bank_key(state, "harbour") == bank_key(state, "harbour") != bank_key(state, "summit")
    assert len(bank_key(state, "harbour")) == 32
