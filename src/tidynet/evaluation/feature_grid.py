"""The grid values of a column: quantiles of a number, or categories, each by a row that has it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from tidynet.core.text import format_number
from tidynet.evaluation.evaluation_data import EvaluationData
from tidynet.profiling.axis_choice import suits_log
from tidynet.table.cell_text import cell_text

Values = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

_MAX_VALUES = 15
_MAX_CATEGORIES = 12
_MAX_CURVES = 5  # of the most frequent classes


@dataclass(frozen=True, eq=False)
class FeatureGrid:
    """Rows with the values of a column, lowest first, or one for each category."""

    rows: Rows
    grid_values: Values
    labels: tuple[str, ...]
    of_rows: Values
    is_number: bool
    scale: str = "linear"


def make_feature_grid(test_data: EvaluationData, column: str, max_count: int = _MAX_VALUES) -> FeatureGrid | None:
    """At most `max_count` grid values: quantiles of a number, or frequent categories; None for a single value."""
    series = test_data.features.get_column(column)
    variable_type = test_data.variable_types[column].variable_type
    values = series.alias("values")
    on_calendar = values.dtype in (pl.Date, pl.Datetime)
    physical = (values.cast(pl.Datetime("us")) if on_calendar else values).to_physical()
    if variable_type.is_numeric and physical.dtype.is_numeric():
        return _number_grid(series, physical.cast(pl.Float64).fill_null(np.nan).to_numpy(), max_count)
    texts = cell_text(values)
    counts = texts.drop_nulls().value_counts().sort(["count", "values"], descending=[True, False])
    categories = counts["values"].to_list()[: min(max_count, _MAX_CATEGORIES)]
    categories = sorted(
        categories, key=_in_order(test_data.variable_types[column].categories, values.dtype.is_numeric())
    )
    if len(categories) < 2:
        return None
    index = {category: code for code, category in enumerate(categories)}
    codes = np.array([index.get(text, np.nan) for text in texts.to_list()], dtype=np.float64)
    rows = np.array([int(np.flatnonzero(codes == code)[0]) for code in range(len(categories))])
    return FeatureGrid(rows, np.arange(len(categories), dtype=np.float64), tuple(categories), codes, False)


def _in_order(known: tuple[str, ...], are_numbers: bool) -> Callable[[str], float]:
    """The sort key of categories: the number that they are, or their rank where an order is known."""
    if are_numbers:
        return float
    index = {category: code for code, category in enumerate(known)}
    return lambda category: index.get(category, len(known))


def _number_grid(series: pl.Series, numbers: Values, max_count: int) -> FeatureGrid | None:
    known = np.flatnonzero(np.isfinite(numbers))
    if not len(known):
        return None
    order = known[np.argsort(numbers[known], kind="stable")]
    quantiles = np.linspace(0, len(order) - 1, max_count).round().astype(np.int64)
    rows = order[quantiles]
    _, first = np.unique(numbers[rows], return_index=True)
    rows = rows[first]
    if len(rows) < 2:
        return None
    values = series[rows].to_list()
    temporal = series.dtype.is_temporal()
    labels = tuple(str(value) if temporal else format_number(float(value)) for value in values)
    on_calendar = series.dtype in (pl.Date, pl.Datetime)
    scale = "time" if on_calendar else "log" if suits_log(numbers[known]) else "linear"
    return FeatureGrid(rows, numbers[rows], labels, numbers, True, scale)


def sample_outputs(test_data: EvaluationData) -> list[int]:
    """The outputs with a curve: the second of two classes, the most frequent of many."""
    k = test_data.y_pred.shape[1]
    if k == 2:
        return [1]
    if k <= _MAX_CURVES:
        return list(range(k))
    counts = np.bincount(test_data.y_true, minlength=k)
    return sorted(np.argsort(-counts, kind="stable")[:_MAX_CURVES].tolist())


def representative_rows(test_data: EvaluationData, max_count: int, seed: int = 0) -> Rows:
    """At most `max_count` rows, every n-th in the order of their predictions: better for a mean than random ones."""
    if test_data.height <= max_count:
        return np.arange(test_data.height)
    outputs = test_data.y_pred
    order = np.lexsort((outputs.max(axis=1), outputs.argmax(axis=1)))
    begin = np.random.default_rng(seed).random()
    return np.asarray(order[((np.arange(max_count) + begin) * test_data.height / max_count).astype(np.int64)])


def floats(values: Values) -> tuple[float, ...]:
    """An array as plain numbers."""
    return tuple(np.asarray(values, dtype=np.float64).tolist())
