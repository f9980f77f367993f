"""What nodes say of a revert into :class:`Refused`; they differ in where they put it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from counterfoil.artifacts import Abi
from counterfoil.errors import Refused
from counterfoil.node import NodeError
from counterfoil.reverts import refused

# A whole number of bytes, four at least, and no transaction hash, which Ganache uses as a key.
_HEX = re.compile(r"0x((?:[0-9a-fA-F]{8})(?:[0-9a-fA-F]{64})*)\b")


@contextmanager
def refusals(abi: Abi) -> Iterator[None]:
    """In the block, a revert comes out as :class:`Refused`, whose ``code`` is the Solidity error's
    name and whose ``arguments`` are its values."""
    try:
        yield
    except NodeError as error:
        raise _refused(abi, error.whole, error.said) from error
    except Exception as error:
        from web3.exceptions import ContractLogicError, Web3RPCError

        if not isinstance(error, ContractLogicError | Web3RPCError):
            raise
        whole = f"{getattr(error, 'data', '')} {getattr(error, 'rpc_response', '')}"
        answer = error.args[0] if error.args else error
        said = str(answer.get("message", "")) if isinstance(answer, dict) else str(answer)
        raise _refused(abi, whole, said) from error


def _refused(abi: Abi, whole: str, said: str) -> Refused:
    found = _HEX.search(whole)
    return refused(abi, bytes.fromhex(found.group(1)) if found else b"", said)
