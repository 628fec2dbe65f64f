"""Whether sets and intervals keep their promise on test rows: over all of them, and over parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from tidynet.evaluation.slices import edge_shown

__all__ = [
    "CoverageResult",
    "SliceCoverage",
    "binomial_interval",
    "coverage_by_class",
    "coverage_by_slice",
    "coverage_of_intervals",
    "coverage_of_sets",
    "covered_by_intervals",
    "covered_by_sets",
]

Array = npt.NDArray[Any]

MIN_ROWS = 20  # of a part; fewer say nothing of a coverage
FEWEST_OF_CLASS = 5  # of a rare class, which is often what matters; its interval says how little is known
MOST_LEVELS = 12  # of a column, or classes, by their number of rows
QUARTERS = 4


@dataclass(frozen=True)
class CoverageResult:
    """How often sets or intervals hold the truth.

    Attributes
    ----------
    target_coverage : float
    rows : int
    n_covered : int
        Rows whose set or interval holds the truth.
    low, high : float
        Exact 95% interval of the coverage.
    size : float
        Mean number of labels of a set, or mean width of an interval.
    sizes : dict of str to int
        Rows by the number of labels of their set; empty for intervals.
    """

    target_coverage: float
    rows: int
    n_covered: int
    low: float
    high: float
    size: float
    sizes: dict[str, int]

    @property
    def coverage(self) -> float:
        """Share of rows whose set or interval holds the truth."""
        return self.n_covered / self.rows if self.rows else float("nan")

    def to_dict(self) -> dict[str, Any]:
        """Plain data, for JSON."""
        return asdict(self) | {"coverage": self.coverage}

    @property
    def assessment(self) -> Literal["kept", "less", "more", "unclear"]:
        """Whether the promise is kept; unclear while the rows leave room for twice the odds of a miss.

        An interval that holds what was stated is no finding by itself: that of three rows holds nearly everything.
        """
        if self.high < self.target_coverage:
            return "less"
        if self.low > self.target_coverage:
            return "more"
        return "kept" if self.low > _miss_rate_doubled(self.target_coverage) else "unclear"

    def sentence(self) -> str:
        """What was found, in words.

        Examples
        --------
        >>> CoverageResult(0.9, 200, 178, 0.838, 0.930, 1.3, {}).sentence()
        'at a stated 90%, 178 of 200 rows are held: 89.0% (95% interval 83.8% to 93.0%), as promised'
        >>> coverage_of_intervals([1.0, 2.0, 3.0], [[0.0, 2.0]] * 3, 0.9).sentence().split("; ")[1]
        '3 rows cannot tell whether the 90% is kept'
        """
        target_coverage = f"{100 * self.target_coverage:.3g}%"
        rows = f"{self.rows:,} {'row' if self.rows == 1 else 'rows'}"
        end = {
            "kept": ", as promised",
            "less": ", less than promised",
            "more": ", more than promised",
            "unclear": f"; {rows} cannot tell whether the {target_coverage} is kept",
        }[self.assessment]
        return (
            f"at a stated {target_coverage}, {self.n_covered:,} of {rows} {'is' if self.rows == 1 else 'are'} held: "
            f"{self.coverage:.1%} (95% interval {self.low:.1%} to {self.high:.1%}){end}"
        )


@dataclass(frozen=True)
class SliceCoverage:
    """The coverage of a part of the rows: a level of a column, a quarter of a number, or a true class.

    `column` is empty for a class.
    """

    column: str
    description: str
    coverage: CoverageResult


def binomial_interval(n_covered: int, rows: int, level: float = 0.95) -> tuple[float, float]:
    """Exact interval of a share (Clopper and Pearson, 1934).

    Examples
    --------
    >>> [round(end, 4) for end in binomial_interval(9, 10)]
    [0.555, 0.9975]
    """
    from scipy.stats import beta

    tail = (1 - level) / 2
    low = float(beta.ppf(tail, n_covered, rows - n_covered + 1)) if n_covered else 0.0
    high = float(beta.ppf(1 - tail, n_covered + 1, rows - n_covered)) if n_covered < rows else 1.0
    return low, high


def _miss_rate_doubled(target_coverage: float) -> float:
    """The coverage at which the odds of a miss are twice those stated: 9 to 1 becomes 9 to 2."""
    return target_coverage / (2 - target_coverage)


def coverage_of_sets(
    y_true: npt.ArrayLike, members: npt.ArrayLike, classes: npt.ArrayLike, target_coverage: float
) -> CoverageResult:
    """The coverage of prediction sets.

    Parameters
    ----------
    y_true : array of shape (rows,)
        A class that the model does not know is in no set.
    members : array of bool, shape (rows, classes)
        As `MLPClassifier.predict_set_mask` gives them.
    classes : array of shape (classes,)
    target_coverage : float

    Examples
    --------
    >>> coverage_of_sets(["a", "b"], [[True, False], [True, False]], ["a", "b"], 0.9).n_covered
    1
    """
    result = np.asarray(members, dtype=bool)
    return _coverage(covered_by_sets(y_true, result, classes), result.sum(axis=1), target_coverage, sets=True)


def coverage_of_intervals(y_true: npt.ArrayLike, intervals: npt.ArrayLike, target_coverage: float) -> CoverageResult:
    """The coverage of intervals of shape (rows, 2), ends included.

    Examples
    --------
    >>> coverage_of_intervals([1.0, 5.0], [[0.0, 2.0], [0.0, 2.0]], 0.9).n_covered
    1
    """
    ends = np.asarray(intervals, dtype=np.float64)
    return _coverage(covered_by_intervals(y_true, ends), ends[:, 1] - ends[:, 0], target_coverage, sets=False)


def covered_by_sets(y_true: npt.ArrayLike, members: Array, classes: npt.ArrayLike) -> Array:
    """Whether each row's set holds its true class, shape (rows,)."""
    indices = {label: index for index, label in enumerate(np.asarray(classes).tolist())}
    codes = np.array([indices.get(label, -1) for label in np.asarray(y_true).tolist()], dtype=np.int64)
    return np.asarray(members[np.arange(len(codes)), codes] & (codes >= 0))


