"""A process that ends in the middle of what it does, or is overtaken by another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest


class Crash(Exception):
    """The process ends here."""


@contextmanager
def crashing(owner: type, method: str, *, only: object = None) -> Iterator[None]:
    """The block's run ends at its first call of this method (with ``only`` among the arguments, or
    anywhere inside them), before that does anything."""
    original = getattr(owner, method)

    def crash(*given: Any, **named: Any) -> Any:
        if only is None or only in given or only in named or repr(only) in repr(given):
            raise Crash
        return original(*given, **named)

    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(owner, method, crash)
        with pytest.raises(Crash):
            yield


@contextmanager
def overtaken(
    owner: type, method: str, action: Callable[[], object], *, only: object = None
) -> Iterator[None]:
    """``action`` happens just before the first call of this method (with ``only`` among its
    arguments)."""
    original = getattr(owner, method)
    with pytest.MonkeyPatch.context() as raced:

        def late(*given: Any, **named: Any) -> Any:
            if only is None or only in given:
                raced.undo()
                action()
            return original(*given, **named)

        raced.setattr(owner, method, late)
        yield
