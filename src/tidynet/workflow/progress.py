"""The events of a run as one progress bar."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tidynet.core.progress import ProgressBar, make_progress_bar
from tidynet.core.text import pluralize
from tidynet.estimators.training_progress import TrainingProgress
from tidynet.workflow.events import (
    CompilationStarted,
    DataSplit,
    EpochEnded,
    EvaluationFinished,
    Event,
    SectionStarted,
    TrainingFinished,
)


class RunProgress:
    """Shows each event of a run on a progress bar."""

    def __init__(self, bar: ProgressBar, clock: Callable[[], float] = time.monotonic) -> None:
        self._bar = bar
        self._clock = clock
        self.training: TrainingProgress | None = None

    def __call__(self, event: Event) -> None:
        """Show one event."""
        match event:
            case DataSplit():
                self._bar.update(f"preparing {pluralize(event.training, 'row')}")
            case CompilationStarted():
                self._bar.update("compiling the engine (once)")
            case EpochEnded():
                self._epoch_ended(event)
            case TrainingFinished():
                self._bar.update("testing")
            case SectionStarted():
                self._bar.update_section(event.title, event.number, event.count)
            case EvaluationFinished():
                self._bar.update("writing model and report")

    def _epoch_ended(self, event: EpochEnded) -> None:
        if self.training is not None:
            self.training.on_event(event)
            return
        self.training = training = TrainingProgress(self._clock(), event)
        training.on_event(event)
        self._bar.update(lambda: training.summary_line(self._clock()), training.fraction_done)


@contextmanager
def progress_events(
    enabled: bool | None, on_event: Callable[[Event], None] | None
) -> Iterator[Callable[[Event], None]]:
    """The caller's function for events, or else a progress bar's."""
    if on_event is not None:
        yield on_event
        return
    with make_progress_bar(enabled) as bar:
        yield RunProgress(bar)
