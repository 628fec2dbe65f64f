"""Columns as arrays that pairs are measured on: floats where they are quantities, codes of levels or bins for all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from tidynet.profiling.numeric_values import to_floats
from tidynet.table.variable_type import TypeInference, VariableType

__all__ = ["EncodedVariable", "as_variable", "as_variables", "quantile_codes"]

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

_MAX_LEVELS = 60  # the most frequent; all others count as one
_BINS = 12


@dataclass(frozen=True, slots=True)
class EncodedVariable:
    """One column as arrays."""

    name: str
    kind: VariableType
    values: Floats | None
    codes: Integers
    levels: int
    order: Integers

    @property
    def is_quantity(self) -> bool:
        """Whether differences between the values mean something."""
        return self.kind.is_numeric


def as_variables(
    frame: pl.DataFrame, inferred_types: Mapping[str, TypeInference], shuffle: Integers | None = None
) -> list[EncodedVariable]:
    """The columns that pairs can be made of: quantities and levels, no identifiers, texts or constants."""
    made = (as_variable(series, inferred_types[series.name], shuffle) for series in frame.get_columns())
    return [item for item in made if item is not None]


def as_variable(
    series: pl.Series, inferred_type: TypeInference, shuffle: Integers | None = None
) -> EncodedVariable | None:
    """A column as arrays, or None if it has neither quantities nor levels that come again."""
    name, kind = series.name, inferred_type.variable_type
    series = series.alias("values")  # Polars would take a name such as "^a$" for a pattern
    composite = series.dtype.is_nested() or series.dtype in (pl.Binary, pl.Object)
    if composite or series.null_count() == len(series):
        return None
    if kind.is_numeric:
        read = to_floats(series, kind)
        if read is None:
            return None
        values = np.where(np.isfinite(read[0]), read[0], np.nan)
        order = _order(values, shuffle)
        codes, levels = quantile_codes(values, order, _BINS)
        return EncodedVariable(name, kind, values, codes, levels, order) if levels else None
    if not kind.is_categorical:
        return None
    codes, levels = _level_codes(series, inferred_type)
    if kind is not VariableType.ORDINAL:
        return EncodedVariable(name, kind, None, codes, levels, np.empty(0, np.int64))
    indices = np.where(codes >= 0, codes, np.nan).astype(np.float64)
    return EncodedVariable(name, kind, indices, codes, levels, _order(indices, shuffle))


def quantile_codes(values: Floats, order: Integers, bins: int) -> tuple[Integers, int]:
    """Bins of about equally many rows, equal values always together; −1 for NaN.

    >>> values = np.array([5.0, 1.0, 1.0, np.nan, 9.0])
    >>> quantile_codes(values, np.argsort(values), 3)
    (array([ 1,  0,  0, -1,  1]), 2)
    """
    non_missing = int(np.count_nonzero(values == values))
    if not non_missing:
        return np.full(len(values), -1), 0
    ordered = values[order[:non_missing]]
    cuts = _bin_edges(ordered, bins)
    if len(cuts) < bins // 2:
        # One value has most rows, such as 0: it gets a bin of its own, and the others theirs.
        middle = _heaviest(ordered)
        rest = ordered[ordered != middle]
        above = rest[rest > middle][:1]
        cuts = np.unique(np.concatenate([_bin_edges(rest, bins), [middle], above])) if rest.size else cuts
        cuts = cuts[cuts > ordered[0]]
    codes = np.searchsorted(cuts, values, side="right")
    codes[values != values] = -1
    return codes, len(cuts) + 1


def _bin_edges(ordered: Floats, bins: int) -> Floats:
    """The lowest values of all bins but the first."""
    if not ordered.size:
        return ordered
    cuts = np.unique(ordered[(np.arange(1, bins) * len(ordered)) // bins])
    return cuts[cuts > ordered[0]]


def _heaviest(ordered: Floats) -> float:
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    return float(ordered[starts[np.argmax(np.diff(np.append(starts, len(ordered))))]])


def _order(values: Floats, shuffle: Integers | None) -> Integers:
    if shuffle is None:
        return np.argsort(values, kind="stable")
    return shuffle[np.argsort(values[shuffle], kind="stable")]


def _level_codes(series: pl.Series, inferred_type: TypeInference) -> tuple[Integers, int]:
    texts = series.cast(pl.String)
    if (
        inferred_type.variable_type is VariableType.ORDINAL
        and inferred_type.categories
        and len(inferred_type.categories) <= _MAX_LEVELS
    ):
        indices = list(range(len(inferred_type.categories)))
        codes = texts.replace_strict(list(inferred_type.categories), indices, default=None, return_dtype=pl.Int64)
        return codes.fill_null(-1).to_numpy(), len(indices)
    dense = (texts.rank("dense").cast(pl.Int64) - 1).fill_null(-1).to_numpy()
    rows = np.bincount(dense[dense >= 0])
    if len(rows) <= _MAX_LEVELS + 1:
        return dense, len(rows)
    # By rows and then by place, so that the same table always keeps the same levels.
    kept = np.sort(np.lexsort((np.arange(len(rows)), -rows))[:_MAX_LEVELS])
    index = np.full(len(rows) + 1, _MAX_LEVELS)
    index[kept] = np.arange(_MAX_LEVELS)
    index[-1] = -1
    return index[dense], _MAX_LEVELS + 1
