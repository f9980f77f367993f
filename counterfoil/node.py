"""A node's JSON-RPC (https://ethereum.org/developers/docs/apis/json-rpc), one call or many at once.

Any thread may call; each has a connection of its own, kept open.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Sequence
from typing import Any

import requests

from counterfoil.errors import Unavailable

Call = tuple[str, list[Any]]
_IDLE = 2.0  # seconds after which a server may be about to close a connection: a new one then


class NodeError(Exception):
    """The node answered a call with an error. ``said`` is its sentence; ``whole`` all of its JSON,
    what a revert came with first."""

    def __init__(self, error: object) -> None:
        fields = error if isinstance(error, dict) else {"message": str(error)}
        self.said = str(fields.get("message", ""))
        self.whole = json.dumps([fields.get("data"), fields])
        super().__init__(self.said)


class Node:
    """The node at ``url``; ``timeout`` seconds for one answer."""

    def __init__(self, url: str, timeout: float) -> None:
        self.url = url
        self._timeout = timeout
        self._threads = threading.local()

    def call(self, method: str, *params: Any) -> Any:
        """The result of one call.

        Raises:
            NodeError: the node says no.
            Unavailable: nothing, or something that is no node, answers.
        """
        return _good(_result(self._post(_question(0, method, list(params)))))

    def batch(self, calls: Sequence[Call]) -> list[Any]:
        """The results of some calls, in their order.

        Raises:
            NodeError: the node says no to one of them, the first that it is.
            Unavailable: nothing, or something that is no node, answers.
        """
        return [_good(answer) for answer in self.try_batch(calls)]

    def try_batch(self, calls: Sequence[Call]) -> list[Any]:
        """As :meth:`batch`, with a :class:`NodeError` in the place of each result that there isn't.

        Raises:
            Unavailable: nothing, or something that is no node, answers.
        """
        if not calls:
            return []
        asked = [_question(i, method, params) for i, (method, params) in enumerate(calls)]
        answers = self._post(asked)
        if not isinstance(answers, list):  # some nodes refuse a batch as a whole
            raise NodeError(answers.get("error") if isinstance(answers, dict) else answers)
        by_number = {answer.get("id"): answer for answer in answers if isinstance(answer, dict)}
        return [_result(by_number.get(i)) for i in range(len(calls))]

    def _post(self, body: object) -> Any:
        session, used = getattr(self._threads, "session", (None, 0.0))
        if session is None or time.monotonic() - used > _IDLE:
            session = requests.Session()
            session.trust_env = False  # a proxy's settings are looked up at every call otherwise
        self._threads.session = session, time.monotonic()
        try:
            return session.post(self.url, json=body, timeout=self._timeout).json()
        except requests.ReadTimeout as error:
            raise Unavailable(
                f"The node at {self.url} took over {self._timeout:g} s to answer.",
                fix="Run again when it has less to do.",
            ) from error
        except (requests.RequestException, ConnectionError, ValueError) as error:
            raise Unavailable(
                f"No Ethereum node answers at {self.url}.", fix="Start it: `counterfoil up`."
            ) from error


def _question(number: int, method: str, params: list[Any]) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": params}


def _result(answer: object) -> Any:
    if not isinstance(answer, dict):
        return NodeError(answer)
    if answer.get("error") is not None:
        return NodeError(answer["error"])
    return answer.get("result")


def _good(answer: Any) -> Any:
    if isinstance(answer, NodeError):
        raise answer
    return answer
