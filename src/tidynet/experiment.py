"""The whole road as one function: read → split → train → test → write; events out.

The command prints the events and the studio draws them; neither knows how the work is done.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from tidynet.errors import FileFault, InputError
from tidynet.progress.events import told_events, told_parts
from tidynet.progress.training import EpochEnded

if TYPE_CHECKING:
    from tidynet.look.profile import Profile
    from tidynet.model.defaults import Settings
    from tidynet.model.estimator import NetworkEstimator
    from tidynet.net import EpochRecord, History
    from tidynet.prepare import Split
    from tidynet.table import Table
    from tidynet.trust.evaluation import Evaluation
    from tidynet.trust.section import Section
    from tidynet.trust.sections import Case, Heard

__all__ = [
    "Compiling",
    "EpochEnded",
    "Evaluated",
    "Experiment",
    "FilesWritten",
    "Options",
    "PartBegun",
    "RowsSplit",
    "SettingsChosen",
    "TableRead",
    "TrainingEnded",
    "examine",
    "held_out",
    "learn",
    "package_versions",
    "run",
]

FEWEST_ROWS = 20
FEWEST_TRAINING_ROWS = 10
LARGEST_SEED = 2**32 - 1
# A target of at most so many different numbers may be classes that are written as numbers.
MOST_NUMBERS_LIKE_CLASSES = 10
MOST_LOOKED_AT, ROWS_LOOKED_AT = 200, 10_000  # columns and rows: more would take longer than a fast training
VALIDATION_SIZE = 1 / 6
MOST_ROWS_TRAINED_AGAIN = 1_000
MODEL_FILE, REPORT_FILE = "model.tidynet", "report.html"
Array = NDArray[Any]


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


@dataclass(frozen=True, repr=False, eq=False)
class Experiment:
    """Everything that a run made: the table, the model, its evaluation, the rows of each part, the files."""

    table: Table
    model: NetworkEstimator
    evaluation: Evaluation
    split: Split
    files: tuple[tuple[Path, int], ...] = field(default=())

    def __repr__(self) -> str:
        told = [self.evaluation.sentence, self._rows(), *(str(path) for path, _ in self.files)]
        heading = f"Experiment: {self.evaluation.target} in '{self.table.name}' by {type(self.model).__name__}"
        return "\n".join([heading, *(f"  {line}" for line in told)])

    def _repr_html_(self) -> str:
        from html import escape

        files = "".join(f"<li><code>{escape(str(path))}</code></li>" for path, _ in self.files)
        return (
            f"<div><p>{escape(self.table.name)}: {self._rows()}</p>{self.model._repr_html_()}"
            f"{self.evaluation._repr_html_()}" + (f"<ul>{files}</ul>" if files else "") + "</div>"
        )

    def _rows(self) -> str:
        learnt = len(self.split.training) + len(self.split.validation)
        return f"{learnt:,} rows to learn from, {len(self.split.test):,} to test on"


def run(
    source: Any, options: Options, listen: Callable[[Event], None] | None = None, *, progress: bool | None = None
) -> Experiment:
    """Read a table, train a network, test it once, write the model and the report.

    Parameters
    ----------
    source : path, name of a shipped table, "-" or any data frame
        The table.
    options : Options
    listen : callable, optional
        Called with each event as it happens.
    progress : bool, optional
        Whether one line tells how far it is; by default in notebooks alone, and never where somebody listens.

    Returns
    -------
    Experiment

    Raises
    ------
    InputError, FileFault
        On any mistake of the user's, before anything is written.
    """
    _check_numbers(options)
    _choices(options)
    if options.out is not None:
        _check_folder(options.out, options.force)
    whole = _read(source, options)
    folder = options.out or Path(f"{whole.name}-{options.target}".replace("/", "_"))
    with told_events(progress, listen) as tell:
        learnt = _learn(whole, options, tell, folder)
        files = _write(folder, learnt.table, learnt.model, learnt.evaluation)
        tell(FilesWritten(files))
    return replace(learnt, files=files)


def learn(
    source: Any, options: Options, listen: Callable[[Event], None] | None = None, *, progress: bool | None = None
) -> Experiment:
    """Read a table, train a network and test it once, as `run` does, and write nothing.

    Parameters
    ----------
    source, options, listen, progress
        As `run` takes them; the folder is not looked at.

    Returns
    -------
    Experiment
        Without files.

    Raises
    ------
    InputError, FileFault
        On any mistake of the user's.
    """
    _check_numbers(options)
    _choices(options)
    whole = _read(source, options)
    with told_events(progress, listen) as tell:
        return _learn(whole, options, tell)


def held_out(model: NetworkEstimator, table: Any) -> Table:
    """The test rows of the table that a model was trained from: those that `run` kept out of training.

    Parameters
    ----------
    model : MLPClassifier or MLPRegressor
        That `run` or `learn` made, or loaded from its file.
    table : Table, path, name of a shipped table or data frame
        The same table, its rows in the same order.

    Returns
    -------
    Table

    Raises
    ------
    InputError
        If the model does not know its split, or the table has another number of rows.
    """
    return _parted(model, table).test


def examine(
    model: NetworkEstimator,
    table: Any,
    *,
    parts: str | tuple[str, ...] = "all",
    folds: int = 0,
    repeats: int = 1,
    learning_curve: bool = False,
    listen: Heard | None = None,
    progress: bool | None = None,
) -> Evaluation:
    """Test a model once more on the rows that its training kept out: what its report says, found again.

    Parameters
    ----------
    model : MLPClassifier or MLPRegressor
        That `run` or `learn` made, or loaded from its file.
    table : Table, path, name of a shipped table or data frame
        The same table, its rows in the same order.
    parts, folds, repeats, learning_curve
        As in `Options`.
    listen : callable, optional
        Called with (title, number from 0, count) as each part begins.
    progress : bool, optional
        Whether one line tells how far it is; by default in notebooks alone, and never where somebody listens.

    Returns
    -------
    Evaluation

    Raises
    ------
    InputError
        If the model does not know its split, or the table has another number of rows.
    """
    from tidynet.trust.sections import Case
    from tidynet.trust.table_evaluation import evaluate

    parted = _parted(model, table)
    scored = evaluate(model, parted.test, parts="scores", progress=False)
    unseen = parted.test.drop(target=scored.target).frame
    outputs = model.point(unseen) if parted.codes is None else model.predict_proba(unseen)
    seed = model.record_["made"]["seed"]
    tested = Case(
        model=model,
        features=unseen,
        truth=parted.labels[parted.tested],
        target=scored.target,
        outputs=np.asarray(outputs),
        rows=parted.numbers[parted.tested],
        seed=seed,
        table=parted.kept,
        learnt=np.setdiff1d(np.arange(len(parted.labels)), parted.tested),
        tested=parted.tested,
    )
    more = Options(target=scored.target, seed=seed, folds=folds, repeats=repeats, learning_curve=learning_curve)
    with told_parts(progress, listen) as tell:
        sections = _sections(tested, parts, model.record_["made"]["rows"]["training"], tell)
        return _more(replace(scored, sections=sections), model, parted.kept, more, tell)


@dataclass(frozen=True)
class _Parted:
    """The rows with a target of a model's table, and which of them were kept out of its training."""

    kept: Table
    labels: Array
    codes: Array | None
    numbers: Array
    tested: Array

    @property
    def test(self) -> Table:
        return self.kept.take(self.tested)


