"""A node's JSON-RPC (https://ethereum.org/developers/docs/apis/json-rpc), one call or many at once.

Any thread may call; each has a connection of its own, kept open.
"""

from __future__ import annotations

import base64
import json
import select
import threading
import time
from collections.abc import Callable, Sequence
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from counterfoil.errors import Unavailable

Call = tuple[str, list[Any]]
_LACKING = "header not found"
_KINDS = {"http": HTTPConnection, "https": HTTPSConnection}
_PATIENCE, _AGAIN = 1.0, 0.02  # seconds for a block to be written down, and between two looks
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
        question = _question(0, method, list(params))
        return _good(_once_written([method], lambda: [_result(self._post(question))])[0])

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
        return _once_written([method for method, _ in calls], lambda: self._together(calls))

    def _together(self, calls: Sequence[Call]) -> list[Any]:
        asked = [_question(i, method, params) for i, (method, params) in enumerate(calls)]
        answers = self._post(asked)
        if not isinstance(answers, list):  # some nodes refuse a batch as a whole
            raise NodeError(answers.get("error") if isinstance(answers, dict) else answers)
        by_number = {answer.get("id"): answer for answer in answers if isinstance(answer, dict)}
        return [_result(by_number.get(i)) for i in range(len(calls))]

    def _post(self, body: object) -> Any:
        try:
            line = getattr(self._threads, "line", None)
            if line is None:
                line = self._threads.line = _Line(self.url, self._timeout)
            return line.answer(json.dumps(body).encode())
        except _Slow as error:
            raise Unavailable(
                f"The node at {self.url} took over {self._timeout:g} s to answer.",
                fix="Run again when it has less to do.",
            ) from error
        except (OSError, HTTPException, ValueError) as error:
            raise Unavailable(
                f"No Ethereum node answers at {self.url}.", fix="Start it: `counterfoil up`."
            ) from error


class _Slow(Exception):
    """The node took the question and gave no answer in time."""


class _Line:
    """A thread's connection to a node. Straight over ``http.client``: a node answers most calls in
    less time than the usual wrappers take to ask."""

    def __init__(self, url: str, timeout: float) -> None:
        at = urlsplit(url)
        if at.scheme not in _KINDS or not at.hostname:
            raise ValueError("not an HTTP URL")
        self._link = _KINDS[at.scheme](at.hostname, at.port, timeout=timeout)
        self._path = (at.path or "/") + (f"?{at.query}" if at.query else "")
        self._headers = {"Content-Type": "application/json", **_credentials(at)}
        self._used = 0.0

    def answer(self, question: bytes) -> Any:
        """What the node answers, out of its JSON."""
        if self._is_over():
            self._link.close()
        try:
            if self._link.sock is None:
                self._link.connect()
            self._link.request("POST", self._path, question, self._headers)
            with self._link.getresponse() as response:
                found = json.loads(response.read())
        except TimeoutError as error:
            asked = self._link.sock is not None
            self._link.close()
            raise (_Slow() if asked else error) from error
        except Exception:
            self._link.close()  # whatever is on its way there answers another question
            raise
        self._used = time.monotonic()
        return found

    def _is_over(self) -> bool:
        """Whether the server has closed it, or may be about to."""
        if self._link.sock is None or time.monotonic() - self._used > _IDLE:
            return True
        poll = select.poll()
        poll.register(self._link.sock, select.POLLIN)
        return bool(poll.poll(0))  # nothing is to come: that is its end


def _credentials(at: SplitResult) -> dict[str, str]:
    if at.username is None:
        return {}
    both = f"{unquote(at.username)}:{unquote(at.password or '')}"
    return {"Authorization": "Basic " + base64.b64encode(both.encode()).decode()}


def _question(number: int, method: str, params: list[Any]) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": params}


def _result(answer: object) -> Any:
    if not isinstance(answer, dict):
        return NodeError(answer)
    if answer.get("error") is not None:
        return NodeError(answer["error"])
    return answer.get("result")


def _once_written(methods: Sequence[str], ask: Callable[[], list[Any]]) -> list[Any]:
    """The answers to questions; asked again for a moment if it is about a block that the node knows
    of, and hasn't got yet. Ganache tells of its latest block before it has written it down, and one
    of many nodes at an address may be behind another."""
    end = time.monotonic() + _PATIENCE
    while True:
        answers = ask()
        lacking = any(isinstance(one, NodeError) and _LACKING in one.said for one in answers)
        asks = all(method.startswith("eth_get") for method in methods)
        if not (lacking and asks) or time.monotonic() > end:
            return answers
        time.sleep(_AGAIN)


def _good(answer: Any) -> Any:
    if isinstance(answer, NodeError):
        raise answer
    return answer
