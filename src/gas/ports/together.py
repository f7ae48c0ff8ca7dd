"""Several changes as one, where the backend can."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol


class Together(Protocol):
    """`with together():` commits what the ports do inside at once, or not at all.

    A backend that cannot does them one by one, in the order written, so that order must be
    right on its own: state first, then publish, delete last. Nothing slow belongs inside.
    An exception undoes what a transactional backend did, and is passed on.
    """

    def __call__(self, *, durable: bool = True) -> AbstractContextManager[None]:
        """What is not `durable` is seen by others at once like all the rest, and survives the
        death of any process; but the writer does not wait for the disk. After a power cut it is
        there if anything later is that somebody waited for."""
