"""Every command says how it is used, and answers scripts in JSON."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from counterfoil.cli.lazy import LazyGroup
from counterfoil.cli.main import cli

SERVES = "serve"  # a service answers over HTTP


def commands(command: click.Command, words: tuple[str, ...]) -> Iterator[tuple[str, click.Command]]:
    """Each command under this one, by its words."""
    if isinstance(command, click.Group):
        below_all = command.all_commands() if isinstance(command, LazyGroup) else command.commands
        for name, below in below_all.items():
            yield from commands(below, (*words, name))
    else:
        yield " ".join(words), command


COMMANDS = dict(commands(cli, ()))


@pytest.mark.parametrize("words", COMMANDS)
def test_command_hasAnExampleInItsHelp(words: str) -> None:
    command = COMMANDS[words]

    assert (command.epilog or "").startswith("Example: ")
    assert f"counterfoil {words}" in (command.epilog or "")
    assert command.help


@pytest.mark.parametrize("words", [words for words in COMMANDS if not words.endswith(SERVES)])
def test_command_answersInJson(words: str) -> None:
    assert any("--json" in option.opts for option in COMMANDS[words].params)


@pytest.mark.parametrize("words", sorted({words.split()[0] for words in COMMANDS if " " in words}))
def test_group_saysWholeSentences(words: str) -> None:
    answer = CliRunner().invoke(cli, [words, "--help"])

    assert answer.exit_code == 0
    assert "..." not in answer.output.partition("Commands:")[2]


def test_group_saysOfEachCommandWhatThatSaysOfItself() -> None:
    assert isinstance(cli, LazyGroup)
    helps = {name: one.get_short_help_str(200) for name, one in cli.all_commands().items()}

    assert dict(cli.about) == helps
