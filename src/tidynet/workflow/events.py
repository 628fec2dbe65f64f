"""What happens in a run, in its order: plain facts for whoever listens."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tidynet.estimators.training_progress import EpochEnded

if TYPE_CHECKING:
    from tidynet.engine import History
    from tidynet.evaluation.result import Evaluation
    from tidynet.table import Table

__all__ = [
    "CompilationStarted",
    "DataSplit",
    "EpochEnded",
    "EvaluationFinished",
    "Event",
    "FilesWritten",
    "SectionStarted",
    "SettingsResolved",
    "TableRead",
    "TrainingFinished",
]


@dataclass(frozen=True)
class TableRead:
    """The table is read and judged; `table` holds the rows with a target."""

    table: Table
    target: str
    task: str
    excluded_columns: dict[str, str]
    dropped_rows: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class DataSplit:
    """Rows of each part."""

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
    """The kernels are about to be compiled, which happens once."""


@dataclass(frozen=True)
class TrainingFinished:
    """Training is over; `histories` of all restarts."""

    history: History
    interrupted: bool
    histories: tuple[History, ...] = ()


@dataclass(frozen=True)
class SectionStarted:
    """A part of the evaluation begins: its title, its number from 0, and how many there are."""

    title: str
    number: int
    count: int


@dataclass(frozen=True)
class EvaluationFinished:
    """The test rows were read, once."""

    evaluation: Evaluation


@dataclass(frozen=True)
class FilesWritten:
    """Paths and their bytes."""

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
