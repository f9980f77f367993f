"""Groups of commands, which say of each command the whole of its first sentence."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click

_WHOLE = 300  # characters: more than any sentence here


class Group(click.Group):
    """Several commands."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands."""
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, one.get_short_help_str(_WHOLE)) for name, one in self._all(ctx).items()]
            )

    def _all(self, ctx: click.Context) -> dict[str, click.Command]:
        found = {name: self.get_command(ctx, name) for name in self.list_commands(ctx)}
        return {name: command for name, command in found.items() if command is not None}


class LazyGroup(Group):
    """Imports a command when it is used: nobody waits for the others.

    ``modules``: the module of each command, which has it under its own name; ``about``: the
    first sentence of each command's help, so that listing them imports none."""

    def __init__(
        self, *given: Any, modules: Mapping[str, str], about: Mapping[str, str], **named: Any
    ) -> None:
        super().__init__(*given, **named)
        self._modules = modules
        self.about = about

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, sorted."""
        return sorted(self._modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name."""
        if cmd_name not in self.commands and cmd_name in self._modules:
            found = getattr(import_module(self._modules[cmd_name]), cmd_name)
            assert isinstance(found, click.Command)
            self.add_command(found)
        return self.commands.get(cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, self.about[name]) for name in self.list_commands(ctx)])

    def all_commands(self) -> dict[str, click.Command]:
        """Every command by its name."""
        return self._all(click.Context(self))