def _parted(model: NetworkEstimator, table: Any) -> _Parted:
    from tidynet.prepare import split_rows
    from tidynet.table import read

    made = model.record_.get("made")
    if made is None:
        raise InputError("the model does not know its test rows", "train one with tidynet train")
    target, task, parts = model.record_["target"], model.record_["task"], made["rows"]
    # The kinds of the training overrule those of the reading, and columns that it left out stay out.
    kinds = model.recipe_.kinds
    whole = read(table)
    whole = read(whole, kinds={name: kinds[name] for name in whole.columns if name in kinds})
    numbers = np.flatnonzero(whole[target].is_not_null().to_numpy())
    unknown = [name for name in whole.columns if name != target and name not in kinds]
    kept = replace(whole.drop(*unknown) if unknown else whole, notes=()).take(numbers)
    rows = parts["training"] + parts["validation"] + parts["test"]
    if kept.height != rows:
        raise InputError(
            f"the table has {kept.height:,} rows with a target, and the model was made from {rows:,}",
            "give the table that it was trained from",
        )
    labels, codes = _labels(kept, target, task)
    # Models of earlier versions did not keep the share; their counts give it back.
    share = made.get("test_size", parts["test"] / rows)
    return _Parted(kept, labels, codes, numbers, split_rows(len(labels), share, 0.0, made["seed"], codes).test)


def _read(source: Any, options: Options) -> Table:
    from tidynet.table import read

    ragged: Literal["error", "skip"] = "skip" if options.ragged == "skip" else "error"
    return read(source, ragged=ragged, kinds=options.kinds, **options.reading)


