"""A PostgreSQL of one's own in a folder: prints its URL, ends when its input is closed."""

from __future__ import annotations

import sys
from pathlib import Path

from pgserver.postgres_server import get_server


def main() -> None:
    server = get_server(Path(sys.argv[1]), cleanup_mode="stop")
    settings = [server.psql(f"show {name}").split()[2] for name in ("fsync", "synchronous_commit")]
    if settings != ["on", "on"]:
        sys.exit(f"not durable: {settings}")
    print(server.get_uri(), flush=True)
    sys.stdin.read()
    server.cleanup()


if __name__ == "__main__":
    main()
