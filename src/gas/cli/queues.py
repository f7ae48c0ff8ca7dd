"""`gas queue`: what an operator does with queues."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

import click

from gas.cli.given import home_option, json_option, services_from
from gas.cli.show import show
from gas.domain.errors import InputError, NotFound
from gas.domain.job import JobState
from gas.domain.messages import ANNOTATE, decode, job_of
from gas.journey.submit import run_again
from gas.ports.queues import DeadLetter
from gas.ports.services import Services

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
    """Put dead letters of QUEUE back: MESSAGE_ID, or all. A job that has FAILED of its letter is
    final; for it a new job is begun on the same input."""
    services = services_from(home)
    count, run_again = 0, 0
    for letter in _letters(services, queue, message_id):
        if _begin_anew(services, queue, letter):
            run_again += 1
        else:
            count += services.queue_desk.redrive(queue, letter.message_id)
    if message_id and not count + run_again:
        raise NotFound(
            "NO_DEAD_LETTER",
            f"{queue} has no dead letter {message_id}.",
            cure=f"`gas queue peek {queue}` lists them.",
        )
    click.echo(f"Put back {count} message{'' if count == 1 else 's'}.")
    if run_again:
        click.echo(f"Began {run_again} new job{'' if run_again == 1 else 's'} for FAILED ones.")


def _letters(services: Services, queue: str, message_id: str | None) -> Iterator[DeadLetter]:
    """One, or all that lie there now."""
    after = None
    while page := services.queue_desk.dead_letters(queue, limit=PAGE, after=after):
        after = page[-1].message_id
        yield from (each for each in page if message_id in (None, each.message_id))


def _begin_anew(services: Services, queue: str, letter: DeadLetter) -> bool:
    """False if there is nothing to begin: the message itself goes back then."""
    if queue != ANNOTATE.name:
        return False
    try:
        job = services.jobs.get(job_of(decode(letter.body)))
    except InputError:  # BAD_MESSAGE
        return False
    account = services.accounts.get(job.owner_id) if job else None
    if job is None or account is None or job.state is not JobState.FAILED or job.deleted_at:
        return False
    # The letter's id as the request's key: done twice, it is still one job.
    run_again(
        account,
        job.id,
        reference=None,
        accounts=services.accounts,
        files=services.files,
        jobs=services.jobs,
        queues=services.queues,
        together=services.together,
        references=services.references,
        limits=services.limits,
        clock=services.clock,
        request_key=letter.message_id,
    )
    services.queue_desk.remove_dead_letter(queue, letter.message_id)
    return True


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
