"""The input of the rules: the profile, rows of the table, and arrays that several rules share."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse

from tidynet.profiling.categories import category_counts
from tidynet.profiling.findings import thresholds
from tidynet.profiling.profile import ColumnProfile, Profile
from tidynet.table.cell_text import cell_text
from tidynet.table.tidiness import TidinessIssue
from tidynet.table.variable_type import TypeInference, VariableType

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

_TEXTS = (pl.String, pl.Categorical, pl.Enum)


@dataclass(frozen=True)
class FindingContext:
    """A table with everything that the rules need."""

    profile: Profile
    sample: pl.DataFrame
    inferred_types: Mapping[str, TypeInference]
    tidiness_issues: Sequence[TidinessIssue] = ()
    _cache: dict[tuple[str, str], Any] = field(default_factory=dict, repr=False)

    @cached_property
    def columns(self) -> dict[str, ColumnProfile]:
        """The columns of both the profile and the sample, by name."""
        return {item.name: item for item in self.profile.columns if item.name in self.sample.columns}

    @cached_property
    def series(self) -> dict[str, pl.Series]:
        """The columns of the sample by name, renamed because Polars interprets "^a$" as a pattern."""
        return {item.name: item.alias("values") for item in self.sample.get_columns()}

    @cached_property
    def variable_types(self) -> dict[str, VariableType]:
        """The variable type of each column."""
        return {name: VariableType(item.variable_type) for name, item in self.columns.items()}

    @cached_property
    def numeric_columns(self) -> list[str]:
        """Continuous and discrete columns of numbers."""
        return [
            name
            for name, variable_type in self.variable_types.items()
            if variable_type in (VariableType.CONTINUOUS, VariableType.DISCRETE)
            and self.series[name].dtype.is_numeric()
        ]

    @cached_property
    def categorical_columns(self) -> list[str]:
        """Columns with single values of a categorical type."""
        return [
            name
            for name, variable_type in self.variable_types.items()
            if variable_type.is_categorical and self.is_scalar_column(name)
        ]

    def is_scalar_column(self, name: str) -> bool:
        """Whether the values are neither lists, records nor bytes."""
        dtype = self.series[name].dtype
        return not dtype.is_nested() and dtype not in (pl.Binary, pl.Object)

    def is_text(self, name: str) -> bool:
        """Whether a column is stored as text."""
        return self.series[name].dtype in _TEXTS

    def finite_values(self, name: str) -> Floats:
        """The finite values of a column of numbers, sorted."""
        if ("finite", name) not in self._cache:
            values = self.known_values(name).astype(np.float64)
            self._cache["finite", name] = np.sort(values[np.isfinite(values)])
        cached: Floats = self._cache["finite", name]
        return cached

    def known_values(self, name: str) -> npt.NDArray[Any]:
        """The known values of a column of numbers or times, in row order."""
        if ("known", name) not in self._cache:
            self._cache["known", name] = self.series[name].drop_nulls().to_physical().to_numpy()
        cached: npt.NDArray[Any] = self._cache["known", name]
        return cached

    def category_counts(self, name: str) -> dict[str, int]:
        """The categories of a column as text with their rows in the sample, most frequent first."""
        if ("categories", name) not in self._cache:
            self._cache["categories", name] = dict(category_counts(self.series[name]).iter_rows())
        cached: dict[str, int] = self._cache["categories", name]
        return cached

    @cached_property
    def tested_rows(self) -> pl.DataFrame:
        """At most 20,000 evenly spaced rows of the sample, for significance tests."""
        return evenly_spaced_rows(self.sample, thresholds.TESTED_ROWS)

    @cached_property
    def missing_mask(self) -> dict[str, npt.NDArray[np.bool_]]:
        """The missing values of each incomplete column, in the tested rows."""
        columns = self.tested_rows.get_columns()
        return {item.name: item.alias("values").is_null().to_numpy() for item in columns if item.null_count()}

    @cached_property
    def category_codes(self) -> dict[str, Codes]:
        """Categorical columns of 2 to 60 categories as codes from 0, missing as −1, in the tested rows."""
        coded = {}
        for name in self.categorical_columns:
            codes = _codes(self.tested_rows.get_column(name))
            if 1 <= codes.max(initial=-1) < thresholds.TESTED_CATEGORIES:
                coded[name] = codes
        return coded

    @cached_property
    def fine_category_codes(self) -> dict[str, Codes]:
        """Codes of columns with more categories, which repeat in the tested rows."""
        names = [name for name in self.categorical_columns if name not in self.category_codes]
        coded = {name: _codes(self.tested_rows.get_column(name), self.tested_rows.height // 2) for name in names}
        return {name: codes for name, codes in coded.items() if codes.max(initial=-1) > 0}

    @cached_property
    def one_hot_starts(self) -> dict[str, int]:
        """The first column in `one_hot` of each column of `category_codes`."""
        sizes = [int(codes.max()) + 1 for codes in self.category_codes.values()]
        starts = np.cumsum([0, *sizes])[: len(sizes)]
        return {name: int(start) for name, start in zip(self.category_codes, starts, strict=True)}

    @cached_property
    def one_hot(self) -> sparse.csr_matrix:
        """One-hot encoding of `category_codes` over the tested rows."""
        rows, indices = [], []
        for name, codes in self.category_codes.items():
            known = np.flatnonzero(codes >= 0)
            rows.append(known)
            indices.append(codes[known] + self.one_hot_starts[name])
        row, index = np.concatenate(rows), np.concatenate(indices)
        width = max(start + int(self.category_codes[name].max()) + 1 for name, start in self.one_hot_starts.items())
        return sparse.csr_matrix((np.ones(len(row)), (row, index)), shape=(self.tested_rows.height, width))

    @cached_property
    def one_hot_rows(self) -> Floats:
        """Tested rows of each category."""
        return np.asarray(self.one_hot.sum(axis=0)).ravel()

    def category_names(self, name: str) -> list[str]:
        """The categories of the codes of a column."""
        known = self.tested_rows.get_column(name).alias("values").drop_nulls().unique().sort()
        return [str(category) for category in cell_text(known).to_list()]

    @cached_property
    def ranked_columns(self) -> list[str]:
        """The columns of `value_ranks`: numbers, times, and two categories as 0 and 1."""
        time_types = (VariableType.DATETIME, VariableType.DURATION)
        times = [
            n
            for n, variable_type in self.variable_types.items()
            if variable_type in time_types and self.series[n].dtype.is_temporal()
        ]
        binary = [name for name, codes in self.category_codes.items() if codes.max() == 1]
        ranked = {*self.numeric_columns, *times, *binary}
        return [name for name in self.columns if name in ranked]

    @cached_property
    def value_ranks(self) -> npt.NDArray[np.float32]:
        """Ranks of the tested rows, centered and of length 1; 0 where missing. Shape (rows, columns)."""
        rows = self.tested_rows.height
        ranks = np.zeros((rows, len(self.ranked_columns)), np.float32, order="F")
        for index, name in enumerate(self.ranked_columns):
            item = self.tested_rows.get_column(name).alias("values")
            if item.dtype in _TEXTS:
                known = self.category_codes[name].astype(np.float64)
                known[known < 0] = np.nan
            else:
                if item.dtype.is_float():
                    item = item.fill_nan(None)
                known = item.to_physical().rank("average").cast(pl.Float64).fill_null(np.nan).to_numpy()
            centered = np.nan_to_num(known - np.nanmean(known), nan=0.0) if np.isfinite(known).any() else np.zeros(rows)
            length = np.linalg.norm(centered)
            ranks[:, index] = centered / length if length > 0 else 0.0
        return ranks

    def cached(self, key: tuple[str, str], compute: Callable[[], Any]) -> Any:
        """What several rules share, computed once."""
        if key not in self._cache:
            self._cache[key] = compute()
        return self._cache[key]

    def first_rows(self, mask: pl.Series | npt.NDArray[np.bool_]) -> tuple[int, ...]:
        """The first rows of the sample where a mask is true; a missing value is false."""
        values = mask.fill_null(value=False).to_numpy() if isinstance(mask, pl.Series) else mask
        return tuple(np.flatnonzero(values)[: thresholds.LISTED_ROWS].tolist())

    def rows_with(self, name: str, values: Collection[Any]) -> tuple[int, ...]:
        """The first rows of the sample in which a column has one of the values, given as text or as numbers."""
        are_texts = all(isinstance(value, str) for value in values)
        series = self.series[name].cast(pl.String if are_texts else pl.Float64)
        return self.first_rows(series.is_in(list(values) if are_texts else [float(value) for value in values]))

    def whole(self, name: str) -> str:
        """What a fraction of the values of a column is a fraction of."""
        return "known values" if self.series[name].null_count() else "rows"

    @cached_property
    def is_sample(self) -> bool:
        """Whether the sample has fewer rows than the table."""
        return self.sample.height < self.profile.rows


def evenly_spaced_rows(frame: pl.DataFrame, max_rows: int) -> pl.DataFrame:
    """At most `max_rows` rows of a frame, evenly spaced, in their order."""
    if frame.height <= max_rows:
        return frame
    return frame[np.linspace(0, frame.height - 1, max_rows).round().astype(np.int64)]


def _codes(series: pl.Series, max_rows: int = thresholds.TESTED_CATEGORIES) -> Codes:
    item = series.alias("values")
    if isinstance(item.dtype, pl.Categorical | pl.Enum):
        item = cell_text(item)
    if item.n_unique() > max_rows + 1:
        return np.full(len(item), -1, np.int64)
    return item.rank("dense").cast(pl.Int64).fill_null(0).to_numpy() - 1
