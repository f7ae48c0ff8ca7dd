"""The pages of the fake: the one to pay on, and the customer portal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from adapters.stripe.books import Books, Thing

LAYOUT = """<!doctype html><html lang="en"><title>{title}</title><h1>{title}</h1>{body}"""
BUTTON = '<form method="post"><button name="do" value="{0}">{1}</button></form>'


@dataclass(frozen=True)
class Page:
    status: int
    html: str = ""
    location: str = ""


def page(books: Books, method: str, path: str, form: Any) -> Page:
    """An ordinary page for GET; POST does what its button says."""
    if path == "/favicon.ico":
        return Page(204)
    kind, _, name = path.rpartition("/")
    if kind == "/c/pay" and name in books.sessions:
        return _checkout(books, books.sessions[name], form.get("do") if method == "POST" else "")
    if kind == "/p/session" and name in books.portals:
        return _portal(books, books.portals[name], form.get("do") if method == "POST" else "")
    return Page(404, "Nothing here")


def _checkout(books: Books, session: Thing, action: str) -> Page:
    if session["status"] != "open":
        return _shown("All done", "You have paid already.")
    if action in ("card", "later"):
        books.pay(session["id"], later=action == "later")
        return Page(303, location=session["success_url"])
    said = "<p role=alert>Your card was declined.</p>" if action == "declined" else ""
    buttons = (("card", "Pay"), ("declined", "Pay with a bad card"), ("later", "Pay later"))
    back = f'<a href="{session["cancel_url"]}">Back</a>'
    return _shown("Checkout", said + "".join(BUTTON.format(*one) for one in buttons) + back)


def _portal(books: Books, portal: Thing, action: str) -> Page:
    subscriptions = books.of_customer(portal["customer"])
    if action and subscriptions:
        newest = subscriptions[0]["id"]
        {"cancel": books.cancel_later, "resume": books.resume, "end": books.end}[action](newest)
    buttons = (("cancel", "Cancel"), ("resume", "Resume"), ("end", "End now"))
    back = f'<a href="{portal["return_url"]}">Back</a>'
    return _shown("Customer portal", "".join(BUTTON.format(*one) for one in buttons) + back)


def _shown(title: str, body: str) -> Page:
    return Page(200, LAYOUT.format(title=title, body=body))
