"""Places along a column at which a model is asked: values of rows that have them, lowest first, or levels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from tidynet.look.attention.words import number
from tidynet.look.bins import suits_log
from tidynet.trust.held_out import HeldOut

__all__ = ["Grid", "Rows", "Values", "deep_tuple", "drawn_outputs", "floats", "grid_of", "spread_rows"]

Values = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

_VALUES = 15  # places along a column
_MOST_LEVELS = 12
_MOST_CURVES = 5  # classes that are drawn, the most frequent


@dataclass(frozen=True, eq=False)
class Grid:
    """Rows that hold the values along a column, lowest first, or one for each level.

    Parameters
    ----------
    rows : int64 array (m,)
        A row with each value.
    places : float64 array (m,)
        The values, or the numbers of the levels.
    labels : tuple of str
        The values in words.
    of_rows : float64 array (n,)
        Each test row's value or level number; NaN where missing or in no level.
    is_number : bool
    scale : "linear" | "log" | "time"
        The axis that suits the values; times are microseconds since 1970.
    """

    rows: Rows
    places: Values
    labels: tuple[str, ...]
    of_rows: Values
    is_number: bool
    scale: str = "linear"


def grid_of(held: HeldOut, column: str, most: int = _VALUES) -> Grid | None:
    """At most so many places along a column: quantiles of a number, frequent levels; None of a single value."""
    series = held.features.get_column(column)
    kind = held.judgements[column].kind
    values = series.alias("values")
    on_calendar = values.dtype in (pl.Date, pl.Datetime)
    physical = (values.cast(pl.Datetime("us")) if on_calendar else values).to_physical()
    if kind.is_quantitative and physical.dtype.is_numeric():
        return _number_grid(series, physical.cast(pl.Float64).fill_null(np.nan).to_numpy(), most)
    texts = values.cast(pl.String)
    counts = texts.drop_nulls().value_counts().sort(["count", "values"], descending=[True, False])
    levels = counts["values"].to_list()[: min(most, _MOST_LEVELS)]
    levels = sorted(levels, key=_in_order(held.judgements[column].levels, values.dtype.is_numeric()))
    if len(levels) < 2:
        return None
    place = {level: code for code, level in enumerate(levels)}
    codes = np.array([place.get(text, np.nan) for text in texts.to_list()], dtype=np.float64)
    rows = np.array([int(np.flatnonzero(codes == code)[0]) for code in range(len(levels))])
    return Grid(rows, np.arange(len(levels), dtype=np.float64), tuple(levels), codes, False)


def _in_order(known: tuple[str, ...], of_numbers: bool) -> Callable[[str], float]:
    """What levels are sorted by: the number that they write, or their place where an order is known."""
    if of_numbers:
        return float
    place = {level: code for code, level in enumerate(known)}
    return lambda level: place.get(level, len(known))


def _number_grid(series: pl.Series, numbers: Values, most: int) -> Grid | None:
    known = np.flatnonzero(np.isfinite(numbers))
    if not len(known):
        return None
    order = known[np.argsort(numbers[known], kind="stable")]
    wanted = np.linspace(0, len(order) - 1, most).round().astype(np.int64)
    rows = order[wanted]
    _, first = np.unique(numbers[rows], return_index=True)
    rows = rows[first]
    if len(rows) < 2:
        return None
    shown = series[rows]
    temporal = series.dtype.is_temporal()
    labels = tuple(str(value) if temporal else number(float(value)) for value in shown.to_list())
    on_calendar = series.dtype in (pl.Date, pl.Datetime)
    scale = "time" if on_calendar else "log" if suits_log(numbers[known]) else "linear"
    return Grid(rows, numbers[rows], labels, numbers, True, scale)


def drawn_outputs(held: HeldOut) -> list[int]:
    """The outputs that are drawn: of two classes the second, of many the most frequent."""
    k = held.outputs.shape[1]
    if k == 2:
        return [1]
    if k <= _MOST_CURVES:
        return list(range(k))
    counts = np.bincount(held.truth, minlength=k)
    return sorted(np.argsort(-counts, kind="stable")[:_MOST_CURVES].tolist())


def spread_rows(held: HeldOut, most: int, seed: int = 0) -> Rows:
    """At most so many rows that stand for all: every n-th in the order of what is predicted for them.

    A mean over them errs less than one over rows drawn at random, as the parts of the order are all there.

    Examples
    --------
    >>> from tidynet.trust.held_out import held_out
    >>> class Itself:
    ...     def predict(self, frame):
    ...         return frame["a"].to_numpy()
    >>> held = held_out(Itself(), pl.DataFrame({"a": [3.0, 1.0, 4.0, 2.0]}), np.zeros(4), "y")
    >>> held.features["a"][spread_rows(held, 2)].to_list()
    [2.0, 4.0]
    """
    if held.height <= most:
        return np.arange(held.height)
    said = held.outputs
    order = np.lexsort((said.max(axis=1), said.argmax(axis=1)))
    begin = np.random.default_rng(seed).random()
    return np.asarray(order[((np.arange(most) + begin) * held.height / most).astype(np.int64)])


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
    return tuple(deep_tuple(one) for one in value) if isinstance(value, list | tuple) else value