def _learn(whole: Table, options: Options, tell: Callable[[Event], None], folder: Path | None = None) -> Experiment:
    from tidynet.model.defaults import resolve

    table, task, read_event = _usable(whole, options)
    if folder is not None:
        _check_folder(folder, options.force)
    tell(read_event)
    labels, codes = _labels(table, options.target, task)
    settings = resolve(_given(options), "tidynet", round(len(labels) * (1 - options.test_size)))
    split = _split(labels, codes, options, settings)
    tell(
        RowsSplit(
            len(split.training),
            len(split.validation),
            len(split.test),
            split.stratified,
            options.seed,
            split.notes,
            settings.folds,
        )
    )
    model = _fit(table, labels, task, split, options, tell)
    tell(TrainingEnded(model.history_, model.interrupted_, tuple(model.histories_)))
    numbers = np.flatnonzero(whole[options.target].is_not_null().to_numpy())
    evaluation = _test(model, table, labels, task, split, options, numbers, tell)
    evaluation = _more(evaluation, model, table, options, lambda *begun: tell(PartBegun(*begun)))
    tell(Evaluated(evaluation))
    _record(model, whole, read_event, split, evaluation, options)
    return Experiment(table, model, evaluation, split)


def _check_numbers(options: Options) -> None:
    from tidynet.trust.cross_validation import check_folds

    for name, value in (
        ("--max-epochs", options.max_epochs),
        ("--time-limit", options.time_limit),
        ("--threads", options.threads),
    ):
        if value is not None and not value > 0:
            raise InputError(f"{name} is {value}, expected a number above 0")
    if options.folds:
        check_folds(options.folds, options.repeats)
    if not 0 < options.test_size < 1:
        raise InputError(f"--test-size is {options.test_size:g}, expected a share between 0 and 1", "try 0.2")
    if not 0 <= options.seed <= LARGEST_SEED:
        raise InputError(f"--seed is {options.seed}, expected a whole number from 0 to {LARGEST_SEED}")


def _check_folder(folder: Path, force: bool) -> None:
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


def _usable(whole: Table, options: Options) -> tuple[Table, str, TableRead]:
    """The rows that have a target, without dropped columns; the task; what to say of it."""
    from tidynet.prepare import judge_task, set_aside_reasons

    if options.target in options.drop:
        raise InputError(f"the target '{options.target}' is also given to --drop", "leave one of them away")
    table = whole.drop(*options.drop) if options.drop else whole
    target = table[options.target]
    task = judge_task(target, table.judgements[options.target], options.task)
    known = target.is_not_null().to_numpy()
    dropped = int((~known).sum())
    kept = replace(table.take(np.flatnonzero(known)), notes=())
    if kept.height < FEWEST_ROWS:
        without = f" after {dropped} without a target were dropped" if dropped else ""
        raise InputError(
            f"the table has {kept.height} usable rows{without}, expected at least {FEWEST_ROWS}",
            "give more rows",
        )
    features = [name for name in kept.columns if name != options.target]
    if not features:
        without = " once the columns given to --drop are left out" if options.drop else ""
        raise InputError(
            f"the table has no column besides the target '{options.target}'{without}",
            "give a table with at least one column to learn from",
        )
    aside = set_aside_reasons(kept.judgements, features)
    notes = (*whole.notes, *_other_task(kept, options, task))
    return kept, task, TableRead(kept, options.target, task, aside, dropped, notes)


def _other_task(table: Table, options: Options, task: str) -> tuple[str, ...]:
    """Say how to get classes, where numbers are so few that classes may be meant."""
    distinct = table[options.target].n_unique()
    if options.task != "auto" or task != "regression" or distinct > MOST_NUMBERS_LIKE_CLASSES:
        return ()
    classes = "binary" if distinct == 2 else "multiclass"
    return (
        f"the target '{options.target}' has only {distinct} different numbers; "
        f"if they are names of classes, say --task {classes}",
    )


def _labels(table: Table, target: str, task: str) -> tuple[Array, Array | None]:
    from tidynet.prepare import ClassCoder, target_values
    from tidynet.table import refuse_infinities

    refuse_infinities(table.frame)
    values = target_values(table[target], task)
    return values, None if task == "regression" else ClassCoder.fit(values).encode(values)


