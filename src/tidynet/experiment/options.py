"""What a run is asked to do, and what is refused before any work is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tidynet.errors import FileFault, InputError

__all__ = [
    "MODEL_FILE",
    "REPORT_FILE",
    "Options",
    "check_folder",
    "check_numbers",
    "choices_of",
    "parameters_of",
]

LARGEST_SEED = 2**32 - 1
MODEL_FILE, REPORT_FILE = "model.tidynet", "report.html"


@dataclass(frozen=True)
class Options:
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
    split_by : str or None
        Column whose values stay on one side each, in training, validation and test; the network does not read it.
    split_time : str or None
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
    choices : tuple of str
        Choices of training as texts NAME=VALUE, by the estimator's parameter names.
    kinds : mapping of column to kind
        Kinds that overrule the judgement.
    reading : mapping of name to value
        How the table is written, as `tidynet.read` takes it.
    parts : "all", "scores" or names of parts
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
    split_by: str | None = None
    split_time: str | None = None
    seed: int = 0
    max_epochs: int | None = None
    time_limit: float | None = None
    threads: int | None = None
    effort: str = "balanced"
    force: bool = False
    ragged: str = "error"
    command: str = ""
    choices: tuple[str, ...] = ()
    kinds: Mapping[str, str] = field(default_factory=dict)
    reading: Mapping[str, Any] = field(default_factory=dict)
    parts: str | tuple[str, ...] = "all"
    folds: int = 0
    repeats: int = 1
    learning_curve: bool = False


def check_numbers(options: Options) -> None:
    """Refuse numbers that no run can be made with."""
    from tidynet.trust.cross_validation import check_folds

    for name, value in (
        ("--max-epochs", options.max_epochs),
        ("--time-limit", options.time_limit),
        ("--threads", options.threads),
    ):
        if value is not None and not value > 0:
            raise InputError(f"{name} is {value}, expected a number above 0")
    if options.split_by is not None and options.split_time is not None:
        raise InputError(
            f"rows cannot be split by '{options.split_by}' and by the time '{options.split_time}' at once",
            "give one of --split-by and --split-time",
        )
    for name, column in (("--split-by", options.split_by), ("--split-time", options.split_time)):
        if column == options.target:
            raise InputError(f"the target '{column}' is also given to {name}", "split by another column")
    if options.split_time is not None and options.repeats > 1:
        raise InputError(
            f"--repeats is {options.repeats}, but rows in time have one order", "leave --repeats away with --split-time"
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
        raise FileFault(f"'{folder}' is a file, expected a folder", "choose another with --out")
    if (folder / MODEL_FILE).exists() and not force:
        raise FileFault(
            f"'{folder}' holds a model already",
            "replace it with --force, or choose another folder with --out",
        )
    import os

    parent = next(one for one in (folder, *folder.absolute().parents) if one.exists())
    if not (parent.is_dir() and os.access(parent, os.W_OK | os.X_OK)):
        raise FileFault(f"the folder '{folder}' cannot be written", "choose another with --out")


def parameters_of(options: Options) -> dict[str, Any]:
    """The estimator's parameters that the options name."""
    return {
        "random_state": options.seed,
        "max_iter": "auto" if options.max_epochs is None else options.max_epochs,
        "time_limit": options.time_limit,
        "threads": options.threads,
        "effort": options.effort,
        **choices_of(options),
    }


def choices_of(options: Options) -> dict[str, Any]:
    """The choices of training, as values by the estimator's parameter names."""
    from tidynet.model.choices import parse_choices
    from tidynet.model.classifier import MLPClassifier

    return parse_choices(options.choices, MLPClassifier().get_params(deep=False)) if options.choices else {}
