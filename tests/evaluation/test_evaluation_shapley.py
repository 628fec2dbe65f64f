"""Shapley values against their axioms, and sampled ones against enumerated ones."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from tidynet.core.errors import InputError
from tidynet.evaluation.contributions import PredictionExplanation
from tidynet.evaluation.evaluation_data import EvaluationData
from tidynet.evaluation.shapley import shapley_values

Columns = Callable[[int, int], pl.DataFrame]
Made = Callable[..., EvaluationData]


def entwined(frame: pl.DataFrame) -> pl.Series:
    return frame["x"] * frame["z"] + 2 * (frame["city"] == "Oslo").cast(float) * frame["x"] + frame["z"]


def by_column(found: PredictionExplanation) -> dict[str, float]:
    return {one.column: one.value for one in found.columns}


def test_of_a_sum_each_column_adds_its_own_part(columns: Columns, of_numbers: Made) -> None:
    test_data = of_numbers(columns(40, 0), lambda f: 2 * f["x"] - f["z"], 1.0)
    found = shapley_values(test_data, 3)
    assert found.is_exact
    frame = test_data.features
    assert by_column(found)["x"] == pytest.approx(2 * (frame["x"][3] - frame["x"].mean()))
    assert by_column(found)["z"] == pytest.approx(-(frame["z"][3] - frame["z"].mean()))
    assert by_column(found)["idle"] == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("row", [0, 7])
def test_values_add_up_to_the_prediction_less_the_base(
    columns: Columns, of_classes: Made, exact: bool, row: int
) -> None:
    found = shapley_values(of_classes(columns(300, 1), entwined), row, exact=exact)
    assert sum(by_column(found).values()) == pytest.approx(found.prediction - found.base_value, abs=1e-9)
    assert found.is_exact is exact


def test_sampled_values_agree_with_enumerated_ones(columns: Columns, of_numbers: Made) -> None:
    test_data = of_numbers(columns(60, 2), entwined, 1.0)
    exact = by_column(shapley_values(test_data, 5, exact=True, max_evaluations=60 * 32))
    sampled = shapley_values(test_data, 5, exact=False, max_evaluations=20_000)
    for one in sampled.columns:
        assert abs(one.value - exact[one.column]) <= 4 * one.error + 1e-9, one.column


def test_columns_that_do_the_same_get_the_same(of_numbers: Made) -> None:
    values = np.random.default_rng(0).normal(size=50)
    test_data = of_numbers(pl.DataFrame({"a": values, "b": values}), lambda f: (f["a"] + f["b"]) ** 2, 0.1)
    found = by_column(shapley_values(test_data, 2))
    assert found["a"] == pytest.approx(found["b"])


def test_what_is_drawn_is_put_right_by_what_is_known_of_all(columns: Columns, of_numbers: Made) -> None:
    """The average is that of all background rows, and the errors result are those made."""
    test_data = of_numbers(columns(300, 3), entwined, 1.0)
    exact = shapley_values(test_data, 5, exact=True, max_evaluations=300 * 32)
    assert exact.base_value == pytest.approx(test_data.y_pred.mean())
    assert not any(one.error for one in exact.columns)
    off = []
    for seed in range(20):
        found = shapley_values(test_data, 5, exact=seed % 2 == 0, max_evaluations=1500, seed=seed)
        assert found.base_value == pytest.approx(test_data.y_pred.mean())
        assert found.n_permutations == (46 if found.is_exact else 125)
        off += [
            (by_column(found)[one.column] - one.value) / max(error, 1e-12)
            for one in exact.columns
            for error in [next(other.error for other in found.columns if other.column == one.column)]
            if abs(one.value) > 1e-9
        ]
    assert np.mean(np.abs(off) < 1.96) > 0.9
    assert np.std(off) > 0.4


def test_the_average_may_be_that_of_other_rows(columns: Columns, of_numbers: Made) -> None:
    test_data = of_numbers(columns(40, 0), lambda f: 2 * f["x"], 1.0)
    found = shapley_values(test_data, 3, background=np.arange(10, 20))
    assert found.background == 10
    assert found.base_value == pytest.approx(test_data.y_pred[10:20].mean())
    assert by_column(found)["x"] == pytest.approx(
        2 * (test_data.features["x"][3] - test_data.features["x"][10:20].mean())
    )


def test_the_sentence_and_the_data(columns: Columns, of_classes: Made) -> None:
    test_data = of_classes(columns(100, 0), entwined)
    found = shapley_values(test_data, 4, "yes", seed=1)
    assert found == shapley_values(test_data, 4, "yes", seed=1)
    assert found.sentence.startswith("Row 5: probability of 'yes' ")
    assert PredictionExplanation.from_dict(json.loads(json.dumps(found.to_dict()))) == found


def test_unknown_rows_and_classes_are_refused(columns: Columns, of_classes: Made) -> None:
    test_data = of_classes(columns(20, 0), entwined)
    with pytest.raises(InputError, match="the row is 20, expected a number from 0 to 19"):
        shapley_values(test_data, 20)
    with pytest.raises(InputError, match="the class is 'perhaps', expected one of 'no', 'yes'"):
        shapley_values(test_data, 0, "perhaps")


def test_errors_of_few_draws_are_those_of_a_mean(columns: Columns, of_numbers: Made) -> None:
    test_data, background = of_numbers(columns(40, 0), entwined, 1.0), np.arange(5, 13)
    alone = {
        row: by_column(shapley_values(test_data, 3, background=[row], exact=True, max_evaluations=32))
        for row in background
    }
    found = shapley_values(test_data, 3, background=background, exact=True, max_evaluations=5 * 32, seed=4)
    drawn = np.random.default_rng(4).permutation(background)[:5]
    for item in found.columns:
        values = [alone[row][item.column] for row in drawn]
        assert item.value == pytest.approx(np.mean(values), abs=1e-9)
        assert item.error == pytest.approx(np.std(values, ddof=1) / np.sqrt(5), abs=1e-9)
    single = shapley_values(test_data, 3, background=background, exact=True, max_evaluations=1)
    assert [item.error for item in single.columns] == [0.0] * len(single.columns)
