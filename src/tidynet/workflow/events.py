"""The events of a run, in their order, as plain data; and as one progress bar."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tidynet.core.progress import ProgressBar
from tidynet.core.text import pluralize
from tidynet.estimators.training_progress import EpochEnded, TrainingProgress

if TYPE_CHECKING:
    from tidynet.engine import History
    from tidynet.evaluation.result import Evaluation
    from tidynet.table import Table


@dataclass(frozen=True)
class TableRead:
    """The table is read and its types are inferred; `table` has the rows with a target."""

    table: Table
    target: str
    task: str
    excluded_columns: dict[str, str]
    dropped_rows: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class DataSplit:
    """The number of rows of each part, and how they were chosen."""

    training: int
    validation: int
    test: int
    stratified: bool
    seed: int
    notes: tuple[str, ...] = ()
    folds: int = 0
    split_method: str = ""


@dataclass(frozen=True)
class SettingsResolved:
    """What will be trained: in one line, and the sizes of the hidden layers."""

    summary: str
    hidden_layer_sizes: tuple[int, ...] = ()


@dataclass(frozen=True)
class CompilationStarted:
    """The engine is about to be compiled, which happens once."""


@dataclass(frozen=True)
class TrainingFinished:
    """Training has ended; `histories` of all networks."""

    history: History
    interrupted: bool
    histories: tuple[History, ...] = ()


@dataclass(frozen=True)
class SectionStarted:
    """A section of the evaluation starts: its title, its number from 0, and the number of sections."""

    title: str
    number: int
    count: int


@dataclass(frozen=True)
class EvaluationFinished:
    """The network is evaluated on the test set."""

    evaluation: Evaluation


@dataclass(frozen=True)
class FilesWritten:
    """The paths and sizes of the written files."""

    files: tuple[tuple[Path, int], ...]


Event = (
    TableRead
    | DataSplit
    | SettingsResolved
    | CompilationStarted
    | EpochEnded
    | TrainingFinished
    | SectionStarted
    | EvaluationFinished
    | FilesWritten
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
