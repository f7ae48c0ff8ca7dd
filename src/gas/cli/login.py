"""`gas login`: a token of a service, looked at and kept for `gas jobs`."""

from __future__ import annotations

import json
import sys

import click

from gas.cli.given import json_option
from gas.cli.reach import given, reaching, server_options, tokens_path
from gas.cli.servers import read_servers, write_servers


@click.command("login")
@click.argument("url")
@click.option("--token-stdin", is_flag=True, help="Read the token from standard input.")
@json_option
@server_options
def command(url: str, token_stdin: bool, as_json: bool) -> None:
    """Sign in to the service at URL, which becomes the default one.

    Make a token on its page /account/tokens. It is asked for without being shown, or taken from
    standard input or from GAS_TOKEN.
    """
    from gas.client import Client
    from gas.client.line import checked_url

    with reaching():
        url = checked_url(url)
        path = tokens_path()
        known = read_servers(path)
        token = _token(url, token_stdin)
        with Client(url, token) as client:
            account = client.account()
        write_servers(path, known.with_one(url, token))
    if as_json:
        click.echo(json.dumps({"server": url, "email": account.email, "plan": account.plan}))
    else:
        click.echo(f"Signed in to {url} as {account.email}, on the {account.plan} plan.")


def _token(url: str, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().strip()
    if token := given("token"):
        return token
    click.echo(f"Make a token at {url}/account/tokens", err=True)
    return str(click.prompt("Token", hide_input=True, err=True)).strip()
