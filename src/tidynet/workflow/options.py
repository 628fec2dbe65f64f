"""What a run is asked to do, and what is refused before any work is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tidynet.core.errors import FileReadError, InputError

__all__ = [
    "MODEL_FILE",
    "REPORT_FILE",
    "TrainOptions",
    "check_folder",
    "check_numbers",
    "estimator_parameters",
    "parse_hyperparameters",
]

LARGEST_SEED = 2**32 - 1
MODEL_FILE, REPORT_FILE = "model.tidynet", "report.html"


@dataclass(frozen=True)
class TrainOptions:
    """What `run` is asked to do.

    Attributes
    ----------
    target : str
        The column to predict.
    out : Path or None
        Folder of the files; None for ``<table>-<target>`` here.
    task : str
        auto, binary, multiclass or regression.
    drop : tuple of str
        Columns to leave out.
    test_size : float
        Share of the rows to test on.
    group_column : str or None
        Column whose values stay on one side each, in training, validation and test; the network does not read it.
    time_column : str or None
        Column of times by which the last rows are tested on, and those before them watched.
    seed : int
    max_epochs, time_limit, threads : number or None
        Bounds of training; None for the defaults.
    effort : str
        fast, balanced or best.
    force : bool
        Whether to replace a model that is there.
    ragged : str
        What to do with rows of a wrong number of cells: error or skip.
    command : str
        The command line, for the report.
    hyperparameters : tuple of str
        Choices of training as texts NAME=VALUE, by the estimator's parameter names.
    variable_types : mapping of column to kind
        Kinds that overrule the judgement.
    reading : mapping of name to value
        How the table is written, as `tidynet.read` takes it.
    sections : "all", "scores" or names of parts
        What to read from the test rows beside the scores.
    folds, repeats : int
        Folds of a cross-validation over all rows, 0 for none, and how often they are dealt out.
    learning_curve : bool
        Whether to learn from fewer rows too, and to tell what more would give.
    """

    target: str
    out: Path | None = None
    task: str = "auto"
    drop: tuple[str, ...] = ()
    test_size: float = 0.2
    group_column: str | None = None
    time_column: str | None = None
    seed: int = 0
    max_epochs: int | None = None
    time_limit: float | None = None
    threads: int | None = None
    effort: str = "balanced"
    force: bool = False
    ragged: str = "error"
    command: str = ""
    hyperparameters: tuple[str, ...] = ()
    variable_types: Mapping[str, str] = field(default_factory=dict)
    reading: Mapping[str, Any] = field(default_factory=dict)
    sections: str | tuple[str, ...] = "all"
    folds: int = 0
    repeats: int = 1
    learning_curve: bool = False


def check_numbers(options: TrainOptions) -> None:
    """Refuse numbers that no run can be made with."""
    from tidynet.evaluation.cross_validation import check_folds

    for name, value in (
        ("--max-epochs", options.max_epochs),
        ("--time-limit", options.time_limit),
        ("--threads", options.threads),
    ):
        if value is not None and not value > 0:
            raise InputError(f"{name} is {value}, expected a number above 0")
    if options.group_column is not None and options.time_column is not None:
        raise InputError(
            f"rows cannot be split by '{options.group_column}' and by the time '{options.time_column}' at once",
            "give one of --group-column and --time-column",
        )
    for name, column in (("--group-column", options.group_column), ("--time-column", options.time_column)):
        if column == options.target:
            raise InputError(f"the target '{column}' is also given to {name}", "split by another column")
    if options.time_column is not None and options.repeats > 1:
        raise InputError(
            f"--repeats is {options.repeats}, but rows in time have one order",
            "leave --repeats away with --time-column",
        )
    if options.folds or options.repeats != 1:
        check_folds(options.folds, options.repeats)
    if not 0 < options.test_size < 1:
        raise InputError(f"--test-size is {options.test_size:g}, expected a share between 0 and 1", "try 0.2")
    if not 0 <= options.seed <= LARGEST_SEED:
        raise InputError(f"--seed is {options.seed}, expected a whole number from 0 to {LARGEST_SEED}")


def check_folder(folder: Path, force: bool) -> None:
    """Refuse a folder that cannot take the files, before any work is done."""
    if folder.exists() and not folder.is_dir():
        raise FileReadError(f"'{folder}' is a file, expected a folder", "choose another with --out")
    if (folder / MODEL_FILE).exists() and not force:
        raise FileReadError(
            f"'{folder}' holds a model already",
            "replace it with --force, or choose another folder with --out",
        )
    import os

    parent = next(item for item in (folder, *folder.absolute().parents) if item.exists())
    if not (parent.is_dir() and os.access(parent, os.W_OK | os.X_OK)):
        raise FileReadError(f"the folder '{folder}' cannot be written", "choose another with --out")


def estimator_parameters(options: TrainOptions) -> dict[str, Any]:
    """The estimator's parameters that the options name."""
    return {
        "random_state": options.seed,
        "max_iter": "auto" if options.max_epochs is None else options.max_epochs,
        "time_limit": options.time_limit,
        "n_jobs": options.threads,
        "effort": options.effort,
        **parse_hyperparameters(options),
    }


def parse_hyperparameters(options: TrainOptions) -> dict[str, Any]:
    """The choices of training, as values by the estimator's parameter names."""
    from tidynet.estimators.classifier import MLPClassifier
    from tidynet.estimators.parse_parameters import parse_parameters

    return (
        parse_parameters(options.hyperparameters, MLPClassifier().get_params(deep=False))
        if options.hyperparameters
        else {}
    )
