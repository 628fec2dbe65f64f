"""What happens in a run, in its order: plain facts for whoever listens."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tidynet.progress.training import EpochEnded

if TYPE_CHECKING:
    from tidynet.net import History
    from tidynet.table import Table
    from tidynet.trust.evaluation import Evaluation

__all__ = [
    "Compiling",
    "Evaluated",
    "Event",
    "FilesWritten",
    "PartBegun",
    "RowsSplit",
    "SettingsChosen",
    "TableRead",
    "TrainingEnded",
]


@dataclass(frozen=True)
class TableRead:
    """The table is read and judged; `table` holds the rows with a target."""

    table: Table
    target: str
    task: str
    set_aside: dict[str, str]
    dropped_rows: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class RowsSplit:
    """Rows of each part."""

    training: int
    validation: int
    test: int
    stratified: bool
    seed: int
    notes: tuple[str, ...] = ()
    folds: int = 0
    how: str = ""


@dataclass(frozen=True)
class SettingsChosen:
    """What will be trained, and why so, in one line."""

    line: str


@dataclass(frozen=True)
class Compiling:
    """The kernels are about to be compiled, which happens once."""


@dataclass(frozen=True)
class TrainingEnded:
    """Training is over; `histories` of all restarts."""

    history: History
    interrupted: bool
    histories: tuple[History, ...] = ()


@dataclass(frozen=True)
class PartBegun:
    """A part of the evaluation begins: its title, its number from 0, and how many there are."""

    title: str
    number: int
    parts: int


@dataclass(frozen=True)
class Evaluated:
    """The test rows were read, once."""

    evaluation: Evaluation


@dataclass(frozen=True)
class FilesWritten:
    """Paths and their bytes."""

    files: tuple[tuple[Path, int], ...]


Event = (
    TableRead
    | RowsSplit
    | SettingsChosen
    | Compiling
    | EpochEnded
    | TrainingEnded
    | PartBegun
    | Evaluated
    | FilesWritten
)
