"""Effects, p-values and priorities of the rules against SciPy and against values computed by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import stats
from test_profiling_find_findings import clean, findings, with_missing

from tidynet.profiling import profile_table
from tidynet.profiling.findings.context import FindingContext
from tidynet.profiling.findings.pair_rules import _p_value, _within_group_correlation, largest_correlation
from tidynet.profiling.findings.row_order_rules import _by_category, _by_number, _is_mostly_monotonic
from tidynet.profiling.findings.table_rules import expected_duplicates
from tidynet.table.infer_types import infer_types


def context_of(columns: dict[str, Any], target: str | None = None) -> FindingContext:
    frame = pl.DataFrame(columns)
    return FindingContext(profile_table(frame, target=target), frame, infer_types(frame))


def blocks(rows: int) -> np.ndarray:
    return (np.arange(rows) * 10 // rows).astype(np.int64)


def test_drift_of_numbers_is_the_kruskal_wallis_test() -> None:
    rng = np.random.default_rng(0)
    values = rng.integers(0, 40, 300) / 4 + np.arange(300) / 60
    context = context_of({"x": values, "y": rng.normal(size=300)})
    effect, p = _by_number(context, "x", blocks(300))
    theirs = stats.kruskal(*np.split(values, 10))
    assert p == pytest.approx(theirs.pvalue, rel=1e-4)
    assert effect == pytest.approx(1 - (1 - theirs.statistic / 299) * 299 / 290, rel=1e-4)
    assert _by_number(context_of({"x": values[:99]}), "x", blocks(99)) == (0.0, 1.0)


def test_drift_of_categories_is_the_chi_squared_test() -> None:
    rng = np.random.default_rng(1)
    kind = np.where(rng.random(400) < np.linspace(0.1, 0.9, 400), "a", rng.choice(["b", "c"], 400))
    effect, p = _by_category(context_of({"kind": kind, "x": rng.normal(size=400)}), "kind", blocks(400))
    table = np.array([[(part == name).sum() for part in np.split(kind, 10)] for name in "abc"])
    theirs = stats.chi2_contingency(table, correction=False)
    assert p == pytest.approx(theirs.pvalue)
    assert effect == pytest.approx((theirs.statistic / 400 - 18 / 399) / 2)


def test_rare_categories_are_merged_before_the_test_of_drift() -> None:
    kind = np.array(["a", "b"] * 200)
    kind[[3, 5]] = ["x", "y"]
    effect, p = _by_category(context_of({"kind": kind, "n": np.arange(400.0) ** 2}), "kind", blocks(400))
    table = [[int(np.isin(part, names).sum()) for part in np.split(kind, 10)] for names in (["a"], ["b"], ["x", "y"])]
    theirs = stats.chi2_contingency(table, correction=False)
    assert (effect, p) == pytest.approx((max(0.0, theirs.statistic / 400 - 18 / 399) / 2, theirs.pvalue))


def test_the_effect_on_missingness_is_somers_d_or_cramers_v() -> None:
    table = clean()
    rng = np.random.default_rng(2)
    mask = (table["size"] > 10.5) & (rng.random(600) < 0.7)
    finding = findings(table | {"weight": with_missing(table["weight"], mask)})["missingness-depends-on-column"]
    size = table["size"]
    d = 2 * stats.mannwhitneyu(size[mask], size[~mask]).statistic / mask.sum() / (~mask).sum() - 1
    assert finding.evidence["effect"] == pytest.approx(d, rel=1e-4)
    above = size > np.median(size)
    assert finding.evidence["missing fraction there"] == pytest.approx(mask[above].mean())
    assert finding.evidence["missing fraction elsewhere"] == pytest.approx(mask[~above].mean())
    mask = (table["kind"] == "moss") & (rng.random(600) < 0.8)
    finding = findings(table | {"petals": with_missing(table["petals"], mask)})["missingness-depends-on-column"]
    counts = np.array([[((table["kind"] == k) & (mask == m)).sum() for m in (False, True)] for k in set(table["kind"])])
    theirs = stats.chi2_contingency(counts, correction=False)
    assert finding.evidence["effect"] == pytest.approx(math.sqrt(theirs.statistic / 600 - 3 / 599))
    tests = 1 * (4 + 3 + 1)  # one pattern; size, weight, petals, blooms; kind, light, blooms
    assert finding.evidence["p"] == pytest.approx(min(1.0, theirs.pvalue * tests), rel=1e-6)
    assert finding.priority == pytest.approx(0.45 + 0.1 * finding.evidence["effect"], abs=6e-4)


def test_expected_duplicates_of_independent_columns() -> None:
    rng = np.random.default_rng(3)
    a, b = rng.integers(0, 4, 200), rng.choice(["x", "y", "z"], 200)
    context = context_of({"a": a, "b": b})

    def agreeing(values: np.ndarray) -> float:
        counts = np.unique(values, return_counts=True)[1]
        return float((counts * (counts - 1)).sum() / (200 * 199))

    expected = agreeing(a) * agreeing(b) * 200 * 199 / 2
    assert expected_duplicates(context) == pytest.approx(min(expected, 200))
    c = rng.integers(0, 500, 200) / 7
    assert expected_duplicates(context_of({"a": a, "b": b, "c": c})) == pytest.approx(
        agreeing(a) * agreeing(b) * agreeing(c) * 200 * 199 / 2
    )
    assert expected_duplicates(context_of({"x": rng.normal(size=200), "y": rng.normal(size=200)})) < 1e-3


@pytest.mark.parametrize(("copies", "priority"), [(2, 0.25), (3, 0.452), (60, 0.486)])
def test_the_priority_of_duplicates_follows_their_fraction(copies: int, priority: float) -> None:
    frame = pl.DataFrame(clean())
    [finding] = profile_table(pl.concat([frame, frame.head(copies)])).findings
    assert (finding.priority, finding.evidence["duplicates"]) == (priority, copies)


@pytest.mark.parametrize(
    ("rows", "columns", "target", "priority"),
    [
        (29, 3, "x0", 0.72), (30, 3, "x0", 0.5), (49, 3, "x0", 0.5), (49, 3, None, 0.2), (50, 3, "x0", 0),
        (100, 11, "x0", 0), (100, 12, "x0", 0.42), (100, 101, "x0", 0.42), (100, 102, "x0", 0.6), (100, 102, None, 0),
    ],
)  # fmt: skip
def test_the_priority_of_few_rows(rows: int, columns: int, target: str | None, priority: float) -> None:
    rng = np.random.default_rng(0)
    finding = findings({f"x{i}": rng.normal(size=rows) for i in range(columns)}, target)
    assert ("too-few-rows" in finding) == bool(priority)
    assert not priority or finding["too-few-rows"].priority == priority


@pytest.mark.parametrize(("rare", "priority"), [(9, 0.72), (10, 0.5), (59, 0.5), (60, None)])
def test_the_priority_of_a_rare_class(rare: int, priority: float | None) -> None:
    y = np.array(["yes"] * rare + ["no"] * (600 - rare))
    finding = findings({**clean(), "y": np.random.default_rng(0).permutation(y)}, "y").get("class-imbalance")
    assert (finding.priority if finding else None) == priority
    assert not finding or finding.evidence["fraction of rarest class"] == rare / 600


def test_a_very_rare_class_of_many_rows() -> None:
    rng = np.random.default_rng(0)
    y = rng.permutation(np.array(["yes"] * 20 + ["no"] * 2980))
    finding = findings({"x": rng.normal(size=3000), "z": rng.normal(size=3000), "y": y}, "y")["class-imbalance"]
    assert finding.priority == 0.7


@pytest.mark.parametrize(("noise", "codes"), [(0.12, True), (0.17, True), (0.35, False)])
def test_a_column_far_ahead_of_all_others_leaks(noise: float, codes: bool) -> None:
    rng = np.random.default_rng(4)
    x = rng.normal(size=3000)
    finding = findings({"x": x, "z": rng.normal(size=3000), "y": x + noise * rng.normal(size=3000)}, "y")
    assert ("target-leakage" in finding) == codes
    if codes:
        assert finding["target-leakage"].priority == (0.95 if noise < 0.14 else 0.7)


def test_a_second_column_that_explains_half_makes_it_plausible() -> None:
    rng = np.random.default_rng(4)
    x = rng.normal(size=3000)
    columns = {"x": x, "z": x + 0.8 * rng.normal(size=3000), "y": x + 0.17 * rng.normal(size=3000)}
    assert "target-leakage" not in findings(columns, "y")


def test_correlations_within_groups_are_pooled() -> None:
    rng = np.random.default_rng(5)
    codes, x = rng.integers(-1, 3, 200), rng.normal(size=(200, 2)).astype(np.float32)
    x[:, 1] += x[:, 0]
    x += codes[:, None]
    kept = codes >= 0
    centered = np.concatenate([x[codes == k] - x[codes == k].mean(0) for k in range(3)])
    expected = np.corrcoef(centered.T)[0, 1]
    assert kept.sum() == len(centered)
    assert _within_group_correlation(x, codes)[0, 1] == pytest.approx(expected, rel=1e-4)
    assert _p_value(0.3, 40) == pytest.approx(stats.pearsonr(*_with_correlation(0.3, 40)).pvalue)


def _with_correlation(r: float, rows: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    x, z = rng.normal(size=(2, rows))
    x -= x.mean()
    z -= z.mean()
    z -= x * (x @ z) / (x @ x)
    x, z = x / np.linalg.norm(x), z / np.linalg.norm(z)
    return x, r * x + math.sqrt(1 - r * r) * z


def test_the_larger_of_pearson_and_spearman_counts_if_there_are_enough_values() -> None:
    rng = np.random.default_rng(6)
    x = rng.normal(size=100)
    context = context_of(
        {"x": x, "exp": np.exp(3 * x), "noisy": x + rng.normal(0, 0.5, 100), "few": np.round(x), "s": -x}
    )
    assert largest_correlation(context, "x", "exp") == pytest.approx(1.0)
    assert largest_correlation(context, "x", "s") == pytest.approx(1.0)
    assert largest_correlation(context, "x", "noisy") == pytest.approx(stats.spearmanr(x, context.sample["noisy"])[0])
    assert largest_correlation(context, "x", "few") == 0.0
    trend = np.arange(100) + rng.normal(0, 0.1, 100)
    other = np.arange(100) + rng.normal(0, 0.1, 100)
    assert largest_correlation(context_of({"x": trend, "y": other}), "x", "y") < 0.5


def test_monotonic_with_few_small_exceptions() -> None:
    values = np.arange(2000.0)
    assert _is_mostly_monotonic(values, 1.0)
    assert _is_mostly_monotonic(-values, 1.0)
    swapped = values.copy()
    swapped[[500, 501]] = swapped[[501, 500]]
    assert _is_mostly_monotonic(swapped, 0.999)
    assert not _is_mostly_monotonic(swapped, 1.0)
    assert not _is_mostly_monotonic(np.concatenate([values, values]), 0.999)
    assert not _is_mostly_monotonic(np.ones(50), 0.9)
    assert not _is_mostly_monotonic(np.array([1.0, 2.0]), 1.0)
    assert _is_mostly_monotonic(np.array([1.0, 2.0, np.inf]), 1.0)


@pytest.mark.parametrize(("rows", "found"), [(29, False), (30, True)])
def test_pairs_and_skewness_are_tested_from_30_rows_on(rows: int, found: bool) -> None:
    rng = np.random.default_rng(7)
    x, price = rng.normal(size=rows), np.exp(2 * stats.norm.ppf((np.arange(rows) + 0.5) / rows))
    codes = findings({"x": x, "copy": 3 * x + rng.normal(0, 1e-3, rows), "price": rng.permutation(price)})
    assert ("near-duplicate-columns" in codes, "skewed-distribution" in codes) == (found, found)


def test_one_outlier_on_each_side_explains_no_skewness() -> None:
    rng = np.random.default_rng(8)
    values = np.append(rng.normal(size=300), [-40.0, 90.0])
    assert "skewed-distribution" not in findings({"x": values})
    assert findings({"x": values})["outliers"].evidence["outliers"] == 2
