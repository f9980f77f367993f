"""Which databases' connections are opened and never given back."""

from __future__ import annotations

import gc
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.pool import Pool


@contextmanager
def none_left_open() -> Iterator[None]:
    """Every connection that is made in the block is closed in it, and none of them only by the
    garbage collector."""
    made: dict[int, str] = {}

    def connect(link: Any, _record: object) -> None:
        frames = [one for one in traceback.extract_stack() if "/sqlalchemy/" not in one.filename]
        made[id(link)] = "".join(traceback.format_list(frames[-8:-1]))

    def close(link: Any, *_: object) -> None:
        made.pop(id(link), None)

    listeners = (("connect", connect), ("close", close), ("close_detached", close))
    for name, listener in listeners:
        event.listen(Pool, name, listener)
    gc.disable()
    try:
        yield
        left = list(made.values())
    finally:
        gc.enable()
        for name, listener in listeners:
            event.remove(Pool, name, listener)
    assert not left, "\n\n".join(left)
