"""Columns as arrays that pairs are measured on: floats where they are quantities, codes of levels or bins for all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from tidynet.look.quantities import as_floats
from tidynet.table.kind import Judgement, Kind

__all__ = ["Variable", "as_variable", "as_variables", "quantile_codes"]

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

_MOST_LEVELS = 60  # the most frequent; all others count as one
_BINS = 12


@dataclass(frozen=True, slots=True)
class Variable:
    """One column as arrays.

    Parameters
    ----------
    name : str
        The column.
    kind : Kind
        Its kind.
    values : ndarray of float64, shape (rows,), or None
        The quantities, or the place in the order of an ordinal's levels; NaN for missing and infinite ones.
    codes : ndarray of int, shape (rows,)
        The level (at most 61 of them) or the bin by quantiles (at most 14), −1 for missing.
    levels : int
        How many codes there are.
    order : ndarray of int, shape (rows,)
        What sorts `values`, equal ones at random, missing ones last; empty without values.
    """

    name: str
    kind: Kind
    values: Floats | None
    codes: Integers
    levels: int
    order: Integers

    @property
    def is_quantity(self) -> bool:
        """Whether differences between the values mean something."""
        return self.kind.is_quantitative


def as_variables(
    frame: pl.DataFrame, judgements: Mapping[str, Judgement], shuffle: Integers | None = None
) -> list[Variable]:
    """The columns that pairs can be made of: quantities and levels, no identifiers, texts or constants."""
    made = (as_variable(series, judgements[series.name], shuffle) for series in frame.get_columns())
    return [one for one in made if one is not None]


def as_variable(series: pl.Series, judgement: Judgement, shuffle: Integers | None = None) -> Variable | None:
    """A column as arrays, or None if it has neither quantities nor levels that come again.

    Parameters
    ----------
    series : pl.Series, shape (rows,)
        The column.
    judgement : Judgement
        Its kind.
    shuffle : ndarray of int, shape (rows,), optional
        A permutation of the rows that decides the order of equal values.

    Examples
    --------
    >>> as_variable(pl.Series("c", ["b", None, "a", "b"]), Judgement(Kind.NOMINAL, "texts")).codes.tolist()
    [1, -1, 0, 1]
    """
    name, kind = series.name, judgement.kind
    series = series.alias("values")  # Polars would take a name such as "^a$" for a pattern
    composite = series.dtype.is_nested() or series.dtype in (pl.Binary, pl.Object)
    if composite or series.null_count() == len(series):
        return None
    if kind.is_quantitative:
        read = as_floats(series, kind)
        if read is None:
            return None
        values = np.where(np.isfinite(read[0]), read[0], np.nan)
        order = _order(values, shuffle)
        codes, levels = quantile_codes(values, order, _BINS)
        return Variable(name, kind, values, codes, levels, order) if levels else None
    if not kind.is_qualitative:
        return None
    codes, levels = _level_codes(series, judgement)
    if kind is not Kind.ORDINAL:
        return Variable(name, kind, None, codes, levels, np.empty(0, np.int64))
    places = np.where(codes >= 0, codes, np.nan).astype(np.float64)
    return Variable(name, kind, places, codes, levels, _order(places, shuffle))


def quantile_codes(values: Floats, order: Integers, bins: int) -> tuple[Integers, int]:
    """Bins of about equally many rows, equal values always together; −1 for NaN.

    Examples
    --------
    >>> values = np.array([5.0, 1.0, 1.0, np.nan, 9.0])
    >>> quantile_codes(values, np.argsort(values), 3)
    (array([ 1,  0,  0, -1,  1]), 2)
    """
    known = int(np.count_nonzero(values == values))
    if not known:
        return np.full(len(values), -1), 0
    ordered = values[order[:known]]
    cuts = _cuts(ordered, bins)
    if len(cuts) < bins // 2:
        # One value has most rows, such as 0: it gets a bin of its own, and the others theirs.
        middle = _heaviest(ordered)
        rest = ordered[ordered != middle]
        above = rest[rest > middle][:1]
        cuts = np.unique(np.concatenate([_cuts(rest, bins), [middle], above])) if rest.size else cuts
        cuts = cuts[cuts > ordered[0]]
    codes = np.searchsorted(cuts, values, side="right")
    codes[values != values] = -1
    return codes, len(cuts) + 1


def _cuts(ordered: Floats, bins: int) -> Floats:
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


def _level_codes(series: pl.Series, judgement: Judgement) -> tuple[Integers, int]:
    texts = series.cast(pl.String)
    if judgement.kind is Kind.ORDINAL and judgement.levels and len(judgement.levels) <= _MOST_LEVELS:
        places = list(range(len(judgement.levels)))
        codes = texts.replace_strict(list(judgement.levels), places, default=None, return_dtype=pl.Int64)
        return codes.fill_null(-1).to_numpy(), len(places)
    dense = (texts.rank("dense").cast(pl.Int64) - 1).fill_null(-1).to_numpy()
    rows = np.bincount(dense[dense >= 0])
    if len(rows) <= _MOST_LEVELS + 1:
        return dense, len(rows)
    # By rows and then by place, so that the same table always keeps the same levels.
    kept = np.sort(np.lexsort((np.arange(len(rows)), -rows))[:_MOST_LEVELS])
    place = np.full(len(rows) + 1, _MOST_LEVELS)
    place[kept] = np.arange(_MOST_LEVELS)
    place[-1] = -1
    return place[dense], _MOST_LEVELS + 1
