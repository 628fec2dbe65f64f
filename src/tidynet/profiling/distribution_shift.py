"""Distribution shift of one column between two tables."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import special

from tidynet.core.text import format_number, format_p, format_percent, quote
from tidynet.profiling import histogram_bins as bins
from tidynet.profiling import time_axis as dates
from tidynet.profiling.categories import category_counts
from tidynet.profiling.counts import Bars, Histogram, count_values
from tidynet.profiling.hypothesis_tests import chi2_p_value, chi2_test
from tidynet.profiling.numeric_values import in_unit, to_numeric, wall_clock
from tidynet.table.cell_text import cell_text
from tidynet.table.variable_type import TypeInference, VariableType

Floats = npt.NDArray[np.float64]
TypePair = tuple[TypeInference, TypeInference]
Pair = tuple[pl.Series, pl.Series]

_NOISE = 0.05  # fraction of pairs of samples of one distribution above the noise category
_MAX_BARS = 12
_MIN_ROWS = 10  # categories with fewer rows in both tables are merged
_MAX_LISTED = 20
_MAX_LENGTH = 120
_VISIBLE = 0.02  # a smaller distance does not matter, even if significant


@dataclass(frozen=True, slots=True)
class DistributionShift:
    """The distribution shift of a column from a first table to a second."""

    column: str
    variable_type: str
    measure: Literal["Kolmogorov–Smirnov", "Jensen–Shannon"]
    distance: float
    noise_level: float
    p: float
    is_significant: bool = False
    missing: tuple[float, float] = (0.0, 0.0)
    missing_p: float = 1.0
    new_categories: tuple[tuple[str, int], ...] = ()
    dropped_categories: tuple[tuple[str, int], ...] = ()
    statistics: Mapping[str, tuple[float, float]] = field(default_factory=dict)  # first and second table
    chart_counts: tuple[Histogram, Histogram] | tuple[Bars, Bars] | None = None
    sentence: str = ""

    @property
    def rank(self) -> float:
        """The rank of a shift: significant ones first, then the size above the 95% noise category."""
        return self.is_significant + max(
            self.distance - self.noise_level, abs(self.missing[1] - self.missing[0]) - 0.05
        )


def compute_shift(
    pair: Pair, inferred_types: TypePair, names: tuple[str, str], alpha: float
) -> DistributionShift | None:
    """The shift of one column; None for identifiers, nested columns and columns without values."""
    column = pair[0].name
    first, second = (item.alias("values") for item in pair)
    types = [item.variable_type for item in inferred_types]
    if VariableType.IDENTIFIER in types or any(_is_composite(item) for item in (first, second)):
        return None
    missing, missing_p = _missing(first, second)
    if first.null_count() == len(first) or second.null_count() == len(second):
        # Without values in one table, only missing values can be compared.
        shift = (
            DistributionShift(column, str(types[1]), "Jensen–Shannon", 0.0, 0.0, 1.0)
            if missing[0] != missing[1]
            else None
        )
    else:
        shift = _numeric_shift((first, second), inferred_types, column) or _categorical_shift(
            (first, second), inferred_types, column
        )
    if shift is None:
        return None
    shifted = shift.p < alpha and shift.distance > _VISIBLE
    missing_shifted = missing_p < alpha and abs(missing[1] - missing[0]) > _VISIBLE
    shift = replace(shift, missing=missing, missing_p=missing_p, is_significant=shifted or missing_shifted)
    return replace(shift, sentence=_sentence(shift, names, shifted=shifted, missing_shifted=missing_shifted))


def _numeric_shift(pair: Pair, inferred_types: TypePair, column: str) -> DistributionShift | None:
    """Both as numbers or times; None unless one is numeric and none categorical."""
    types = [item.variable_type for item in inferred_types]
    is_text = VariableType.TEXT in types
    if is_text:
        pair = (pair[0].cast(pl.String).str.len_chars(), pair[1].cast(pl.String).str.len_chars())
    elif any(variable_type.is_categorical for variable_type in types) or not any(
        variable_type.is_numeric for variable_type in types
    ):
        return None
    both = _in_one_unit([_as_numbers(item, variable_type) for item, variable_type in zip(pair, types, strict=True)])
    if both is None:
        return None
    whole = count_values(pl.concat(both.series), unit="characters" if is_text else both.unit, apart=False)
    values = [_finite(item) for item in both.series]
    if whole is None or not len(values[0]) or not len(values[1]):
        return None
    distance, noise_level, p = kolmogorov_smirnov(*values)
    statistics = {
        name: (float(function(values[0])), float(function(values[1])))
        for name, function in (("median", np.median), ("mean", np.mean), ("std", np.std))
    }
    low, high = (_counted(whole, item, series) for item, series in zip(values, both.series, strict=True))
    variable_type = str(types[1])
    return DistributionShift(
        column,
        variable_type,
        "Kolmogorov–Smirnov",
        distance,
        noise_level,
        p,
        statistics=statistics,
        chart_counts=(low, high),
    )


class _NumericPair(NamedTuple):
    series: list[pl.Series]
    unit: str


def _as_numbers(series: pl.Series, variable_type: VariableType) -> pl.Series | None:
    """As float64, durations or local datetimes."""
    numbers = to_numeric(series, variable_type)
    if numbers is None or numbers.dtype.is_numeric():
        return None if numbers is None else numbers.cast(pl.Float64)
    if numbers.dtype in (pl.Date, pl.Datetime):
        return wall_clock(numbers).cast(pl.Datetime("us"))
    return numbers if numbers.dtype == pl.Duration else None


def _in_one_unit(both: list[pl.Series | None]) -> _NumericPair | None:
    series = [item for item in both if item is not None]
    if len(series) < 2 or series[0].dtype.base_type() != series[1].dtype.base_type():
        return None
    if series[0].dtype != pl.Duration:
        return _NumericPair(series, "")
    joined, unit = in_unit(pl.concat([item.cast(pl.Duration("us")) for item in series]))
    return _NumericPair([joined.head(len(series[0])), joined.tail(len(series[1]))], unit)


def _finite(numbers: pl.Series) -> Floats:
    values: Floats = numbers.drop_nulls().to_physical().cast(pl.Float64).to_numpy()
    return values[np.isfinite(values)]


def _counted(whole: Histogram, values: Floats, series: pl.Series) -> Histogram:
    """The rows of one table in the bins of both."""
    start, stop = whole.axis_range
    below, above = int((values < start).sum()), int((values > stop).sum())
    return replace(
        whole,
        counts=tuple(bins.count_into_bins(values[(values >= start) & (values <= stop)], np.array(whole.edges))),
        low=float(values.min()),
        high=float(values.max()),
        outside=len(series) - series.null_count() - len(values),
        missing=series.null_count(),
        below=below,
        above=above,
        quantiles=(),
    )


def _categorical_shift(pair: Pair, inferred_types: TypePair, column: str) -> DistributionShift | None:
    if all(item.dtype.is_numeric() for item in pair):
        pair = (_short(pair[0]), _short(pair[1]))
    first, second = (_category_counts(item) for item in pair)
    both = {category: first.get(category, 0) + second.get(category, 0) for category in (*first, *second)}
    frequent = [category for category, rows in both.items() if rows >= _MIN_ROWS]
    rows = [np.array([*(item.get(category, 0) for category in frequent), 0]) for item in (first, second)]
    for item, counts in zip(rows, (first, second), strict=True):
        item[-1] = sum(counts.values()) - item.sum()
    distance, noise_level, p = jensen_shannon(*rows)
    order = [category for item in inferred_types for category in item.categories] or sorted(
        both, key=lambda item: (-both[item], item)
    )
    shown = sorted(both, key=lambda item: (-both[item], item))[:_MAX_BARS]
    place = {category: index for index, category in reversed(list(enumerate(order)))}
    shown.sort(key=lambda category: place.get(category, len(place)))
    bars = [_bars(counts, shown, series) for counts, series in zip((first, second), pair, strict=True)]
    return DistributionShift(
        column,
        str(inferred_types[1].variable_type),
        "Jensen–Shannon",
        distance,
        noise_level,
        p,
        new_categories=_only_in_one_table(second, first),
        dropped_categories=_only_in_one_table(first, second),
        chart_counts=(bars[0], bars[1]),
    )


def _short(series: pl.Series) -> pl.Series:
    """Numeric codes of categories: 1 and 1.0 are one category."""
    if series.dtype.is_integer():  # as floating-point numbers, codes beyond 2^53 would merge
        return series
    numbers = series.cast(pl.Float64)
    whole = bool((numbers.drop_nulls() % 1 == 0).all())
    return numbers.cast(pl.Int64, strict=False) if whole else numbers


def _category_counts(series: pl.Series) -> dict[str, int]:
    return dict(category_counts(cell_text(series).str.slice(0, _MAX_LENGTH)).iter_rows())


def _bars(counts: Mapping[str, int], shown: list[str], series: pl.Series) -> Bars:
    rows = tuple(counts.get(category, 0) for category in shown)
    others = [category for category in counts if category not in set(shown)]
    return Bars(tuple(shown), rows, len(others), sum(counts.values()) - sum(rows), series.null_count())


def _only_in_one_table(counts: Mapping[str, int], others: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple((category, rows) for category, rows in counts.items() if category not in others)[:_MAX_LISTED]


def _missing(first: pl.Series, second: pl.Series) -> tuple[tuple[float, float], float]:
    """The fractions of missing values and the p-value of the χ² test of their difference."""
    missing = np.array([first.null_count(), second.null_count()])
    rows = np.array([len(first), len(second)])
    if not rows.all():
        return (0.0, 0.0), 1.0
    table = np.column_stack([missing, rows - missing])
    fractions = (float(missing[0] / rows[0]), float(missing[1] / rows[1]))
    if not table.sum(0).all():
        return fractions, 1.0
    return fractions, chi2_test(table)


def _sentence(shift: DistributionShift, names: tuple[str, str], *, shifted: bool, missing_shifted: bool) -> str:
    facts = []
    if shifted:
        facts.append(_numeric_text(shift) if shift.statistics else _categorical_text(shift))
    if missing_shifted:
        facts.append(f"missing {format_percent(shift.missing[1])}, was {format_percent(shift.missing[0])}")
    if not facts:
        return f"{shift.column}: no significant distribution shift ({format_p(min(shift.p, shift.missing_p))})"
    return f"{shift.column}: distribution shift in {quote(names[1])}: {'; '.join(facts)}"


def _numeric_text(shift: DistributionShift) -> str:
    first, second = shift.statistics["median"]
    histogram = shift.chart_counts[0] if shift.chart_counts else None
    is_time = isinstance(histogram, Histogram) and histogram.scale == "time"
    before, after = dates.time_labels([first, second]) if is_time else (format_number(first), format_number(second))
    return f"median {after}, was {before}" if first != second else f"equal median {after}, another spread"


def _categorical_text(shift: DistributionShift) -> str:
    assert shift.chart_counts is not None
    first, second = shift.chart_counts
    assert isinstance(first, Bars)
    assert isinstance(second, Bars)
    fractions = [np.array(item.counts) / max(item.rows, 1) for item in (first, second)]
    index = int(np.abs(fractions[1] - fractions[0]).argmax())
    before, after = (format_percent(float(item[index])) for item in fractions)
    text = f"{quote(first.categories[index])} in {after} of rows, was {before}"
    if shift.new_categories and shift.new_categories[0][0] != first.categories[index]:
        text += f"; unseen category {quote(shift.new_categories[0][0])}"
    return text


def _is_composite(series: pl.Series) -> bool:
    return series.dtype.is_nested() or series.dtype in (pl.Binary, pl.Object)


def kolmogorov_smirnov(first: Floats, second: Floats) -> tuple[float, float, float]:
    """The Kolmogorov–Smirnov distance, its 95% noise level and its p-value.

    ``D = max |F₁(x) − F₂(x)|``; under one distribution ``√(n m / (n + m)) · D`` follows Kolmogorov's
    for large samples; the p-value is that of one sample of ``n m / (n + m)`` rows.

    Reference: Smirnov, N. (1939). On the estimation of the discrepancy between empirical curves of distribution.
    """
    from scipy import stats  # half a second that looking at one table does not need

    first, second = np.sort(first), np.sort(second)
    everywhere = np.concatenate([first, second])
    below = [np.searchsorted(item, everywhere, side="right") / len(item) for item in (first, second)]
    distance = float(np.abs(below[0] - below[1]).max())
    size = math.sqrt(len(first) * len(second) / (len(first) + len(second)))
    noise_level = min(1.0, float(special.kolmogi(_NOISE)) / size)
    return distance, noise_level, float(stats.kstwo.sf(distance, max(round(size**2), 1)))


def jensen_shannon(first: npt.NDArray[Any], second: npt.NDArray[Any]) -> tuple[float, float, float]:
    """The Jensen–Shannon distance of two arrays of counts, its 95% noise level and the p-value of Pearson's χ² test.

    ``√(H((p + q) / 2) − (H(p) + H(q)) / 2)`` in bits. Under one distribution of k categories
    ``8 ln 2 · D² / (1/n + 1/m)`` follows χ² with k − 1 degrees of freedom.

    Reference: Lin, J. (1991). Divergence measures based on the Shannon entropy.
    """
    taken = (first + second) > 0
    first, second = first[taken].astype(np.float64), second[taken].astype(np.float64)
    n, m = first.sum(), second.sum()
    p, q = first / n, second / m
    middle = (p + q) / 2
    bits = float(
        (special.xlogy(p, p) + special.xlogy(q, q)).sum() / 2 - special.xlogy(middle, middle).sum()
    ) / math.log(2)
    freedom = len(p) - 1
    if not freedom:
        return 0.0, 0.0, 1.0
    noise_level = math.sqrt(special.chdtri(freedom, _NOISE) * (1 / n + 1 / m) / 8 / math.log(2))
    pooled = (first + second) / (n + m)
    chi2 = float(((p - q) ** 2 / pooled).sum() / (1 / n + 1 / m))
    return math.sqrt(min(max(bits, 0.0), 1.0)), min(noise_level, 1.0), chi2_p_value(chi2, freedom)
