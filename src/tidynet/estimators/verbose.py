"""What ``verbose=True`` prints of a training: a progress bar, or lines in the form of scikit-learn."""

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


class VerboseTraining:
    """The event function of a fit, used in a ``with`` statement."""

    def __init__(self, n_networks: int, max_epochs: int) -> None:
        self._n_networks, self._max_epochs = n_networks, max_epochs
        self._bar = make_progress_bar(True, sys.stdout)
        self._began = time.monotonic()
        self._progress: TrainingProgress | None = None

    def __enter__(self) -> Self:
        self._bar.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.__exit__(kind, error, trace)

    def __call__(self, network_index: int, record: EpochRecord) -> None:
        """Show one epoch."""
        event = EpochEnded(record, self._max_epochs, network_index, self._n_networks)
        if self._progress is None:
            self._progress = TrainingProgress(time.monotonic(), event)
        self._progress.on_event(event)
        self._bar.update(self._text, self._progress.fraction_done)
        # Of one network every epoch, as scikit-learn does; of several a few.
        if not self._bar.is_visible and (self._n_networks == 1 or self._progress.is_display_epoch(event)):
            print(iteration(record, "" if self._n_networks == 1 else f" of network {network_index + 1}"))

    def on_training_end(self, histories: Sequence[History], interrupted: bool) -> None:
        """Print the result of the training."""
        text = training_summary(histories, time.monotonic() - self._began, interrupted)
        if self._bar.is_visible:
            self._bar.leave(text)
        else:
            print(text)

    def _text(self) -> str:
        assert self._progress is not None
        return self._progress.summary_line(time.monotonic())


def iteration(record: EpochRecord, of: str = "") -> str:
    """One epoch in one line."""
    validation = "" if record.validation_loss is None else f", validation loss = {record.validation_loss:.8f}"
    return f"Iteration {record.epoch}{of}, loss = {record.training_loss:.8f}{validation}"
