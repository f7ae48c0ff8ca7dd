"""`gas jobs`: jobs of a service elsewhere, as its pages have them."""

from __future__ import annotations

import importlib

import click

COMMANDS = {
    "submit": ("gas.cli.jobs.submit", "submit", "Upload files, and make a job of each."),
    "ls": ("gas.cli.jobs.look", "ls", "List jobs, newest first."),
    "show": ("gas.cli.jobs.look", "show", "Show a job, its timeline and what was found."),
    "log": ("gas.cli.jobs.look", "log", "Print what the run of a job said."),
    "watch": ("gas.cli.jobs.watch", "watch", "Follow jobs until they end."),
    "results": ("gas.cli.jobs.results", "results", "Bring the results of jobs."),
    "cancel": ("gas.cli.jobs.change", "cancel", "Cancel jobs."),
    "rm": ("gas.cli.jobs.change", "remove", "Delete jobs with all their files."),
    "again": ("gas.cli.jobs.change", "again", "Run a job again on the same input."),
}


class JobCommands(click.Group):
    """Imports a command only to run it; its help is here."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click's signature)
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        module, name, _ = COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, _, text) in COMMANDS.items()])


@click.command("jobs", cls=JobCommands)
def command() -> None:
    """Submit jobs to a service, watch them, bring their results.

    Sign in first, with `gas login URL`. Exit codes: 0 done, 1 refused, 2 wrong usage, 3 a job
    failed or was cancelled, 4 the service is not reachable, 130 interrupted.
    """
