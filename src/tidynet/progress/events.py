"""What work tells, as one line: an experiment's events, the parts of an evaluation, or plain words."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tidynet.progress.line import Line, line
from tidynet.progress.training import EpochEnded, Progress
from tidynet.progress.words import counted

__all__ = ["told_events", "told_parts", "told_words"]


@contextmanager
def told_words(wanted: bool | None, listen: Callable[[str], None] | None) -> Iterator[Callable[[str], None]]:
    """Whoever listens, or else the line, as a listener for words.

    Parameters
    ----------
    wanted : bool, optional
        As `line` takes it.
    listen : callable, optional

    Examples
    --------
    >>> with told_words(None, print) as tell:
    ...     tell("reading")
    reading
    """
    if listen is not None:
        yield listen
        return
    with line(wanted) as moving:
        yield moving.show


@contextmanager
def told_parts(
    wanted: bool | None, listen: Callable[[str, int, int], None] | None
) -> Iterator[Callable[[str, int, int], None]]:
    """Whoever listens, or else the line, as a listener for (title, number from 0, count)."""
    if listen is not None:
        yield listen
        return
    with line(wanted) as moving:
        yield lambda title, number, count: _show_part(moving, title, number, count)


@contextmanager
def told_events(wanted: bool | None, listen: Callable[[Any], None] | None) -> Iterator[Callable[[Any], None]]:
    """Whoever listens, or else the line, as a listener for the events of an experiment."""
    if listen is not None:
        yield listen
        return
    with line(wanted) as moving:
        yield _Events(moving)


def _show_part(moving: Line, title: str, number: int, count: int) -> None:
    moving.show(f"{number + 1} of {count}: {title[0].lower()}{title[1:]}", number / max(count, 1))


class _Events:
    """The events of an experiment that last, by their names: this room stands before that of experiments."""

    def __init__(self, moving: Line) -> None:
        self._line = moving
        self._progress: Progress | None = None

    def __call__(self, event: Any) -> None:
        match type(event).__name__:
            case "RowsSplit":
                self._line.show(f"preparing {counted(event.training, 'row')}")
            case "Compiling":
                self._line.show("compiling the engine; this happens once")
            case "EpochEnded":
                self._epoch(event)
            case "TrainingEnded":
                self._line.show("testing")
            case "PartBegun":
                _show_part(self._line, event.title, event.number, event.parts)

    def _epoch(self, event: EpochEnded) -> None:
        now = time.monotonic()
        if self._progress is None:
            self._progress = progress = Progress(now, event)
            self._line.show(lambda: progress.whole(time.monotonic()), progress.share)
        self._progress.hear(event)
