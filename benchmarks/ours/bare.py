"""The jobs page as a bare Flask application would have it: the same query, the same 20 rows and
columns, no sign-in, no security headers, no layout. The yardstick of `benchmarks.web`."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask, render_template

from gas.adapters.sql.jobs import NEWEST

PAGE = """<!doctype html><title>My jobs</title><h1>My jobs</h1>
<table><tr><th>File<th>State<th>Reference<th>Size<th>Submitted<th>Took</tr>
{% for job in jobs %}<tr><td><a href="/jobs/{{ job.id }}">{{ job.name }}</a><td>{{ job.state }}
<td>{{ job.reference }}<td>{{ job.size_bytes|filesizeformat }}<td>{{ job.created_at }}
<td>{{ job.seconds }} s</tr>{% endfor %}</table>"""


def bare_app() -> Flask:
    from jinja2 import DictLoader

    app = Flask(__name__)
    app.jinja_loader = DictLoader({"jobs.html": PAGE})
    home = Path(os.environ["GAS_HOME"])
    owner = os.environ["BENCH_OWNER"]
    local = threading.local()

    def jobs() -> str:
        if not hasattr(local, "store"):
            local.store = sqlite3.connect(home / "gas.sqlite3")
        rows = local.store.execute(NEWEST, (owner, 20)).fetchall()
        return render_template("jobs.html", jobs=[_shown(row) for row in rows])

    app.add_url_rule("/jobs", view_func=jobs)
    return app


def _shown(row: tuple[Any, ...]) -> dict[str, Any]:
    _, name, _, size_bytes, _ = json.loads(row[3])
    return {
        "id": row[0],
        "name": name,
        "state": row[6],
        "reference": row[4],
        "size_bytes": size_bytes,
        "created_at": datetime.fromtimestamp(row[5] / 1e6, UTC).isoformat(),
        "seconds": (row[13] - row[12]) / 1e6,
    }
