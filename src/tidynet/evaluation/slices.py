"""Columns as slices of rows: categories, quarters of a number, and missing values."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import polars as pl

from tidynet.core.text import format_limit, printable, shorten
from tidynet.table.cell_text import cell_text
from tidynet.table.variable_type import TypeInference

Codes = npt.NDArray[np.int64]

_QUARTERS = (0.25, 0.5, 0.75)
_MAX_CATEGORIES = 12  # the most frequent
_FEW_VALUES = 6  # numbers with at most this many distinct values are categories


@dataclass(frozen=True, eq=False)
class Slices:
    """One column as slices: their conditions, and the slice of each row, −1 for none."""

    name: str
    labels: tuple[str, ...]
    codes: Codes


def make_slices(series: pl.Series, inferred_type: TypeInference, min_count: int) -> Slices | None:
    """The slices of a column with at least `min_count` rows each; None if there are not two."""
    variable_type = inferred_type.variable_type
    if variable_type.is_numeric and series.n_unique() > _FEW_VALUES:
        codes, labels = _quarters(series)
    elif variable_type.is_numeric or variable_type.is_categorical:
        codes, labels = _categories(series)
    else:
        return None
    # Renamed, because Polars takes a name such as "^a$" as a pattern.
    missing = series.alias("values").is_null().to_numpy()
    if missing.any():
        codes, labels = np.where(missing, len(labels), codes), [*labels, f"{short_text(series.name)} missing"]
    large = np.bincount(codes[codes >= 0], minlength=len(labels)) >= min_count
    if large.sum() < 1 or (large.sum() == 1 and (codes >= 0).all() and len(labels) == 1):
        return None
    index = np.where(large, np.cumsum(large) - 1, -1)
    chosen = tuple(label for label, is_large in zip(labels, large.tolist(), strict=True) if is_large)
    return Slices(series.name, chosen, np.where(codes >= 0, index[codes], -1))


def _quarters(series: pl.Series) -> tuple[Codes, list[str]]:
    physical = series.alias("values").to_physical()
    if physical.dtype == pl.String:  # dates written as text
        return _categories(series)
    numbers = physical.cast(pl.Float64).to_numpy()
    edges = np.unique(np.nanquantile(numbers, _QUARTERS))
    codes = np.searchsorted(edges, numbers, side="left").astype(np.int64)
    limits = [edge_text(series, float(edge)) for edge in edges]
    name = short_text(series.name)
    middle = [f"{low} < {name} ≤ {high}" for low, high in pairwise(limits)]
    return codes, [f"{name} ≤ {limits[0]}", *middle, f"{name} > {limits[-1]}"]


def _categories(series: pl.Series) -> tuple[Codes, list[str]]:
    texts = cell_text(series.alias("category"))
    counts = texts.drop_nulls().value_counts().sort(["count", "category"], descending=[True, False])
    frequent = counts["category"].to_list()[:_MAX_CATEGORIES]
    index = {category: code for code, category in enumerate(frequent)}
    codes = np.array([index.get(text, -1) for text in texts.to_list()], dtype=np.int64)
    return codes, [f"{short_text(series.name)} = {short_text(category)}" for category in frequent]


def edge_text(series: pl.Series, edge: float) -> str:
    """A limit between slices: a date, or a number in four digits."""
    if series.dtype.is_temporal():
        return str(pl.Series([round(edge)]).cast(series.dtype)[0])
    return format_limit(edge)


def short_text(value: object) -> str:
    r"""A name or category for a condition, on one line, shortened."""
    return shorten(printable(" ".join(str(value).split())))
