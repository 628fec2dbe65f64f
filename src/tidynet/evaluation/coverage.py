"""Coverage of prediction sets and intervals on test rows: over all of them, by slice and by class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from tidynet.evaluation.labels import label_codes
from tidynet.evaluation.slices import edge_text, short_text

Array = npt.NDArray[Any]

MIN_ROWS = 20  # of a slice
MIN_CLASS_ROWS = 5  # rare classes often matter; the interval shows the uncertainty
MAX_CATEGORIES = 12  # of a column, or classes, by their number of rows
QUARTERS = 4


@dataclass(frozen=True)
class CoverageResult:
    """How often sets or intervals contain the true value."""

    target_coverage: float
    rows: int
    n_covered: int
    low: float  # of the exact 95% CI
    high: float
    size: float  # mean number of labels of a set, or mean width of an interval
    sizes: dict[str, int]  # rows by the number of labels of their set; empty for intervals

    @property
    def coverage(self) -> float:
        """Fraction of rows whose set or interval contains the true value."""
        return self.n_covered / self.rows if self.rows else float("nan")

    def to_dict(self) -> dict[str, Any]:
        """Plain data, for JSON."""
        return asdict(self) | {"coverage": self.coverage}

    @property
    def assessment(self) -> Literal["kept", "less", "more", "unclear"]:
        """The coverage against its target; unclear while the interval includes twice the odds of a miss."""
        if self.high < self.target_coverage:
            return "less"
        if self.low > self.target_coverage:
            return "more"
        return "kept" if self.low > _miss_odds_doubled(self.target_coverage) else "unclear"


@dataclass(frozen=True)
class SliceCoverage:
    """The coverage of a category of a column, a quarter of a number, or a true class (`column` is empty)."""

    column: str
    description: str
    coverage: CoverageResult


def binomial_interval(n_covered: int, rows: int, level: float = 0.95) -> tuple[float, float]:
    """Exact interval of a fraction (Clopper and Pearson, 1934)."""
    from scipy.stats import beta

    tail = (1 - level) / 2
    low = float(beta.ppf(tail, n_covered, rows - n_covered + 1)) if n_covered else 0.0
    high = float(beta.ppf(1 - tail, n_covered + 1, rows - n_covered)) if n_covered < rows else 1.0
    return low, high


def _miss_odds_doubled(target_coverage: float) -> float:
    """The coverage at which the odds of a miss are twice the target's: 9 to 1 becomes 9 to 2."""
    return target_coverage / (2 - target_coverage)


def coverage_of_sets(
    y_true: npt.ArrayLike, members: npt.ArrayLike, classes: npt.ArrayLike, target_coverage: float
) -> CoverageResult:
    """The coverage of prediction sets, from the mask of `predict_set_mask`; unknown classes are in no set."""
    mask = np.asarray(members, dtype=bool)
    return _coverage(covered_by_sets(y_true, mask, classes), mask.sum(axis=1), target_coverage, sets=True)


def coverage_of_intervals(y_true: npt.ArrayLike, intervals: npt.ArrayLike, target_coverage: float) -> CoverageResult:
    """The coverage of intervals of shape (rows, 2), limits included."""
    limits = np.asarray(intervals, dtype=np.float64)
    return _coverage(covered_by_intervals(y_true, limits), limits[:, 1] - limits[:, 0], target_coverage, sets=False)


def covered_by_sets(y_true: npt.ArrayLike, members: Array, classes: npt.ArrayLike) -> Array:
    """Whether each row's set contains its true class, shape (rows,)."""
    codes = label_codes(y_true, classes)
    return np.asarray(members[np.arange(len(codes)), codes] & (codes >= 0))


def covered_by_intervals(y_true: npt.ArrayLike, limits: Array) -> Array:
    """Whether each row's interval contains its true number, shape (rows,)."""
    values = np.asarray(y_true, dtype=np.float64)
    return np.asarray((limits[:, 0] <= values) & (values <= limits[:, 1]))


def coverage_by_slice(
    covered: npt.ArrayLike,
    sizes: npt.ArrayLike,
    target_coverage: float,
    columns: Sequence[pl.Series],
    sets: bool = False,
) -> tuple[SliceCoverage, ...]:
    """The coverage of each category and quarter of columns with enough rows, the lowest first."""
    inside, widths = np.asarray(covered, dtype=bool), np.asarray(sizes, dtype=np.float64)
    result = [
        SliceCoverage(column.name, text, _coverage(inside[rows], widths[rows], target_coverage, sets=sets))
        for column in columns
        for text, rows in _slices(column)
        if rows.sum() >= MIN_ROWS
    ]
    return tuple(sorted(result, key=lambda item: item.coverage.coverage))


def coverage_by_class(
    y_true: npt.ArrayLike, members: npt.ArrayLike, classes: npt.ArrayLike, target_coverage: float
) -> tuple[SliceCoverage, ...]:
    """The coverage of prediction sets within each true class, the lowest first; of many classes the most frequent."""
    mask, true = np.asarray(members, dtype=bool), np.asarray(y_true)
    covered, sizes = covered_by_sets(true, mask, classes), mask.sum(axis=1)
    of_class = [(label, true == label) for label in np.asarray(classes).tolist()]
    frequent = sorted(of_class, key=lambda item: -int(item[1].sum()))[:MAX_CATEGORIES]
    result = [
        SliceCoverage(
            "", f"true class {short_text(label)}", _coverage(covered[rows], sizes[rows], target_coverage, sets=True)
        )
        for label, rows in frequent
        if rows.sum() >= MIN_CLASS_ROWS
    ]
    return tuple(sorted(result, key=lambda item: item.coverage.coverage))


def _slices(column: pl.Series) -> list[tuple[str, Array]]:
    """(condition, mask of rows) for each slice of a column."""
    name = short_text(column.name)
    missing = column.is_null().to_numpy()
    slices = [(f"{name} missing", missing)] if missing.any() else []
    is_number = column.dtype.is_numeric() or column.dtype.is_temporal()
    # A duration has no text in Polars.
    if is_number and (column.n_unique() > MAX_CATEGORIES or column.dtype == pl.Duration):
        if missing.all():
            return slices
        values = column.to_physical().cast(pl.Float64).to_numpy()
        edges = np.unique(np.nanquantile(values, np.linspace(0, 1, QUARTERS + 1)))
        for index, (low, high) in enumerate(pairwise(edges)):
            last = index == len(edges) - 2
            inside = (values >= low) & ((values <= high) if last else (values < high))
            limits = f"{edge_text(column, float(low))} to {edge_text(column, float(high))}"
            slices.append((f"{name} {limits}", inside))
        return slices
    text = column.cast(pl.String)
    frequent = text.drop_nulls().value_counts(sort=True).get_column(column.name)[:MAX_CATEGORIES]
    return slices + [
        (f"{name} = {short_text(category)}", (text == category).fill_null(False).to_numpy()) for category in frequent
    ]


def _coverage(covered: Array, sizes: Array, target_coverage: float, *, sets: bool) -> CoverageResult:
    rows, inside = len(covered), int(covered.sum())
    low, high = binomial_interval(inside, rows) if rows else (0.0, 1.0)
    counts = {str(size): int(count) for size, count in zip(*np.unique(sizes, return_counts=True), strict=True)}
    return CoverageResult(
        target_coverage, rows, inside, low, high, float(sizes.mean()) if rows else float("nan"), counts if sets else {}
    )
