"""A queue as the code wants it, with what an operator has set since then.

Every process declares its queues when it starts, most often as they are: then nothing is written,
so that a command needs neither its turn as a writer nor room on the disk.
"""

from __future__ import annotations

from gas.adapters.sql.database import Statements, Transaction
from gas.adapters.sql.fair_share import FairShare
from gas.domain.messages import QueueSpec

COLUMNS = ("delay_seconds", "visibility_seconds", "max_receives")
"""What an operator may set."""


def stands(run: Statements, spec: QueueSpec) -> bool:
    """Whether it is there, and just so."""
    select = f"SELECT {', '.join(COLUMNS)}, group_limit, configured FROM queue WHERE name = ?"  # noqa: S608
    row = run.execute(select, (spec.name,)).fetchone()
    if row is None or row[3] != spec.group_limit:
        return False
    kept = row[4].split()
    own = zip(COLUMNS, row, strict=False)
    if any(value != getattr(spec, name) for name, value in own if name not in kept):
        return False
    select = "SELECT topic FROM subscription WHERE queue = ?"
    return {topic for (topic,) in run.execute(select, (spec.name,)).fetchall()} == set(spec.topics)


def declare(run: Transaction, spec: QueueSpec, share: FairShare, now: int) -> None:
    run.execute(
        "INSERT INTO queue (name, delay_seconds, visibility_seconds, max_receives,"
        " configured) VALUES (?, ?, ?, ?, '') ON CONFLICT (name) DO NOTHING",
        (spec.name, spec.delay_seconds, spec.visibility_seconds, spec.max_receives),
    )
    row = run.execute("SELECT configured FROM queue WHERE name = ?", (spec.name,)).fetchone()
    kept = set(row[0].split()) if row else set()
    for column in set(COLUMNS) - kept:
        update = f"UPDATE queue SET {column} = ? WHERE name = ?"  # noqa: S608
        run.execute(update, (getattr(spec, column), spec.name))
    run.execute("DELETE FROM subscription WHERE queue = ?", (spec.name,))
    for topic in spec.topics:
        insert = "INSERT INTO subscription (topic, queue) VALUES (?, ?)"
        run.execute(insert, (topic, spec.name))
    share.set_limit(run, spec, now)
