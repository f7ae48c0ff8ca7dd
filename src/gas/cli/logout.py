"""`gas logout`: forgets a token here. It lives on until it is revoked."""

from __future__ import annotations

import click

from gas.cli.reach import server_options, tokens_path
from gas.cli.servers import chosen_server, read_servers, write_servers


@click.command("logout")
@click.argument("url", required=False, default="")
@click.option("--all", "everywhere", is_flag=True, help="Forget the tokens of all services.")
@server_options
def command(url: str, everywhere: bool) -> None:
    """Forget the token of the service at URL, or of the default one."""
    path = tokens_path()
    known = read_servers(path)
    if everywhere:
        path.unlink(missing_ok=True)
        click.echo("Signed out everywhere.")
        return
    url, _ = chosen_server(known, url=url, token="")
    write_servers(path, known.without(url))
    click.echo(f"Signed out of {url}. Revoke the token at {url}/account/tokens")
