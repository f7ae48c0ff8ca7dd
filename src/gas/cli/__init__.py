"""The `gas` command. Each subcommand's module is imported when it is called, so help is fast."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import click

from gas import __version__
from gas.domain.errors import GasError

COMMANDS = {
    "annotate": ("gas.cli.annotate", "Annotate one file here and now, without the service."),
    "audit": ("gas.cli.audit", "Look at the audit log, and whether it is whole."),
    "demo": ("gas.cli.demo", "Run one job through the whole service and show what was found."),
    "doctor": ("gas.cli.doctor", "Look whether this machine can run GAS, and say what to mend."),
    "jobs": ("gas.cli.jobs", "Submit jobs to a service, watch them, bring their results."),
    "login": ("gas.cli.login", "Sign in to a service with a token, for `gas jobs`."),
    "logout": ("gas.cli.logout", "Forget the token of a service."),
    "mail": ("gas.cli.mails", "Look at the mails in the outbox."),
    "queue": ("gas.cli.queues", "Look at queues and their dead letters, and set their limits."),
    "reference": ("gas.cli.references", "Install, list and remove references."),
    "reproduce": ("gas.cli.reproduce", "Make results again, and compare their checksums."),
    "results": ("gas.cli.stored_results", "Look at where results are, and have them looked at."),
    "up": ("gas.cli.up", "Run the whole service on this machine."),
    "user": ("gas.cli.users", "Sign-in links, roles and plans of people; delete an account."),
    "web": ("gas.cli.web", "Run the web alone, in the foreground."),
    "worker": ("gas.cli.worker", "Run one worker alone, in the foreground."),
}
PROBLEM = 1


class Commands(click.Group):
    """Knows its commands by name and help; imports one only to run it."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click's signature)
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(COMMANDS[cmd_name][0]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in sorted(COMMANDS)])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except GasError as error:
            reason = error.reason
            place = f" ({reason.place})" if reason.place else ""
            click.echo(f"{click.style(reason.code, fg='red')}: {reason.message}{place}", err=True)
            if reason.cure:
                click.echo(f"  {reason.cure}", err=True)
            sys.exit(PROBLEM)


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="gas")
@click.option(
    "--home", metavar="FOLDER", help="Where GAS keeps everything [GAS_HOME; default: XDG data]."
)
@click.pass_context
def main(ctx: click.Context, home: str | None) -> None:
    """GAS, the Genomics Annotation Service.

    Settings come from the environment (GAS_*); options go before them.
    """
    ctx.obj = home
