"""The whole road: read → split → train → test → write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from tidynet.experiment.events import (
    Compiling,
    Evaluated,
    Event,
    FilesWritten,
    PartBegun,
    RowsSplit,
    SettingsChosen,
    TrainingEnded,
)
from tidynet.experiment.files import keep_record, write_files
from tidynet.experiment.options import Options, check_folder, check_numbers, choices_of, parameters_of
from tidynet.experiment.rows import labels_of, split_of, usable
from tidynet.experiment.testing import read_test_rows, with_more
from tidynet.progress.events import told_events
from tidynet.progress.training import EpochEnded

if TYPE_CHECKING:
    from tidynet.model.estimator import NetworkEstimator
    from tidynet.net import EpochRecord
    from tidynet.prepare import Split
    from tidynet.table import Table
    from tidynet.trust.evaluation import Evaluation

__all__ = ["Experiment", "learn", "run"]

Array = NDArray[Any]


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
    check_numbers(options)
    choices_of(options)
    if options.out is not None:
        check_folder(options.out, options.force)
    whole = _read(source, options)
    folder = options.out or Path(f"{whole.name}-{options.target}".replace("/", "_"))
    with told_events(progress, listen) as tell:
        learnt = _learn(whole, options, tell, folder)
        files = write_files(folder, learnt.table, learnt.model, learnt.evaluation)
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
    check_numbers(options)
    choices_of(options)
    whole = _read(source, options)
    with told_events(progress, listen) as tell:
        return _learn(whole, options, tell)


def _read(source: Any, options: Options) -> Table:
    from tidynet.table import read

    ragged: Literal["error", "skip"] = "skip" if options.ragged == "skip" else "error"
    return read(source, ragged=ragged, kinds=options.kinds, **options.reading)


def _learn(whole: Table, options: Options, tell: Callable[[Event], None], folder: Path | None = None) -> Experiment:
    from tidynet.model.defaults import resolve
    from tidynet.prepare import Apart

    table, task, read_event = usable(whole, options)
    known = np.flatnonzero(whole[options.target].is_not_null().to_numpy())
    apart = Apart.of(whole.take(known), options.split_by, options.split_time)
    if folder is not None:
        check_folder(folder, options.force)
    tell(read_event)
    labels, codes = labels_of(table, options.target, task)
    settings = resolve(parameters_of(options), "tidynet", round(len(labels) * (1 - options.test_size)))
    split = split_of(labels, codes, options, settings, apart)
    tell(
        RowsSplit(
            len(split.training),
            len(split.validation),
            len(split.test),
            split.stratified,
            options.seed,
            split.notes,
            0 if len(split.validation) else settings.folds,
            split.apart.how,
        )
    )
    model = _fit(table, labels, task, split, options, tell)
    tell(TrainingEnded(model.history_, model.interrupted_, tuple(model.histories_)))
    evaluation = read_test_rows(model, table, labels, task, split, options, known, tell)
    evaluation = with_more(evaluation, model, table, options, split.apart, lambda *begun: tell(PartBegun(*begun)))
    tell(Evaluated(evaluation))
    keep_record(model, whole, read_event, split, evaluation, options)
    return Experiment(table, model, evaluation, split)


def _fit(
    table: Table, labels: Array, task: str, split: Split, options: Options, tell: Callable[[Event], None]
) -> NetworkEstimator:
    from tidynet.model.classifier import MLPClassifier
    from tidynet.model.defaults import resolve, told
    from tidynet.model.regressor import MLPRegressor
    from tidynet.net.training import is_compiled

    model: NetworkEstimator = (MLPRegressor if task == "regression" else MLPClassifier)(**parameters_of(options))
    rows = np.sort(np.concatenate([split.training, split.validation]))
    held_out = np.searchsorted(rows, split.validation) if len(split.validation) else None
    groups = None if split.apart.groups is None else split.apart.groups[rows]

    features = table.take(rows).drop(target=options.target)
    settings = resolve(model.get_params(deep=False), "tidynet", len(rows))
    tell(SettingsChosen(told(settings, len(split.training))))

    if not is_compiled():
        tell(Compiling())

    def heard(restart: int, record: EpochRecord) -> None:
        tell(EpochEnded(record, settings.max_iter, restart, settings.restarts))

    return model.fit(features, labels[rows], validation_rows=held_out, groups=groups, listen=heard)
