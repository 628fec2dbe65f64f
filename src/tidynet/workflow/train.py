"""The whole way: read → split → train → test → write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tidynet.core.progress import progress_function
from tidynet.core.text import pluralize
from tidynet.estimators.training_progress import EpochEnded
from tidynet.workflow.evaluate import predict_test_rows, with_extra_sections
from tidynet.workflow.events import (
    CompilationStarted,
    DataSplit,
    EvaluationFinished,
    Event,
    FilesWritten,
    RunProgress,
    SectionStarted,
    SettingsResolved,
    TrainingFinished,
)
from tidynet.workflow.labeled_rows import make_split, select_rows_with_target, target_labels
from tidynet.workflow.options import TrainOptions, check_options, check_output_folder, estimator_parameters
from tidynet.workflow.output_files import store_run_record, write_files

if TYPE_CHECKING:
    from tidynet.engine import EpochRecord
    from tidynet.estimators.estimator import NetworkEstimator
    from tidynet.evaluation.result import Evaluation
    from tidynet.preprocessing import Split
    from tidynet.table import Table

Array = NDArray[Any]


@dataclass(frozen=True, repr=False, eq=False)
class Experiment:
    """The result of a run: the table, the model, its evaluation, the rows of each part, the files."""

    table: Table
    model: NetworkEstimator
    evaluation: Evaluation
    split: Split
    files: tuple[tuple[Path, int], ...] = field(default=())

    def __repr__(self) -> str:
        text = [self.evaluation.verdict, self._rows_text(), *(str(path) for path, _ in self.files)]
        heading = f"Experiment: {self.evaluation.target} in '{self.table.name}' by {type(self.model).__name__}"
        return "\n".join([heading, *(f"  {line}" for line in text)])

    def _repr_html_(self) -> str:
        from html import escape

        files = "".join(f"<li><code>{escape(str(path))}</code></li>" for path, _ in self.files)
        return (
            f"<div><p>{escape(self.table.name)}: {self._rows_text()}</p>{self.model._repr_html_()}"
            f"{self.evaluation._repr_html_()}" + (f"<ul>{files}</ul>" if files else "") + "</div>"
        )

    def _rows_text(self) -> str:
        trained = len(self.split.training) + len(self.split.validation)
        return f"{pluralize(trained, 'training row')}, {pluralize(len(self.split.test), 'test row')}"


def run(
    source: Any, options: TrainOptions, on_event: Callable[[Event], None] | None = None, *, progress: bool | None = None
) -> Experiment:
    """Read a table, train a network, test it, and write model and report."""
    check_options(options)
    full_table = _read(source, options)
    folder = options.out or Path(f"{full_table.name}-{options.target}".replace("/", "_"))
    with progress_function(progress, on_event, RunProgress) as report:
        trained = _fit_and_evaluate(full_table, options, report, folder)
        files = write_files(folder, trained.table, trained.model, trained.evaluation)
        report(FilesWritten(files))
    return replace(trained, files=files)


def fit_and_evaluate(
    source: Any, options: TrainOptions, on_event: Callable[[Event], None] | None = None, *, progress: bool | None = None
) -> Experiment:
    """Read a table, train a network and test it, as `run` does, but write no file."""
    check_options(replace(options, out=None))  # no file is written
    full_table = _read(source, options)
    with progress_function(progress, on_event, RunProgress) as report:
        return _fit_and_evaluate(full_table, options, report)


def _read(source: Any, options: TrainOptions) -> Table:
    """The table, read while kernels that are not on disk are compiled."""
    from tidynet.estimators.kernel_preparation import start_compilation
    from tidynet.table import read

    start_compilation()
    return read(source, variable_types=options.variable_types, **options.reading)


def _fit_and_evaluate(
    full_table: Table, options: TrainOptions, on_event: Callable[[Event], None], folder: Path | None = None
) -> Experiment:
    from tidynet.estimators.training_settings import resolve_settings
    from tidynet.preprocessing import SplitSpec

    table, task, read_event = select_rows_with_target(full_table, options)
    labeled_rows = np.flatnonzero(full_table[options.target].is_not_null().to_numpy())
    split_spec = SplitSpec.from_columns(full_table.take(labeled_rows), options.group_column, options.time_column)
    if folder is not None:
        check_output_folder(folder, options.force)
    on_event(read_event)
    labels, codes = target_labels(table, options.target, task)
    settings = resolve_settings(estimator_parameters(options), "tidynet", round(len(labels) * (1 - options.test_size)))
    split = make_split(labels, codes, options, settings, split_spec)
    sizes = (len(split.training), len(split.validation), len(split.test))
    folds, method = 0 if len(split.validation) else settings.validation_folds, split.split_spec.description
    on_event(DataSplit(*sizes, split.stratified, options.seed, split.notes, folds, method))
    model = _fit(table, labels, task, split, options, on_event)
    on_event(TrainingFinished(model.history_, model.interrupted_, tuple(model.histories_)))
    evaluation = predict_test_rows(model, table, labels, task, split, options, labeled_rows, on_event)
    evaluation = with_extra_sections(
        evaluation, model, table, options, split.split_spec, lambda *section: on_event(SectionStarted(*section))
    )
    on_event(EvaluationFinished(evaluation))
    store_run_record(model, full_table, read_event, split, evaluation, options)
    return Experiment(table, model, evaluation, split)


def _fit(
    table: Table, labels: Array, task: str, split: Split, options: TrainOptions, on_event: Callable[[Event], None]
) -> NetworkEstimator:
    from tidynet.engine.train_network import is_compiled
    from tidynet.estimators.classifier import MLPClassifier
    from tidynet.estimators.regressor import MLPRegressor
    from tidynet.estimators.training_settings import describe_settings, resolve_settings

    model: NetworkEstimator = (MLPRegressor if task == "regression" else MLPClassifier)(**estimator_parameters(options))
    rows = np.sort(np.concatenate([split.training, split.validation]))
    validation_rows = np.searchsorted(rows, split.validation) if len(split.validation) else None
    groups = None if split.split_spec.groups is None else split.split_spec.groups[rows]

    features = table.take(rows).drop(target=options.target)
    settings = resolve_settings(model.get_params(deep=False), "tidynet", len(rows))
    on_event(SettingsResolved(describe_settings(settings, len(split.training)), settings.hidden_layer_sizes))

    if not is_compiled():
        on_event(CompilationStarted())

    def dispatch_event(restart: int, record: EpochRecord) -> None:
        on_event(EpochEnded(record, settings.max_iter, restart, settings.n_networks))

    return model.fit(features, labels[rows], validation_rows=validation_rows, groups=groups, on_event=dispatch_event)
