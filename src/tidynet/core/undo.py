"""What is undone if a signal ends the process, which then runs no `finally`."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress


class UnfinishedWork:
    """How to undo what this process has begun; nothing begins or is completed while it is undone."""

    def __init__(self) -> None:
        self._undos: dict[object, Callable[[], object]] = {}
        self._lock = threading.RLock()

    def forget(self) -> None:
        """Undo nothing, as in a forked child: the work is its parent's."""
        self.__init__()  # type: ignore[misc]

    @contextmanager
    def undone_at_signal(self, undo: Callable[[], object]) -> Iterator[None]:
        """Call `undo` if a signal ends the process inside the block; in all other cases the block does it."""
        key = object()
        with self._lock:
            self._undos[key] = undo
        try:
            yield
        finally:
            self._undos.pop(key, None)

    @contextmanager
    def completed(self) -> Iterator[None]:
        """A block that is run whole or not at all."""
        with self._lock:
            yield

    def undo_all(self) -> None:
        """Undo all work, the newest first."""
        while self._undos:
            _, undo = self._undos.popitem()
            with suppress(Exception):
                undo()

    def undo_for_good(self) -> None:
        """Undo all work before the process ends; other threads begin and complete nothing more."""
        self._lock.acquire(timeout=5.0)
        self.undo_all()


UNFINISHED = UnfinishedWork()

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=UNFINISHED.forget)
