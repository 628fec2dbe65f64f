"""What work tells, as one line: an experiment's events, the parts of an evaluation, or plain words."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tidynet.core.progress.progress_bar import ProgressBar, make_progress_bar
from tidynet.core.progress.training_progress import EpochEnded, TrainingProgress
from tidynet.core.text import pluralize

__all__ = ["progress_events", "progress_messages", "progress_sections"]


@contextmanager
def progress_messages(enabled: bool | None, on_event: Callable[[str], None] | None) -> Iterator[Callable[[str], None]]:
    """Whoever listens, or else the line, as a listener for words.

    Examples
    --------
    >>> with progress_messages(None, print) as tell:
    ...     tell("reading")
    reading
    """
    if on_event is not None:
        yield on_event
        return
    with make_progress_bar(enabled) as moving:
        yield moving.update


@contextmanager
def progress_sections(
    enabled: bool | None, on_event: Callable[[str, int, int], None] | None
) -> Iterator[Callable[[str, int, int], None]]:
    """Whoever listens, or else the line, as a listener for (title, number from 0, count)."""
    if on_event is not None:
        yield on_event
        return
    with make_progress_bar(enabled) as moving:
        yield lambda title, number, count: _show_section(moving, title, number, count)


@contextmanager
def progress_events(enabled: bool | None, on_event: Callable[[Any], None] | None) -> Iterator[Callable[[Any], None]]:
    """Whoever listens, or else the line, as a listener for the events of an experiment."""
    if on_event is not None:
        yield on_event
        return
    with make_progress_bar(enabled) as moving:
        yield _Events(moving)


def _show_section(moving: ProgressBar, title: str, number: int, count: int) -> None:
    moving.update(f"{number + 1} of {count}: {title[0].lower()}{title[1:]}", number / max(count, 1))


class _Events:
    """The events of an experiment that last, by their names: this room stands before that of experiments."""

    def __init__(self, moving: ProgressBar) -> None:
        self._line = moving
        self._progress: TrainingProgress | None = None

    def __call__(self, event: Any) -> None:
        match type(event).__name__:
            case "DataSplit":
                self._line.update(f"preparing {pluralize(event.training, 'row')}")
            case "CompilationStarted":
                self._line.update("compiling the engine; this happens once")
            case "EpochEnded":
                self._epoch(event)
            case "TrainingFinished":
                self._line.update("testing")
            case "SectionStarted":
                _show_section(self._line, event.title, event.number, event.parts)

    def _epoch(self, event: EpochEnded) -> None:
        now = time.monotonic()
        if self._progress is None:
            self._progress = progress = TrainingProgress(now, event)
            self._line.update(lambda: progress.summary_line(time.monotonic()), progress.fraction_done)
        self._progress.on_event(event)
