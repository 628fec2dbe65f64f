"""What the rules look at: the profile, rows of the table, and arrays that several rules share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse

from tidynet.profiling.findings import thresholds
from tidynet.profiling.profile import ColumnProfile, Profile
from tidynet.table.tidiness import TidinessIssue
from tidynet.table.variable_type import TypeInference, VariableType

__all__ = ["FindingContext", "evenly_spaced_rows"]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

_TEXTS = (pl.String, pl.Categorical, pl.Enum)


@dataclass(frozen=True)
class FindingContext:
    """A table as the rules see it."""

    profile: Profile
    sample: pl.DataFrame
    inferred_types: Mapping[str, TypeInference]
    tidiness_issues: Sequence[TidinessIssue] = ()
    _cache: dict[tuple[str, str], Any] = field(default_factory=dict, repr=False)

    @cached_property
    def columns(self) -> dict[str, ColumnProfile]:
        """The columns of the profile that the sample holds too, by name."""
        return {item.name: item for item in self.profile.columns if item.name in self.sample.columns}

    @cached_property
    def series(self) -> dict[str, pl.Series]:
        """The columns of the sample by name; themselves nameless, since Polars reads "^a$" as a pattern."""
        return {item.name: item.alias("values") for item in self.sample.get_columns()}

    @cached_property
    def variable_types(self) -> dict[str, VariableType]:
        """The kind of each column."""
        return {name: VariableType(item.variable_type) for name, item in self.columns.items()}

    @cached_property
    def numeric_columns(self) -> list[str]:
        """Continuous and discrete columns that hold numbers."""
        kinds = (VariableType.CONTINUOUS, VariableType.DISCRETE)
        return [
            name for name, kind in self.variable_types.items() if kind in kinds and self.series[name].dtype.is_numeric()
        ]

    @cached_property
    def categorical_columns(self) -> list[str]:
        """Columns whose values are levels."""
        return [
            name for name, kind in self.variable_types.items() if kind.is_categorical and self.is_scalar_column(name)
        ]

    def is_scalar_column(self, name: str) -> bool:
        """Whether a column holds single values, not lists, records or bytes."""
        dtype = self.series[name].dtype
        return not dtype.is_nested() and dtype not in (pl.Binary, pl.Object)

    def is_text(self, name: str) -> bool:
        """Whether a column holds text or categories."""
        return self.series[name].dtype in _TEXTS

    def finite_values(self, name: str) -> Floats:
        """The finite values of a column of numbers, sorted."""
        if ("finite", name) not in self._cache:
            values = self.known_values(name).astype(np.float64)
            self._cache["finite", name] = np.sort(values[np.isfinite(values)])
        kept: Floats = self._cache["finite", name]
        return kept

    def known_values(self, name: str) -> npt.NDArray[Any]:
        """The values of a column of numbers or times without gaps, in the order of the rows."""
        if ("known", name) not in self._cache:
            self._cache["known", name] = self.series[name].drop_nulls().to_physical().to_numpy()
        kept: npt.NDArray[Any] = self._cache["known", name]
        return kept

    def category_counts(self, name: str) -> dict[str, int]:
        """The levels of a column as text, most frequent first, and their rows in the sample."""
        if ("levels", name) not in self._cache:
            texts = self.series[name].drop_nulls().alias("level")
            counts = texts.to_frame().group_by("level").len("rows")
            counts = counts.with_columns(pl.col("level").cast(pl.String))
            counts = counts.sort(["rows", "level"], descending=[True, False])
            self._cache["levels", name] = dict(zip(counts["level"].to_list(), counts["rows"].to_list(), strict=True))
        kept: dict[str, int] = self._cache["levels", name]
        return kept

    @cached_property
    def tested_rows(self) -> pl.DataFrame:
        """At most 20,000 rows of the sample, evenly spaced, in their order: what tests rest on."""
        return evenly_spaced_rows(self.sample, thresholds.TESTED_ROWS)

    @cached_property
    def missing_mask(self) -> dict[str, npt.NDArray[np.bool_]]:
        """Where each column with missing values has them, in the tested rows."""
        columns = self.tested_rows.get_columns()
        return {item.name: item.alias("values").is_null().to_numpy() for item in columns if item.null_count()}

    @cached_property
    def category_codes(self) -> dict[str, Codes]:
        """Qualitative columns of 2 to 60 levels as whole numbers from 0, missing as −1, in the tested rows."""
        coded = {}
        for name in self.categorical_columns:
            codes = _codes(self.tested_rows.get_column(name))
            if 1 <= codes.max(initial=-1) < thresholds.TESTED_CATEGORIES:
                coded[name] = codes
        return coded

    @cached_property
    def fine_category_codes(self) -> dict[str, Codes]:
        """Qualitative columns of more levels, which come again in the tested rows, coded as in `coded`."""
        names = [name for name in self.categorical_columns if name not in self.category_codes]
        coded = {name: _codes(self.tested_rows.get_column(name), self.tested_rows.height // 2) for name in names}
        return {name: codes for name, codes in coded.items() if codes.max(initial=-1) > 0}

    @cached_property
    def coded_starts(self) -> dict[str, int]:
        """Where the levels of each column of `coded` begin among the columns of `one_hot`."""
        sizes = [int(codes.max()) + 1 for codes in self.category_codes.values()]
        starts = np.cumsum([0, *sizes])[: len(sizes)]
        return {name: int(start) for name, start in zip(self.category_codes, starts, strict=True)}

    @cached_property
    def one_hot(self) -> sparse.csr_matrix:
        """One column for each level of each column of `coded`, 1 where a tested row has it."""
        rows, indices = [], []
        for name, codes in self.category_codes.items():
            non_missing = np.flatnonzero(codes >= 0)
            rows.append(non_missing)
            indices.append(codes[non_missing] + self.coded_starts[name])
        row, index = np.concatenate(rows), np.concatenate(indices)
        width = max(start + int(self.category_codes[name].max()) + 1 for name, start in self.coded_starts.items())
        return sparse.csr_matrix((np.ones(len(row)), (row, index)), shape=(self.tested_rows.height, width))

    @cached_property
    def one_hot_rows(self) -> Floats:
        """Tested rows of each level."""
        return np.asarray(self.one_hot.sum(axis=0)).ravel()

    def level_names(self, name: str) -> list[str]:
        """The levels that the numbers of `coded` stand for."""
        non_missing = self.tested_rows.get_column(name).alias("values").drop_nulls().unique().sort()
        return [str(level) for level in non_missing.cast(pl.String).to_list()]

    @cached_property
    def ranked_columns(self) -> list[str]:
        """The columns of `ranks`: numbers, times, and booleans as 0 and 1."""
        timely = (VariableType.DATETIME, VariableType.DURATION)
        times = [n for n, kind in self.variable_types.items() if kind in timely and self.series[n].dtype.is_temporal()]
        pairs = [name for name, codes in self.category_codes.items() if codes.max() == 1]
        requested = {*self.numeric_columns, *times, *pairs}
        return [name for name in self.columns if name in requested]

    @cached_property
    def value_ranks(self) -> npt.NDArray[np.float32]:
        """Ranks of the tested rows, centred and scaled to length 1; 0 where missing. Shape (rows, columns)."""
        rows = self.tested_rows.height
        ranks = np.zeros((rows, len(self.ranked_columns)), np.float32, order="F")
        for index, name in enumerate(self.ranked_columns):
            item = self.tested_rows.get_column(name).alias("values")
            if item.dtype in _TEXTS:
                non_missing = self.category_codes[name].astype(np.float64)
                non_missing[non_missing < 0] = np.nan
            else:
                if item.dtype.is_float():
                    item = item.fill_nan(None)
                non_missing = item.to_physical().rank("average").cast(pl.Float64).fill_null(np.nan).to_numpy()
            centred = (
                np.nan_to_num(non_missing - np.nanmean(non_missing), nan=0.0)
                if np.isfinite(non_missing).any()
                else np.zeros(rows)
            )
            length = np.linalg.norm(centred)
            ranks[:, index] = centred / length if length > 0 else 0.0
        return ranks

    @cached_property
    def is_sample(self) -> bool:
        """Whether the rows at hand are fewer than the table's."""
        return self.sample.height < self.profile.rows


def evenly_spaced_rows(frame: pl.DataFrame, max_rows: int) -> pl.DataFrame:
    """At most `max_rows` rows of a frame, evenly spaced, in their order.

    >>> evenly_spaced_rows(pl.DataFrame({"a": range(10)}), 3)["a"].to_list()
    [0, 4, 9]
    """
    if frame.height <= max_rows:
        return frame
    return frame[np.linspace(0, frame.height - 1, max_rows).round().astype(np.int64)]


def _codes(series: pl.Series, max_rows: int = thresholds.TESTED_CATEGORIES) -> Codes:
    item = series.alias("values")
    if isinstance(item.dtype, pl.Categorical | pl.Enum):
        item = item.cast(pl.String)
    if item.n_unique() > max_rows + 1:
        return np.full(len(item), -1, np.int64)
    return item.rank("dense").cast(pl.Int64).fill_null(0).to_numpy() - 1
