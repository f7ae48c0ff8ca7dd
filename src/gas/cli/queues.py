"""`gas queue`: what an operator does with queues."""

from __future__ import annotations

from dataclasses import asdict

import click

from gas.cli.given import home_option, json_option, services_from
from gas.cli.show import show
from gas.domain.errors import NotFound

PAGE = 500


@click.group("queue")
def command() -> None:
    """Look at queues and their dead letters, and set their limits."""


@command.command("ls")
@json_option
@home_option
def ls(as_json: bool, home: str | None) -> None:
    """List queues with what waits in them."""
    rows = []
    for state in services_from(home).queue_desk.states():
        fields = asdict(state)
        fields["topics"] = list(state.topics) if as_json else ", ".join(state.topics)
        fields["oldest_seconds"] = round(state.oldest_seconds, 1)
        rows.append(fields)
    show(rows, as_json=as_json, empty="There are no queues.")


@command.command("peek")
@click.argument("queue")
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True)
@json_option
@home_option
def peek(queue: str, limit: int, as_json: bool, home: str | None) -> None:
    """List the dead letters of QUEUE, with why they died."""
    rows = [
        {
            "message_id": letter.message_id,
            "died": letter.died_at.isoformat(timespec="seconds"),
            "receives": letter.receive_count,
            "why": letter.why,
            "body": letter.body,
        }
        for letter in services_from(home).queue_desk.dead_letters(queue, limit=limit)
    ]
    show(rows, as_json=as_json, empty=f"{queue} has no dead letters.")


@command.command("redrive")
@click.argument("queue")
@click.argument("message_id", required=False)
@home_option
def redrive(queue: str, message_id: str | None, home: str | None) -> None:
    """Put dead letters of QUEUE back: MESSAGE_ID, or all."""
    count = services_from(home).queue_desk.redrive(queue, message_id)
    if message_id and not count:
        raise NotFound(
            "NO_DEAD_LETTER",
            f"{queue} has no dead letter {message_id}.",
            cure=f"`gas queue peek {queue}` lists them.",
        )
    click.echo(f"Put back {count} message{'' if count == 1 else 's'}.")


@command.command("set")
@click.argument("queue")
@click.option("--delay", type=click.FloatRange(0), help="Seconds before a message is seen.")
@click.option("--visibility", type=click.FloatRange(1), help="Seconds that a receiver holds it.")
@click.option("--max-receives", type=click.IntRange(1), help="Receives before it is dead.")
@home_option
def set_limits(
    queue: str,
    delay: float | None,
    visibility: float | None,
    max_receives: int | None,
    home: str | None,
) -> None:
    """Set the limits of QUEUE; what is not given stays."""
    if delay is None and visibility is None and max_receives is None:
        raise click.UsageError("Give at least one of --delay, --visibility and --max-receives.")
    services_from(home).queue_desk.configure(
        queue, delay_seconds=delay, visibility_seconds=visibility, max_receives=max_receives
    )
    click.echo(f"Set {queue}.")


@command.command("rm")
@click.argument("queue")
@click.argument("message_id", required=False)
@click.option("--all", "everything", is_flag=True, help="All dead letters of the queue.")
@home_option
def rm(queue: str, message_id: str | None, everything: bool, home: str | None) -> None:
    """Remove the dead letter MESSAGE_ID of QUEUE, or all of them."""
    if everything == bool(message_id):
        raise click.UsageError("Give a MESSAGE_ID, or --all.")
    desk = services_from(home).queue_desk
    if message_id:
        desk.remove_dead_letter(queue, message_id)
        click.echo("Removed.")
        return
    count = 0
    while letters := desk.dead_letters(queue, limit=PAGE):
        for letter in letters:
            desk.remove_dead_letter(queue, letter.message_id)
        count += len(letters)
    click.echo(f"Removed {count} message{'' if count == 1 else 's'}.")
