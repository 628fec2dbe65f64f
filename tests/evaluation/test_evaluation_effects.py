"""Partial dependence and accumulated local effects of formulas, whose effects are known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

import tidynet as tn
from tidynet.core.text import format_number
from tidynet.evaluation.effects import feature_effect, feature_effects, interaction_effect, strongest_interaction
from tidynet.evaluation.evaluation_data import EvaluationData, predict_test_data
from tidynet.evaluation.sections.effects import effect_sentence

Columns = Callable[[int, int], pl.DataFrame]
Made = Callable[..., EvaluationData]


def test_of_a_sum_both_effects_are_the_columns_own_part(columns: Columns, of_numbers: Made) -> None:
    found = feature_effect(of_numbers(columns(1500, 0), lambda f: f["x"] ** 2 + f["z"], 1.0), "x")
    assert found is not None
    places, curve = np.array(found.grid_values), found.curves[0]
    np.testing.assert_allclose(np.diff(curve.partial_dependence), np.diff(places**2), atol=1e-9)
    np.testing.assert_allclose(np.diff(curve.ale), np.diff(places**2), atol=1e-9)
    assert sum(found.counts) == 1500
    assert set(found.rug) <= set(columns(1500, 0)["x"])


def test_local_effects_keep_to_rows_that_can_be(of_numbers: Made) -> None:
    """With z = x always, x·z has the local effect ∫ x dx in x, and the partial dependence x·z̄."""
    values = np.random.default_rng(0).uniform(0, 1, 2000)
    test_data = of_numbers(pl.DataFrame({"x": values, "z": values}), lambda f: f["x"] * f["z"], 0.1)
    found = feature_effect(test_data, "x")
    assert found is not None
    curve = found.curves[0]
    assert curve.ale[-1] - curve.ale[0] == pytest.approx(0.5, abs=0.03)
    assert curve.partial_dependence[-1] - curve.partial_dependence[0] == pytest.approx(0.5, abs=0.06)
    assert curve.partial_dependence[7] - curve.partial_dependence[0] == pytest.approx(0.25, abs=0.03)
    assert curve.ale[7] - curve.ale[0] == pytest.approx(0.125, abs=0.03)


def test_local_effects_of_columns_that_go_together_are_the_known_ones(of_numbers: Made) -> None:
    """With z = ρx + noise, 2x − 3z has the local effect 2x in x, and x·z has ∫ E[z | x] dx = ρx²/2."""
    random = np.random.default_rng(0)
    x = random.normal(size=4000)
    frame = pl.DataFrame({"x": x, "z": 0.8 * x + 0.6 * random.normal(size=4000)})
    linear = feature_effect(of_numbers(frame, lambda f: 2 * f["x"] - 3 * f["z"], 0.1), "x")
    product = feature_effect(of_numbers(frame, lambda f: f["x"] * f["z"], 0.1), "x")
    assert linear is not None
    assert product is not None
    places = np.array(linear.grid_values)
    np.testing.assert_allclose(np.diff(linear.curves[0].ale), 2 * np.diff(places), atol=1e-9)
    known, found = 0.4 * places**2, np.array(product.curves[0].ale)
    inner = slice(1, -1)  # in the outermost parts x runs far from where its rows lie
    np.testing.assert_allclose(found[inner] - found[7], known[inner] - known[7], atol=0.06)
    np.testing.assert_allclose(
        product.curves[0].partial_dependence, places * frame["z"].mean(), atol=0.06
    )  # misses all of it


def test_the_sentence_is_the_local_effect_where_columns_are_correlated(of_classes: Made, of_numbers: Made) -> None:
    random = np.random.default_rng(0)
    x = random.normal(size=3000)
    frame = pl.DataFrame({"x": x, "z": 0.95 * x + 0.3 * random.normal(size=3000)})
    found = feature_effect(of_numbers(frame, lambda f: -2 * f["x"] + f["z"] ** 2, 0.1), "x")
    assert found is not None
    first, last = found.labels[0], found.labels[-1]
    # The smaller value comes first, although the prediction is highest there.
    assert effect_sentence(found).startswith("'x': mean prediction of 'y' ")
    assert f" at {first}, " in effect_sentence(found)
    assert effect_sentence(found).endswith(f" at {last}")
    change = format_number(2 * (found.grid_values[-1] - found.grid_values[0]))
    assert effect_sentence(replace(found, correlated_columns=("z",))) == (
        f"'x': accumulated local effect on 'y' −{change} from {first} to {last}; correlated with 'z'"
    )
    both = feature_effect(of_numbers(frame, lambda f: f["x"] * f["z"], 0.1), "x")
    assert both is not None
    assert "; accumulated local effect " in effect_sentence(both)
    rare = feature_effect(of_classes(frame, lambda f: 8 * f["x"] - 8), "x")
    assert rare is not None
    assert rare.curves[0].partial_dependence[0] < 1e-5
    assert f"under 0.001 at {first}, " in effect_sentence(rare)


def test_partial_dependence_on_many_rows_is_that_of_all(of_numbers: Made) -> None:
    random = np.random.default_rng(0)
    frame = pl.DataFrame({name: random.normal(size=8000) for name in "xz"})
    formula = lambda f: f["x"] * (f["z"] > 1) + np.exp(f["z"])  # noqa: E731
    found = feature_effect(of_numbers(frame, formula, 0.1), "x")
    assert found is not None
    above, exponential = (frame["z"] > 1).mean(), frame["z"].exp().mean()
    known = np.array(found.grid_values) * above + exponential
    assert found.rows == 2000
    assert np.abs(np.array(found.curves[0].partial_dependence) - known).max() < 0.02 * np.ptp(exponential + known)


def test_categories_dates_and_missing_values_have_effects(columns: Columns, of_classes: Made) -> None:
    frame = columns(400, 0)
    frame = frame.with_columns(
        day=pl.Series([date(2020, 1, 1) + timedelta(days=n) for n in range(400)]),
        idle=pl.when(pl.col("idle") > 1).then(None).otherwise(pl.col("idle")),
    )
    test_data = of_classes(frame, lambda f: 2 * (f["city"] == "Oslo").cast(float) - 1)
    found = {one.column: one for one in feature_effects(test_data, ["city", "day", "idle"])}
    assert dict(zip(found["city"].labels, found["city"].curves[0].partial_dependence, strict=True)) == pytest.approx(
        {"Oslo": 1 / (1 + np.exp(-1)), "Bergen": 1 / (1 + np.exp(1)), "Hamar": 1 / (1 + np.exp(1))}
    )
    assert found["day"].labels[0] == "2020-01-01"
    assert (found["day"].scale, found["day"].grid_values[0]) == ("time", 1_577_836_800_000_000)
    assert sum(found["idle"].counts) == frame["idle"].drop_nulls().len()
    assert effect_sentence(found["city"]).startswith("'city': mean prediction of 'yes' 0.269 at ")


def test_the_pair_that_does_most_jointly_is_found(columns: Columns, of_numbers: Made) -> None:
    test_data = of_numbers(columns(500, 0), lambda f: f["x"] * f["z"] + 0.1 * f["idle"], 0.5)
    found = strongest_interaction(test_data, ["idle", "x", "z", "city"])
    assert found is not None
    assert set(found.columns) == {"x", "z"}
    assert found.interaction_strength > 0.9
    alone = interaction_effect(of_numbers(columns(500, 0), lambda f: f["x"] + f["z"], 0.5), "x", "z")
    assert alone is not None
    assert alone.interaction_strength < 1e-9


def test_bands_hold_every_member_of_a_network() -> None:
    table = tn.read("penguins")
    features = table.drop(target="species")
    model = tn.MLPClassifier(random_state=0, n_networks=2, max_iter=3).fit(features, table["species"])
    test_data = predict_test_data(model, features.frame, table["species"].to_numpy(), "species")
    found = feature_effect(test_data, "flipper_length_mm")
    assert found is not None
    assert found.members == 2
    assert [one.name for one in found.curves] == ["Adelie", "Chinstrap", "Gentoo"]
    for curve in found.curves:
        assert (np.array(curve.low) <= np.array(curve.partial_dependence) + 1e-12).all()
        assert (np.array(curve.partial_dependence) <= np.array(curve.high) + 1e-12).all()


def test_a_column_of_one_value_has_no_effect(columns: Columns, of_numbers: Made) -> None:
    test_data = of_numbers(columns(50, 0).with_columns(one=pl.lit(1.0)), lambda f: f["x"], 1.0)
    assert feature_effect(test_data, "one") is None
    assert interaction_effect(test_data, "x", "one") is None
    assert strongest_interaction(test_data, ["x"]) is None


def test_ordinals_are_in_order_and_other_categories_by_frequency() -> None:
    random = np.random.default_rng(0)
    rank = random.choice([1, 2, 3, 10], 600, p=[0.1, 0.2, 0.6, 0.1])
    size = random.choice(["small", "medium", "large"], 600, p=[0.2, 0.3, 0.5])
    town = random.choice(["Bergen", "Hamar", "Oslo"], 600, p=[0.2, 0.3, 0.5])
    table = tn.read(
        {"rank": rank, "size": size, "town": town, "y": (rank > 2) ^ (random.random(600) < 0.2)},
        variable_types={"rank": "ordinal", "size": "ordinal"},
    )
    rows = table.drop(target="y")
    model = tn.MLPClassifier(hidden_layer_sizes=4, n_networks=1, max_iter=2, random_state=0).fit(rows, table["y"])
    test_data = predict_test_data(model, rows.frame, table["y"].to_numpy().astype(int), "y")
    found = {one.column: one.labels for one in feature_effects(test_data, ["rank", "size", "town"])}
    assert found == {
        "rank": ("1", "2", "3", "10"),
        "size": ("small", "medium", "large"),
        "town": ("Oslo", "Hamar", "Bergen"),
    }


def test_a_skewed_column_has_a_log_axis(of_numbers: Made) -> None:
    frame = pl.DataFrame({"pay": 10 ** np.random.default_rng(0).normal(4, 0.6, 400), "age": np.linspace(20, 60, 400)})
    test_data = of_numbers(frame, lambda f: f["pay"].to_numpy() / 1e4, 0.1)
    assert [one.scale for one in feature_effects(test_data, ["pay", "age"])] == ["log", "linear"]
