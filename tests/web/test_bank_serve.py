"""`bank serve`: what it is told reaches the node, from its options and from the environment."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from counterfoil.bank import node, service
from counterfoil.bank.settings import Settings
from tests.support.shell import Shell

LIMITS = {
    "confirm_seconds": 60,
    "quote_seconds": 90,
    "status_days": 30,
    "accounts_a_minute": 0,
    "refusals_a_minute": 5,
    "listeners": 500,
}


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """The settings of nodes that would be served."""
    found: list[Settings] = []

    def open_node(state: Any, bank: Any, settings: Settings) -> Any:
        found.append(settings)
        return SimpleNamespace(desk=SimpleNamespace(bank=bank))

    monkeypatch.setattr(node, "open_node", open_node)
    monkeypatch.setattr(service, "serve", lambda *_: None)
    return found


def option(name: str) -> str:
    """How a setting is called there."""
    return "--" + name.replace("_", "-")


def test_serve_takesItsLimitsFromOptionsAndTheEnvironment(
    shell: Shell, opened: list[Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = [word for name, value in LIMITS.items() for word in (option(name), str(value))]
    assert shell.run("bank", "serve", "--port", "1", *words)[0] == 0
    for name, value in LIMITS.items():
        monkeypatch.setenv(f"COUNTERFOIL_BANK_{name.upper()}", str(value + 1))
    assert shell.run("bank", "serve", "--port", "1")[0] == 0

    first, second = ({name: getattr(one, name) for name in LIMITS} for one in opened)
    assert first == LIMITS
    assert second == {name: value + 1 for name, value in LIMITS.items()}


@pytest.mark.parametrize("name", LIMITS)
def test_serve_refusesALimitThatIsNone(shell: Shell, opened: list[Settings], name: str) -> None:
    shell.refuses(
        "bank", "serve", "--port", "1", option(name), "-1", status=2, saying=[option(name), "under"]
    )
    assert not opened
