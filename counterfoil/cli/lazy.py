"""A group of commands that are imported when they are used: nobody waits for the others."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click


class LazyGroup(click.Group):
    """``modules``: the module of each command, which has it under its own name; ``about``: the
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
        context = click.Context(self)
        found = {name: self.get_command(context, name) for name in self.list_commands(context)}
        return {name: command for name, command in found.items() if command is not None}
