"""A browser in plain words, by the way it introduces itself. Nothing of its own text is shown."""

from __future__ import annotations

MOST_LETTERS = 1000
# The first that is found: Edge and Opera call themselves Chrome too, and all are 'Safari'.
word_by_product = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "SamsungBrowser/": "Samsung Internet",
    "Firefox/": "Firefox",
    "FxiOS/": "Firefox",
    "CriOS/": "Chrome",
    "Chromium/": "Chromium",
    "Chrome/": "Chrome",
    "Safari/": "Safari",
    "curl/": "curl",
    "python-requests/": "a Python program",
}
word_by_system = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "CrOS": "ChromeOS",
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "Linux": "Linux",
}


def browser_words(user_agent: str) -> str:
    """'Firefox on Linux'; 'an unknown browser' if that is all there is to say."""
    text = user_agent[:MOST_LETTERS]
    product = _first(word_by_product, text) or "an unknown browser"
    system = _first(word_by_system, text)
    return f"{product} on {system}" if system else product


def _first(words: dict[str, str], text: str) -> str:
    return next((word for mark, word in words.items() if mark in text), "")
