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

from tidynet.look.attention import thresholds
from tidynet.look.profile import ColumnProfile, Profile
from tidynet.table.kind import Judgement, Kind
from tidynet.table.untidy import Untidy

__all__ = ["Seen", "evenly"]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

_TEXTS = (pl.String, pl.Categorical, pl.Enum)


@dataclass(frozen=True)
class Seen:
    """A table as the rules see it.

    Parameters
    ----------
    profile : Profile
        Its numbers; counts of the whole table.
    sample : pl.DataFrame
        The whole table, or rows of it in their order.
    judgements : mapping of str to Judgement
        The kind of each column.
    untidy : sequence of Untidy
        What is not tidy about the table.
    """

    profile: Profile
    sample: pl.DataFrame
    judgements: Mapping[str, Judgement]
    untidy: Sequence[Untidy] = ()
    _kept: dict[tuple[str, str], Any] = field(default_factory=dict, repr=False)

    @cached_property
    def columns(self) -> dict[str, ColumnProfile]:
        """The columns of the profile that the sample holds too, by name."""
        return {one.name: one for one in self.profile.columns if one.name in self.sample.columns}

    @cached_property
    def series(self) -> dict[str, pl.Series]:
        """The columns of the sample by name; themselves nameless, since Polars reads "^a$" as a pattern."""
        return {one.name: one.alias("values") for one in self.sample.get_columns()}

    @cached_property
    def kinds(self) -> dict[str, Kind]:
        """The kind of each column."""
        return {name: Kind(one.kind) for name, one in self.columns.items()}

    @cached_property
    def numeric(self) -> list[str]:
        """Continuous and discrete columns that hold numbers."""
        kinds = (Kind.CONTINUOUS, Kind.DISCRETE)
        return [name for name, kind in self.kinds.items() if kind in kinds and self.series[name].dtype.is_numeric()]

    @cached_property
    def qualitative(self) -> list[str]:
        """Columns whose values are levels."""
        return [name for name, kind in self.kinds.items() if kind.is_qualitative and self.is_plain(name)]

    def is_plain(self, name: str) -> bool:
        """Whether a column holds single values, not lists, records or bytes."""
        dtype = self.series[name].dtype
        return not dtype.is_nested() and dtype not in (pl.Binary, pl.Object)

    def is_text(self, name: str) -> bool:
        """Whether a column holds text or categories."""
        return self.series[name].dtype in _TEXTS

    def finite(self, name: str) -> Floats:
        """The finite values of a column of numbers, sorted."""
        if ("finite", name) not in self._kept:
            values = self.known(name).astype(np.float64)
            self._kept["finite", name] = np.sort(values[np.isfinite(values)])
        kept: Floats = self._kept["finite", name]
        return kept

    def known(self, name: str) -> npt.NDArray[Any]:
        """The values of a column of numbers or times without gaps, in the order of the rows."""
        if ("known", name) not in self._kept:
            self._kept["known", name] = self.series[name].drop_nulls().to_physical().to_numpy()
        kept: npt.NDArray[Any] = self._kept["known", name]
        return kept

    def levels(self, name: str) -> dict[str, int]:
        """The levels of a column as text, most frequent first, and their rows in the sample."""
        if ("levels", name) not in self._kept:
            texts = self.series[name].drop_nulls().alias("level")
            counts = texts.to_frame().group_by("level").len("rows")
            counts = counts.with_columns(pl.col("level").cast(pl.String))
            counts = counts.sort(["rows", "level"], descending=[True, False])
            self._kept["levels", name] = dict(zip(counts["level"].to_list(), counts["rows"].to_list(), strict=True))
        kept: dict[str, int] = self._kept["levels", name]
        return kept

    @cached_property
    def tested(self) -> pl.DataFrame:
        """At most 20,000 rows of the sample, evenly spaced, in their order: what tests rest on."""
        return evenly(self.sample, thresholds.TESTED_ROWS)

    @cached_property
    def gaps(self) -> dict[str, npt.NDArray[np.bool_]]:
        """Where each column with missing values has them, in the tested rows."""
        columns = self.tested.get_columns()
        return {one.name: one.alias("values").is_null().to_numpy() for one in columns if one.null_count()}

    @cached_property
    def coded(self) -> dict[str, Codes]:
        """Qualitative columns of 2 to 60 levels as whole numbers from 0, missing as −1, in the tested rows."""
        coded = {}
        for name in self.qualitative:
            codes = _codes(self.tested.get_column(name))
            if 1 <= codes.max(initial=-1) < thresholds.TESTED_LEVELS:
                coded[name] = codes
        return coded

    @cached_property
    def coded_finely(self) -> dict[str, Codes]:
        """Qualitative columns of more levels, which come again in the tested rows, coded as in `coded`."""
        names = [name for name in self.qualitative if name not in self.coded]
        coded = {name: _codes(self.tested.get_column(name), self.tested.height // 2) for name in names}
        return {name: codes for name, codes in coded.items() if codes.max(initial=-1) > 0}

    @cached_property
    def coded_starts(self) -> dict[str, int]:
        """Where the levels of each column of `coded` begin among the columns of `one_hot`."""
        sizes = [int(codes.max()) + 1 for codes in self.coded.values()]
        starts = np.cumsum([0, *sizes])[: len(sizes)]
        return {name: int(start) for name, start in zip(self.coded, starts, strict=True)}

    @cached_property
    def one_hot(self) -> sparse.csr_matrix:
        """One column for each level of each column of `coded`, 1 where a tested row has it."""
        rows, places = [], []
        for name, codes in self.coded.items():
            known = np.flatnonzero(codes >= 0)
            rows.append(known)
            places.append(codes[known] + self.coded_starts[name])
        row, place = np.concatenate(rows), np.concatenate(places)
        width = max(start + int(self.coded[name].max()) + 1 for name, start in self.coded_starts.items())
        return sparse.csr_matrix((np.ones(len(row)), (row, place)), shape=(self.tested.height, width))

    @cached_property
    def one_hot_rows(self) -> Floats:
        """Tested rows of each level."""
        return np.asarray(self.one_hot.sum(axis=0)).ravel()

    def level_names(self, name: str) -> list[str]:
        """The levels that the numbers of `coded` stand for."""
        known = self.tested.get_column(name).alias("values").drop_nulls().unique().sort()
        return [str(level) for level in known.cast(pl.String).to_list()]

    @cached_property
    def ordered(self) -> list[str]:
        """The columns of `ranks`: numbers, times, and booleans as 0 and 1."""
        timely = (Kind.DATETIME, Kind.DURATION)
        times = [n for n, kind in self.kinds.items() if kind in timely and self.series[n].dtype.is_temporal()]
        pairs = [name for name, codes in self.coded.items() if codes.max() == 1]
        wanted = {*self.numeric, *times, *pairs}
        return [name for name in self.columns if name in wanted]

    @cached_property
    def ranks(self) -> npt.NDArray[np.float32]:
        """Ranks of the tested rows, centred and scaled to length 1; 0 where missing. Shape (rows, columns)."""
        rows = self.tested.height
        ranks = np.zeros((rows, len(self.ordered)), np.float32, order="F")
        for place, name in enumerate(self.ordered):
            one = self.tested.get_column(name).alias("values")
            if one.dtype in _TEXTS:
                known = self.coded[name].astype(np.float64)
                known[known < 0] = np.nan
            else:
                if one.dtype.is_float():
                    one = one.fill_nan(None)
                known = one.to_physical().rank("average").cast(pl.Float64).fill_null(np.nan).to_numpy()
            centred = np.nan_to_num(known - np.nanmean(known), nan=0.0) if np.isfinite(known).any() else np.zeros(rows)
            length = np.linalg.norm(centred)
            ranks[:, place] = centred / length if length > 0 else 0.0
        return ranks

    @cached_property
    def is_sample(self) -> bool:
        """Whether the rows at hand are fewer than the table's."""
        return self.sample.height < self.profile.rows


def evenly(frame: pl.DataFrame, most: int) -> pl.DataFrame:
    """At most `most` rows of a frame, evenly spaced, in their order.

    Examples
    --------
    >>> evenly(pl.DataFrame({"a": range(10)}), 3)["a"].to_list()
    [0, 4, 9]
    """
    if frame.height <= most:
        return frame
    return frame[np.linspace(0, frame.height - 1, most).round().astype(np.int64)]


def _codes(series: pl.Series, most: int = thresholds.TESTED_LEVELS) -> Codes:
    one = series.alias("values")
    if isinstance(one.dtype, pl.Categorical | pl.Enum):
        one = one.cast(pl.String)
    if one.n_unique() > most + 1:
        return np.full(len(one), -1, np.int64)
    return one.rank("dense").cast(pl.Int64).fill_null(0).to_numpy() - 1
