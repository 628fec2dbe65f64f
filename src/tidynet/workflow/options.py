# ruff: noqa: RUF009 (each default is made by dataclasses.field)
"""The options of a run: each is declared once, for Python, the command, the checks and the pages of the docs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from tidynet.core.errors import FileReadError, InputError

MAX_SEED = 2**32 - 1
MODEL_FILE, REPORT_FILE = "model.tidynet", "report.html"
EFFORTS = ("fast", "balanced", "best")
TASKS = ("auto", "binary", "multiclass", "regression")


@dataclass(frozen=True)
class OptionSpec:
    """How an option is written on the command line, described, read and checked."""

    flag: str
    help: str
    metavar: str = ""
    choices: tuple[str, ...] = ()
    is_valid: Callable[[Any], bool] | None = None
    expected: str = ""
    hint: str = ""
    from_texts: Callable[[Iterable[str]], Any] | None = None  # for an option that may be given several times

    def check(self, value: Any) -> None:
        """Refuse a value that is not valid."""
        if value is not None and self.is_valid is not None and not self.is_valid(value):
            text = f"{value:g}" if isinstance(value, float) else value
            raise InputError(f"{self.flag} is {text}, expected {self.expected}", self.hint)


def _option(flag: str, metavar: str, text: str, *default: Any, **more: Any) -> Any:
    settings = dict(zip(("default_factory" if default == (dict,) else "default",), default, strict=False))
    return field(**settings, metadata={"option": OptionSpec(flag, text, metavar, **more)})


def _positive(flag: str, metavar: str, text: str) -> Any:
    return _option(flag, metavar, text, None, is_valid=lambda value: value > 0, expected="a number above 0")


def _variable_types(texts: Iterable[str]) -> dict[str, str]:
    variable_types = {}
    for text in texts:
        column, _, variable_type = text.rpartition("=")
        if not column:
            raise InputError(
                f"--variable-type is '{text}', expected COLUMN=TYPE", "such as --variable-type rank=ordinal"
            )
        variable_types[column] = variable_type
    return variable_types


def _sections(texts: Iterable[str]) -> str | tuple[str, ...]:
    from tidynet.evaluation.sections import select_sections

    names = list(texts)
    return "all" if not names or "all" in names else select_sections(names)


_SEVERAL = "; may be given several times."


@dataclass(frozen=True)
class TrainOptions:
    """What `run` is asked to do."""

    target: str = _option("--target", "COLUMN", "The column to predict.")
    out: Path | None = _option("--out", "FOLDER", "Folder of the files.  [default: <table>-<target>]", None)
    task: str = _option("--task", "", "Task; auto infers it from the target.", "auto", choices=TASKS)
    drop: tuple[str, ...] = _option("--drop", "COLUMN", f"A column to exclude{_SEVERAL}", (), from_texts=tuple)
    test_size: float = _option(
        "--test-size", "FRACTION", "Fraction of the rows in the test set.", 0.2,
        is_valid=lambda value: 0 < value < 1, expected="a fraction between 0 and 1", hint="try 0.2",
    )  # fmt: skip
    group_column: str | None = _option(
        "--group-column", "COLUMN", "Grouped split: all rows with one value, such as one patient's, stand in one part, "
        "in --folds too. The network does not read this column.", None,
    )  # fmt: skip
    time_column: str | None = _option(
        "--time-column", "COLUMN", "Split by time: the last rows by this column are the test set, those before them "
        "the validation set; --folds train on earlier rows alone.", None,
    )  # fmt: skip
    seed: int = _option(
        "--seed", "N", "Seed of the split and of the initial weights.", 0,
        is_valid=lambda value: 0 <= value <= MAX_SEED, expected=f"a whole number from 0 to {MAX_SEED}",
    )  # fmt: skip
    effort: str = _option(
        "--effort", "", "More effort trains more and wider networks, for longer.", "balanced", choices=EFFORTS
    )
    max_epochs: int | None = _positive("--max-epochs", "N", "Maximum number of epochs.")
    time_limit: float | None = _positive("--time-limit", "SECONDS", "Maximum training time.")
    threads: int | None = _positive("--threads", "N", "Maximum number of processor cores.")
    hyperparameters: tuple[str, ...] = _option(
        "--set", "NAME=VALUE", "A parameter of the estimator by its name in Python, such as hidden_layer_sizes=64,32, "
        f"activation=tanh, solver=sgd, dropout=0.2, loss=huber or n_networks=1{_SEVERAL}", (), from_texts=tuple,
    )  # fmt: skip
    variable_types: Mapping[str, str] = _option(
        "--variable-type", "COLUMN=TYPE", f"The variable type of a column, such as rank=ordinal{_SEVERAL}", dict,
        from_texts=_variable_types,
    )  # fmt: skip
    sections: str | tuple[str, ...] = _option(
        "--section", "NAME", "A section of the evaluation beside the scores, such as uncertainty; may be given several "
        "times; scores for none.  [default: all]", "all", from_texts=_sections,
    )  # fmt: skip
    folds: int = _option("--folds", "N", "Folds of a cross-validation with the same settings; 0 for none.", 0)
    repeats: int = _option("--repeats", "N", "Repeats of the cross-validation, each with other folds.", 1)
    learning_curve: bool = _option(
        "--learning-curve", "", "Train on a sixteenth of the rows up to all of them, and compare the scores.", False
    )
    force: bool = _option("--force", "", "Replace the model in the folder.", False)
    reading: Mapping[str, Any] = field(default_factory=dict)
    command: str = ""


def option_specs() -> dict[str, OptionSpec]:
    """The options that the command offers, by the names of their fields."""
    return {item.name: item.metadata["option"] for item in fields(TrainOptions) if "option" in item.metadata}


TrainOptions.__doc__ = "\n    ".join(
    [
        "What `run` is asked to do; each is an option of ``tidynet train``.\n",
        "Parameters\n    ----------",
        *(f"{name}\n        {spec.help}" for name, spec in option_specs().items()),
        "reading : mapping of str to value\n        How to read the table, as `tidynet.read` takes it.",
        "command : str\n        The command line, for the report.",
    ]
)


def check_options(options: TrainOptions) -> None:
    """Refuse values that no run can be made with."""
    from tidynet.evaluation.cross_validation import check_folds

    specs = option_specs()
    for name, spec in specs.items():
        spec.check(getattr(options, name))
    group, time = options.group_column, options.time_column
    if group is not None and time is not None:
        raise InputError("--group-column and --time-column are both given, expected one of them", "remove one")
    for name in ("group_column", "time_column"):
        if getattr(options, name) == options.target:
            raise InputError(f"{specs[name].flag} is the target '{options.target}', expected another column")
    if time is not None and options.repeats > 1:
        raise InputError(f"--repeats is {options.repeats}, but rows in time have one order", "remove --repeats")
    if options.folds or options.repeats != 1:
        check_folds(options.folds, options.repeats)
    parse_hyperparameters(options)
    if options.out is not None:
        check_output_folder(options.out, options.force)


def check_output_folder(folder: Path, force: bool) -> None:
    """Refuse a folder that cannot take the files, before any work is done."""
    if folder.exists() and not folder.is_dir():
        raise FileReadError(f"'{folder}' is a file, expected a folder", "choose another with --out")
    if (folder / MODEL_FILE).exists() and not force:
        raise FileReadError(
            f"'{folder}' holds a model already", "replace it with --force, or choose another folder with --out"
        )
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
    """The values of --set by the estimator's parameter names."""
    if not options.hyperparameters:
        return {}
    from tidynet.estimators.classifier import MLPClassifier
    from tidynet.estimators.parse_parameters import parse_parameters

    return parse_parameters(options.hyperparameters, MLPClassifier().get_params(deep=False))
