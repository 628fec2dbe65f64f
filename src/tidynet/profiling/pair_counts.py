"""Rows in each cell of two columns: what the picture of a pair is drawn from."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from tidynet.profiling.counts import Bars, Histogram, count_column
from tidynet.profiling.numeric_values import to_floats
from tidynet.profiling.profile import PairCounts
from tidynet.table.variable_type import TypeInference, VariableType

__all__ = ["count_pair"]

Integers = npt.NDArray[np.int64]

_LONGEST_LEVEL = 120  # as in `tidynet.profiling.counts`


def count_pair(
    x: pl.Series, x_judgement: TypeInference, y: pl.Series, y_judgement: TypeInference, *, max_count: int = 12
) -> PairCounts | None:
    """Rows in each cell of two columns, binned or by level.

    Examples
    --------
    >>> kinds = TypeInference(VariableType.DISCRETE, "whole"), TypeInference(VariableType.NOMINAL, "texts")
    >>> count_pair(pl.Series("n", [1, 2, 2]), kinds[0], pl.Series("c", ["a", "b", "a"]), kinds[1]).cells
    ((1, 0), (1, 1))
    """
    x, y = x.alias("x"), y.alias("y")  # Polars would take a name such as "^a$" for a pattern
    both = x.is_not_null() & y.is_not_null()
    x, y = x.filter(both), y.filter(both)
    axes = [
        count_column(item, inferred_type, max_levels=max_count)
        for item, inferred_type in ((x, x_judgement), (y, y_judgement))
    ]
    if axes[0] is None or axes[1] is None:
        return None
    place_x, size_x = _cell_indices(x, x_judgement.variable_type, axes[0])
    place_y, size_y = _cell_indices(y, y_judgement.variable_type, axes[1])
    inside = (place_x >= 0) & (place_y >= 0)
    flat = np.bincount(place_x[inside] * size_y + place_y[inside], minlength=size_x * size_y)
    cells = tuple(tuple(row) for row in flat.reshape(size_x, size_y).tolist())
    return PairCounts(axes[0], axes[1], cells)


def _cell_indices(series: pl.Series, kind: VariableType, axis: Bars | Histogram) -> tuple[Integers, int]:
    """The cell of each row along one axis, −1 for none, and how many cells there are."""
    if isinstance(axis, Bars):
        texts = series.cast(pl.String).str.slice(0, _LONGEST_LEVEL)
        codes = texts.replace_strict(
            list(axis.categories), list(range(len(axis.categories))), default=-1, return_dtype=pl.Int64
        )
        return codes.to_numpy(), len(axis.categories)
    if kind is VariableType.TEXT:
        series = series.cast(pl.String).str.len_chars()
    floats = to_floats(series, kind)
    assert floats is not None, "a column with a histogram holds quantities"
    edges = np.asarray(axis.edges)
    values = floats[0]
    indices = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, len(edges) - 2)
    return np.where(np.isfinite(values), indices, -1), len(edges) - 1
