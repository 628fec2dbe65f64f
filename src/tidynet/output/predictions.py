"""Predictions of a whole table, written in chunks: memory does not grow with the table."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from tidynet.core.atomic_write import atomic_write
from tidynet.core.errors import InputError, suppress_column_warnings
from tidynet.core.temporary_folder import temporary_folder
from tidynet.core.text import format_number, format_percent, pluralize
from tidynet.estimators.fitted_model import (
    FittedClassifier,
    FittedModel,
    FittedRegressor,
    is_classifier,
    is_regressor,
    training_formats,
)
from tidynet.evaluation.abstention import SEVERAL, Abstention, compute_abstention, is_novel, row_scores
from tidynet.preprocessing.column_changes import ColumnChange, merge_column_changes
from tidynet.table.read import chunks
from tidynet.table.read_options import ReadOptions

LABEL_SEPARATOR = " | "  # in a prediction set; a comma would need quotes in CSV
DEFAULT_COVERAGE = 0.9


@dataclass
class PredictionOptions:
    """Which columns to add to the predictions, and what the predicted rows had in common.

    `coverage` adds `prediction_set`, or `interval_lower` and `interval_upper`; `novelty` adds `novelty` and
    `novelty_reasons`. `abstain` leaves predictions blank: of classes whose set holds several labels, of numbers whose
    interval is wider than `max_interval_width`, and of rows with a novelty of 0.99 or more. The last four fields are
    filled while rows are predicted.
    """

    coverage: float | None = None
    per_class: bool = False
    abstain: bool = False
    max_interval_width: float | None = None
    novelty: bool = False
    abstention: Abstention | None = None
    test_abstention: Abstention | None = None  # of the test rows of the training
    column_changes: dict[str, ColumnChange] = field(default_factory=dict)
    reading_notes: list[str] = field(default_factory=list)

    @property
    def notes(self) -> list[str]:
        """How the file was read where that is not plain, and a sentence for each column that differs from training."""
        return [*self.reading_notes, *(text for item in self.column_changes.values() if (text := item.sentence()))]

    def sentence(self) -> str:
        """On how many rows the model abstained, why, and the score of the other rows."""
        result = self.abstention
        if result is None or not result.rows:
            return "No row to predict"
        rows = f"{result.is_abstained:,} of {pluralize(result.rows, 'row')}"
        unchecked = "" if result.compared else "; novelty not checked, as the model has no stored training rows"
        if not result.is_abstained:
            return f"Abstained on {rows}{unchecked}"
        text = (
            f"Abstained on {rows} ({format_percent(result.is_abstained / result.rows)}; {result.reasons()}){unchecked}"
        )
        if result.labeled:
            known = f"of {result.labeled:,} labeled rows, " if result.labeled < result.rows else ""
            return f"{text}; {known}{result.improvement()}"
        test = self.test_abstention
        if test is None or not test.is_abstained or not test.kept:
            return text
        return f"{text}; on the {pluralize(test.labeled, 'test row')} of the training {test.improvement()}"

    def check(self, model: FittedModel) -> None:
        """Raise for an option that would have no effect."""
        if self.max_interval_width is not None and is_classifier(model):
            raise InputError(
                f"--max-interval-width is {self.max_interval_width:g}, but the model predicts classes", "remove it"
            )
        if self.max_interval_width is not None and not self.abstain:
            raise InputError(
                f"--max-interval-width is {self.max_interval_width:g}, but --abstain is missing", "add --abstain"
            )
        if self.per_class and is_regressor(model):
            raise InputError("--per-class is given, but the model predicts numbers", "remove it")
        if self.per_class and self.coverage is None and not self.abstain:
            raise InputError("--per-class is given, but --coverage is missing", "add --coverage 0.9")


def write_predictions(
    model: FittedModel,
    source: Any,
    out: str | os.PathLike[str] | None = None,
    *,
    stream: BinaryIO | None = None,
    on_bad_lines: Literal["error", "skip"] = "error",
    options: PredictionOptions | None = None,
    **read_options: Any,
) -> int:
    """Predict every row of a table: key columns, `prediction` and `probability_<class>`; returns the row count.

    A model of several numbers writes `prediction_1`, `prediction_2` and so on; a quantile model `quantile_<level>`.
    Key columns are the identifiers of the training table, copied unchanged; without any, `row` counts from 1.
    """
    requested = options or PredictionOptions()
    requested.check(model)
    reading = ReadOptions(on_bad_lines=on_bad_lines, column_formats=training_formats(model), **read_options)
    tables = chunks(source, read_options=reading, on_note=requested.reading_notes.append)
    predicted = _predictions(model, tables, requested)
    if out is None:
        return _write_csv(predicted, sys.stdout.buffer if stream is None else stream)
    path = Path(out)
    write = _writer(path, source)
    with atomic_write(path) as temporary:
        return write(predicted, temporary)


def predict_chunk(
    model: FittedModel, chunk: pl.DataFrame, *, first_row: int = 1, options: PredictionOptions | None = None
) -> pl.DataFrame:
    """The key columns of some rows and their predictions."""
    numbers = pl.Series("row", range(first_row, first_row + chunk.height), dtype=pl.Int64)
    keys = [chunk[name] for name in key_columns(model) if name in chunk.columns] or [numbers]
    new = _output_columns(model, chunk, options or PredictionOptions())
    taken = {series.name for series in new}
    return pl.DataFrame([key.alias(f"input_{key.name}") if key.name in taken else key for key in keys] + new)


def prediction_columns_of_row(model: FittedModel, row: pl.DataFrame, options: PredictionOptions) -> list[str]:
    """The columns that the options add to the prediction of one row, a line for each."""
    plain = set(predict_chunk(model, row).columns)
    result = predict_chunk(model, row, options=options).row(0, named=True)
    text = {name: value for name, value in result.items() if name not in plain and value not in (None, "")}
    return [f"{name}: {format_number(value) if isinstance(value, float) else value}" for name, value in text.items()]


def key_columns(model: FittedModel) -> list[str]:
    """The identifiers of the training table, which are no features."""
    return [name for name, variable_type in model.recipe_.variable_types.items() if variable_type == "identifier"]


# Columns ---------------------------------------------------------------------------------------


def _output_columns(model: FittedModel, chunk: pl.DataFrame, options: PredictionOptions) -> list[pl.Series]:
    """Predictions, blank where the model abstains, and the columns that the options add."""
    columns = _prediction_columns(model, chunk)
    new: list[pl.Series] = []
    is_uncertain = np.zeros(chunk.height, dtype=bool)
    if is_classifier(model) and (options.coverage is not None or options.abstain):
        new, is_uncertain = _set_column(model, chunk, options)
    # Without a maximal width no number is uncertain, and no interval is needed.
    elif is_regressor(model) and (
        options.coverage is not None or (options.abstain and options.max_interval_width is not None)
    ):
        new, is_uncertain = _interval_columns(model, chunk, options)
    if options.abstain:
        columns = _apply_abstention(model, chunk, columns, is_uncertain, options)
    if options.novelty:
        reasons = ["; ".join(texts) for texts in model.novelty_reasons(chunk)]
        new += [pl.Series("novelty", model.novelty(chunk)), pl.Series("novelty_reasons", reasons, dtype=pl.String)]
    return columns + new


def _prediction_columns(model: FittedModel, chunk: pl.DataFrame) -> list[pl.Series]:
    if is_classifier(model):
        probability = model.predict_proba(chunk)
        return [
            pl.Series("prediction", model.classes_[probability.argmax(axis=1)]),
            *(pl.Series(f"probability_{name}", p) for name, p in zip(model.classes_, probability.T, strict=True)),
        ]
    predicted = np.asarray(model.predict(chunk))
    if predicted.ndim > 1:
        return [pl.Series(f"prediction_{index}", column) for index, column in enumerate(predicted.T, start=1)]
    return [pl.Series("prediction", predicted), *_quantile_columns(model, chunk)]


def _quantile_columns(model: FittedModel, chunk: pl.DataFrame) -> list[pl.Series]:
    """The quantiles of a model that predicts them beside one number."""
    if not is_regressor(model) or model.quantile_model_ is None:
        return []
    levels = sorted(model.quantile_model_.network_.options.quantiles)
    predicted = model.predict_quantiles(chunk)
    return [pl.Series(f"quantile_{level:g}", column) for level, column in zip(levels, predicted.T, strict=True)]


def _set_column(
    model: FittedClassifier, chunk: pl.DataFrame, options: PredictionOptions
) -> tuple[list[pl.Series], npt.NDArray[np.bool_]]:
    """Labels of each prediction set, the most probable first; and which sets have not exactly one label."""
    coverage = DEFAULT_COVERAGE if options.coverage is None else options.coverage
    mask = model.predict_set_mask(chunk, coverage, options.per_class)
    is_uncertain = np.asarray(mask.sum(axis=1) != 1)
    if options.coverage is None:
        return [], is_uncertain
    order = np.argsort(-model.predict_proba(chunk), axis=1, kind="stable")
    labels = [str(label) for label in model.classes_]
    sets = [
        LABEL_SEPARATOR.join(labels[code] for code in codes if in_set[code])
        for codes, in_set in zip(order, mask, strict=True)
    ]
    return [pl.Series("prediction_set", sets, dtype=pl.String)], is_uncertain


def _interval_columns(
    model: FittedRegressor, chunk: pl.DataFrame, options: PredictionOptions
) -> tuple[list[pl.Series], npt.NDArray[np.bool_]]:
    """The limits of each prediction interval, and which intervals are too wide."""
    coverage = DEFAULT_COVERAGE if options.coverage is None else options.coverage
    intervals = model.predict_interval(chunk, coverage)
    limits = intervals.reshape(len(intervals), -1, 2)
    targets = limits.shape[1]
    new = []
    for target in range(targets if options.coverage is not None else 0):
        suffix = f"_{target + 1}" if targets > 1 else ""
        new += [
            pl.Series(f"interval_{name}{suffix}", limits[:, target, end]) for end, name in enumerate(("lower", "upper"))
        ]
    max_width = np.inf if options.max_interval_width is None else options.max_interval_width
    return new, np.asarray((limits[:, :, 1] - limits[:, :, 0] > max_width).any(axis=1))


# Abstention ------------------------------------------------------------------------------------


def _apply_abstention(
    model: FittedModel,
    chunk: pl.DataFrame,
    columns: list[pl.Series],
    is_uncertain: npt.NDArray[np.bool_],
    options: PredictionOptions,
) -> list[pl.Series]:
    """The columns with blanks in uncertain and novel rows, which are counted."""
    width = options.max_interval_width
    novel = is_novel(model, chunk)
    if novel is None and is_regressor(model) and width is None:
        raise InputError(
            "--abstain needs the novelty of rows, but the model has no stored training rows",
            "give a maximal width of intervals, such as --max-interval-width 10",
        )
    predicted = [series for series in columns if series.name.split("_")[0] == "prediction"]
    target = model.record_.get("target")
    y_true = chunk.get_column(target) if target in chunk.columns and len(predicted) == 1 else None
    scores, score = row_scores(model, predicted[0].to_numpy(), y_true)
    reason = f"interval wider than {width:g}" if width is not None and is_regressor(model) else SEVERAL
    result = compute_abstention(is_uncertain, novel, scores, score, reason)
    options.abstention = result if options.abstention is None else options.abstention + result
    options.test_abstention = _stored_test_abstention(model, options)
    abstained = pl.Series(is_uncertain if novel is None else is_uncertain | novel)
    return [series.set(abstained, None) for series in predicted] + columns[len(predicted) :]


def _stored_test_abstention(model: FittedModel, options: PredictionOptions) -> Abstention | None:
    """The abstention on the test rows of the training, if it was evaluated under the same options."""
    if options.coverage not in (None, DEFAULT_COVERAGE) or options.per_class or options.max_interval_width is not None:
        return None
    sections = (model.record_.get("evaluation") or {}).get("sections", ())
    facts = next((item["facts"].get("abstention") for item in sections if item["name"] == "uncertainty"), None)
    return Abstention(**facts) if facts else None


# Files -----------------------------------------------------------------------------------------


def _predictions(
    model: FittedModel, parts: Iterable[pl.DataFrame], options: PredictionOptions
) -> Iterator[pl.DataFrame]:
    first_row = 1
    for part in parts:
        options.column_changes = merge_column_changes(options.column_changes, model.recipe_.find_column_changes(part))
        with suppress_column_warnings():
            predicted = predict_chunk(model, part, first_row=first_row, options=options)
        yield predicted
        first_row += part.height


def _writer(out: Path, source: Any) -> Callable[[Iterable[pl.DataFrame], Path], int]:
    writers = {".csv": _write_csv_file, ".parquet": _write_parquet_file}
    if out.suffix.lower() not in writers:
        raise InputError(f"the output file is '{out}', expected a name with the suffix .csv or .parquet", "rename it")
    if isinstance(source, (str, os.PathLike)) and out.exists() and Path(source).exists() and out.samefile(source):
        raise InputError(f"the output file is '{out}', which is the input table", "choose another file")
    return writers[out.suffix.lower()]


def _write_csv(parts: Iterable[pl.DataFrame], stream: BinaryIO) -> int:
    count = 0
    for position, part in enumerate(parts):
        stream.write(part.write_csv(include_header=position == 0).encode())
        count += part.height
    stream.flush()
    return count


def _write_csv_file(parts: Iterable[pl.DataFrame], path: Path) -> int:
    with path.open("wb") as stream:
        return _write_csv(parts, stream)


def _write_parquet_file(parts: Iterable[pl.DataFrame], path: Path) -> int:
    # A Parquet file ends with an index of all its rows: chunks wait on disk, not in memory.
    count = 0
    files: list[Path] = []
    with temporary_folder(path.parent) as folder:
        for part in parts:
            files.append(folder / f"{len(files)}.parquet")
            part.write_parquet(files[-1])
            count += part.height
        pl.scan_parquet(files, glob=False).sink_parquet(path)
    return count
