"""One column → inputs of the network; fitted on training rows, applied to any later ones.

A number becomes a scaled value, a missing indicator if there were missing values, and a position among bins: the
piecewise-linear encoding (Gorishniy, Rubachev and Babenko, NeurIPS 2022). A category becomes a code.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tidynet.core.errors import InputError
from tidynet.preprocessing.categories import (
    MISSING_CATEGORY,
    UNSEEN_CATEGORY,
    categories_by_canonical_value,
    category_text,
    encode_categories,
)
from tidynet.preprocessing.column_scale import LARGEST_NUMBER, mean_and_std, quantile_bin_edges
from tidynet.table.boolean_and_na_values import NA_VALUES
from tidynet.table.date_formats import DATE_FORMATS, parse_datetime

Values = NDArray[np.float64]

_LARGEST_RATIO = 1e150
SOFT_LIMIT = 3.0  # robustly scaled values are limited smoothly to ±3 (Holzmüller et al., NeurIPS 2024)


@dataclass(frozen=True)
class NumberEncoder:
    """A numeric column."""

    name: str
    median: float  # of the training rows, as the next three
    scale: float  # robust
    mean: float  # center for linear models
    std_dev: float  # scale for linear models
    add_indicator: bool  # whether training rows had missing values
    edges: tuple[float, ...] = ()  # increasing edges of the bins; empty without bins
    is_date: bool = False
    date_format: str = ""  # if the dates are text

    @classmethod
    def fit(cls, name: str, values: Values, bins: int) -> NumberEncoder:
        """Fit center, scale and quantile bins on training values, NaN for missing."""
        known = values[~np.isnan(values)]
        if known.size == 0:
            known = np.zeros(1)
        largest = float(np.abs(known).max())
        if largest > LARGEST_NUMBER:
            raise InputError(
                f"the column '{name}' contains a number of size {largest:.3g}, expected at most {LARGEST_NUMBER:g}",
                "divide the column by a constant",
            )
        low, median, high = np.quantile(known, [0.25, 0.5, 0.75])
        scale = high - low if high > low else (known.max() - known.min()) / 2
        mean, std_dev = mean_and_std(known)
        edges = quantile_bin_edges(known, bins) if bins > 1 else np.empty(0)
        return cls(
            name, float(median), float(scale) if scale > 0 else 1.0, float(mean),
            float(std_dev) if std_dev > 0 else 1.0, bool(np.isnan(values).any()),
            tuple(edges.tolist()) if edges.size > 2 else (),
        )  # fmt: skip

    @property
    def bin_rows(self) -> int:
        """Rows of the first weight matrix for the bins and for missing; 0 without bins."""
        return len(self.edges) if self.edges else 0

    def scaled_values(self, values: Values) -> Values:
        """z/√(1 + (z/3)²) of z = (x − median)/scale; 0 for a missing value."""
        z = _standardized(values, self.median, self.scale)
        return z / np.sqrt(1 + (z / SOFT_LIMIT) ** 2)

    def standardized(self, values: Values) -> Values:
        """(x − mean)/std for linear models; 0 for a missing value."""
        return _standardized(values, self.mean, self.std_dev)

    def binned(self, values: Values) -> tuple[NDArray[np.int32], Values]:
        """The bin of each value, and its position in the bin from 0 to 1; values beyond the edges are clipped."""
        edges = np.asarray(self.edges)
        missing = np.isnan(values)
        clipped = np.clip(np.where(missing, self.median, values), edges[0], edges[-1])
        bins = np.clip(np.searchsorted(edges, clipped, side="right") - 1, 0, len(edges) - 2)
        fractions = (clipped - edges[bins]) / (edges[bins + 1] - edges[bins])
        if self.add_indicator:
            bins, fractions = np.where(missing, len(edges) - 1, bins), np.where(missing, 1.0, fractions)
        return bins.astype(np.int32), fractions


def _standardized(values: Values, center: float, scale: float) -> Values:
    """(x − center)/scale, limited so that its square is finite; 0 for a missing value."""
    with np.errstate(over="ignore"):
        z = (np.where(np.isnan(values), center, values) - center) / scale
    return np.clip(z, -_LARGEST_RATIO, _LARGEST_RATIO)


@dataclass(frozen=True)
class CategoryEncoder:
    """A categorical column."""

    name: str
    categories: tuple[str, ...]  # as text, in the order of their codes
    add_indicator: bool  # whether training rows had missing values, which have the last code then
    is_boolean: bool = False  # whether the categories mean false and true, in any spelling

    @classmethod
    def fit(cls, series: pl.Series, order: tuple[str, ...] = (), is_boolean: bool = False) -> CategoryEncoder:
        """Fit on training rows; categories in `order` if given, else by name."""
        text = category_text(series)
        result = set(text.drop_nulls().unique().to_list())
        ordered = [category for category in order if category in result]
        categories = ordered + sorted(result.difference(ordered))
        return cls(series.name, tuple(categories), bool(text.null_count()), is_boolean)

    @property
    def code_rows(self) -> int:
        """Rows of the first weight matrix."""
        return len(self.categories) + self.add_indicator

    @cached_property
    def _by_canonical_value(self) -> dict[str, int]:
        return categories_by_canonical_value(self.categories, self.is_boolean)

    def codes(self, series: pl.Series) -> NDArray[np.int32]:
        """The code of each value in any spelling; −1 for an unseen category."""
        codes = encode_categories(series, self.categories, self.is_boolean, self._by_canonical_value)
        missing = len(self.categories) if self.add_indicator else UNSEEN_CATEGORY
        return np.where(codes == MISSING_CATEGORY, np.int32(missing), codes)


def _drop_missing(text: pl.Series) -> pl.Series:
    """Text without spaces around it, and null where it stands for a missing value."""
    text = text.cast(pl.String).str.strip_chars()
    return text.set(text.is_in(NA_VALUES), None)


def read_dates(series: pl.Series, form: str = "") -> pl.Series:
    """Dates as text, parsed by a format (or a detected one); other types unchanged."""
    if series.dtype != pl.String:
        return series
    series = _drop_missing(series)
    known = [item for item in DATE_FORMATS if item.name == form]
    read = parse_datetime(series, known[0] if known else None)
    wrong = series.filter(read.is_null() & series.is_not_null())
    if len(wrong):
        raise InputError(
            f"the column '{series.name}' contains {wrong[0]!r}, expected a date" + (f" ({form})" if form else ""),
            "correct the values",
        )
    return read


def as_numbers(series: pl.Series) -> Values:
    """A column as float64 with NaN for missing; dates as days since 1970, durations as seconds."""
    dtype = series.dtype
    if dtype == pl.Date:
        series = series.cast(pl.Int32)
    elif dtype == pl.Datetime:
        series = series.dt.replace_time_zone(None).dt.epoch("us") / 86_400e6
    elif dtype == pl.Duration:
        series = series.dt.total_microseconds() / 1e6
    elif dtype == pl.Time:
        series = series.cast(pl.Int64) / 1e9
    elif dtype in (pl.String, pl.Categorical, pl.Enum):
        text = _drop_missing(series)
        series = text.cast(pl.Float64, strict=False)
        wrong = text.filter(series.is_null() & text.is_not_null())
        if len(wrong):
            raise InputError(
                f"the column '{series.name}' contains {wrong[0]!r}, expected numbers as in training",
                "correct the values",
            )
    values: Any = series.cast(pl.Float64).fill_null(np.nan).to_numpy()
    return np.array(values, dtype=np.float64)
