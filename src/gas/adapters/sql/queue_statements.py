"""The statements of the queues: a message is held while it has a token and is not visible yet."""

from __future__ import annotations

INSERT = (
    "INSERT INTO message (queue, id, body, published_at, visible_at, receive_count, token, holder,"
    " abandoned)"
)
PUBLISH = (
    f"{INSERT} SELECT q.name, CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS BIGINT),"  # noqa: S608
    " CAST(? AS BIGINT) + CAST(q.delay_seconds * 1000000 AS BIGINT), 0, '', '', 0"
    " FROM subscription s JOIN queue q ON q.name = s.queue WHERE s.topic = ?"
    " RETURNING queue, visible_at"
)
DUE = "SELECT visible_at FROM message WHERE queue = ? ORDER BY visible_at LIMIT 1"
HOLDERS = "SELECT DISTINCT holder FROM message WHERE queue = ? AND holder <> ''"
NEXT = (
    "SELECT id, body, receive_count, abandoned FROM message"
    " WHERE queue = ? AND visible_at <= ? ORDER BY visible_at LIMIT ?"
)
LIMITS = "SELECT visibility_seconds, max_receives FROM queue WHERE name = ?"
TAKE = (
    "UPDATE message SET receive_count = receive_count + 1, token = ?, holder = ?, visible_at = ?,"
    " abandoned = 0 WHERE queue = ? AND id = ?"
)
HELD = "queue = ? AND id = ? AND token = ? AND visible_at > ?"
DELETE = f"DELETE FROM message WHERE {HELD}"  # noqa: S608 - a condition, ours
RELEASE_LATER = f"UPDATE message SET visible_at = ?, token = '', holder = '' WHERE {HELD}"  # noqa: S608
RELEASE_NOW = (  # back to its age: it has queued up once already
    f"UPDATE message SET visible_at = published_at, token = '', holder = '' WHERE {HELD}"  # noqa: S608
)
ABANDON = (
    "UPDATE message SET visible_at = published_at, token = '', holder = '', abandoned = 1"
    " WHERE holder = ? AND holder <> '' AND visible_at > ? RETURNING queue"
)
DIE = (
    "INSERT INTO dead_letter (queue, id, body, receive_count, died_at, why)"
    " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (queue, id) DO NOTHING"
)