def _split(labels: Array, codes: Array | None, options: Options, settings: Settings) -> Split:
    from tidynet.prepare import split_rows

    # Each network watches a fold of its own, or all one part.
    validation = VALIDATION_SIZE if settings.early_stopping and not settings.folds else 0.0
    names = () if codes is None else tuple(str(label) for label in np.unique(labels))
    split = split_rows(len(labels), options.test_size, validation, options.seed, codes, names)
    if len(split.training) < FEWEST_TRAINING_ROWS:
        raise InputError(
            f"--test-size {options.test_size:g} leaves {len(split.training)} of {len(labels)} rows for training, "
            f"expected at least {FEWEST_TRAINING_ROWS}",
            "give a smaller share",
        )
    return split


def _given(options: Options) -> dict[str, Any]:
    """The estimator's parameters that the options name."""
    return {
        "random_state": options.seed,
        "max_iter": "auto" if options.max_epochs is None else options.max_epochs,
        "time_limit": options.time_limit,
        "threads": options.threads,
        "effort": options.effort,
        **_choices(options),
    }


def _choices(options: Options) -> dict[str, Any]:
    from tidynet.model.choices import parse_choices
    from tidynet.model.classifier import MLPClassifier

    return parse_choices(options.choices, MLPClassifier().get_params(deep=False)) if options.choices else {}


def _fit(
    table: Table, labels: Array, task: str, split: Split, options: Options, tell: Callable[[Event], None]
) -> NetworkEstimator:
    from tidynet.model.classifier import MLPClassifier
    from tidynet.model.defaults import resolve, told
    from tidynet.model.regressor import MLPRegressor
    from tidynet.net.training import is_compiled

    model: NetworkEstimator = (MLPRegressor if task == "regression" else MLPClassifier)(**_given(options))
    rows = np.sort(np.concatenate([split.training, split.validation]))
    held_out = np.searchsorted(rows, split.validation) if len(split.validation) else None

    features = table.take(rows).drop(target=options.target)
    settings = resolve(model.get_params(deep=False), "tidynet", len(rows))
    tell(SettingsChosen(told(settings, len(rows))))

    if not is_compiled():
        tell(Compiling())

    def heard(restart: int, record: EpochRecord) -> None:
        tell(EpochEnded(record, settings.max_iter, restart, settings.restarts))

    return model.fit(features, labels[rows], validation_rows=held_out, listen=heard)


def _test(
    model: NetworkEstimator,
    table: Table,
    labels: Array,
    task: str,
    split: Split,
    options: Options,
    numbers: Array,
    tell: Callable[[Event], None],
) -> Evaluation:
    """Read the test rows: the only time that they are used. `numbers` are the rows' in the table as it was read."""
    from tidynet.trust.evaluation import evaluate_predictions
    from tidynet.trust.predictions import predicted_quantiles
    from tidynet.trust.rivals import fit_rivals, predictions_of, store
    from tidynet.trust.sections import Case

    classes = getattr(model, "classes_", None)
    plain = table.drop(target=options.target).frame
    seen = np.sort(np.concatenate([split.training, split.validation]))
    rivals = fit_rivals(task, model.recipe_.transform(plain[seen]), labels[seen], classes, options.seed)
    beside = predictions_of(rivals, model.recipe_.transform(plain[split.test]), task, classes)
    model.record_["baselines"], arrays = store(rivals)
    model.arrays_ |= arrays
    unseen = plain[split.test]
    own = (
        model.point(unseen) if classes is None else model.predict(unseen),
        None if classes is None else model.predict_proba(unseen),
    )
    found = evaluate_predictions(
        task,
        options.target,
        classes,
        labels[split.test],
        own,
        beside,
        options.seed,
        predicted_quantiles(model, unseen),
    )
    tested = Case(
        model=model,
        features=unseen,
        truth=labels[split.test],
        target=options.target,
        outputs=np.asarray(own[0] if own[1] is None else own[1]),
        rows=numbers[split.test],
        seed=options.seed,
        table=table,
        learnt=seen,
        tested=split.test,
    )
    sections = _sections(tested, options.parts, len(split.training), lambda *begun: tell(PartBegun(*begun)))
    return replace(found, sections=sections)


