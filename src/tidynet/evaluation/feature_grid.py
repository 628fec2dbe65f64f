"""Places along a column at which a model is asked: values of rows that have them, lowest first, or levels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from tidynet.core.text import format_number
from tidynet.evaluation.evaluation_data import EvaluationData
from tidynet.profiling.histogram_bins import suits_log

__all__ = [
    "FeatureGrid",
    "Rows",
    "Values",
    "deep_tuple",
    "floats",
    "make_feature_grid",
    "repeat_rows",
    "sample_outputs",
]

Values = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

_VALUES = 15  # places along a column
_MAX_LEVELS = 12
_MOST_CURVES = 5  # classes that are drawn, the most frequent


@dataclass(frozen=True, eq=False)
class FeatureGrid:
    """Rows that hold the values along a column, lowest first, or one for each level."""

    rows: Rows
    grid_values: Values
    labels: tuple[str, ...]
    of_rows: Values
    is_number: bool
    scale: str = "linear"


def make_feature_grid(test_data: EvaluationData, column: str, max_count: int = _VALUES) -> FeatureGrid | None:
    """At most so many places along a column: quantiles of a number, frequent levels; None of a single value."""
    series = test_data.features.get_column(column)
    kind = test_data.variable_types[column].variable_type
    values = series.alias("values")
    on_calendar = values.dtype in (pl.Date, pl.Datetime)
    physical = (values.cast(pl.Datetime("us")) if on_calendar else values).to_physical()
    if kind.is_numeric and physical.dtype.is_numeric():
        return _number_grid(series, physical.cast(pl.Float64).fill_null(np.nan).to_numpy(), max_count)
    texts = values.cast(pl.String)
    counts = texts.drop_nulls().value_counts().sort(["count", "values"], descending=[True, False])
    levels = counts["values"].to_list()[: min(max_count, _MAX_LEVELS)]
    levels = sorted(levels, key=_in_order(test_data.variable_types[column].categories, values.dtype.is_numeric()))
    if len(levels) < 2:
        return None
    index = {level: code for code, level in enumerate(levels)}
    codes = np.array([index.get(text, np.nan) for text in texts.to_list()], dtype=np.float64)
    rows = np.array([int(np.flatnonzero(codes == code)[0]) for code in range(len(levels))])
    return FeatureGrid(rows, np.arange(len(levels), dtype=np.float64), tuple(levels), codes, False)


def _in_order(known: tuple[str, ...], of_numbers: bool) -> Callable[[str], float]:
    """What levels are sorted by: the number that they write, or their place where an order is known."""
    if of_numbers:
        return float
    index = {level: code for code, level in enumerate(known)}
    return lambda level: index.get(level, len(known))


def _number_grid(series: pl.Series, numbers: Values, max_count: int) -> FeatureGrid | None:
    known = np.flatnonzero(np.isfinite(numbers))
    if not len(known):
        return None
    order = known[np.argsort(numbers[known], kind="stable")]
    requested = np.linspace(0, len(order) - 1, max_count).round().astype(np.int64)
    rows = order[requested]
    _, first = np.unique(numbers[rows], return_index=True)
    rows = rows[first]
    if len(rows) < 2:
        return None
    display_text = series[rows]
    temporal = series.dtype.is_temporal()
    labels = tuple(str(value) if temporal else format_number(float(value)) for value in display_text.to_list())
    on_calendar = series.dtype in (pl.Date, pl.Datetime)
    scale = "time" if on_calendar else "log" if suits_log(numbers[known]) else "linear"
    return FeatureGrid(rows, numbers[rows], labels, numbers, True, scale)


def sample_outputs(test_data: EvaluationData) -> list[int]:
    """The outputs that are drawn: of two classes the second, of many the most frequent."""
    k = test_data.y_pred.shape[1]
    if k == 2:
        return [1]
    if k <= _MOST_CURVES:
        return list(range(k))
    counts = np.bincount(test_data.y_true, minlength=k)
    return sorted(np.argsort(-counts, kind="stable")[:_MOST_CURVES].tolist())


def repeat_rows(test_data: EvaluationData, max_count: int, seed: int = 0) -> Rows:
    """At most so many rows that stand for all: every n-th in the order of what is predicted for them.

    A mean over them errs less than one over rows drawn at random, as the parts of the order are all there.

    Examples
    --------
    >>> from tidynet.evaluation.evaluation_data import held_out
    >>> class Itself:
    ...     def predict(self, frame):
    ...         return frame["a"].to_numpy()
    >>> held = held_out(Itself(), pl.DataFrame({"a": [3.0, 1.0, 4.0, 2.0]}), np.zeros(4), "y")
    >>> held.features["a"][repeat_rows(held, 2)].to_list()
    [2.0, 4.0]
    """
    if test_data.height <= max_count:
        return np.arange(test_data.height)
    text = test_data.y_pred
    order = np.lexsort((text.max(axis=1), text.argmax(axis=1)))
    begin = np.random.default_rng(seed).random()
    return np.asarray(order[((np.arange(max_count) + begin) * test_data.height / max_count).astype(np.int64)])


def floats(values: Values) -> tuple[float, ...]:
    """An array as plain numbers."""
    return tuple(np.asarray(values, dtype=np.float64).tolist())


def deep_tuple(value: Any) -> Any:
    """Lists, also within lists, as tuples: what JSON made of them, undone.

    Examples
    --------
    >>> deep_tuple([1, [2, "a"]])
    (1, (2, 'a'))
    """
    return tuple(deep_tuple(item) for item in value) if isinstance(value, list | tuple) else value
