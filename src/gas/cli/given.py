"""What is given on a command line, as settings and services."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from gas.ports.services import Services
    from gas.settings import Settings

Command = TypeVar("Command", bound=Callable[..., object])


def home_option(function: Command) -> Command:
    """`--home`, after the subcommand as well as before it."""
    return click.option("--home", metavar="FOLDER", help="Where GAS keeps everything.")(function)


def json_option(function: Command) -> Command:
    return click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")(function)


def settings_from(home: str | None, **given: object) -> Settings:
    """The settings; what is None was not given."""
    from gas.settings import read_settings

    context = click.get_current_context()
    return read_settings(home=home or context.find_object(str), **given)


def services_from(home: str | None) -> Services:
    """Opened, and closed when the command ends."""
    from gas.wiring import opened

    return click.get_current_context().with_resource(opened(settings_from(home)))
