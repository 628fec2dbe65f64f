"""Columns encoded for measures of association: floats if numeric, codes of categories or bins for all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from tidynet.profiling.numeric_values import to_floats
from tidynet.table.cell_text import cell_text
from tidynet.table.variable_type import TypeInference, VariableType

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

_MAX_CATEGORIES = 60  # the most frequent; all others are one
_BINS = 12


@dataclass(frozen=True, slots=True)
class EncodedVariable:
    """One column as arrays; `n_codes` counts categories or bins, `order` sorts the values."""

    name: str
    variable_type: VariableType
    values: Floats | None
    codes: Integers
    n_codes: int
    order: Integers

    @property
    def is_numeric(self) -> bool:
        """Whether differences of values are meaningful."""
        return self.variable_type.is_numeric


def encode_variables(frame: pl.DataFrame, inferred_types: Mapping[str, TypeInference]) -> list[EncodedVariable]:
    """The numeric and categorical columns, without identifiers, texts and constants."""
    encoded = (encode_variable(series, inferred_types[series.name]) for series in frame.get_columns())
    return [item for item in encoded if item is not None]


def encode_variable(series: pl.Series, inferred_type: TypeInference) -> EncodedVariable | None:
    """One column as arrays; None unless it is numeric or categorical."""
    name, variable_type = series.name, inferred_type.variable_type
    series = series.alias("values")  # Polars interprets a name such as "^a$" as a pattern
    composite = series.dtype.is_nested() or series.dtype in (pl.Binary, pl.Object)
    if composite or series.null_count() == len(series):
        return None
    if variable_type.is_numeric:
        converted = to_floats(series, variable_type)
        if converted is None:
            return None
        values = np.where(np.isfinite(converted[0]), converted[0], np.nan)
        order = np.argsort(values, kind="stable")
        codes, n_codes = quantile_codes(values, order, _BINS)
        return EncodedVariable(name, variable_type, values, codes, n_codes, order) if n_codes else None
    if not variable_type.is_categorical:
        return None
    codes, n_codes = _category_codes(series, inferred_type)
    if variable_type is not VariableType.ORDINAL:
        return EncodedVariable(name, variable_type, None, codes, n_codes, np.empty(0, np.int64))
    indices = np.where(codes >= 0, codes, np.nan).astype(np.float64)
    return EncodedVariable(name, variable_type, indices, codes, n_codes, np.argsort(indices, kind="stable"))


def quantile_codes(values: Floats, order: Integers, bins: int) -> tuple[Integers, int]:
    """Codes of bins with about equal numbers of rows, −1 for NaN; equal values share a bin."""
    known = int(np.count_nonzero(values == values))
    if not known:
        return np.full(len(values), -1), 0
    ordered = values[order[:known]]
    cuts = _bin_edges(ordered, bins)
    if len(cuts) < bins // 2:
        # A value with most rows, such as 0, has its own bin.
        middle = _most_frequent(ordered)
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


def _most_frequent(ordered: Floats) -> float:
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    return float(ordered[starts[np.argmax(np.diff(np.append(starts, len(ordered))))]])


def _category_codes(series: pl.Series, inferred_type: TypeInference) -> tuple[Integers, int]:
    texts = cell_text(series)
    if (
        inferred_type.variable_type is VariableType.ORDINAL
        and inferred_type.categories
        and len(inferred_type.categories) <= _MAX_CATEGORIES
    ):
        indices = list(range(len(inferred_type.categories)))
        codes = texts.replace_strict(list(inferred_type.categories), indices, default=None, return_dtype=pl.Int64)
        return codes.fill_null(-1).to_numpy(), len(indices)
    dense = (texts.rank("dense").cast(pl.Int64) - 1).fill_null(-1).to_numpy()
    rows = np.bincount(dense[dense >= 0])
    if len(rows) <= _MAX_CATEGORIES + 1:
        return dense, len(rows)
    # Ties in order, so that the result is deterministic.
    kept = np.sort(np.lexsort((np.arange(len(rows)), -rows))[:_MAX_CATEGORIES])
    index = np.full(len(rows) + 1, _MAX_CATEGORIES)
    index[kept] = np.arange(_MAX_CATEGORIES)
    index[-1] = -1
    return index[dense], _MAX_CATEGORIES + 1
