"""The statements of the queues: a message is held while it has a token and is not visible yet.

Its `place` says where it stands: HIDDEN (held, or delayed) until it is due, READY to be received,
or PARKED, since as many of its group as may be in hand at once are not parked. READY ones are
received in order of their `turn`, which is given by start-time fair queuing: one more than the
turn of its group's last message, or than the queue's present one, whichever is later. So a group
with a thousand messages stands in line a thousand times, each time behind one of everybody else's.
"""

from __future__ import annotations

HIDDEN, READY, PARKED = 0, 1, 2

PRESENT = (
    # The furthest turn in hand; never behind the next in line, so that an hour of nobody at work
    # does not put newcomers before those who wait.
    "SELECT max(m.turn) AS turn FROM message m WHERE m.queue = {queue} AND m.holder <> ''"
    " UNION ALL SELECT coalesce("
    "(SELECT min(m.turn) - 1 FROM message m WHERE m.queue = {queue} AND m.place = 1),"
    " (SELECT min(m.turn) - 1 FROM message m WHERE m.queue = {queue} AND m.place = 0))"
)
LAST_OF_GROUP = (
    "SELECT max(m.turn) AS turn FROM message m"
    " WHERE m.queue = q.name AND m.group_id = g.id AND m.parked = {parked}"
)
TURN = (
    "SELECT coalesce(max(t.turn), 0) + 1 FROM ("  # noqa: S608 - parts of statements, ours
    + " UNION ALL ".join(
        (
            PRESENT.format(queue="q.name"),
            *(LAST_OF_GROUP.format(parked=parked) for parked in (0, 1)),
        )
    )
    + ") t"
)
UNPARKED = (
    "SELECT count(*) FROM message m WHERE m.queue = q.name AND m.group_id = g.id AND m.parked = 0"
)
INSERT = (
    "INSERT INTO message (queue, id, body, published_at, visible_at, receive_count, token,"  # noqa: S608
    " holder, abandoned, group_id, turn, parked, place)"
    " SELECT n.name, CAST(? AS TEXT), CAST(? AS TEXT), n.at, n.at + n.delay, 0, '', '', 0, n.id,"
    " n.turn, n.parked, CASE WHEN n.parked = 1 THEN 2 WHEN n.delay > 0 THEN 0 ELSE 1 END"
    " FROM (SELECT q.name, g.at, g.id, {delay} AS delay,"
    f" ({TURN}) AS turn, CASE WHEN q.group_limit > 0 AND g.id <> ''"
    f" AND ({UNPARKED}) >= q.group_limit THEN 1 ELSE 0 END AS parked"
    " FROM (SELECT CAST(? AS BIGINT) AS at, CAST(? AS TEXT) AS id) g CROSS JOIN queue q {queues}) n"
    " RETURNING queue, place"
)
PUBLISH = INSERT.format(
    delay="CAST(q.delay_seconds * 1000000 AS BIGINT)",
    queues="JOIN subscription s ON q.name = s.queue WHERE s.topic = ?",
)
PUT_BACK = INSERT.format(delay="0", queues="WHERE q.name = ?")
UNPARK = f"""
    UPDATE message SET parked = 0, place = CASE WHEN visible_at > ? THEN 0 ELSE 1 END, turn =
      (SELECT max(t.turn) FROM (SELECT message.turn AS turn UNION ALL SELECT p.turn + 1 FROM
        ({PRESENT.format(queue="message.queue")} UNION ALL SELECT max(m.turn) AS turn
          FROM message m WHERE m.queue = message.queue AND m.group_id = message.group_id
            AND m.parked = 0) p) t)
    WHERE queue = ? AND id = (SELECT m.id FROM message m WHERE m.queue = ? AND m.group_id = ?
        AND m.parked = 1 ORDER BY m.turn, m.id LIMIT 1)
      AND (SELECT count(*) FROM message m WHERE m.queue = ? AND m.group_id = ?
        AND m.parked = 0) < (SELECT group_limit FROM queue WHERE name = ?)
    RETURNING place
"""  # noqa: S608 - parts of statements, ours
PARK_ALL = (
    "UPDATE message SET place = 2, parked = 1 WHERE queue = ? AND place = 1 AND group_id <> ''"
)
UNPARK_ALL = (
    "UPDATE message SET place = 0, parked = 0 WHERE queue = ? AND place = 2"  # due by now, or later
)
PARKED_GROUPS = (
    "SELECT DISTINCT group_id FROM message WHERE queue = ? AND place = 2 ORDER BY group_id"
)
PROMOTE = (
    # By both columns of the key: by one, SQLite looks through all that are hidden in the queue.
    "UPDATE message SET place = 1 WHERE place = 0 AND (id, queue) IN (SELECT id, queue"
    " FROM message WHERE queue = ? AND place = 0 AND visible_at <= ?{skip_locked})"
)
DUE = (
    "SELECT coalesce((SELECT 0 FROM message WHERE queue = ? AND place = 1 LIMIT 1),"
    " (SELECT min(visible_at) FROM message WHERE queue = ? AND place = 0))"
)
HOLDERS = (
    # Every turn is 0 or more; to name it makes SQLite take the index of what is held (queue, turn)
    # in place of looking through the queue.
    "SELECT DISTINCT holder FROM message WHERE queue = ? AND turn >= 0 AND holder <> ''"
)
NEXT = (
    "SELECT id, body, receive_count, abandoned, group_id FROM message"
    " WHERE queue = ? AND place = 1 ORDER BY turn, id LIMIT ?"
)
LIMITS = "SELECT visibility_seconds, max_receives, group_limit FROM queue WHERE name = ?"
TAKE = (
    "UPDATE message SET receive_count = receive_count + 1, token = ?, holder = ?, visible_at = ?,"
    " abandoned = 0, place = 0 WHERE queue = ? AND id = ?"
)
HELD = "queue = ? AND id = ? AND token = ? AND visible_at > ?"
DELETE = f"DELETE FROM message WHERE {HELD}"  # noqa: S608 - a condition, ours
UNCOUNTED = "receive_count = receive_count - ?"  # 1 if this receive shall not count
RELEASE_LATER = (
    f"UPDATE message SET visible_at = ?, token = '', holder = '', {UNCOUNTED} WHERE {HELD}"  # noqa: S608
)
GIVEN_BACK = "visible_at = published_at, token = '', holder = '', place = 1"
RELEASE_NOW = f"UPDATE message SET {GIVEN_BACK}, {UNCOUNTED} WHERE {HELD}"  # noqa: S608 - its turn stays
ABANDON = (
    f"UPDATE message SET {GIVEN_BACK}, abandoned = 1"  # noqa: S608 - columns, ours
    " WHERE holder = ? AND holder <> '' AND visible_at > ? RETURNING queue"
)
DIE = (
    "INSERT INTO dead_letter (queue, id, body, receive_count, group_id, died_at, why)"
    " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (queue, id) DO NOTHING"
)
