"""A verifier's web service inside the test's own process."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import uvicorn

from counterfoil.errors import CounterfoilError
from counterfoil.local import ports, probe
from counterfoil.verifier.service import FindNode, application


@contextmanager
def served(find: FindNode) -> Iterator[str]:
    """The URL at which the node answers."""
    port = ports.free()
    config = uvicorn.Config(
        application(find), host=ports.HOST, port=port, log_level="critical", access_log=False
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        url = f"http://{ports.HOST}:{port}"
        while not probe.answers(f"{url}/health"):
            assert thread.is_alive()
        yield url
    finally:
        server.should_exit = True
        thread.join()


def code_of(call: Any) -> str:
    """The code of the error that a call ends in."""
    with pytest.raises(CounterfoilError) as caught:
        call()
    return caught.value.code
