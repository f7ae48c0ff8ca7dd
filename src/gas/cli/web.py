"""`gas web`: the web alone, in the foreground."""

from __future__ import annotations

import click

from gas.cli.given import home_option, settings_from


@click.command("web")
@click.option("--host", help="Address to listen on [GAS_HOST; 127.0.0.1].")
@click.option("--port", type=int, help="Port to listen on [GAS_PORT; 8000].")
@home_option
def command(host: str | None, port: int | None, home: str | None) -> None:
    """Serve the pages until SIGTERM or Ctrl-C."""
    from gas.cli.lives import web_life

    raise SystemExit(web_life(settings_from(home, host=host, port=port)))
