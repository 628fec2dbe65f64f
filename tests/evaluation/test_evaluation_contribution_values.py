"""Shapley values, permutation importance and predictions of rows, against direct computations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from math import factorial
from typing import Any

import numpy as np
import polars as pl
import pytest

from tidynet.core.errors import InputError
from tidynet.evaluation import importance as importance_module
from tidynet.evaluation import shapley as module
from tidynet.evaluation.contributions import FeatureContribution, PredictionExplanation, aligned_lines, contribution_bar
from tidynet.evaluation.evaluation_data import (
    EvaluationData,
    predict_test_data,
    predict_unlabeled_data,
    replace_columns,
    row_losses,
    sample_row_numbers,
)
from tidynet.evaluation.importance import group_correlated_columns, permutation_importance
from tidynet.evaluation.labels import align_labels, label_codes, target_numbers
from tidynet.evaluation.sections.largest_errors import largest_errors
from tidynet.evaluation.shapley import shapley_values

Columns = Callable[[int, int], pl.DataFrame]
Made = Callable[..., EvaluationData]
NAMES = ["x", "z", "city"]


def formula(frame: pl.DataFrame) -> Any:
    return frame["x"] * frame["z"] + frame["x"] * (frame["city"] == "Oslo") + frame["z"].exp()


@pytest.fixture
def data(columns: Columns, of_numbers: Made) -> EvaluationData:
    made: EvaluationData = of_numbers(columns(60, 0).select(NAMES), formula, 0.1)
    return made


def gains_of(data: EvaluationData, row: int, background: int) -> Any:
    """The Shapley values of a row against one background row, from the definition."""

    def value(subset: tuple[int, ...]) -> float:
        sources = {NAMES[i]: [row] for i in subset}
        return float(np.asarray(formula(replace_columns(data.features, [background], sources)))[0])

    result = []
    for i in range(3):
        others = [j for j in range(3) if j != i]
        subsets = [subset for size in range(3) for subset in combinations(others, size)]
        weights = [factorial(len(s)) * factorial(2 - len(s)) / factorial(3) for s in subsets]
        result.append(sum(w * (value((*s, i)) - value(s)) for w, s in zip(weights, subsets, strict=True)))
    return np.array(result)


def regressed(data: EvaluationData, gains: Any, drawn: Any, others: Any) -> tuple[Any, Any]:
    """The mean gains at the mean prediction of all background rows, and their standard errors, by least squares."""
    before = data.y_pred[drawn, 0]
    design = np.column_stack([np.ones(len(drawn)), before - data.y_pred[others, 0].mean()])
    coefficients, residuals, *_ = np.linalg.lstsq(design, gains)
    return coefficients[0], np.sqrt(residuals / (len(drawn) - 2) / len(drawn))


def by_name(found: PredictionExplanation) -> dict[str, tuple[float, float]]:
    return {item.column: (item.value, item.error) for item in found.columns}


def test_exact_values_are_means_over_all_background_rows(data: EvaluationData) -> None:
    found = shapley_values(data, 5)
    expected = np.mean([gains_of(data, 5, row) for row in range(60)], axis=0)
    assert by_name(found) == {name: (pytest.approx(v), 0.0) for name, v in zip(NAMES, expected, strict=True)}
    assert [abs(item.value) for item in found.columns] == sorted(
        (abs(item.value) for item in found.columns), reverse=True
    )
    assert (found.row, found.of, found.background, found.n_permutations, found.is_exact) == (
        6,
        "predicted 'y'",
        60,
        0,
        True,
    )
    assert found.base_value == pytest.approx(data.y_pred.mean())
    assert found.prediction == data.y_pred[5, 0]
    assert [item.shown for item in found.columns if item.column == "city"] == [f"'{data.features['city'][5]}'"]


@pytest.mark.parametrize(("evaluations", "draws"), [(80, 10), (87, 10), (160, 20), (479, 59)])
def test_a_sample_of_rows_is_corrected_by_regression(data: EvaluationData, evaluations: int, draws: int) -> None:
    found = shapley_values(data, 5, exact=True, max_evaluations=evaluations, seed=2)
    drawn = np.random.default_rng(2).permutation(60)[:draws]
    gains = np.array([gains_of(data, 5, row) for row in drawn])
    values, errors = regressed(data, gains, drawn, np.arange(60))
    assert found.n_permutations == draws
    for name, value, error in zip(NAMES, values, errors, strict=True):
        assert by_name(found)[name] == (pytest.approx(value), pytest.approx(error))
    assert (found.background, found.base_value) == (60, pytest.approx(data.y_pred.mean()))


@pytest.mark.parametrize(("evaluations", "draws"), [(72, 9), (8, 1), (3, 1)])
def test_few_draws_have_the_error_of_a_mean(data: EvaluationData, evaluations: int, draws: int) -> None:
    found = shapley_values(data, 5, exact=True, max_evaluations=evaluations)
    drawn = np.random.default_rng(0).permutation(60)[:draws]
    gains = np.array([gains_of(data, 5, row) for row in drawn])
    errors = gains.std(axis=0, ddof=1) / np.sqrt(draws) if draws > 1 else np.zeros(3)
    for name, value, error in zip(NAMES, gains.mean(axis=0), errors, strict=True):
        assert by_name(found)[name] == (pytest.approx(value), pytest.approx(error))
    assert found.base_value == pytest.approx(data.y_pred[drawn].mean())
    assert found.background == draws


def test_a_constant_average_is_not_regressed_on(data: EvaluationData) -> None:
    same = replace(data, features=data.features[np.zeros(60, int)], y_pred=np.full((60, 1), 2.0))
    found = shapley_values(same, 5, exact=True, max_evaluations=160)
    assert found.base_value == 2.0
    assert all(item.value == item.error == 0 for item in found.columns)


def test_orders_are_walked_forward_and_backward(data: EvaluationData) -> None:
    found = shapley_values(data, 7, exact=False, max_evaluations=160, seed=3)
    random = np.random.default_rng(3)
    drawn = random.permutation(60)[:20]
    orders = [random.permutation(3) for _ in range(20)]
    gains = np.zeros((20, 3))
    for number, (background, order) in enumerate(zip(drawn, orders, strict=True)):
        for walk in (order, order[::-1]):
            outputs = []
            for steps in range(4):
                sources = {NAMES[i]: [7] for i in walk[:steps]}
                outputs.append(np.asarray(formula(replace_columns(data.features, [background], sources)))[0])
            gains[number, walk] += np.diff(outputs) / 2
    values, errors = regressed(data, gains, drawn, np.arange(60))
    assert (found.n_permutations, found.is_exact) == (20, False)
    for name, value, error in zip(NAMES, values, errors, strict=True):
        assert by_name(found)[name] == (pytest.approx(value), pytest.approx(error))
    assert shapley_values(data, 7, exact=False, max_evaluations=1).n_permutations == 2
    assert shapley_values(data, 7, exact=False, max_evaluations=10**5).n_permutations == 2000


def test_subsets_are_enumerated_where_fifty_background_rows_can_be_paid(data: EvaluationData) -> None:
    assert shapley_values(data, 0, max_evaluations=8 * 50).is_exact
    assert not shapley_values(data, 0, max_evaluations=8 * 50 - 1).is_exact
    with pytest.raises(InputError, match="the row is -1, expected a number from 0 to 59"):
        shapley_values(data, -1)


def test_rows_are_drawn_equally_often() -> None:
    drawn = module._balanced_sample(np.array([4, 7, 9]), 8, np.random.default_rng(0))
    assert sorted(np.unique(drawn, return_counts=True)[1]) == [2, 3, 3]
    assert len(module._balanced_sample(np.array([4, 7, 9]), 6, np.random.default_rng(0))) == 6


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "missing"),
        (True, "'True'"),
        ("u", "'u'"),
        (9_999, "9999"),
        (10_000, "10,000"),
        (-10_000, "−10,000"),
        (2.5, "2.50"),
    ],
)
def test_values_of_a_row_are_shown_as_in_the_table(value: Any, text: str) -> None:
    assert module._value_text(value) == text


# The explanation as text -----------------------------------------------------------------------------


def explained(*values: float, **changes: Any) -> PredictionExplanation:
    columns = tuple(FeatureContribution(f"c{i}", str(i), value, 0.0) for i, value in enumerate(values))
    result = PredictionExplanation(1234, "predicted 'y'", 1.0, 1.0 + sum(values), columns, 1500, 0, True)
    return replace(result, **changes)


@pytest.mark.parametrize(
    ("largest", "decimals"),
    [(5.0, 2), (50.0, 1), (500.0, 0), (5000.0, 0), (0.5, 3), (1.0, 2), (0.05, 4), (1e-14, 12), (0.0, 3)],
)
def test_contributions_have_three_digits(largest: float, decimals: int) -> None:
    assert explained(-largest, largest / 3).decimals == decimals
    assert explained().decimals == 3


def test_the_three_largest_contributions_are_stated() -> None:
    found = explained(2.0, -1.0, 0.5, 0.25)
    assert found.top_contributions == "largest contributions: 'c0' = 0 (+2.00), 'c1' = 1 (−1.00), 'c2' = 2 (+0.50)"
    assert found.heading == "Row 1,234: predicted 'y' 2.75; average over 1,500 rows 1.00"
    assert found.sentence == f"{found.heading}; {found.top_contributions}."
    assert found.short_sentence == f"Predicted 'y' 2.75, average 1.00; {found.top_contributions}."
    assert explained(0.0).top_contributions == explained().top_contributions == "no column contributes"


def test_the_sum_is_stated_with_its_difference() -> None:
    assert explained(2.0, -0.5).cumulative_sums == "1.00 (average) + 1.50 (contributions) = 2.50 (prediction)."
    assert explained(-2.0, 0.5).cumulative_sums == "1.00 (average) − 1.50 (contributions) = −0.50 (prediction)."
    assert explained(-0.5).cumulative_sums == "1.000 (average) − 0.500 (contributions) = 0.500 (prediction)."
    assert explained(0.5, -0.5).cumulative_sums == "1.000 (average) + 0.000 (contributions) = 1.000 (prediction)."
    assert explained(2.0, prediction=3.00002).cumulative_sums.endswith("(prediction).")
    assert "; difference " in explained(2.0, prediction=3.0001).cumulative_sums
    assert explained(2.0, rest_value=1.0, other_columns=1, prediction=4.0).cumulative_sums.endswith("(prediction).")


def test_the_method_is_stated() -> None:
    exact = explained(1.0, other_columns=2)
    assert exact.precision_text == "Exact Shapley values: all subsets of 3 columns, 1,500 background rows."
    assert replace(exact, n_permutations=20).precision_text == (
        "Shapley values of all subsets of 3 columns, 20 random background rows; ± is the 95% CI."
    )
    assert replace(exact, n_permutations=2000, is_exact=False).precision_text == (
        "Shapley values of 2,000 random column orders, each also reversed; ± is the 95% CI."
    )


def test_columns_beyond_the_twelfth_are_one_line() -> None:
    for count, lines in ((12, 12), (13, 13), (14, 13)):
        header, cells = explained(*(1.0 / (i + 1) for i in range(count))).cells()
        assert header == ["column", "value", "", "contribution"]
        assert len(cells) == lines
    assert cells[-1] == ["2 other columns", "", cells[-1][2], f"+{1 / 13 + 1 / 14:.2f}"]
    with_errors = explained(2.0, 1.0, columns=(FeatureContribution("c", "v", 2.0, 0.25),))
    assert with_errors.cells()[1][0][3] == "+2.00 ± 0.49"
    _, few = explained(2.0, -1.0, 0.5, 0.25).cells(max_count=2, width=6)
    assert few == [
        ["c0", "0", "  │████", "+2.00"],
        ["c1", "1", "██│    ", "−1.00"],
        ["2 other columns", "", "  │█▌  ", "+0.75"],
    ]
    short = explained(2.0, -1.0, 0.5, 0.25).shortened(1)
    assert (len(short.columns), short.other_columns, short.rest_value) == (1, 3, -0.25)
    again = short.shortened(0)
    assert (again.other_columns, again.rest_value) == (4, 1.75)
    assert len(explained(*range(1, 40)).shortened().columns) == 30


def test_lines_are_aligned_without_trailing_spaces() -> None:
    assert aligned_lines(["a", "bb"], [["ccc", "d"], ["", "e"]]) == ["a    bb", "ccc  d", "     e"]


@pytest.mark.parametrize(
    ("value", "lowest", "highest", "drawn"),
    [
        (0.0, 0.0, 0.0, "│    "),
        (1.0, 0.0, 1.0, "│████"),
        (-1.0, -1.0, 0.0, "████│"),
        (0.01, -1.0, 0.01, "   │▌"),
        (-0.01, -0.01, 1.0, "▐│   "),
        (-1.0, -1.0, 0.01, "███│ "),
        (1.0, -0.01, 1.0, " │███"),
        (0.0, -1.0, 1.0, "  │  "),
        (0.25, -1.0, 1.0, "  │▌ "),
        (-0.75, -1.0, 1.0, "▐█│  "),
    ],
)
def test_a_bar_has_room_for_each_side(value: float, lowest: float, highest: float, drawn: str) -> None:
    assert contribution_bar(value, lowest, highest, 4) == drawn


# Importance ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("task", ["classes", "numbers"])
def test_importances_are_differences_of_mean_losses(
    columns: Columns, of_numbers: Made, of_classes: Made, task: str
) -> None:
    made = of_classes if task == "classes" else of_numbers
    data: EvaluationData = made(columns(50, 0).select(NAMES), formula, 0.1)
    found = permutation_importance(data, seed=3, max_evaluations=450)
    random = np.random.default_rng(3)
    permutations = [random.permutation(50) for _ in range(3)]
    losses = {}
    for name in NAMES:
        each = []
        for order in permutations:
            changed = replace_columns(data.features, np.arange(50), {name: order})
            outputs = np.asarray(formula(changed))
            if task == "classes":
                p = 1 / (1 + np.exp(-outputs))
                each.append(-np.log(np.maximum(np.where(data.y_true == 1, p, 1 - p), 1e-15)))
            else:
                each.append((data.y_true - outputs) ** 2)
        losses[name] = np.mean(each, axis=0)

    def score(values: Any) -> Any:
        return values if task == "classes" else np.sqrt(values)

    base = score(data.losses.mean())
    assert (found.score, found.rows, found.repeats) == ("log loss" if task == "classes" else "RMSE", 50, 3)
    assert found.base_score == pytest.approx(base)
    values = {item.columns[0]: item.value for item in found.groups}
    assert values == pytest.approx({name: score(losses[name].mean()) - base for name in NAMES})
    assert list(values.values()) == sorted(values.values(), reverse=True)
    drawn = np.random.default_rng(3).integers(0, 50, (500, 50))
    for item in found.groups:
        gains = score(losses[item.columns[0]][drawn].mean(axis=1)) - score(data.losses[drawn].mean(axis=1))
        assert (item.low, item.high) == pytest.approx(tuple(np.quantile(gains, [0.025, 0.975])))


@pytest.mark.parametrize(("evaluations", "repeats"), [(3 * 50 * 11, 10), (3 * 50 * 2 - 1, 1), (1, 1)])
def test_repeats_are_as_many_as_can_be_paid_up_to_ten(data: EvaluationData, evaluations: int, repeats: int) -> None:
    small = data.take(np.arange(50))
    assert permutation_importance(small, max_evaluations=evaluations).repeats == repeats


def test_rows_are_sampled_where_they_cannot_be_paid(columns: Columns, of_numbers: Made) -> None:
    data = of_numbers(columns(3000, 0).select(NAMES), formula, 0.1)
    assert permutation_importance(data, max_evaluations=1).rows == 300
    assert permutation_importance(data, max_evaluations=6 * 400).rows == 400
    assert permutation_importance(data, max_evaluations=6 * 2600).rows == 2500


@pytest.mark.parametrize(("level", "together"), [(0.6, True), (1.01, False)])
def test_associated_columns_are_grouped_from_a_level_on(of_numbers: Made, level: float, together: bool) -> None:
    random = np.random.default_rng(0)
    x = random.normal(size=400)
    frame = pl.DataFrame({"a": x, "b": x + 0.5 * random.normal(size=400), "c": random.normal(size=400)})
    data = of_numbers(frame, lambda f: f["a"], 0.1)
    groups = group_correlated_columns(data, level)
    assert groups == ([("a", "b"), ("c",)] if together else [("a",), ("b",), ("c",)])
    one = of_numbers(frame.select("a"), lambda f: f["a"], 0.1)
    assert group_correlated_columns(one) == [("a",)]


def test_columns_beyond_the_paired_ones_are_alone(of_numbers: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.random.default_rng(0).normal(size=100)
    frame = pl.DataFrame({"a": x, "b": x, "c": x})
    data = of_numbers(frame, lambda f: f["a"], 0.1)
    assert group_correlated_columns(data) == [("a", "b", "c")]
    monkeypatch.setattr(importance_module, "_MAX_PAIRED", 2)
    assert group_correlated_columns(data) == [("a", "b"), ("c",)]


# Rows and their predictions --------------------------------------------------------------------------


def test_losses_are_those_of_the_true_class_or_squares(of_classes: Made, of_numbers: Made) -> None:
    assert row_losses(np.array([0, 1, 1]), np.array([[0.2, 0.8], [0.6, 0.4], [1.0, 0.0]])) == pytest.approx(
        [-np.log(0.2), -np.log(0.4), -np.log(1e-15)]
    )
    assert row_losses(np.array([1.0, 2.0]), np.array([[3.0], [1.5]])).tolist() == [4.0, 0.25]
    frame = pl.DataFrame({"x": np.linspace(-1, 1, 9)})
    classes, numbers = of_classes(frame, lambda f: f["x"]), of_numbers(frame, lambda f: f["x"], 1.0)
    truth = np.eye(2)[classes.y_true]
    assert classes.bounded_losses == pytest.approx(((truth - classes.y_pred) ** 2).sum(axis=1))
    assert numbers.bounded_losses == pytest.approx(np.abs(numbers.y_true - frame["x"].to_numpy()))
    assert (classes.classes, numbers.classes) == (("no", "yes"), ())


def test_rows_keep_their_numbers(data: EvaluationData) -> None:
    some = data.take([5, 3])
    assert (some.rows.tolist(), some.height) == ([5, 3], 2)
    assert some.y_true.tolist() == data.y_true[[5, 3]].tolist()
    assert some.y_pred.tolist() == data.y_pred[[5, 3]].tolist()
    assert some.features["x"].to_list() == data.features["x"][[5, 3]].to_list()
    assert data.sample(60) is data
    assert data.sample(59, 4).rows.tolist() == sorted(np.random.default_rng(4).choice(60, 59, replace=False).tolist())
    assert sample_row_numbers(3, 3).tolist() == [0, 1, 2]
    assert sample_row_numbers(9, 4).tolist() == sorted(np.random.default_rng(0).choice(9, 4, replace=False).tolist())
    numbers = predict_test_data(data.model, data.features, [np.nan, *range(59)], "y", rows=np.arange(60) + 7)
    assert (numbers.height, numbers.rows[0], numbers.y_true[0]) == (59, 8, 0.0)
    given = predict_test_data(data.model, data.features, np.arange(60), "y", y_pred=np.arange(60) * 2)
    assert given.y_pred[:, 0].tolist() == (np.arange(60) * 2.0).tolist()
    unlabeled = predict_unlabeled_data(data.model, data.features, "y", np.arange(60) + 5)
    assert np.isnan(unlabeled.y_true).all()
    assert (unlabeled.rows[0], unlabeled.target) == (5, "y")
    assert predict_unlabeled_data(data.model, data.features, "y").rows.tolist() == list(range(60))


def test_the_largest_errors_come_first_and_equal_ones_by_row(data: EvaluationData, of_classes: Made) -> None:
    errors = np.zeros(60)
    errors[[7, 3, 9]] = [1.0, -2.0, 1.0]
    wrong = replace(data, y_true=data.y_pred[:, 0] + errors)
    found = largest_errors(wrong, 3)
    assert [item.row for item in found] == [4, 8, 10]
    assert found[0].loss == pytest.approx(4.0)
    assert (found[0].probability, found[0].prediction) == (None, data.y_pred[3, 0])
    assert found[0].y_true == pytest.approx(data.y_pred[3, 0] - 2)
    assert len(largest_errors(wrong)) == 10
    classes: EvaluationData = of_classes(data.features, formula, 0.3)
    first = largest_errors(classes, 1)[0]
    p = classes.y_pred[np.arange(60), classes.y_true]
    assert (first.row, first.probability) == (int(p.argmin()) + 1, p.min())
    assert first.y_true == classes.classes[classes.y_true[p.argmin()]]


def test_labels_and_numbers_of_a_target() -> None:
    assert label_codes(["b", "x", "a"], ["a", "b"]).tolist() == [1, -1, 0]
    assert target_numbers(pl.Series("y", ["1", "2.5"])).tolist() == [1.0, 2.5]
    assert target_numbers(pl.Series("y", [True, False])).tolist() == [1.0, 0.0]
    assert target_numbers(pl.Series("y", ["3", "4"], pl.Categorical)).tolist() == [3.0, 4.0]
    with pytest.raises(InputError, match="the target 'y' contains 'b', expected finite numbers"):
        target_numbers(pl.Series("y", ["1", "b", "c"]))
    with pytest.raises(InputError, match="the target 'y' contains 'inf', expected finite numbers"):
        target_numbers(pl.Series("y", [1.0, np.inf]))
    assert align_labels(["1"], [1, "1.0"]).tolist() == [1]  # the first class of this text
