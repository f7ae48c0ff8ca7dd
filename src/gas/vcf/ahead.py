"""What comes next is made ready while what is there is worked on."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager


@contextmanager
def ahead(parts: Iterator[bytes]) -> Iterator[Iterator[bytes]]:
    """The same, each made in a thread while the one before it is in use. What it raises comes
    where it would come without."""
    # Not within the generator: one that is dropped half-way ends wherever rubbish is collected,
    # and to join a thread from there may wait for ever.
    with ThreadPoolExecutor(1) as thread:
        yield _each(parts, thread)


def _each(parts: Iterator[bytes], thread: Executor) -> Iterator[bytes]:
    under_way = thread.submit(next, parts, None)
    while (part := under_way.result()) is not None:
        under_way = thread.submit(next, parts, None)
        yield part
