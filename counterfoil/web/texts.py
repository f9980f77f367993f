"""Every word that a page says, by key: one TOML file in ``texts/`` for each language."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = Path(__file__).with_name("texts")


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of one language. A key is the path through the file's tables: ``till.pay``."""

    language: str
    messages: Mapping[str, str]

    @classmethod
    def of(cls, language: str = "en") -> Texts:
        """The texts in ``texts/LANGUAGE.toml``."""
        file = LANGUAGES / f"{language}.toml"
        return cls(language, _flat(tomllib.loads(file.read_text(encoding="utf-8"))))

    def __call__(self, key: str, **values: object) -> str:
        """The text under a key, with ``{name}`` replaced by the value of that name.

        Raises:
            KeyError: no such key, or a value is missing.
        """
        return self.messages[key].format_map(values)

    def has(self, key: str) -> bool:
        """Whether there is a text under this key."""
        return key in self.messages


@cache
def english() -> Texts:
    """The English texts, read once."""
    return Texts.of("en")


def _flat(table: Mapping[str, Any], before: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in table.items():
        key = f"{before}{name}"
        found |= _flat(value, f"{key}.") if isinstance(value, Mapping) else {key: str(value)}
    return found
