"""The front page: what the service does, and what it allows."""

from __future__ import annotations

from flask import Blueprint, render_template

from gas.domain.plan import Plan
from gas.domain.spans import in_words
from gas.web.wired import grace, services

pages = Blueprint("home", __name__)


@pages.get("/")
def home() -> str:
    limits = services().limits
    return render_template(
        "home.html",
        plans=[(plan, limits.input_bytes(plan)) for plan in Plan],
        grace=in_words(grace()),
        references=services().references.all(),
        link_minutes=int(limits.link_lifetime.total_seconds() // 60),
    )
