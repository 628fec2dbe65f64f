"""Statements of findings against direct computations, on inputs where a shorter statement would be false."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import tidynet as tn
from tidynet.output.report.explore_text import format_evidence, summary_lines
from tidynet.profiling.profile import Finding
from tidynet.profiling.profile_table import profile_table
from tidynet.profiling.target_association import explained_share

RNG = np.random.default_rng(5)


def finding(table: dict[str, object], code: str, column: str) -> Finding:
    found = profile_table(tn.read(table)).findings
    return next(item for item in found if item.code == code and column in item.columns)


@pytest.mark.parametrize("repeated", [1, 3, 7, 20, 40])
def test_an_identifier_with_repeated_values_does_not_identify_the_rows(repeated: int) -> None:
    names = [f"film {RNG.integers(1e9)} of {index}" for index in range(1000 - repeated)]
    item = finding({"title": names + names[:repeated], "x": RNG.normal(size=1000)}, "identifier-column", "title")
    assert item.sentence.startswith("an identifier that repeats values: ")
    assert item.evidence == {"rows": 1000, "distinct": 1000 - repeated}
    assert item.action == "training excludes it; join tables by it only if no value repeats"


def test_an_identifier_without_repeated_values_identifies_the_rows() -> None:
    item = finding({"id": [f"k{i:04}" for i in range(300)], "x": RNG.normal(size=300)}, "identifier-column", "id")
    assert item.sentence.startswith("identifies the rows: ")


@pytest.mark.parametrize("value", [1e7, 1e8, 1e9, 1e10, 1e11])
def test_an_outlier_of_a_skewed_column_names_its_scale(value: float) -> None:
    values = np.append(RNG.lognormal(1, 1, 800), value)
    item = finding({"sales": values, "x": RNG.normal(size=801)}, "outliers", "sales")
    assert item.sentence.startswith(f"1 outlier on a {item.evidence['scale']} scale (")
    assert item.evidence["scale"] != "linear"


@pytest.mark.parametrize(
    "extremes",
    [(101, 135, 138, 146), (300, 200, 150, 250), (-90, -95, -140, 180), (-80, 90, 120, 100), (-300, -200, -90, -400)],
)
def test_the_shown_outliers_are_the_most_extreme(extremes: tuple[float, ...]) -> None:
    values = np.append(RNG.normal(0, 10, 800), extremes)
    item = finding({"load": values, "x": RNG.normal(size=804)}, "outliers", "load")
    first = max(extremes, key=abs)
    assert item.evidence["most extreme"] == first
    assert item.sentence.startswith(f"4 outliers ({str(first).replace('-', '−')}, ")


@pytest.mark.parametrize(("scale", "digits"), [(0.3, 3), (0.9, 3), (1.4, 3), (2.0, 3), (3.0, 3)])
def test_a_transformation_is_the_best_one_and_advised_only_if_it_helps(scale: float, digits: int) -> None:
    values = 16 + np.random.default_rng(1).lognormal(0, scale, 900) ** 1.5
    found = [i for i in profile_table(tn.read({"age": values, "x": RNG.normal(size=900)})).findings if "skew" in i.code]
    for item in found:
        after = item.evidence.get("skew of the logarithm")
        if after is None:
            continue
        assert after == pytest.approx(stats.skew(np.log(values)), abs=10**-digits)
        assert item.action.startswith("report the median") == (abs(float(after)) >= 2)


@pytest.mark.parametrize(("categories", "rows"), [(90, 600), (700, 880), (500, 629), (61, 2000), (56, 3364)])
def test_the_rows_per_category_are_those_of_the_evidence(categories: int, rows: int) -> None:
    names = np.array([f"city of {index}" for index in range(categories)])
    table = {"city": np.append(names, RNG.choice(names, rows - categories)), "x": RNG.normal(size=rows)}
    item = next((i for i in profile_table(tn.read(table)).findings if i.code == "high-cardinality"), None)
    if item is not None:
        shown = float(item.sentence.split(" categories, ")[1].split()[0])
        assert shown == pytest.approx(rows / categories, rel=0.005)


@pytest.mark.parametrize("name", ["p", "lowest p", "highest p"])
def test_no_p_value_is_zero(name: str) -> None:
    assert format_evidence({name: 0.0}) == [(name, "< 1e−300")]
    assert format_evidence({name: 1e-5})[0][1] != "< 1e−300"


@pytest.mark.parametrize("seed", range(5))
def test_simpsons_paradox_has_the_rank_correlations_within_the_groups(seed: int) -> None:
    rng = np.random.default_rng(seed)
    group = rng.integers(0, 4, 800)
    spread = np.array([1.0, 3.0, 0.5, 2.0])[group]
    x = 5 * group + spread * rng.normal(size=800)
    y = 11 * group - x + rng.normal(0, 0.5, 800)
    item = finding({"site": np.array(["n", "s", "w", "o"])[group], "x": x, "y": y}, "simpsons-paradox", "site")
    inside = [stats.spearmanr(x[group == g], y[group == g]).statistic for g in range(4)]
    assert item.evidence["overall"] == pytest.approx(stats.spearmanr(x, y).statistic, abs=1e-4)
    assert item.evidence["within"] == pytest.approx(np.average(inside, weights=np.bincount(group)), abs=1e-4)
    assert item.evidence["groups with reversed sign"] == sum(value < 0 for value in inside)


@pytest.mark.parametrize("seed", range(5))
def test_the_share_of_row_position_is_that_of_the_ranks(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.lognormal(np.repeat(np.linspace(3, 0, 10), 60), 1.2)
    item = finding({"sales": values, "x": rng.normal(size=600)}, "drift-over-rows", "sales")
    ranks = stats.rankdata(values).reshape(10, 60)
    share = 1 - ((ranks - ranks.mean(1, keepdims=True)) ** 2).sum() / 590 / (ranks.var() * 600 / 599)
    assert item.evidence["explained share"] == pytest.approx(share, abs=1e-3)
    assert item.sentence.endswith("of the variance of its ranks")


@pytest.mark.parametrize(("cells", "rows"), [(2, 40), (3, 100), (16, 400), (5, 60), (10, 1000)])
def test_cells_that_determine_a_class_explain_all_of_it(cells: int, rows: int) -> None:
    codes = np.arange(rows) % cells
    folds = RNG.permutation(rows) % 5
    assert explained_share(codes, cells, codes % 2, 2, None, folds) == (1.0, 1.0, 1.0)
    changed = codes % 2
    changed[0] = 1 - changed[0]
    assert explained_share(codes, cells, changed, 2, None, folds)[0] < 1
    assert explained_share(np.arange(rows), rows, codes % 2, 2, None, folds)[0] < 0.5


@pytest.mark.parametrize("names", ["row", "id", "column_1", "number", "key"])
def test_the_best_single_column_is_none_that_training_excludes(names: str) -> None:
    group = np.repeat(["a", "b", "c"], 60)
    helpful = (group == "a") + RNG.normal(0, 0.3, 180)
    table = tn.read({names: np.arange(1, 181), "helpful": helpful, "kind": group})
    assert "best single column helpful" in summary_lines(profile_table(table, target="kind"))[4]


@pytest.mark.parametrize("missing", [0, 1, 10, 50, 90])
def test_the_strongest_association_says_its_rows_unless_they_are_all(missing: int) -> None:
    x = RNG.normal(size=200)
    x[:missing] = np.nan
    line = summary_lines(profile_table(tn.read({"x": x, "y": x * 2 + RNG.normal(0, 0.1, 200)})))[4]
    assert line.endswith("(0 to 1)" if not missing else f"(0 to 1; from {200 - missing} of 200 rows)")
