"""Paired differences, and the one sentence that says what they mean."""

from __future__ import annotations

import numpy as np
import pytest

from tidynet.evaluation.baseline_comparison import BaselineComparison, compare_with_baselines, verdict_sentence
from tidynet.evaluation.evaluate_predictions import evaluate_predictions
from tidynet.evaluation.scores import ModelScores, Score

LOSS = Score("log loss", 0.4, 0.3, 0.5, higher_is_better=False)


def loss(baseline: str, difference: float, low: float, high: float, rows: int = 69) -> BaselineComparison:
    return BaselineComparison(baseline, "log loss", difference, low, high, False, rows)


BEATEN = loss("most frequent class", -0.5, -0.61, -0.4)


@pytest.mark.parametrize(
    ("comparisons", "rows", "sentence"),
    [
        (
            [BEATEN, loss("logistic regression", -0.05, -0.11, 0.01)],
            69,
            "No significant difference between the network and logistic regression on 69 test rows.",
        ),
        (
            [BEATEN, loss("logistic regression", -0.05, -0.11, -0.01)],
            69,
            "The network beats every baseline on 69 test rows.",
        ),
        (
            [BEATEN, loss("logistic regression", 0.081, 0.02, 0.14)],
            12_345,
            "Logistic regression beats the network on 12,345 test rows.",
        ),
        (
            [loss("most frequent class", 0.5, 0.4, 0.6), loss("logistic regression", 0.7, 0.6, 0.8)],
            69,
            "The most frequent class and logistic regression beat the network on 69 test rows.",
        ),
        (
            [loss("most frequent class", 0.001, -0.1, 0.1)],
            69,
            "No significant difference between the network and the most frequent class on 69 test rows.",
        ),
        ([loss("boosted trees", -0.02, -0.05, -0.0003)], 69, "The network beats every baseline on 69 test rows."),
        (
            [loss("mean", -9, -9, -9, rows=3)],
            3,
            "3 test rows: too few to compare the network with baselines (minimum 10).",
        ),
        (
            [loss("mean", -9, -9, -9, rows=1)],
            1,
            "1 test row: too few to compare the network with baselines (minimum 10).",
        ),
        ([], 69, "Log loss of the network 0.40 (95% CI 0.30 to 0.50) on 69 test rows; there is no baseline."),
    ],
)
def test_the_sentence(comparisons: list[BaselineComparison], rows: int, sentence: str) -> None:
    assert verdict_sentence(comparisons, LOSS, rows) == sentence


def test_rows_of_folds_are_not_called_test_rows() -> None:
    sentence = verdict_sentence([loss("logistic regression", 0.081, 0.02, 0.14)], LOSS, 344, in_folds=True)
    assert sentence == "Logistic regression beats the network in cross-validation (344 rows)."
    assert "in cross-validation (344 rows); " in verdict_sentence([], LOSS, 344, in_folds=True)


@pytest.mark.parametrize(
    ("low", "high", "higher_is_better", "rows", "verdict"),
    [
        (-2.0, -1.0, False, 50, "better"),
        (1.0, 2.0, False, 50, "worse"),
        (-1.0, 1.0, False, 50, "unclear"),
        (-1.0, 0.0, False, 50, "unclear"),
        (1.0, 2.0, True, 50, "better"),
        (-2.0, -1.0, True, 50, "worse"),
        (-2.0, -1.0, False, 9, "unclear"),
    ],
)
def test_the_verdict(low: float, high: float, higher_is_better: bool, rows: int, verdict: str) -> None:
    assert BaselineComparison("mean", "x", (low + high) / 2, low, high, higher_is_better, rows).verdict == verdict


def test_the_interval_is_paired() -> None:
    random = np.random.default_rng(0)
    truth = random.normal(size=200)
    noise = random.normal(scale=10, size=200)
    found = evaluate_predictions(
        "regression", "y", None, truth, (truth + noise, None), {"mean": (truth + 1.1 * noise, None)}
    )
    [comparison] = found.comparisons
    rmse = found.network["RMSE"]
    assert comparison.difference == pytest.approx(rmse.value * -0.1)
    assert comparison.high - comparison.low == pytest.approx((rmse.high - rmse.low) * 0.1)
    assert comparison.verdict == "better"


def test_a_last_bit_is_no_difference() -> None:
    values = np.full(100, 0.3)
    ours = ModelScores({"log loss": LOSS}, {"log loss": values})
    theirs = ModelScores({"log loss": LOSS}, {"log loss": np.nextafter(values, 1)})
    [comparison] = compare_with_baselines(ours, {"logistic regression": theirs}, rows=50)
    assert (comparison.low, comparison.high, comparison.verdict) == (0.0, 0.0, "unclear")


def test_without_probabilities_accuracy_decides() -> None:
    truth = ["a", "b"] * 30
    found = evaluate_predictions("binary", "y", ["a", "b"], truth, (truth, None), {"always a": (["a"] * 60, None)})
    assert found.comparisons[0].score == "accuracy"
    assert found.verdict == "The network beats every baseline on 60 test rows."
    assert found.difference_text == "Accuracy difference to always a +0.50 (95% CI +0.38 to +0.63)"


@pytest.mark.parametrize("advantage", [0.0, 0.5])
def test_false_positive_rate_and_power_of_the_verdict(advantage: float) -> None:
    """Two equal models are result apart in about 5% of draws; a truly better one nearly always."""
    named = 0
    for seed in range(60):
        random = np.random.default_rng(seed)
        truth = np.zeros(150)
        ours, theirs = random.normal(size=150) * (1 - advantage), random.normal(size=150)
        found = evaluate_predictions("regression", "y", None, truth, (ours, None), {"mean": (theirs, None)})
        named += found.comparisons[0].verdict != "unclear"
    assert named <= 8 if advantage == 0 else named == 60


def test_three_winners_are_listed_with_a_comma() -> None:
    score = Score("log loss", 0.4, 0.3, 0.5, higher_is_better=False)
    names = ("most frequent class", "logistic regression", "boosted trees")
    lost = [BaselineComparison(name, "log loss", 0.2, 0.1, 0.3, False, rows=69) for name in names]
    assert verdict_sentence(lost, score, 69) == (
        "The most frequent class, logistic regression and boosted trees beat the network on 69 test rows."
    )


def test_an_interval_without_width_is_not_shown() -> None:
    assert str(BaselineComparison("mean", "RMSE", -1.4e11, -1.4e11, -1.4e11, False, rows=69)) == "−1.4e11"
    assert str(Score("accuracy", 1.0, 1.0, 1.0, higher_is_better=True)) == "1.000"
    assert str(Score("RMSE", 93_676_322_114, 31_214_768_696, 2e11, False)) == "9.37e10 (3.12e10 to 2e11)"


def test_rows_of_an_unknown_class_are_none_that_probabilities_are_compared_on() -> None:
    truth = np.array(["a", "b", "new"] * 20)
    sure = np.where(truth[:, np.newaxis] == np.array(["a", "b"]), 0.9, 0.1)
    even = np.full((60, 2), 0.5)
    found = evaluate_predictions(
        "binary", "y", ["a", "b"], truth, (truth, even), {"logistic regression": (truth, sure)}
    )
    assert found.comparisons[0].rows == 40
    assert found.verdict == "Logistic regression beats the network on 40 test rows."
    assert found.difference_text == "Log loss difference to logistic regression +0.5878"
