"""Stripe's published shapes, read from the types that its SDK carries.

The SDK is generated from Stripe's OpenAPI description: `stripe.params.*` says what a request may
hold, the classes of resources say what an answer has. Requests that GAS makes, and answers that
the fake gives, are held against them, so that neither can drift from what Stripe says.
"""

from __future__ import annotations

import builtins
import re
import sys
import types
import typing
from decimal import Decimal
from functools import lru_cache
from typing import Any, get_args, get_origin

import stripe
import typing_extensions
from stripe._request_options import RequestOptions
from stripe._stripe_context import StripeContext

Json = Any


class _Names(dict[str, Any]):
    """What these types name; some of it is imported for type checkers only, or when asked for."""

    def __missing__(self, name: str) -> Any:
        if name in vars(builtins):
            raise KeyError(name)
        # What is nowhere to be found is expanded on request, and is never asked for here.
        return getattr(stripe, name, None) or type(name, (), {})


def _names_in(shape: type) -> _Names:
    module = vars(sys.modules[shape.__module__])
    return _Names({"StripeContext": StripeContext, **vars(typing), **module, **vars(shape)})


PATTERNS = {
    str: r"(?s:.*)",
    Decimal: r"-?[0-9.]+",
    float: r"-?[0-9.]+",
    int: r"-?[0-9]+",
    bool: "true|false",
}
"""How a value is written in a form."""
UNIONS = (typing.Union, types.UnionType)
OPTIONS = frozenset(RequestOptions.__annotations__)
WRAPPERS = (typing.Required, typing.NotRequired, typing_extensions.NotRequired)


class BadShape(Exception):
    """`parameter` is the path of what does not fit, as Stripe writes it."""

    def __init__(self, parameter: str, why: str) -> None:
        super().__init__(f"{parameter}: {why}")
        self.parameter = parameter
        self.why = why


def require_params(shape: type, body: Json, path: str = "") -> None:
    """A decoded form against a TypedDict of `stripe.params`. Its values are text."""
    hints = typing.get_type_hints(shape, localns=_names_in(shape), include_extras=True)
    if not isinstance(body, dict):
        raise BadShape(path, "is no object")
    for name in body.keys() - (hints.keys() - OPTIONS):
        raise BadShape(_below(path, name), "is unknown")
    for name in getattr(shape, "__required_keys__", frozenset()) - body.keys():
        raise BadShape(_below(path, name), "is required")
    for name, value in body.items():
        _require_value(hints[name], value, _below(path, name), text=True)


def require_answer(shape: type, body: Json, path: str = "") -> None:
    """An answer against a resource's class: all it must have, nothing that it cannot have."""
    if not isinstance(body, dict):
        raise BadShape(path, "is no object")
    hints = answer_hints(shape)
    for name in body.keys() - hints.keys():
        raise BadShape(_below(path, name), "is unknown")
    for name, hint in hints.items():
        if name in body:
            _require_value(hint, body[name], _below(path, name), text=False)
        elif not _may_be_absent(hint):
            raise BadShape(_below(path, name), "is missing")


@lru_cache
def answer_hints(shape: type) -> dict[str, Any]:
    """Of the class itself, without what all Stripe objects inherit."""
    own = typing.get_type_hints(shape, localns=_names_in(shape))
    names = [name for name in shape.__annotations__ if name.islower() and name[0] != "_"]
    return {name: own[name] for name in names}


def _below(path: str, name: str) -> str:
    return f"{path}[{name}]" if path else name


def _may_be_absent(hint: Any) -> bool:
    return get_origin(hint) in UNIONS and type(None) in get_args(hint)


def _require_value(hint: Any, value: Json, path: str, *, text: bool) -> None:
    origin = get_origin(hint)
    if origin in WRAPPERS:
        return _require_value(get_args(hint)[0], value, path, text=text)
    if origin in UNIONS:
        return _require_one_of(get_args(hint), value, path, text=text)
    if origin is typing.Literal or origin is typing_extensions.Literal:
        literals = get_args(hint)
        if value not in literals:
            raise BadShape(path, f"{value!r} is none of {literals[:8]}")
    elif origin in (list, dict) or _is_named(origin, "ListObject", "UntypedStripeObject"):
        _require_many(hint, value, path, text=text)
    elif typing_extensions.is_typeddict(hint):
        require_params(hint, value, path)
    elif isinstance(hint, type) and issubclass(hint, stripe.StripeObject):
        require_answer(hint, value, path)
    else:
        _require_plain(hint, value, path, text=text)
    return None


def _require_one_of(hints: tuple[Any, ...], value: Json, path: str, *, text: bool) -> None:
    # Stripe's types add `str` to what is a list of words, for words to come. They have to be
    # words of today here.
    words = [hint for hint in hints if "Literal" in str(get_origin(hint))]
    hints = tuple(hint for hint in hints if hint is not str) if words else hints
    troubles = []
    for hint in hints:
        try:
            return _require_value(hint, value, path, text=text)
        except BadShape as trouble:
            troubles.append(trouble)
    raise max(troubles, key=lambda trouble: len(trouble.parameter))


def _require_many(hint: Any, value: Json, path: str, *, text: bool) -> None:
    origin, arguments = get_origin(hint), get_args(hint)
    if _is_named(origin, "ListObject"):
        if set(value) != {"object", "data", "has_more", "url"} or value["object"] != "list":
            raise BadShape(path, "is no list of Stripe's")
        for number, one in enumerate(value["data"]):
            _require_value(arguments[0], one, f"{path}[{number}]", text=text)
    elif origin is list:
        if not isinstance(value, list):
            raise BadShape(path, "is no array")
        for number, one in enumerate(value):
            _require_value(arguments[0], one, f"{path}[{number}]", text=text)
    else:
        if not isinstance(value, dict):
            raise BadShape(path, "is no object")
        for name, one in value.items():
            _require_value(arguments[-1], one, _below(path, name), text=text)


def _require_plain(hint: Any, value: Json, path: str, *, text: bool) -> None:
    if text:
        if not isinstance(value, str) or not re.fullmatch(PATTERNS.get(hint, "(?!)"), value):
            raise BadShape(path, f"is no {hint}")
        return
    wanted = str if hint is Decimal else hint
    if wanted is Any:
        return
    if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
        raise BadShape(path, f"{value!r} is no {hint}")


def _is_named(kind: Any, *names: str) -> bool:
    return getattr(kind, "__name__", "") in names
