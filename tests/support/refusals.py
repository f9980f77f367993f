"""What the chain said, in terms that a test can compare."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from web3 import Web3

from counterfoil.errors import Refused


@contextmanager
def refuses(code: str, **values: object) -> Iterator[None]:
    """The block ends in this error of the ledger, with these values."""
    with pytest.raises(Refused) as caught:
        yield
    assert (caught.value.code, plain(caught.value.arguments)) == (code, values)


def plain(value: Any) -> Any:
    """What web3 decoded, as plain Python: tuples, bytes, checksummed addresses."""
    if isinstance(value, Mapping):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return tuple(plain(item) for item in value)
    if isinstance(value, bytes):
        return bytes(value)
    return Web3.to_checksum_address(value) if Web3.is_address(value) else value
