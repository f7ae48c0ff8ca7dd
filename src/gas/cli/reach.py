"""How commands reach a service: which one, as whom, and what a failure means for the exit code."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

import click

from gas.cli.servers import chosen_server, read_servers, servers_path

if TYPE_CHECKING:
    from pathlib import Path

    from gas.client import Client, ClientError

DONE, REFUSED, USAGE, JOB_FAILED, NOT_REACHABLE, INTERRUPTED = 0, 1, 2, 3, 4, 130
"""Exit codes; docs/client.md lists them for scripts."""
TOLD_FROM_SECONDS = 1.0
META = "gas.reach."
Command = TypeVar("Command", bound=Callable[..., object])


def _noted(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
    ctx.meta[f"{META}{param.name}"] = value or ""


def given(name: str) -> str:
    """What the options below, or their variables, say."""
    return str(click.get_current_context().meta.get(f"{META}{name}", ""))


def _option(name: str, variable: str, text: str, *, hidden: bool) -> Callable[[Command], Command]:
    return click.option(
        name, envvar=variable, help=text, hidden=hidden, expose_value=False, callback=_noted
    )


def server_options(function: Command) -> Command:
    """`--server`, and the variables GAS_SERVER, GAS_TOKEN and XDG_CONFIG_HOME. The two hidden ones
    are for their variables: a token on a command line could be read by others."""
    for decorate in (
        _option("--server", "GAS_SERVER", "URL of the service [GAS_SERVER].", hidden=False),
        _option("--token", "GAS_TOKEN", "The token [GAS_TOKEN].", hidden=True),
        _option("--config-home", "XDG_CONFIG_HOME", "For settings of users.", hidden=True),
    ):
        function = decorate(function)
    return function


def tokens_path() -> Path:
    return servers_path(given("config_home"))


def client() -> Client:
    """Of the service that was chosen; closed when the command ends. Says so when it has to wait."""
    from gas.client import Client
    from gas.client.line import Patience

    kept = read_servers(tokens_path())
    url, token = chosen_server(kept, url=given("server"), token=given("token"))
    opened = Client(url, token, patience=Patience(told=_tell))
    return click.get_current_context().with_resource(opened)


def _tell(why: str, seconds: float) -> None:
    if seconds >= TOLD_FROM_SECONDS:
        click.echo(f"  {why}: trying again in {seconds:.0f} s", err=True)


@contextmanager
def reaching(if_interrupted: Callable[[], str] = lambda: "") -> Iterator[None]:
    """Ends the command with the code that the failure has."""
    from gas.client import ClientError

    try:
        yield
    except ClientError as error:
        tell_error(error)
        sys.exit(NOT_REACHABLE if error.is_temporary else REFUSED)
    except KeyboardInterrupt:
        click.echo(f"\nInterrupted. {if_interrupted()}".rstrip(), err=True)
        sys.exit(INTERRUPTED)


def tell_error(error: ClientError, about: str = "") -> None:
    from gas.cli.show import plain

    place = f" ({error.place})" if error.place else ""
    before = f"{about}: " if about else ""
    code = click.style(plain(error.code), fg="red")
    click.echo(f"{before}{code}: {plain(error.message + place)}", err=True)
    if error.cure:
        click.echo(f"  {plain(error.cure)}", err=True)
