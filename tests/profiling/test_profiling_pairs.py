"""Pairs: measures against SciPy, noise levels by simulation, and the target."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from scipy import stats

from tidynet.profiling.association import (
    chatterjee_xi,
    correlation_ratio_noise_level,
    cramers_v,
    cramers_v_noise_level,
    rank,
)
from tidynet.profiling.encoded_variables import encode_variable, encode_variables
from tidynet.profiling.pair_counts import count_pair
from tidynet.profiling.pairs import candidate_pairs, profile_pair, profile_pairs
from tidynet.profiling.target_association import profile_target_association
from tidynet.table.infer_types import infer_types
from tidynet.table.variable_type import TypeInference, VariableType

NUMBER, LEVEL = TypeInference(VariableType.CONTINUOUS, ""), TypeInference(VariableType.NOMINAL, "")


def pair(x: pl.Series, y: pl.Series, kinds: tuple[TypeInference, TypeInference] = (NUMBER, NUMBER)):  # type: ignore[no-untyped-def]
    return profile_pair(*(encode_variable(one, kind) for one, kind in zip((x, y), kinds, strict=True)))  # type: ignore[arg-type]


def test_correlations_over_rows_with_both_values_equal_scipy() -> None:
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=200), rng.integers(0, 9, 200).astype(float)
    x[::7], y[::11] = np.nan, np.nan
    both = ~np.isnan(x) & ~np.isnan(y)
    found = pair(pl.Series("x", x).fill_nan(None), pl.Series("y", y).fill_nan(None))
    assert found.rows == both.sum()
    assert found.measures["Pearson"] == pytest.approx(stats.pearsonr(x[both], y[both])[0])
    assert found.measures["Spearman"] == pytest.approx(stats.spearmanr(x[both], y[both])[0])


def test_xi_equals_scipy() -> None:
    rng = np.random.default_rng(5)
    x = rng.normal(size=150)
    y = np.round(x**2, 1)
    ours = chatterjee_xi(np.argsort(x), rank(x, np.argsort(x)), rank(y, np.argsort(y)))
    assert ours == pytest.approx(stats.chatterjeexi(x, y).statistic)


@pytest.mark.parametrize("levels", [2, 3, 5, 11, 30])
def test_xi_with_ties_is_the_mean_over_random_orders_and_not_one_of_them(levels: int) -> None:
    rng = np.random.default_rng(levels)
    x = rng.integers(0, levels, 40).astype(float)
    y = np.round(x / levels + rng.normal(size=40), 1)
    order_x, order_y = np.argsort(x, kind="stable"), np.argsort(y, kind="stable")
    ranks = rank(y, order_y)
    ours = chatterjee_xi(order_x, rank(x, order_x), ranks)
    above = 40 - ranks.lowest + 1
    drawn = [
        1
        - 40 * np.abs(np.diff(ranks.highest[np.lexsort((rng.random(40), x))])).sum() / 2 / (above * (40 - above)).sum()
        for _ in range(4000)
    ]
    assert ours == pytest.approx(np.mean(drawn), abs=5 * np.std(drawn) / math.sqrt(4000))
    assert pair(pl.Series("x", x), pl.Series("y", y)).measures["ξ"] >= ours


@pytest.mark.parametrize("sorted_by", ["x", "y", "neither"])
@pytest.mark.parametrize("others", [1, 3, 10, 40])
def test_a_mostly_constant_column_has_no_association_with_an_unrelated_one(others: int, sorted_by: str) -> None:
    rng = np.random.default_rng(others)
    above, values = 0, []
    for _ in range(100):
        x, y = np.zeros(300), rng.normal(size=300)
        x[rng.choice(300, others, replace=False)] = rng.lognormal(size=others)
        if sorted_by != "neither":
            order = np.argsort(x if sorted_by == "x" else y, kind="stable")
            x, y = x[order], y[order]
        found = pair(pl.Series("x", x), pl.Series("y", y))
        above += found.association > found.noise_level
        values.append(found.measures.get("ξ", 0.0))
    assert above <= 13
    assert np.mean(values) < 0.08


def test_measures_do_not_depend_on_the_order_of_the_rows() -> None:
    rng = np.random.default_rng(9)
    columns = {"day": np.arange(200.0), "few": rng.integers(0, 3, 200), "rare": (np.arange(200) % 40 == 0) * 1.0}
    frame = pl.DataFrame({**columns, "kind": rng.choice(["a", "b"], 200)})
    found = [
        profile_pairs(encode_variables(item, infer_types(frame)))
        for item in (frame, frame.sample(200, seed=1, shuffle=True))
    ]
    assert len(found[0]) == 6
    for one, other in zip(*found, strict=True):
        assert (one.x, one.y) == (other.x, other.y)
        assert one.association == pytest.approx(other.association, abs=1e-9)
        assert dict(one.measures) == pytest.approx(dict(other.measures), abs=1e-9)


@pytest.mark.parametrize("rare", [2, 5, 10, 20])
@pytest.mark.parametrize("other", ["rare", "heavy tail", "60 categories", "mostly zero", "number"])
def test_rare_categories_that_meet_by_chance_are_no_association(rare: int, other: str) -> None:
    rng = np.random.default_rng(rare)

    def rare_categories() -> pl.Series:
        values = np.array(["usual"] * 300, dtype=object)
        values[rng.choice(300, rare, replace=False)] = [f"r{index}" for index in range(rare)]
        return pl.Series("x", values.astype(str))

    makers = {
        "rare": (lambda: rare_categories().alias("y"), LEVEL),
        "heavy tail": (lambda: pl.Series("y", rng.lognormal(0, 2, 300)), NUMBER),
        "60 categories": (lambda: pl.Series("y", rng.integers(0, 60, 300).astype(str)), LEVEL),
        "mostly zero": (lambda: pl.Series("y", np.where(rng.random(300) < 0.97, 0.0, rng.normal(size=300))), NUMBER),
        "number": (lambda: pl.Series("y", rng.normal(size=300)), NUMBER),
    }
    make, variable_type = makers[other]
    pairs = [pair(rare_categories(), make(), (LEVEL, variable_type)) for _ in range(100)]
    assert sum(item is not None and item.association > item.noise_level for item in pairs) <= 13


def test_xi_detects_what_correlations_miss() -> None:
    x = np.linspace(-1, 1, 500)
    found = pair(pl.Series("x", x), pl.Series("y", x**2))
    assert abs(found.measures["Pearson"]) < 0.05
    assert found.association > 0.95


def test_cramers_v_without_correction_equals_scipy() -> None:
    table = np.array([[20, 5, 9], [3, 30, 8]])
    n, (r, c) = table.sum(), table.shape
    corrected = max(0, stats.contingency.association(table) ** 2 * (min(r, c) - 1) - (r - 1) * (c - 1) / (n - 1))
    least = min(r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1)) - 1
    assert cramers_v(table) == pytest.approx(math.sqrt(corrected / least))


@pytest.mark.parametrize("kinds", [(NUMBER, NUMBER), (NUMBER, LEVEL), (LEVEL, LEVEL)])
@pytest.mark.parametrize("rows", [60, 500])
def test_independent_columns_rarely_exceed_the_noise_level(
    kinds: tuple[TypeInference, TypeInference], rows: int
) -> None:
    rng = np.random.default_rng(rows)
    above = 0
    for _ in range(400):
        columns = [
            pl.Series(name, rng.lognormal(size=rows) if kind is NUMBER else rng.integers(0, 4, rows).astype(str))
            for name, kind in zip("xy", kinds, strict=True)
        ]
        found = pair(columns[0], columns[1], kinds)
        above += found.association > found.noise_level
    assert 0.01 < above / 400 < 0.09


def test_floors_shrink_with_rows() -> None:
    assert correlation_ratio_noise_level(10_000, 3) < correlation_ratio_noise_level(100, 3) < 1
    three, five = np.array([30, 30, 40]), np.array([20, 20, 20, 20, 20])
    assert cramers_v_noise_level(100 * three, 100 * five) < cramers_v_noise_level(three, five) < 1


def test_equal_categorical_columns_have_association_1() -> None:
    values = ["a", "b", "c"] * 40
    found = pair(pl.Series("x", values), pl.Series("y", values), (LEVEL, LEVEL))
    assert found.association == pytest.approx(1)
    assert found.measures["mutual information"] == pytest.approx(math.log(3), abs=0.02)


@pytest.mark.parametrize(
    "values",
    [[None] * 5, [1.0] * 5, [1.0, None, None, None, None], [float("inf")] * 5, [1e308, -1e308, 1e308, 0.0, 5e-324]],
)
def test_columns_of_almost_nothing_make_no_pair_or_a_finite_one(values: list[float | None]) -> None:
    frame = pl.DataFrame({"x": pl.Series(values, dtype=pl.Float64), "y": [1.0, 2.0, 3.0, 4.0, 6.0]})
    for found in profile_pairs(encode_variables(frame, {"x": NUMBER, "y": NUMBER})):
        assert 0 <= found.association <= 1
        assert all(math.isfinite(value) for value in found.measures.values())


def test_of_many_columns_the_related_ones_are_chosen_whatever_their_shape() -> None:
    rng = np.random.default_rng(2)
    columns = {f"c{i}": rng.normal(size=300) for i in range(100)}
    columns["curve"] = columns["c3"] ** 2
    columns["line"] = columns["c4"] + rng.normal(size=300)
    columns["level"] = np.where(columns["c5"] > 0, "high", "low")
    frame = pl.DataFrame(columns)
    variables = encode_variables(frame, infer_types(frame))
    names = [(variables[i].name, variables[j].name) for i, j in candidate_pairs(variables, 20)]
    assert {("c3", "curve"), ("c4", "line"), ("c5", "level")} <= set(names)


def test_cells_of_a_pair_add_up_to_its_bars_and_bins() -> None:
    x, y = pl.Series("x", [1.5, 2.5, None, 9.0]), pl.Series("y", ["a", None, "a", "b"])
    counts = count_pair(x, NUMBER, y, LEVEL)
    assert counts is not None
    assert sum(map(sum, counts.cells)) == 2
    assert counts.y.counts == tuple(map(sum, zip(*counts.cells, strict=True)))
    assert counts.x.counts == tuple(map(sum, counts.cells))


def test_a_pair_with_an_identifier_has_no_cells() -> None:
    series = pl.Series("x", ["a", "b"])
    assert count_pair(series, TypeInference(VariableType.IDENTIFIER, ""), series, LEVEL) is None


@pytest.mark.parametrize("kind", ["quantity", "levels"])
def test_the_explained_share_is_the_simulated_one(kind: str) -> None:
    rng = np.random.default_rng(0)
    cause, noise, other = rng.normal(size=4000), rng.normal(size=4000), rng.normal(size=4000)
    target = cause + noise if kind == "quantity" else np.where(cause > 0, "yes", "no")
    frame = pl.DataFrame({"cause": cause, "other": other, "copy": target, "target": target})
    relations = {one.column: one for one in profile_target_association(frame, infer_types(frame), "target")}
    assert list(relations) == ["copy", "cause", "other"]
    assert relations["copy"].explained_share > 0.97
    assert relations["other"].ci_low == 0
    assert relations["other"].explained_share < 0.01
    if kind == "quantity":
        assert relations["cause"].ci_low < 0.5 < relations["cause"].ci_high


def test_a_text_target_has_no_associations() -> None:
    frame = pl.DataFrame({"x": [1, 2, 3], "t": ["u", "v", "w"]})
    assert profile_target_association(frame, {"x": NUMBER, "t": TypeInference(VariableType.TEXT, "")}, "t") == ()
