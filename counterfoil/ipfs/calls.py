"""Calls to a Kubo node that ``ipfshttpclient`` 0.7 leaves out: several blocks in one request."""

from __future__ import annotations

import io
from collections.abc import Sequence

import ipfshttpclient
from ipfshttpclient.multipart import stream_files

_AS_ONE_RAW_BLOCK = {"cid-codec": "raw", "mhtype": "sha2-256", "pin": "true"}


class Client(ipfshttpclient.Client):  # type: ignore[misc]  # the package carries no types
    """The client with the calls that its release leaves out."""

    def block_put_many(self, blocks: Sequence[bytes], timeout: float) -> list[str]:
        """Put and pin blocks in one request; their CIDs."""
        body, headers = stream_files([io.BytesIO(one) for one in blocks])
        # A copy of the options: the client adds its own to the dictionary that it is given.
        opts = dict(_AS_ONE_RAW_BLOCK)
        answers = self._client.request(
            "/block/put", decoder="json", opts=opts, data=body, headers=headers, timeout=timeout
        )
        return [one["Key"] for one in (answers if isinstance(answers, list) else [answers])]

    def block_rm(self, cid: str, timeout: float) -> None:
        """Drop a block that isn't pinned; a missing one is no error (``force``)."""
        self._client.request(
            "/block/rm", (cid,), decoder="json", opts={"force": "true"}, timeout=timeout
        )