def _sections(
    tested: Case, parts: str | tuple[str, ...], training_rows: int, listen: Heard | None
) -> tuple[Section, ...]:
    from tidynet.trust.section import Section
    from tidynet.trust.sections import PARTS, chosen_parts, read_sections

    # Where training set no rows aside, doubt costs several trainings more: worth it for few rows alone.
    dear = not (tested.model._has_scores() or training_rows <= MOST_ROWS_TRAINED_AGAIN)
    asked = chosen_parts(parts)
    sections = read_sections(tested, [name for name in asked if not (dear and name == "doubt")], listen)
    if not (dear and "doubt" in asked):
        return sections
    why = (
        "Not measured: this training set no rows aside, and five more to measure it by would take long "
        f"on {training_rows:,} rows. Train with early stopping, which sets rows aside, to have it."
    )
    place = asked.index("doubt")
    return (*sections[:place], Section("doubt", PARTS["doubt"][0], (why,)), *sections[place:])


def _more(
    evaluation: Evaluation, model: NetworkEstimator, table: Table, options: Options, listen: Heard | None
) -> Evaluation:
    """With what was asked for beside: networks learnt anew on other rows, of which none is kept."""
    from tidynet.trust.more import more_sections

    found = more_sections(
        model,
        table,
        options.target,
        folds=options.folds,
        repeats=options.repeats,
        curve=options.learning_curve,
        seed=options.seed,
        listen=listen,
    )
    return replace(evaluation, sections=(*evaluation.sections, *found))


def package_versions() -> dict[str, str]:
    """Versions of Python, tidynet and the packages that a model's numbers depend on.

    Examples
    --------
    >>> sorted(package_versions())[:2]
    ['numba', 'numpy']
    """
    import platform
    from importlib.metadata import version

    names = ("tidynet", "numpy", "scipy", "numba", "polars", "scikit-learn", "safetensors")
    return {"python": platform.python_version()} | {name: version(name) for name in names}


def _record(
    model: NetworkEstimator,
    whole: Table,
    read: TableRead,
    split: Split,
    evaluation: Evaluation,
    options: Options,
) -> None:
    """The facts that travel in the model file."""
    from tidynet.model.environment import current_environment

    model.record_ |= {
        "target": options.target,
        "task": read.task,
        "table": {"name": whole.name, "source": whole.source, "rows": whole.height},
        "evaluation": evaluation.to_dict(),
        "made": {
            "version": package_versions()["tidynet"],
            "command": options.command,
            "seed": options.seed,
            "test_size": options.test_size,
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
            "seconds": max(history.epochs[-1].seconds for history in model.histories_ if history.epochs),
            "rows": {
                "training": len(split.training),
                "validation": len(split.validation),
                "test": len(split.test),
                **({"without a target": read.dropped_rows} if read.dropped_rows else {}),
            },
            "notes": [*read.notes, *split.notes, *model.history_.notes],
            "packages": package_versions(),
            "environment": current_environment(),
            "settings": _settings_told(model),
        },
    }


def _settings_told(model: NetworkEstimator) -> dict[str, str]:
    settings = model.settings_
    layers = "-".join(str(units) for units in settings.hidden_layer_sizes) or "none"
    return {
        "hidden layers": f"{layers} ({settings.activation})",
        "restarts averaged": str(settings.restarts),
        "optimizer": f"{settings.solver}, learning rate {settings.learning_rate_init:g} ({settings.learning_rate})",
        "batch size": str(settings.batch_size),
        "dropout": ", ".join(f"{share:g}" for share in settings.dropout),
        "bins of a number": str(settings.bins),
    }


def _looked_at(table: Table, target: str) -> Profile | None:
    """What is to be seen of the table, for the report; of a table too wide to look at in passing, nothing."""
    from tidynet.look.look import look_at

    if len(table.columns) > MOST_LOOKED_AT:
        return None
    return look_at(table, target=target, sample=min(ROWS_LOOKED_AT, table.height))


def _write(folder: Path, table: Table, model: NetworkEstimator, evaluation: Evaluation) -> tuple[tuple[Path, int], ...]:
    from tidynet.model.atomic import replacing
    from tidynet.share.report import write_report

    made = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileFault(
            f"the folder '{folder}' cannot be made ({(error.strerror or str(error)).lower()})",
            "choose another with --out",
        ) from error
    report, path = folder / REPORT_FILE, folder / MODEL_FILE
    try:
        with replacing(report) as temporary:
            facts = {"table": table, "model": model, "evaluation": evaluation, "made": model.record_["made"]}
            size = write_report(temporary, **facts, profile=_looked_at(table, evaluation.target))
            # Inside, so that no report takes its place when the disk has no room for the model.
            written = model.save(path)
    except Exception:
        if made and not any(folder.iterdir()):
            folder.rmdir()
        raise
    return (path, written), (report, size)
