"""Permutation importance on rows whose truth is known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from tidynet.evaluation.evaluation_data import EvaluationData, predict_test_data
from tidynet.evaluation.importance import group_correlated_columns, permutation_importance
from tidynet.evaluation.sections.importance import importance_sentences

Columns = Callable[[int, int], pl.DataFrame]
Made = Callable[..., EvaluationData]


def test_importance_of_a_known_line_equals_its_formula(columns: Columns, of_numbers: Made) -> None:
    """Permuting x of y = 2x + e adds 2 · 4 · Var(x) to the mean squared error."""
    test_data = of_numbers(columns(2500, 0), lambda f: 2 * f["x"], 1.0)
    found = permutation_importance(test_data)
    assert found.groups[0].columns == ("x",)
    assert found.score == "RMSE"
    expected = np.sqrt(1 + 2 * 4) - 1
    assert found.groups[0].low < expected < found.groups[0].high
    assert abs(found.groups[0].value - expected) < 0.25
    assert all(one.value == one.low == one.high == 0 for one in found.groups[1:])


def test_a_categorical_column_of_the_formula_is_important(columns: Columns, of_classes: Made) -> None:
    test_data = of_classes(columns(2000, 0), lambda f: 3 * (f["city"] == "Oslo").cast(float) - 1.5 + 0.3 * f["x"])
    found = permutation_importance(test_data)
    assert [one.columns for one in found.groups[:2]] == [("city",), ("x",)]
    assert found.groups[0].low > found.groups[1].high
    assert importance_sentences(found)[0].startswith("most important: 'city' (log loss +")


def test_a_column_outside_the_formula_is_not_significant(columns: Columns, of_classes: Made) -> None:
    test_data = of_classes(columns(1000, 0), lambda f: 0 * f["x"])
    found = permutation_importance(test_data)
    assert importance_sentences(found) == ["no column is significantly important (n = 1,000)"]


def test_columns_that_go_together_are_permuted_together(columns: Columns, of_numbers: Made) -> None:
    frame = columns(1000, 0)
    noise = np.random.default_rng(5).normal(size=frame.height)
    frame = frame.with_columns(twin=pl.col("x") + 0.1 * noise, land=pl.col("city").replace({"Oslo": "East"}))
    test_data = of_numbers(frame, lambda f: f["x"] + f["twin"], 0.5)
    assert {frozenset(group) for group in group_correlated_columns(test_data)} >= {
        frozenset({"x", "twin"}),
        frozenset({"city", "land"}),
    }
    found = permutation_importance(test_data)
    assert set(found.groups[0].columns) == {"x", "twin"}


def test_the_same_seed_gives_the_same_numbers_and_json_keeps_them(columns: Columns, of_numbers: Made) -> None:
    test_data = of_numbers(columns(400, 0), lambda f: f["x"], 1.0)
    found = permutation_importance(test_data, seed=3, max_evaluations=3000)
    assert found == permutation_importance(test_data, seed=3, max_evaluations=3000)


def test_missing_values_and_hostile_names_pass(of_numbers: Made) -> None:
    random = np.random.default_rng(0)
    values = random.normal(size=300)
    frame = pl.DataFrame({"^a$": values, "$b": [None if v > 1 else "u" if v > 0 else "w" for v in values]})
    test_data = of_numbers(frame, lambda f: f.get_columns()[0], 0.1)
    assert permutation_importance(test_data, max_evaluations=1000).groups[0].value > 0


def test_rows_of_a_class_that_the_model_does_not_know_are_left_out(columns: Columns, of_classes: Made) -> None:
    test_data = of_classes(columns(50, 0), lambda f: f["x"])
    again = predict_test_data(test_data.model, test_data.features, ["maybe"] * 10 + ["yes"] * 40, "y")
    assert again.height == 40
    assert again.rows[0] == 10


@pytest.mark.parametrize("truth", [["maybe"] * 50, [["yes"]] * 50])
def test_no_known_row_is_refused(columns: Columns, of_classes: Made, truth: list[object]) -> None:
    from tidynet.core.errors import InputError

    test_data = of_classes(columns(50, 0), lambda f: f["x"])
    with pytest.raises(InputError, match=r"no row has a value of 'y'|y_true has shape"):
        predict_test_data(test_data.model, test_data.features, truth, "y")


def test_few_rows_are_not_conclusive(columns: Columns, of_numbers: Made) -> None:
    found = permutation_importance(of_numbers(columns(3, 0), lambda f: f["x"], 1.0))
    assert importance_sentences(found) == ["3 test rows: too few for feature importance (minimum 10)"]
