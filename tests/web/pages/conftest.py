"""One shop, one bank and one browser for all pages' tests; each test has customers of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser

from tests.support.browsing import DESK, Person, chromium, person
from tests.support.till_house import House, house

Enter = Callable[..., Person]


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Chain, bank and till."""
    with house(tmp_path_factory.mktemp("house")) as made:
        yield made


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The browser."""
    with chromium() as found:
        yield found


@pytest.fixture
def enter(browser: Browser) -> Iterator[Enter]:
    """People with windows of their own; whatever their consoles complained about fails the test."""
    with ExitStack() as windows:

        def one(size: tuple[int, int] = DESK, scheme: str = "light") -> Person:
            return windows.enter_context(person(browser, size, scheme))

        yield one


@pytest.fixture
def cashier(enter: Enter) -> Person:
    """Somebody at the till."""
    return enter()
