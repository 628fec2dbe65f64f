"""What ``verbose=True`` tells of a training: a line that moves where one can, else lines in scikit-learn's form."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self

from tidynet.core.progress import make_progress_bar
from tidynet.estimators.training_progress import EpochEnded, TrainingProgress, training_summary

if TYPE_CHECKING:
    from tidynet.engine.history import EpochRecord, History

__all__ = ["VerboseTraining", "iteration"]


class VerboseTraining:
    """A listener of a fit, to be used in a ``with`` statement."""

    def __init__(self, restarts: int, max_epochs: int) -> None:
        self._restarts, self._max_epochs = restarts, max_epochs
        self._line = make_progress_bar(True, sys.stdout)
        self._began = time.monotonic()
        self._progress: TrainingProgress | None = None

    def __enter__(self) -> Self:
        self._line.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._line.__exit__(kind, error, trace)

    def __call__(self, restart: int, record: EpochRecord) -> None:
        """Hear one epoch."""
        event = EpochEnded(record, self._max_epochs, restart, self._restarts)
        if self._progress is None:
            self._progress = TrainingProgress(time.monotonic(), event)
        self._progress.on_event(event)
        self._line.update(self._words, self._progress.fraction_done)
        # Of one network every epoch, as scikit-learn does; of several that would be a wall.
        if not self._line.is_visible and (self._restarts == 1 or self._progress.is_display_epoch(event)):
            print(iteration(record, "" if self._restarts == 1 else f" of network {restart + 1}"))

    def on_training_end(self, histories: Sequence[History], interrupted: bool) -> None:
        """Say what training came to."""
        text = training_summary(histories, time.monotonic() - self._began, interrupted)
        if self._line.is_visible:
            self._line.leave(text)
        else:
            print(text)

    def _words(self) -> str:
        assert self._progress is not None
        return self._progress.summary_line(time.monotonic())


def iteration(record: EpochRecord, of: str = "") -> str:
    """One epoch in one line.

    Examples
    --------
    >>> from tidynet.engine.history import EpochRecord
    >>> iteration(EpochRecord(3, 0.5, None, 0.1, 1.0, 1.0, 1.0, 1.0, True))
    'Iteration 3, loss = 0.50000000'
    """
    watched = "" if record.validation_loss is None else f", validation loss = {record.validation_loss:.8f}"
    return f"Iteration {record.epoch}{of}, loss = {record.training_loss:.8f}{watched}"
