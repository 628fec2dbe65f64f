"""Columns as cells that rows fall into: levels, quarters of a number, and gaps."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import polars as pl

from tidynet.core.text import format_number, quote
from tidynet.table.variable_type import TypeInference

__all__ = ["Slices", "edge_shown", "make_slices"]

Codes = npt.NDArray[np.int64]

_QUARTERS = (0.25, 0.5, 0.75)
_MAX_LEVELS = 12  # the most frequent ones
_FEW_VALUES = 6  # numbers of so few different values are levels


@dataclass(frozen=True, eq=False)
class Slices:
    """One column as cells."""

    name: str
    labels: tuple[str, ...]
    codes: Codes


def make_slices(series: pl.Series, inferred_type: TypeInference, min_count: int) -> Slices | None:
    """The cells of a column that hold at least `min_count` rows each; None if there are not two.

    Examples
    --------
    >>> from tidynet.table.variable_type import Kind
    >>> found = make_slices(pl.Series("age", [1.0, 2, 3, 4, 5, 6, 7, None]), TypeInference(Kind.CONTINUOUS, ""), 1)
    >>> found.labels
    ("'age' is up to 2.5", "'age' is above 2.5 up to 4", "'age' is above 4 up to 5.5", "'age' is above 5.5", \
"'age' is missing")
    """
    kind = inferred_type.variable_type
    if kind.is_numeric and series.n_unique() > _FEW_VALUES:
        codes, labels = _quarters(series)
    elif kind.is_numeric or kind.is_categorical:
        codes, labels = _levels(series)
    else:
        return None
    # Nameless, since Polars takes a name such as "^a$" for a pattern.
    missing = series.alias("values").is_null().to_numpy()
    if missing.any():
        codes, labels = np.where(missing, len(labels), codes), [*labels, f"{quote(series.name)} is missing"]
    kept = np.bincount(codes[codes >= 0], minlength=len(labels)) >= min_count
    if kept.sum() < 1 or (kept.sum() == 1 and (codes >= 0).all() and len(labels) == 1):
        return None
    index = np.where(kept, np.cumsum(kept) - 1, -1)
    chosen = tuple(label for label, keep in zip(labels, kept.tolist(), strict=True) if keep)
    return Slices(series.name, chosen, np.where(codes >= 0, index[codes], -1))


def _quarters(series: pl.Series) -> tuple[Codes, list[str]]:
    physical = series.alias("values").to_physical()
    if physical.dtype == pl.String:  # dates that are written as text sort as they are
        return _levels(series)
    numbers = physical.cast(pl.Float64).to_numpy()
    edges = np.unique(np.nanquantile(numbers, _QUARTERS))
    codes = np.searchsorted(edges, numbers, side="left").astype(np.int64)
    display_text = [edge_shown(series, float(edge)) for edge in edges]
    name = quote(series.name)
    middle = [f"{name} is above {low} up to {high}" for low, high in pairwise(display_text)]
    return codes, [f"{name} is up to {display_text[0]}", *middle, f"{name} is above {display_text[-1]}"]


def edge_shown(series: pl.Series, edge: float) -> str:
    """A place between parts of a column as people write it: a date, or a number in few digits.

    Examples
    --------
    >>> edge_shown(pl.Series([0.0]), 18034.7), edge_shown(pl.Series([0]), 2007.0), edge_shown(pl.Series([0]), 3.1672)
    ('18,035', '2007', '3.167')
    """
    if series.dtype.is_temporal():
        return str(pl.Series([round(edge)]).cast(series.dtype)[0])
    # Four digits tell quarters apart, and a year has no comma.
    return f"{edge:.4g}".replace("-", "−", 1) if 1e-4 <= abs(edge) < 9999.5 or not edge else format_number(edge)


def _levels(series: pl.Series) -> tuple[Codes, list[str]]:
    texts = series.alias("level")
    if texts.dtype == pl.Duration:  # which has no text in Polars
        texts = pl.Series("level", [None if item is None else str(item) for item in texts.to_list()], pl.String)
    texts = texts.cast(pl.String)
    counts = texts.drop_nulls().value_counts().sort(["count", "level"], descending=[True, False])
    frequent = counts["level"].to_list()[:_MAX_LEVELS]
    index = {level: code for code, level in enumerate(frequent)}
    codes = np.array([index.get(text, -1) for text in texts.to_list()], dtype=np.int64)
    return codes, [f"{quote(series.name)} is {quote(level)}" for level in frequent]
