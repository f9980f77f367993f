"""A web application as a process serves it."""

from __future__ import annotations

import logging
from typing import Any

import uvicorn

from counterfoil.web.punctual import punctual

_HEAD_SECONDS = 10


def serve_until_asked_to_end(application: Any, host: str, port: int, *, last_words: int) -> None:
    """Answer at this address until the process is asked to end.

    Args:
        application: ASGI.
        host: an address of this machine.
        port: TCP.
        last_words: seconds for answers under way when it is asked.
    """
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s: %(message)s")
    config = uvicorn.Config(
        application,
        host=host,
        port=port,
        http=punctual(_HEAD_SECONDS),
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=last_words,
    )
    uvicorn.Server(config).run()
