"""Numbers of the profile against SciPy, pandas and NumPy, and against values computed by hand."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import stats

from tidynet.profiling import association
from tidynet.profiling.association import rank
from tidynet.profiling.axis_choice import suits_log
from tidynet.profiling.categories import category_counts, category_statistics
from tidynet.profiling.counts import Bars, Histogram, count_categories, count_values, make_bars
from tidynet.profiling.distribution import downsample, likely_distribution, symmetrizing_transformation
from tidynet.profiling.distribution_shift import jensen_shannon, kolmogorov_smirnov
from tidynet.profiling.findings.distribution_rules import count_outliers, distance_in_iqr, least_skewed_scale
from tidynet.profiling.findings.missingness_rules import _cramer, somers_d
from tidynet.profiling.findings.misspellings import find_misspellings
from tidynet.profiling.findings.pair_rules import format_correlation
from tidynet.profiling.findings.rule import severity
from tidynet.profiling.findings.table_rules import exceeds_expected
from tidynet.profiling.findings.target_rules import class_agreement
from tidynet.profiling.histogram_bins import bin_edges, count_into_bins, log_edges, resolution
from tidynet.profiling.hypothesis_tests import chi2_p_value, chi2_test, mann_whitney_test, t_p_value
from tidynet.profiling.numeric_statistics import (
    number_statistics,
    skew_and_kurtosis,
    sorted_quantiles,
    standardized_skewness,
)
from tidynet.profiling.pair_counts import count_pair
from tidynet.profiling.target_association import explained_share
from tidynet.table.variable_type import TypeInference, VariableType

RNG = np.random.default_rng(7)
TABLE = np.array([[20, 5, 9], [3, 30, 8]])


def bergsma_v(table: np.ndarray) -> float:
    n, (r, c) = table.sum(), table.shape
    phi2 = stats.chi2_contingency(table, correction=False).statistic / n
    corrected = max(0.0, phi2 - (r - 1) * (c - 1) / (n - 1))
    smaller = min(r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1))
    return math.sqrt(corrected / (smaller - 1))


def test_ranks_equal_scipy() -> None:
    values = RNG.integers(0, 6, 40).astype(float)
    ranks = association.rank(values, np.argsort(values, kind="stable"))
    for ours, method in ((ranks.average, "average"), (ranks.highest, "max"), (ranks.lowest, "min")):
        np.testing.assert_array_equal(ours, stats.rankdata(values, method))


def test_cramers_v_is_the_bias_corrected_one() -> None:
    assert association.cramers_v(TABLE) == pytest.approx(bergsma_v(TABLE))
    assert association.cramers_v(TABLE.T) == pytest.approx(bergsma_v(TABLE))
    square = np.array([[20, 5, 9], [3, 30, 8], [1, 2, 14]])
    assert association.cramers_v(square) == pytest.approx(bergsma_v(square))
    with_empty = np.insert(np.insert(TABLE, 1, 0, axis=0), 2, 0, axis=1)
    assert association.cramers_v(with_empty) == pytest.approx(bergsma_v(TABLE))
    assert association.cramers_v(np.array([[10, 10], [10, 10]])) == 0.0
    assert math.isnan(association.cramers_v(np.array([[5, 5]])))
    assert math.isnan(association.cramers_v(np.array([[1, 0], [0, 1]])))
    assert association.cramers_v(np.array([[2, 0], [0, 1]])) == 1.0


def test_noise_levels_are_quantiles_of_the_null_distribution() -> None:
    n, r, c = 900, 2, 3
    phi2 = stats.chi2.isf(0.05, (r - 1) * (c - 1)) / n
    smaller = min(r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1))
    expected = math.sqrt((phi2 - (r - 1) * (c - 1) / (n - 1)) / (smaller - 1))
    two, three = np.array([450, 450]), np.array([300, 300, 300])
    assert association.cramers_v_noise_level(two, three) == pytest.approx(expected, rel=0.01)
    assert association.cramers_v_noise_level(np.array([9]), np.array([4, 5])) == 1.0
    assert association.cramers_v_noise_level(np.array([1, 2]), np.array([2, 1])) == 1.0
    ratio = stats.f.ppf(0.97, 4, 95)
    eta2 = ratio * 4 / (ratio * 4 + 95)
    assert association.correlation_ratio_noise_level(100, 5) == pytest.approx(math.sqrt(1 - (1 - eta2) * 99 / 95))
    assert association.correlation_ratio_noise_level(100, 1) == association.correlation_ratio_noise_level(5, 5) == 1.0
    assert association.correlation_noise_level(101) == pytest.approx(0.22)
    assert association.correlation_noise_level(1) == association.correlation_noise_level(2) == 1.0


def test_the_correlation_ratio_is_epsilon_of_an_analysis_of_variance() -> None:
    codes, values = np.repeat([0, 1, 2], 20), RNG.normal(size=60) + np.repeat([0.0, 1.0, 3.0], 20)
    total = ((values - values.mean()) ** 2).sum()
    within = sum(((values[codes == k] - values[codes == k].mean()) ** 2).sum() for k in range(3))
    expected = math.sqrt(1 - within / total * 59 / 57)
    assert association.correlation_ratio(codes, 3, values) == pytest.approx(expected)
    assert association.correlation_ratio(codes, 5, values) == pytest.approx(expected)
    assert association.correlation_ratio(codes, 3, values * 1e300) == pytest.approx(expected)
    assert math.isnan(association.correlation_ratio(np.zeros(9, int), 1, np.arange(9.0)))
    assert math.isnan(association.correlation_ratio(np.arange(3), 3, np.arange(3.0)))
    assert math.isnan(association.correlation_ratio(codes, 3, np.ones(60)))
    assert association.correlation_ratio(np.array([0, 0, 1, 1]), 2, np.array([1.0, 2.0, 1.0, 2.0])) == 0.0


def test_mutual_information_is_that_of_scipy_minus_its_bias() -> None:
    p = TABLE / TABLE.sum()
    information = stats.entropy(p.ravel(), np.outer(p.sum(1), p.sum(0)).ravel())
    assert association.mutual_information(TABLE) == pytest.approx(information - 2 / (2 * 75))
    sparse = np.array([[20, 0, 3], [0, 9, 0]])
    p = sparse / 32
    nonzero = p > 0
    information = (p[nonzero] * np.log(p[nonzero] / np.outer(p.sum(1), p.sum(0))[nonzero])).sum()
    assert association.mutual_information(sparse) == pytest.approx(information - max(3 - 2 - 3 + 1, -9) / 64)
    assert association.mutual_information(np.array([[5, 5], [5, 5]])) == 0.0
    assert math.isnan(association.mutual_information(np.zeros((2, 2), int)))


def test_the_correlation_is_that_of_numpy_and_nan_for_constants() -> None:
    x, y = RNG.normal(size=30) * 1e200, RNG.normal(size=30) * 1e-200
    assert association.correlation(x, y) == pytest.approx(np.corrcoef(x / 1e200, y * 1e200)[0, 1])
    assert math.isnan(association.correlation(np.ones(5), np.arange(5.0)))
    assert math.isnan(association.correlation(np.arange(5.0), np.ones(5)))
    assert math.isnan(association.correlation(np.array([1.0]), np.array([2.0])))
    assert association.correlation(np.array([1.0, 2.0]), np.array([5.0, 3.0])) == pytest.approx(-1.0)
    rows = np.arange(4)
    assert math.isnan(association.chatterjee_xi(rows, rank(rows.astype(float), rows), rank(np.ones(4), rows)))


@pytest.mark.parametrize("rows", [3, 4, 10, 257])
def test_statistics_equal_pandas_and_numpy(rows: int) -> None:
    values = np.round(RNG.gamma(2, 3, rows), 1)
    ours, distinct, ordered = number_statistics(values)
    theirs = pd.Series(values)
    assert distinct == theirs.nunique()
    np.testing.assert_array_equal(ordered, np.sort(values))
    expected = {"mean": theirs.mean(), "std": theirs.std(), "skew": theirs.skew(), "median": theirs.median()}
    expected |= {"1%": theirs.quantile(0.01), "75%": theirs.quantile(0.75), "99%": theirs.quantile(0.99)}
    if rows > 3:
        expected["kurtosis"] = theirs.kurt()
    low = theirs.quantile(0.25) - 1.5 * stats.iqr(values)
    high = theirs.quantile(0.75) + 1.5 * stats.iqr(values)
    expected |= {"lower fence": low, "upper fence": high}
    expected["outliers (1.5 IQR)"] = ((theirs < low) | (theirs > high)).sum()
    robust = (theirs - theirs.median()).abs() / stats.median_abs_deviation(values, scale="normal")
    expected["outliers (robust z)"] = (robust > 3.5).sum()
    assert {name: ours[name] for name in expected} == pytest.approx(expected)


def test_statistics_of_special_values() -> None:
    numbers, distinct, _ = number_statistics(np.array([np.inf, -np.inf, 0.0, -2.0, 0.0, 3.0, -np.inf]))
    assert distinct == 5
    assert [numbers[name] for name in ("zeros", "negatives", "infinities", "mode", "mode count")] == [2, 3, 3, 0, 2]
    assert "mode" not in number_statistics(np.array([1.0, 2.0]))[0]
    assert number_statistics(np.array([4.0, 4.0]))[0]["std"] == 0.0
    assert "std" not in number_statistics(np.array([4.0]))[0]
    huge = number_statistics(np.array([1e200, 2e200, 4e200]))[0]
    assert (huge["mean"], huge["skew"]) == pytest.approx((7e200 / 3, pd.Series([1.0, 2.0, 4.0]).skew()))
    # MAD 0: the mean distance is 20/11, and 3.5 · 1.2533 of it is below 20.
    assert number_statistics(np.array([0.0] * 10 + [20.0]))[0]["outliers (robust z)"] == 1
    assert number_statistics(np.array([0.0] * 2 + [20.0]))[0]["outliers (robust z)"] == 0
    assert skew_and_kurtosis(2, 1.0, 0.5, 2.0) == pytest.approx((math.nan, math.nan), nan_ok=True)
    assert math.isnan(skew_and_kurtosis(9, 0.0, 0.0, 0.0)[0])
    assert sorted_quantiles(np.array([3.0]), [0.0, 0.5, 1.0]) == [3.0, 3.0, 3.0]


GENERATORS = {
    "uniform": lambda rng: rng.uniform(2, 9, 3000),
    "normal": lambda rng: rng.normal(-3, 2, 3000),
    "log-normal": lambda rng: rng.lognormal(1, 1, 3000),
    "power law": lambda rng: rng.pareto(1.5, 3000) + 1,
    "exponential": lambda rng: rng.exponential(3, 3000),
    "gamma": lambda rng: rng.gamma(3, 2, 3000),
    "beta": lambda rng: rng.beta(0.5, 0.5, 3000),
}


@pytest.mark.parametrize("name", GENERATORS)
def test_a_distribution_is_recognized(name: str) -> None:
    values = np.sort(GENERATORS[name](np.random.default_rng(3)))
    assert likely_distribution(downsample(values), len(values)) == name


@pytest.mark.parametrize(
    ("values", "name"),
    [
        (np.random.default_rng(0).poisson(4, 2000), "Poisson"),
        (np.random.default_rng(0).negative_binomial(2, 0.2, 2000), "negative binomial"),
        (np.random.default_rng(0).integers(0, 10, 2000), "uniform"),
    ],
)
def test_a_distribution_of_counts_is_recognized(values: np.ndarray, name: str) -> None:
    assert likely_distribution(np.sort(values.astype(float)), len(values), 1.0) == name


def test_the_simpler_of_two_fitting_distributions_is_named() -> None:
    quantiles = (np.arange(1000) + 0.5) / 1000
    assert likely_distribution(0.001 + 0.998 * quantiles, 1000) == "uniform"  # also a beta
    assert likely_distribution(stats.expon.ppf(quantiles), 1000) == "exponential"  # also a gamma
    assert likely_distribution(stats.lognorm.ppf(quantiles, 0.05) * 100, 1000) in ("normal", "log-normal")
    assert likely_distribution(stats.gamma.ppf(quantiles, 400), 1000) in ("normal", "log-normal")


def test_zeros_and_modes_of_a_distribution() -> None:
    rng = np.random.default_rng(1)
    claims = np.sort(np.where(rng.random(2000) < 0.6, 0, rng.lognormal(3, 1, 2000)))
    assert likely_distribution(claims, 2000) == "zeros, else log-normal"
    for n, name in ((2, "two peaks"), (3, "three peaks"), (5, "many peaks")):
        values = np.sort(np.concatenate([rng.normal(20 * k, 1 + k / 5, 1000) for k in range(n)]))
        assert likely_distribution(values, len(values)) == name
    assert likely_distribution(np.sort(rng.normal(size=29)), 29) == ""
    assert likely_distribution(np.sort(rng.normal(size=30)), 30) == "normal"
    assert likely_distribution(np.ones(50), 50) == ""
    assert likely_distribution(np.array([0.0] * 95 + [1.0] * 5), 100, 1.0) in ("", "mostly zeros", "Poisson")
    assert likely_distribution(np.array([0.0] * 195 + [90.0] * 5), 200) == "mostly zeros"


def test_transformations_reduce_the_skewness() -> None:
    normal = np.linspace(-2, 2, 201)
    assert symmetrizing_transformation(normal) is None
    assert symmetrizing_transformation(np.exp(normal))[0] == "log"  # type: ignore[index]
    assert symmetrizing_transformation((stats.norm.ppf((np.arange(500) + 0.5) / 500) + 4) ** 2)[0] == "square root"  # type: ignore[index]
    assert symmetrizing_transformation(np.append(0.0, np.expm1(normal + 2)))[0] == "log(1 + x)"  # type: ignore[index]
    assert symmetrizing_transformation(1 / (1 + np.exp(-2 * normal - 4)))[0] == "logit"  # type: ignore[index]
    name, skew = symmetrizing_transformation(np.sort(RNG.exponential(size=500)))  # type: ignore[misc]
    assert name in ("square root", "log")
    assert abs(skew) < 1
    assert symmetrizing_transformation(-np.exp(normal)[::-1]) is None
    assert downsample(np.arange(100.0), 4).tolist() == [12, 37, 62, 87]
    assert downsample(np.arange(4.0), 4).tolist() == [0, 1, 2, 3]


def test_p_values_equal_scipy() -> None:
    assert chi2_p_value(-1.0, 3) == chi2_p_value(5.0, 0) == 1.0
    assert chi2_p_value(5.0, 1) == pytest.approx(stats.chi2.sf(5, 1))
    assert t_p_value(2.5, 3) == t_p_value(-2.5, 3) == pytest.approx(2 * stats.t.sf(2.5, 3))
    assert chi2_test(TABLE) == pytest.approx(stats.chi2_contingency(TABLE, correction=False).pvalue)
    x, y = RNG.integers(0, 5, 30), RNG.integers(1, 6, 17)
    result = stats.mannwhitneyu(x, y, method="asymptotic")
    assert mann_whitney_test(x, y) == pytest.approx((result.statistic / 30 / 17, result.pvalue))
    assert somers_d(x, y) == pytest.approx(
        (stats.somersd(np.repeat([0, 1], [17, 30]), [*y, *x]).statistic, result.pvalue)
    )


def test_cramers_v_of_missingness_is_that_of_each_column() -> None:
    rows, missing = np.array([30.0, 20.0, 25.0, 15.0, 10.0]), np.array([3.0, 12.0, 5.0, 6.0, 4.0])
    values = _cramer(rows, missing, np.array([0, 2]))
    for start, stop, value in ((0, 2, values[0]), (2, 5, values[1])):
        table = np.column_stack([rows[start:stop] - missing[start:stop], missing[start:stop]])
        n, k = table.sum(), stop - start
        phi2 = stats.chi2_contingency(table, correction=False).statistic / n - (k - 1) / (n - 1)
        assert value == pytest.approx(math.sqrt(max(phi2, 0.0)))


def test_distances_equal_scipy() -> None:
    x, y = RNG.normal(size=80), RNG.normal(0.3, 1, 130)
    distance, level, p = kolmogorov_smirnov(x, y)
    assert distance == pytest.approx(stats.ks_2samp(x, y).statistic)
    size = 80 * 130 / 210
    assert level == pytest.approx(stats.kstwobign.isf(0.05) / math.sqrt(size))
    assert p == pytest.approx(stats.kstwo.sf(distance, round(size)))
    first, second = np.array([30, 10, 0, 5]), np.array([12, 25, 0, 9])
    distance, level, p = jensen_shannon(first, second)
    middle = (first / 45 + second / 46) / 2
    kept = middle > 0
    divergence = (
        stats.entropy(first[kept] / 45, middle[kept], 2) + stats.entropy(second[kept] / 46, middle[kept], 2)
    ) / 2
    assert distance == pytest.approx(math.sqrt(divergence))
    assert level == pytest.approx(math.sqrt(stats.chi2.isf(0.05, 2) * (1 / 45 + 1 / 46) / (8 * math.log(2))))
    assert p == pytest.approx(stats.chi2_contingency(np.array([first[kept], second[kept]]), correction=False).pvalue)
    assert jensen_shannon(np.array([4, 0]), np.array([9, 0])) == (0.0, 0.0, 1.0)


def test_bins_at_round_numbers() -> None:
    assert [resolution(np.array(v)) for v in ([1.0, 2.0], [0.5, 1.0], [0.25, 1.0], [0.123456], [])] == [
        1,
        0.1,
        0.01,
        0,
        0,
    ]
    assert resolution(np.array([1e10 + 0.5, 2.0])) == 0.0
    assert bin_edges(np.array([1.0, 2.0, 2.0, 3.0])).tolist() == [0.5, 1.5, 2.5, 3.5]
    assert bin_edges(np.arange(40.0)).tolist() == (np.arange(41) - 0.5).tolist()
    assert bin_edges(np.arange(41.0)).tolist() == (np.arange(0, 50, 5) - 0.5).tolist()
    assert bin_edges(np.full(5, 7.0)).tolist() == [6.5, 7.5]
    assert bin_edges(np.full(5, 0.123456)).tolist() == pytest.approx([0.073456, 0.173456])
    # Freedman-Diaconis: 2 · 1.349 / 10 = 0.27 for 1,000 normal values, rounded to 0.2.
    normal = stats.norm.ppf((np.arange(1000) + 0.5) / 1000)
    assert np.diff(bin_edges(normal, 60)) == pytest.approx(0.2)
    assert np.diff(bin_edges(normal, 30)) == pytest.approx(0.5)
    # Without a spread of the quartiles, Sturges' rule: 1000 / (log2(101) + 1) = 130.6, rounded to 100.
    assert np.diff(bin_edges(np.array([0.001] * 100 + [1000.0]))) == pytest.approx(100)
    assert count_into_bins(np.array([0.0, 0.5, 1.0, 2.0]), np.array([0.0, 1.0, 2.0])) == [2, 2]
    assert log_edges(np.array([0.1, 5.5, 99.0]), max_count=3).tolist() == pytest.approx([0.1, 1, 10, 100])
    assert log_edges(np.array([1.0, 30.0, 900.0]), max_count=3).tolist() == [0.5, 9.5, 99.5, 900.5]


def test_bins_of_extreme_spans_are_interpolated() -> None:
    largest = 1.7e308
    edges = bin_edges(np.array([-largest, 0.0, largest]), 4)
    assert edges == pytest.approx([-largest, -largest / 2, 0.0, largest / 2, largest])
    assert count_into_bins(np.array([-largest, 0.0, largest]), edges) == [1, 0, 1, 1]
    tiny = np.array([1.0, np.nextafter(1.0, 2.0)])
    assert sum(count_into_bins(tiny, bin_edges(tiny))) == 2


def test_a_log_axis_needs_a_large_ratio_and_a_skew() -> None:
    values = np.exp(np.linspace(-3, 3, 50)) ** 1.2
    assert suits_log(values)
    assert not suits_log(values[:9])
    assert not suits_log(values - values[0])
    assert not suits_log(np.exp(np.linspace(0, math.log(15), 50)))
    assert not suits_log(np.linspace(1, 100, 50))


def test_histograms_describe_themselves() -> None:
    whole = count_values(pl.Series([1, 2, 2, 3, None]))
    assert whole == Histogram(
        (0.5, 1.5, 2.5, 3.5), (1, 2, 1), "linear", 1.0, 3.0, 1.0, missing=1, quantiles=whole.quantiles
    )
    assert whole.quantiles == pytest.approx([1.3, 1.75, 2, 2.25, 2.7])
    assert [whole.interval(index) for index in range(3)] == ["1", "2", "3"]
    assert whole.ticks() == [(1.0, "1"), (2.0, "2"), (3.0, "3")]
    assert whole.description("rank") == "Histogram of rank: 4 rows from 1 to 3, most often 2."
    tenths = Histogram((0.05, 0.55, 1.05), (2, 3), "linear", 0.1, 1.0, 0.1)
    assert [tenths.interval(0), tenths.interval(1)] == ["0.1 to 0.5", "0.6 to 1"]
    assert Histogram((1.0, 10.0), (2,), "log", 1.0, 10.0, 0.1).interval(0) == "1 to 10"
    assert Histogram((0.5, 9.5), (2,), "log", 1.0, 9.0, 1.0).interval(0) == "1 to 9"
    assert count_values(pl.Series([5, 5])).description("n") == "Histogram of n: 2 rows all 5."
    assert count_values(pl.Series([1.0, math.inf, -math.inf])).outside == 2
    assert count_values(pl.Series([math.inf])) is None
    skewed = count_values(pl.Series(np.exp(np.linspace(0, 8, 200)) ** 1.1))
    assert (skewed.scale, skewed.ticks(4)[0][1]) == ("log", "1")
    assert "(log axis)" in skewed.description("income")
    days = count_values(pl.Series(["2020-01-01", "2022-06-01"]).str.to_date())
    assert (days.scale, days.grid) == ("time", 0.0)
    assert days.description("day") == (
        "Histogram of day: 2 rows from 2020-01 to 2022-06, most often 2020-01 to 2020-04."
    )
    assert count_values(pl.Series([0, 7200 * 10**6]).cast(pl.Duration("us"))).unit == "hours"


def test_bars_keep_the_order_and_merge_the_rest() -> None:
    counts = [("a", 5), ("b", 4), ("c", 2), ("d", 1)]
    assert make_bars(counts, (), 4, 3) == Bars(("a", "b", "c", "d"), (5, 4, 2, 1), 0, 0, 3)
    assert make_bars(counts, (), 3, 0) == Bars(("a", "b"), (5, 4), 2, 3)
    assert make_bars(counts, ("d", "b", "a"), 4, 0).categories == ("d", "b", "a", "c")
    bars = count_categories(pl.Series(["y", "x", "y", None]))
    assert (bars.categories, bars.counts, bars.missing, bars.rows) == (("y", "x"), (2, 1), 1, 3)
    assert Bars(("a",), (2,), other_categories=3, other_rows=7).rows == 9
    assert Bars((), ()).description("x") == "Bar chart of x: no values rows."
    assert (
        Bars(("yes", "no"), (3, 1), 2, 2).description("x") == "Bar chart of x: yes 3, no 1 rows, and 2 more categories."
    )
    types = TypeInference(VariableType.DISCRETE, ""), TypeInference(VariableType.NOMINAL, "")
    cells = count_pair(pl.Series([1, 2, 2, None]), types[0], pl.Series(["a", "b", "a", "a"]), types[1]).cells
    assert np.array_equal(cells, pd.crosstab([1, 2, 2], ["a", "b", "a"]))


def test_category_statistics_equal_pandas() -> None:
    texts = ["a"] * 150 + ["b"] * 48 + ["c"] + ["d"]
    numbers, top = category_statistics(category_counts(pl.Series(texts)))
    fractions = pd.Series(texts).value_counts(normalize=True)
    assert numbers == pytest.approx(
        {
            "top fraction": 0.75,
            "rare categories": 2,
            "rows in rare categories": 2,
            "categories with one row": 2,
            "entropy": stats.entropy(fractions),
        }
    )
    assert top == (("a", 150), ("b", 48), ("c", 1), ("d", 1))


def test_skewness_outliers_and_scales() -> None:
    values = np.sort(RNG.lognormal(size=300))
    assert standardized_skewness(values) == pytest.approx(stats.skew(values))
    assert standardized_skewness(np.zeros(4)) == standardized_skewness(np.ones(4)) == 0.0
    assert least_skewed_scale(values)[0] == "log"
    assert least_skewed_scale(np.sort(RNG.normal(size=300)))[0] == "linear"
    assert least_skewed_scale(np.sort(RNG.normal(5, 1, 300)) ** 2)[0] in ("linear", "square root")
    bulk = np.linspace(0, 100, 200)
    assert count_outliers(np.append(bulk, 1000.0)) == (0, 1)
    assert count_outliers(np.append([-500.0, -400.0], bulk)) == (2, 0)
    assert count_outliers(np.append(bulk, [220.0])) == (0, 0)
    assert count_outliers(np.append(bulk, [240.0])) == (0, 1)
    assert count_outliers(np.append(bulk, np.full(3, 1000.0))) == (0, 0)
    assert count_outliers(np.append([-120.0], bulk)) == (0, 0)
    assert count_outliers(np.append([-130.0], bulk)) == (1, 0)
    assert count_outliers(np.append(np.append([-500.0], bulk), [1000.0])) == (1, 1)
    assert count_outliers(np.ones(50)) == (0, 0)
    assert distance_in_iqr(np.array([0.0, 1, 2, 3, 4, 23]), 0) == pytest.approx((23 - 3.75) / 2.5)
    assert distance_in_iqr(np.array([-16.0, 1, 2, 3, 4, 5]), 1) == pytest.approx((1.25 + 16) / 2.5)


def test_small_decisions_of_the_rules() -> None:
    assert [severity(p) for p in (0.7, 0.699, 0.4, 0.399)] == ["high", "medium", "medium", "low"]
    assert exceeds_expected(1, 1e-6)
    assert not exceeds_expected(1, 0.46)
    assert exceeds_expected(20, 5.0)
    assert not exceeds_expected(20, 10.1)
    values = (0.9964, 0.99962, 0.999999, 0.9999999, 1.0)
    assert [format_correlation(v) for v in values] == ["0.996", "0.9996", "over 0.9999", "over 0.9999", "1"]
    ranks, codes = np.arange(100, dtype=np.float32), np.repeat([0, 1], 50)
    assert class_agreement(ranks, codes, None) == 1.0
    # One row of each class on the other side: four borders more than the single one, of 99 · 1/2.
    swapped = codes.copy()
    swapped[[10, 90]] = [1, 0]
    assert class_agreement(ranks, swapped, None) == pytest.approx(1 - 4 / 99 / 0.5)
    assert class_agreement(ranks[:29], np.append(codes[:14], codes[-15:]), None) == 0.0
    assert class_agreement(ranks, np.where(ranks < 80, -1, codes), None) == 0.0
    frequent = {"Germany": 400, "plan 1": 500, "maria": 300, "Franken": 200}
    rare = {"Gemany": 1, "Germnay": 1, "plan 2": 1, "Germans": 1, "Gxrmany": 20, "Hermany": 1}
    misspelled = {item for item, _ in find_misspellings(frequent | rare)}
    assert misspelled == {"Gemany", "Germnay", "Gxrmany"}
    assert find_misspellings({"Germany": 399, "Gxrmany": 20}) == []


def test_the_explained_share_is_that_of_out_of_fold_means() -> None:
    cells = RNG.integers(0, 3, 400)
    values = cells * 2.0 + RNG.normal(size=400)
    folds = np.arange(400) % 5
    predicted, overall = np.empty(400), np.empty(400)
    for fold in range(5):
        train = folds != fold
        for cell in range(3):
            inside = train & (cells == cell)
            prior = 2 * values[train].mean()
            predicted[(folds == fold) & (cells == cell)] = (values[inside].sum() + prior) / (inside.sum() + 2)
        overall[folds == fold] = values[train].mean()
    with_cells, whole = (values - predicted) ** 2, (values - overall) ** 2
    ratio = with_cells.mean() / whole.mean()
    error = (with_cells - ratio * whole).std() / whole.mean() / 20
    expected = (1 - ratio, 1 - ratio - 1.959964 * error, 1 - ratio + 1.959964 * error)
    assert explained_share(cells, 3, cells, 0, values, folds) == pytest.approx(expected)
    assert explained_share(cells, 3, cells, 0, np.ones(400), folds) == (0.0, 0.0, 0.0)
