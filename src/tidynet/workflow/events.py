"""The events of a run, in their order, as plain data."""

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
