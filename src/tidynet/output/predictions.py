"""Predictions of a whole table, written as they come: memory does not grow with the table."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from tidynet.core.atomic_write import atomic_write
from tidynet.core.errors import InputError, suppress_column_warnings
from tidynet.evaluation.abstention import SEVERAL, Abstention, compute_abstention, is_novel, row_scores
from tidynet.preprocessing.column_changes import ColumnChange, merge_column_changes
from tidynet.table.read import chunks
from tidynet.table.read_options import ReadOptions

if TYPE_CHECKING:
    from tidynet.estimators.classifier import MLPClassifier
    from tidynet.estimators.regressor import MLPRegressor

    Model: TypeAlias = MLPClassifier | MLPRegressor

__all__ = ["PredictionOptions", "key_columns", "predict_chunk", "prediction_columns_of_row", "write_predictions"]

LABELS_BETWEEN = " | "  # a prediction set's labels; a comma would need quotes in CSV


@dataclass
class PredictionOptions:
    """What to write beside each prediction, and what came of it.

    Attributes
    ----------
    coverage : float or None
        Adds `prediction_set`, labels from the most probable on with ``" | "`` between them, or `lower` and `upper`.
    per_class : bool
        Whether sets keep their promise within each class.
    abstain : bool
        Leaves predictions blank: of classes whose set holds several labels (at 90% if no coverage is given), of
        numbers whose interval is wider than `max_interval_width`, and of rows whose unfamiliarity is at least 0.99.
    max_interval_width : float or None
        The widest interval of a prediction that is not left blank; None for any width.
    novelty : bool
        Adds `novelty`, from 0 to 1, and `unfamiliar_because`, in words.
    abstained : Abstention or None
        How many rows were left blank, for which reasons, and what the others gain by it where the table tells the
        truth.
    tested : Abstention or None
        The same of the test rows of the training.
    column_changes : dict of str to Arrival
        How the columns came, beside how they were learnt.
    """

    coverage: float | None = None
    per_class: bool = False
    abstain: bool = False
    max_interval_width: float | None = None
    novelty: bool = False
    abstained: Abstention | None = None
    tested: Abstention | None = None
    column_changes: dict[str, ColumnChange] = field(default_factory=dict)

    @property
    def notes(self) -> list[str]:
        """What to know of columns that came otherwise than they were learnt, a sentence each."""
        return [text for item in self.column_changes.values() if (text := item.sentence())]

    def sentence(self) -> str:
        """How many predictions were left blank, why, and what the rest gains.

        Examples
        --------
        >>> PredictionOptions(abstained=Abstention(200, 28, 2, 200, 170, 160, 153)).sentence()  # doctest: +NORMALIZE_WHITESPACE
        '30 of 200 predictions (15.0%) were left blank, 28 because several classes are possible, 2 because unlike the
        training rows: the accuracy of the rest is 90.0% in place of 80.0%'
        """
        result = self.abstained
        if result is None or not result.rows:
            return "there was no row to predict"
        if not result.is_abstained:
            return f"none of {result.rows:,} predictions was left blank{self._not_compared(result)}"
        text = (
            f"{result.is_abstained:,} of {result.rows:,} predictions ({result.is_abstained / result.rows:.1%}) "
            f"{'was' if result.is_abstained == 1 else 'were'} left blank"
            f"{', ' if result.is_uncertain and result.is_novel else ' '}{result.reasons()}{self._not_compared(result)}"
        )
        if result.labelled:
            some = "" if result.labelled == result.rows else f"of the {result.labelled:,} rows whose truth is known, "
            return f"{text}: {some}{result.improvement()}"
        if self.tested is None or not self.tested.is_abstained or not self.tested.kept:
            return text
        return f"{text}; on the {self.tested.labelled:,} test rows of the training {self.tested.improvement()}"

    def check(self, model: Model) -> None:
        """Refuse what would have no effect."""
        classes = hasattr(model, "classes_")
        if self.max_interval_width is not None and classes:
            raise InputError(
                "--max-interval-width is for intervals of numbers, and this model predicts classes",
                "leave it away: --abstain leaves sets of several classes blank",
            )
        if self.max_interval_width is not None and not self.abstain:
            raise InputError(
                "--max-interval-width says what --abstain leaves blank, which is not given", "add --abstain"
            )
        if self.per_class and not classes:
            raise InputError("--per-class is for classes, and this model predicts numbers", "leave it away")
        if self.per_class and self.coverage is None and not self.abstain:
            raise InputError(
                "--per-class says what --coverage is kept within, which is not given", "add --coverage 0.9"
            )

    def _not_compared(self, result: Abstention) -> str:
        return "" if result.compared else "; the model keeps no training rows to compare with"


def write_predictions(
    model: Model,
    source: Any,
    out: str | os.PathLike[str] | None = None,
    *,
    stream: BinaryIO | None = None,
    ragged: Literal["error", "skip"] = "error",
    extras: PredictionOptions | None = None,
    **reading: Any,
) -> int:
    """Predict every row of a table and write key columns, `prediction` and `probability_<class>`.

    A model of several numbers writes `prediction_1`, `prediction_2` and so on; one that has learnt quantiles
    beside its number writes `quantile_<level>` too.
    The key columns are those that training judged to be identifiers; they are copied as they are.
    Where the table has none of them, a column `row` counts the rows from 1.

    Examples
    --------
    >>> import io, tidynet as tn
    >>> table = tn.read("penguins").select("species", "bill_length_mm", "bill_depth_mm")
    >>> model = tn.MLPClassifier(random_state=0).fit(table.drop(target="species"), table["species"])
    >>> with io.BytesIO() as stream:
    ...     count = write_predictions(model, "penguins", stream=stream)
    ...     first = stream.getvalue().decode().splitlines()[0]
    >>> count, first
    (344, 'row,prediction,probability_Adelie,probability_Chinstrap,probability_Gentoo')
    """
    requested = extras or PredictionOptions()
    requested.check(model)
    parts = _predictions(model, chunks(source, read_options=ReadOptions(on_bad_lines=ragged, **reading)), requested)
    if out is None:
        return _write_csv(parts, sys.stdout.buffer if stream is None else stream)
    path = Path(out)
    write = _writer(path, source)
    with atomic_write(path) as temporary:
        return write(parts, temporary)


def predict_chunk(
    model: Model, chunk: pl.DataFrame, *, first_row: int = 1, extras: PredictionOptions | None = None
) -> pl.DataFrame:
    """The key columns of some rows, their predictions, and for classes the probabilities."""
    numbers = pl.Series("row", range(first_row, first_row + chunk.height), dtype=pl.Int64)
    keys = [chunk[name] for name in key_columns(model) if name in chunk.columns] or [numbers]
    new = _add_columns(model, chunk, _prediction_columns(model, chunk), extras or PredictionOptions())
    taken = {series.name for series in new}
    return pl.DataFrame([key.alias(f"input_{key.name}") if key.name in taken else key for key in keys] + new)


def prediction_columns_of_row(model: Model, row: pl.DataFrame, extras: PredictionOptions) -> list[str]:
    """What was asked for beside the prediction of one row, a line for each."""
    plain = set(predict_chunk(model, row).columns)
    result = predict_chunk(model, row, extras=extras).row(0, named=True)
    text = {name: value for name, value in result.items() if name not in plain and value not in (None, "")}
    return [f"{name}: {value:.4g}" if isinstance(value, float) else f"{name}: {value}" for name, value in text.items()]


def key_columns(model: Model) -> list[str]:
    """The columns that training judged to be identifiers, and so no features."""
    return [name for name, kind in model.recipe_.kinds.items() if kind == "identifier"]


def _prediction_columns(model: Model, chunk: pl.DataFrame) -> list[pl.Series]:
    from tidynet.estimators.regressor import MLPRegressor

    if isinstance(model, MLPRegressor):
        predicted = model.predict(chunk)
        if predicted.ndim == 1:
            return [pl.Series("prediction", predicted), *_quantile_columns(model, chunk)]
        return [pl.Series(f"prediction_{index}", column) for index, column in enumerate(predicted.T, start=1)]
    probability = model.predict_proba(chunk)
    return [
        pl.Series("prediction", model.classes_[probability.argmax(axis=1)]),
        *(pl.Series(f"probability_{name}", column) for name, column in zip(model.classes_, probability.T, strict=True)),
    ]


def _add_columns(
    model: Model, chunk: pl.DataFrame, columns: list[pl.Series], extras: PredictionOptions
) -> list[pl.Series]:
    """The columns of predictions with those that were asked for, blank where the model abstains."""
    from tidynet.estimators.regressor import MLPRegressor

    coverage = 0.9 if extras.coverage is None else extras.coverage
    new: list[pl.Series] = []
    unsure = np.zeros(chunk.height, dtype=bool)
    numbers = isinstance(model, MLPRegressor)
    # Without a widest interval no number is left blank for its own doubt, and none need be measured.
    if extras.coverage is not None or (extras.abstain and not (numbers and extras.max_interval_width is None)):
        new, unsure = (
            _interval_columns(model, chunk, coverage, extras)
            if isinstance(model, MLPRegressor)
            else _set_column(model, chunk, coverage, extras)
        )
    if extras.abstain:
        columns = _apply_abstention(model, chunk, columns, unsure, extras)
    if extras.novelty:
        because = ["; ".join(reasons) for reasons in model.novelty_reasons(chunk)]
        new += [
            pl.Series("unfamiliarity", model.novelty(chunk)),
            pl.Series("unfamiliar_because", because, dtype=pl.String),
        ]
    return columns + new


def _apply_abstention(
    model: Model,
    chunk: pl.DataFrame,
    columns: list[pl.Series],
    unsure: npt.NDArray[np.bool_],
    extras: PredictionOptions,
) -> list[pl.Series]:
    """The columns with blanks for rows that are unsure or unlike the training rows, which are counted."""
    from tidynet.estimators.regressor import MLPRegressor

    numbers = isinstance(model, MLPRegressor)
    unlike = is_novel(model, chunk)
    if unlike is None and numbers and extras.max_interval_width is None:
        raise InputError(
            "this model keeps no training rows to compare with, so it cannot tell which numbers to leave blank",
            "give the widest interval that is still of use, as in --abstain --max-interval-width 10",
        )
    predicted = [series for series in columns if series.name.split("_")[0] == "prediction"]
    target = model.record_.get("target")
    truth = chunk.get_column(target) if target in chunk.columns and len(predicted) == 1 else None
    merits, score = row_scores(model, predicted[0].to_numpy(), truth)
    doubt = (
        f"their interval is wider than {extras.max_interval_width:g}"
        if numbers and extras.max_interval_width is not None
        else SEVERAL
    )
    result = compute_abstention(unsure, unlike, merits, score, doubt)
    extras.abstained = result if extras.abstained is None else extras.abstained + result
    extras.tested = _stored_test_results(model, extras)
    abstained = pl.Series(unsure if unlike is None else unsure | unlike)
    return [series.set(abstained, None) for series in predicted] + columns[len(predicted) :]


def _stored_test_results(model: Model, extras: PredictionOptions) -> Abstention | None:
    """What abstaining gained on the test rows of the training, if they were read in this way."""
    if extras.coverage not in (None, 0.9) or extras.per_class or extras.max_interval_width is not None:
        return None
    sections = (model.record_.get("evaluation") or {}).get("sections", ())
    facts = [item["facts"].get("abstention") for item in sections if item["name"] == "uncertainty"]
    return Abstention(**facts[0]) if facts and "merit" in (facts[0] or ()) else None  # earlier files hold less


def _set_column(
    model: MLPClassifier, chunk: pl.DataFrame, coverage: float, extras: PredictionOptions
) -> tuple[list[pl.Series], npt.NDArray[np.bool_]]:
    members = model.predict_set_mask(chunk, coverage, extras.per_class)
    order = np.argsort(-model.predict_proba(chunk), axis=1, kind="stable")
    labels = [str(label) for label in model.classes_]
    joined = [
        LABELS_BETWEEN.join(labels[code] for code in codes if member[code])
        for codes, member in zip(order, members, strict=True)
    ]
    new = [] if extras.coverage is None else [pl.Series("prediction_set", joined, dtype=pl.String)]
    return new, np.asarray(members.sum(axis=1) != 1)


def _interval_columns(
    model: MLPRegressor, chunk: pl.DataFrame, coverage: float, extras: PredictionOptions
) -> tuple[list[pl.Series], npt.NDArray[np.bool_]]:
    result = model.predict_interval(chunk, coverage)
    ends = result.reshape(len(result), -1, 2)
    several = ends.shape[1] > 1
    new = []
    for target in range(ends.shape[1] if extras.coverage is not None else 0):
        mark = f"_{target + 1}" if several else ""
        new += [pl.Series(f"lower{mark}", ends[:, target, 0]), pl.Series(f"upper{mark}", ends[:, target, 1])]
    max_interval_width = np.inf if extras.max_interval_width is None else extras.max_interval_width
    return new, np.asarray((ends[:, :, 1] - ends[:, :, 0] > max_interval_width).any(axis=1))


def _quantile_columns(model: MLPRegressor, chunk: pl.DataFrame) -> list[pl.Series]:
    """What a model of one number learnt of its quantiles beside it."""
    if model.quantile_model_ is None:
        return []
    levels = sorted(model.quantile_model_.network_.options.quantiles)
    predicted = model.predict_quantiles(chunk)
    return [pl.Series(f"quantile_{level:g}", column) for level, column in zip(levels, predicted.T, strict=True)]


def _predictions(model: Model, parts: Iterable[pl.DataFrame], extras: PredictionOptions) -> Iterator[pl.DataFrame]:
    first_row = 1
    for part in parts:
        extras.column_changes = merge_column_changes(extras.column_changes, model.recipe_.find_column_changes(part))
        with suppress_column_warnings():
            predicted = predict_chunk(model, part, first_row=first_row, extras=extras)
        yield predicted
        first_row += part.height


def _writer(out: Path, source: Any) -> Callable[[Iterable[pl.DataFrame], Path], int]:
    writers = {".csv": _write_csv_file, ".parquet": _write_parquet_file}
    if out.suffix.lower() not in writers:
        raise InputError(
            f"predictions are written to a name that ends in .csv or .parquet, and '{out}' ends in neither",
            "name another file",
        )
    if isinstance(source, (str, os.PathLike)) and out.exists() and Path(source).exists() and out.samefile(source):
        raise InputError(f"'{out}' is the table itself, which the predictions would replace", "name another file")
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
    # A Parquet file ends with an index of all its rows, so the parts wait on disk, not in memory.
    with tempfile.TemporaryDirectory(prefix=f"{path.name}.", dir=path.parent) as folder:
        count = 0
        files: list[Path] = []
        for part in parts:
            files.append(Path(folder) / f"{len(files)}.parquet")
            part.write_parquet(files[-1])
            count += part.height
        pl.scan_parquet(files, glob=False).sink_parquet(path)
    return count