def covered_by_intervals(y_true: npt.ArrayLike, ends: Array) -> Array:
    """Whether each row's interval holds its true number, shape (rows,)."""
    values = np.asarray(y_true, dtype=np.float64)
    return np.asarray((ends[:, 0] <= values) & (values <= ends[:, 1]))


def coverage_by_slice(
    n_covered: npt.ArrayLike,
    sizes: npt.ArrayLike,
    target_coverage: float,
    columns: Sequence[pl.Series],
    sets: bool = False,
) -> tuple[SliceCoverage, ...]:
    """The coverage of each level of a column, and of each quarter of a number; parts of few rows are left out.

    Parameters
    ----------
    n_covered : array of bool, shape (rows,)
    sizes : array of shape (rows,)
        Labels of each set, or width of each interval.
    target_coverage : float
    columns : sequence of polars Series of those rows
    sets : bool

    Returns
    -------
    tuple of Part
        The worst coverage first.

    Examples
    --------
    >>> n_covered, town = np.arange(40) >= 10, pl.Series("town", ["Graz"] * 20 + ["Lyon"] * 20)
    >>> [(part.description, part.coverage.coverage) for part in coverage_by_slice(n_covered, np.ones(40), 0.9, [town])]
    [("town = 'Graz'", 0.5), ("town = 'Lyon'", 1.0)]
    """
    inside, widths = np.asarray(n_covered, dtype=bool), np.asarray(sizes, dtype=np.float64)
    result = []
    for column in columns:
        for description, rows in _parts(column):
            if rows.sum() >= MIN_ROWS:
                result.append(
                    SliceCoverage(
                        column.name, description, _coverage(inside[rows], widths[rows], target_coverage, sets=sets)
                    )
                )
    return tuple(sorted(result, key=lambda part: part.coverage.coverage))


def coverage_by_class(
    y_true: npt.ArrayLike, members: npt.ArrayLike, classes: npt.ArrayLike, target_coverage: float
) -> tuple[SliceCoverage, ...]:
    """The coverage of prediction sets within each true class; of many classes within the commonest.

    A promise over all rows is kept by the common classes alone: a rare one can be in hardly any set.

    Parameters
    ----------
    y_true, members, classes, target_coverage
        As in `coverage_of_sets`.

    Returns
    -------
    tuple of Part
        The worst coverage first.

    Examples
    --------
    >>> truth, members = ["alive"] * 95 + ["dead"] * 5, [[True, False]] * 100
    >>> [(part.description, part.coverage.coverage) for part in coverage_by_class(truth, members, ["alive", "dead"], 0.9)]
    [("'dead' is the truth", 0.0), ("'alive' is the truth", 1.0)]
    """
    result, true = np.asarray(members, dtype=bool), np.asarray(y_true)
    n_covered, sizes = covered_by_sets(true, result, classes), result.sum(axis=1)
    each = [(label, true == label) for label in np.asarray(classes).tolist()]
    commonest = sorted(each, key=lambda item: -int(item[1].sum()))[:MOST_LEVELS]
    parts = [
        SliceCoverage(
            "", f"'{label}' is the truth", _coverage(n_covered[rows], sizes[rows], target_coverage, sets=True)
        )
        for label, rows in commonest
        if rows.sum() >= FEWEST_OF_CLASS
    ]
    return tuple(sorted(parts, key=lambda part: part.coverage.coverage))


def _parts(column: pl.Series) -> list[tuple[str, Array]]:
    """(its words, whether each row is in it) for each part that a column has."""
    missing = column.is_null().to_numpy()
    parts = [(f"{column.name} is missing", missing)] if missing.any() else []
    numbers = column.dtype.is_numeric() or column.dtype.is_temporal()
    if numbers and (column.n_unique() > MOST_LEVELS or column.dtype == pl.Duration):  # which has no text in Polars
        if missing.all():
            return parts
        values = column.to_physical().cast(pl.Float64).to_numpy()
        ends = np.unique(np.nanquantile(values, np.linspace(0, 1, QUARTERS + 1)))
        for index, (low, high) in enumerate(pairwise(ends)):
            last = index == len(ends) - 2
            inside = (values >= low) & ((values <= high) if last else (values < high))
            parts.append(
                (f"{column.name} from {edge_shown(column, float(low))} to {edge_shown(column, float(high))}", inside)
            )
        return parts
    text = column.cast(pl.String)
    common = text.drop_nulls().value_counts(sort=True).get_column(column.name)[:MOST_LEVELS]
    quote = "" if numbers else "'"
    return parts + [
        (f"{column.name} = {quote}{level}{quote}", (text == level).fill_null(False).to_numpy()) for level in common
    ]


def _coverage(n_covered: Array, sizes: Array, target_coverage: float, *, sets: bool) -> CoverageResult:
    rows, inside = len(n_covered), int(n_covered.sum())
    low, high = binomial_interval(inside, rows) if rows else (0.0, 1.0)
    counts = {str(size): int(count) for size, count in zip(*np.unique(sizes, return_counts=True), strict=True)}
    return CoverageResult(
        target_coverage, rows, inside, low, high, float(sizes.mean()) if rows else float("nan"), counts if sets else {}
    )
