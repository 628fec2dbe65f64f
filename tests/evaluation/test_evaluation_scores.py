"""Scores equal scikit-learn's, whatever rows are drawn, and say so when rows leave them undefined."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import datasets, metrics
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import label_binarize, scale

from tidynet.core.errors import InputError
from tidynet.evaluation.scores import metrics_for, quantile_metrics, scores


def random_classes(seed: int, rows: int, k: int, *, ties: bool = False) -> tuple[Any, Any, Any, Any]:
    random = np.random.default_rng(seed)
    classes = np.array([f"class {letter}" for letter in "abcdefgh"[:k]])
    codes = np.concatenate([np.arange(k), random.integers(0, k, rows - k)])
    raw = random.random((rows, k)) + np.eye(k)[codes] * 0.3
    raw = np.ceil(raw * 3) if ties else raw
    probability = raw / raw.sum(axis=1, keepdims=True)
    return classes, classes[codes], classes[probability.argmax(axis=1)], probability


def sklearn_scores(truth: Any, prediction: Any, probability: Any, classes: Any, weight: Any) -> dict[str, float]:
    if len(classes) == 2:
        area = metrics.roc_auc_score(truth, probability[:, 1], sample_weight=weight)
        precision = metrics.average_precision_score(truth == classes[1], probability[:, 1], sample_weight=weight)
        brier = metrics.brier_score_loss(truth, probability[:, 1], pos_label=classes[1], sample_weight=weight)
    else:
        each = label_binarize(truth, classes=classes)
        area = metrics.roc_auc_score(each, probability, average="macro", sample_weight=weight)
        precision = metrics.average_precision_score(each, probability, average="macro", sample_weight=weight)
        brier = metrics.brier_score_loss(truth, probability, labels=classes, sample_weight=weight)
    f1 = metrics.f1_score(truth, prediction, labels=classes, average=None, sample_weight=weight)
    return {
        "accuracy": metrics.accuracy_score(truth, prediction, sample_weight=weight),
        "balanced accuracy": metrics.balanced_accuracy_score(truth, prediction, sample_weight=weight),
        "macro F1": metrics.f1_score(truth, prediction, average="macro", sample_weight=weight),
        "Matthews correlation": metrics.matthews_corrcoef(truth, prediction, sample_weight=weight),
        "log loss": metrics.log_loss(truth, probability, labels=classes, sample_weight=weight),
        "Brier score": brier,
        "ROC AUC": area,
        "average precision": precision,
        **{f"F1 of {label}": value for label, value in zip(classes, f1, strict=True)},
    }


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize(("rows", "k"), [(40, 2), (500, 2), (60, 3), (800, 5)])
def test_class_scores_equal_scikit_learns_on_any_resample(rows: int, k: int, ties: bool) -> None:
    classes, truth, prediction, probability = random_classes(rows, rows, k, ties=ties)
    task = "binary" if k == 2 else "multiclass"
    found, notes = metrics_for(task, truth, prediction, probability, classes=classes)
    random = np.random.default_rng(1)
    drawn = [np.ones(rows, dtype=np.int32), random.integers(0, 4, rows, dtype=np.int32)]
    assert notes == ()
    for weight in drawn:
        expected = sklearn_scores(truth, prediction, probability, classes, weight)
        ours = {measure.name: float(measure.of(weight[np.newaxis])[0]) for measure in found}
        assert ours == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("loader", [datasets.load_breast_cancer, datasets.load_wine, datasets.load_iris])
def test_class_scores_equal_scikit_learns_on_real_tables(loader: Any) -> None:
    features, codes = loader(return_X_y=True)
    names = loader().target_names
    model = LogisticRegression(max_iter=500).fit(scale(features)[::2], names[codes][::2])
    truth, rest = names[codes][1::2], scale(features)[1::2]
    prediction, probability = model.predict(rest), model.predict_proba(rest)
    task = "binary" if len(names) == 2 else "multiclass"
    found = scores(task, truth, prediction, probability, classes=model.classes_)
    expected = sklearn_scores(truth, prediction, probability, model.classes_, None)
    assert {name: score.value for name, score in found.items()} == pytest.approx(expected, rel=1e-12)
    assert all(score.low <= score.value <= score.high for score in found.values())
    if task == "multiclass":
        one_vs_rest = metrics.roc_auc_score(truth, probability, multi_class="ovr", average="macro")
        assert found["ROC AUC"].value == pytest.approx(one_vs_rest, rel=1e-12)


def test_number_scores_equal_scikit_learns_on_any_resample() -> None:
    _, truth = datasets.load_diabetes(return_X_y=True)
    random = np.random.default_rng(0)
    prediction = truth + random.normal(scale=40, size=len(truth))
    found, notes = metrics_for("regression", truth, prediction)
    for weight in (np.ones(len(truth), dtype=np.int32), random.integers(0, 4, len(truth), dtype=np.int32)):
        expected = {
            "RMSE": metrics.root_mean_squared_error(truth, prediction, sample_weight=weight),
            "MAE": metrics.mean_absolute_error(truth, prediction, sample_weight=weight),
            "median absolute error": metrics.median_absolute_error(
                np.repeat(truth, weight), np.repeat(prediction, weight)
            ),
            "R²": metrics.r2_score(truth, prediction, sample_weight=weight),
        }
        ours = {measure.name: float(measure.of(weight[np.newaxis])[0]) for measure in found}
        assert ours == pytest.approx(expected, rel=1e-12)
    assert notes == ()


@given(
    st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), min_size=2, max_size=30).filter(
        lambda pairs: np.ptp([true for true, _ in pairs]) > 1e-3
    )
)
def test_number_scores_lie_within_their_interval_and_equal_scikit_learns(pairs: list[tuple[float, float]]) -> None:
    truth, prediction = (np.array(side) for side in zip(*pairs, strict=True))
    found = scores("regression", truth, prediction)
    assert found["RMSE"].value == pytest.approx(metrics.root_mean_squared_error(truth, prediction))
    assert found["R²"].value == pytest.approx(metrics.r2_score(truth, prediction), rel=1e-9, abs=1e-9)
    assert all(np.isfinite([score.low, score.high]).all() for score in found.values())


def test_a_constant_classifier_has_the_balanced_accuracy_of_a_guess_for_sure() -> None:
    truth, chances = np.array(["no"] * 117 + ["yes"] * 3), np.tile([0.975, 0.025], (120, 1))
    found = scores("binary", truth, np.array(["no"] * 120), chances, classes=["no", "yes"])
    for name, value in {"balanced accuracy": 0.5, "ROC AUC": 0.5, "macro F1": 117 / 237, "F1 of yes": 0.0}.items():
        assert (found[name].low, found[name].value, found[name].high) == pytest.approx((value, value, value))
    assert found["accuracy"].low < 0.975 < found["accuracy"].high


@pytest.mark.parametrize(("rows", "k"), [(120, 60), (60, 5), (300, 200), (40, 40), (5, 2)])
def test_every_score_lies_within_its_interval_however_few_rows_a_class_has(rows: int, k: int) -> None:
    for seed in range(5):
        random = np.random.default_rng(seed)
        truth = np.arange(rows) % k if rows == k else np.append(np.arange(2), random.integers(0, k, rows - 2))
        chances = random.dirichlet(np.ones(k) * 0.3, rows)
        chances[np.arange(rows), truth] += 0.05
        chances /= chances.sum(axis=1, keepdims=True)
        task = "binary" if k == 2 else "multiclass"
        found = scores(task, truth, chances.argmax(axis=1), chances, classes=np.arange(k), seed=seed)
        for one in found.values():
            assert one.low <= one.value <= one.high
            assert one.high <= 1 or not one.higher_is_better
        if rows > k > 2:
            precision = found["average precision"]
            assert 0.2 < (precision.value - precision.low) / (precision.high - precision.low) < 0.8


def test_intervals_of_many_small_classes_hold_the_true_value() -> None:
    """The true mean recall of 30 classes of three rows is 0.6; a 95% interval missed it in 17% of draws before."""
    test_data = 0
    for seed in range(60):
        random = np.random.default_rng(seed)
        truth = np.repeat(np.arange(30), 3)
        said = np.where(random.random(90) < 0.6, truth, (truth + 1) % 30)
        one = scores("multiclass", truth, said, classes=np.arange(30), seed=seed)["balanced accuracy"]
        test_data += one.low <= 0.6 <= one.high
    assert test_data >= 54


def test_which_scores_are_better_when_higher() -> None:
    classes, truth, prediction, probability = random_classes(0, 50, 2)
    found = scores("binary", truth, prediction, probability, classes=classes)
    found |= scores("regression", [1.0, 2.0, 3.0], [1.0, 2.0, 2.5])
    assert {name for name, score in found.items() if not score.higher_is_better} == {
        "log loss",
        "Brier score",
        "RMSE",
        "MAE",
        "median absolute error",
    }


def test_the_same_seed_gives_the_same_intervals_and_another_seed_others() -> None:
    classes, truth, prediction, probability = random_classes(0, 80, 3)
    first, again, other = (
        scores("multiclass", truth, prediction, probability, classes=classes, seed=seed) for seed in (3, 3, 4)
    )
    assert first == again
    assert first["log loss"].value == other["log loss"].value
    assert first["log loss"].low != other["log loss"].low


def test_a_certain_wrong_prediction_has_the_loss_of_the_smallest_float64() -> None:
    found = scores("binary", ["a", "b"], ["b", "b"], [[0.0, 1.0], [0.0, 1.0]], classes=["a", "b"])
    assert found["log loss"].value == pytest.approx(-np.log(np.finfo(np.float64).eps) / 2)


def test_single_precision_probabilities_are_clipped_like_double_precision() -> None:
    chances = np.array([[1.0, 0.0], [1.0, 0.0]], dtype=np.float32)
    found = scores("binary", ["a", "b"], ["a", "a"], chances, classes=["a", "b"])
    assert found["log loss"].value == pytest.approx(-np.log(np.finfo(np.float64).eps) / 2)


def test_labels_never_seen_count_as_errors_and_are_left_out_of_the_scores_of_probabilities() -> None:
    truth = ["a", "b", "new", "a", "newer"]
    prediction = ["a", "b", "a", "b", "b"]
    probability = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.4, 0.6], [0.3, 0.7]])
    found, notes = metrics_for("binary", truth, prediction, probability, classes=["a", "b"])
    values = {measure.name: measure.value(5) for measure in found}
    seen = [0, 1, 3]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        balanced = metrics.balanced_accuracy_score(truth, prediction)
    assert values["accuracy"] == pytest.approx(2 / 5)
    assert values["balanced accuracy"] == pytest.approx(balanced)
    assert values["log loss"] == pytest.approx(metrics.log_loss(["a", "b", "a"], probability[seen]))
    assert values["ROC AUC"] == pytest.approx(metrics.roc_auc_score([0, 1, 0], probability[seen, 1]))
    assert notes == (
        "2 test rows of classes absent from training ('new', 'newer'): errors in the accuracy, "
        "excluded from scores of probabilities",
    )


def test_only_labels_never_seen_leave_accuracy_alone() -> None:
    found, notes = metrics_for("binary", ["x"], ["a"], [[0.9, 0.1]], classes=["a", "b"])
    assert {measure.name: measure.value(1) for measure in found} == {
        "accuracy": 0.0,
        "balanced accuracy": 0.0,
        "macro F1": 0.0,
        "Matthews correlation": 0.0,
        "F1 of a": 0.0,
    }
    assert notes == (
        "1 test row of classes absent from training ('x'): errors in the accuracy, excluded from scores of probabilities",
        "scores of probabilities are undefined: no test row has a class of the model",
    )


def test_classes_without_test_rows_are_left_out_of_the_mean_area() -> None:
    truth = np.array([0, 0, 2, 2])
    probability = np.array([[0.7, 0.2, 0.1], [0.3, 0.3, 0.4], [0.35, 0.4, 0.25], [0.1, 0.1, 0.8]])
    found, notes = metrics_for("multiclass", truth, probability.argmax(axis=1), probability, classes=[0, 1, 2])
    values = {measure.name: measure.value(4) for measure in found}
    expected = np.mean([metrics.roc_auc_score(truth == code, probability[:, code]) for code in (0, 2)])
    assert values["ROC AUC"] == pytest.approx(expected)
    assert values["log loss"] == pytest.approx(metrics.log_loss(truth, probability, labels=[0, 1, 2]))
    assert notes == ("ROC AUC and average precision are means over the classes with test rows; there are none of '1'",)


def test_a_single_class_has_no_area() -> None:
    found, notes = metrics_for("binary", ["b", "b"], ["b", "a"], [[0.1, 0.9], [0.8, 0.2]], classes=["a", "b"])
    assert [measure.name for measure in found] == [
        "accuracy",
        "balanced accuracy",
        "macro F1",
        "Matthews correlation",
        "log loss",
        "Brier score",
        "F1 of a",
        "F1 of b",
    ]
    assert notes == ("ROC AUC and average precision are undefined: every test row has the class 'b'",)


def test_a_constant_target_has_no_r_squared() -> None:
    found, notes = metrics_for("regression", [0.1, 0.1, 0.1], [0.1, 0.2, 0.3])
    assert [measure.name for measure in found] == ["RMSE", "MAE", "median absolute error"]
    assert notes == ("R² is undefined: the target is 0.1 in every test row",)


def test_resamples_of_one_single_value_do_not_spoil_the_interval_of_r_squared() -> None:
    truth = np.full(30, 0.1)
    truth[0] = 0.2  # missing from a third of all resamples
    found = scores("regression", truth, truth + np.linspace(-0.01, 0.01, 30))
    assert -1 < found["R²"].low <= found["R²"].value <= found["R²"].high <= 1


def test_one_row_has_scores_without_width() -> None:
    found = scores("regression", [3.0], [2.0])
    assert {name: (score.low, score.value, score.high) for name, score in found.items()} == {
        "RMSE": (1.0, 1.0, 1.0),
        "MAE": (1.0, 1.0, 1.0),
        "median absolute error": (1.0, 1.0, 1.0),
    }


def test_numbers_booleans_and_texts_are_labels_alike() -> None:
    by_number = scores("binary", [0, 1, 1, 0], [0, 1, 0, 0])
    by_boolean = scores("binary", [False, True, True, False], [False, True, False, False])
    by_text = scores("binary", ["n", "y", "y", "n"], ["n", "y", "n", "n"])
    assert by_number == by_boolean == by_text


@pytest.mark.parametrize(
    ("arguments", "classes", "message"),
    [
        (("sorting", [1], [1]), None, "the task is 'sorting', expected one of 'binary', 'multiclass', 'regression'"),
        (("regression", [], []), None, "y_true has 0 rows, expected at least 1"),
        (("regression", [[1.0]], [1.0]), None, "y_true has shape (1, 1), expected (n,)"),
        (("regression", [1.0, 2.0], [1.0]), None, "prediction has shape (1,), expected (2,) as y_true"),
        (("regression", [1.0, 2.0], [1.0, float("nan")]), None, "prediction has 1 NaN or infinite value, expected 0"),
        (("regression", ["a"], [1.0]), None, "y_true is not numeric, expected numbers"),
        (
            ("binary", ["a"], ["a"], [[0.5, 0.5]]),
            None,
            "classes is None, expected the labels of the columns of probability; pass classes=…",
        ),
        (("binary", ["a"], ["a"], [[0.5, 0.5]]), ["a"], "probability has shape (1, 2), expected (1, 1)"),
        (
            ("binary", ["a"], ["a"], [[float("nan"), 0.5]]),
            ["a", "b"],
            "probability has 1 NaN or infinite value, expected 0",
        ),
    ],
)
def test_what_cannot_be_scored_is_refused(arguments: Any, classes: Any, message: str) -> None:
    with pytest.raises(InputError) as caught:
        scores(*arguments, classes=classes)
    assert str(caught.value) == message


@pytest.mark.parametrize("level", [0.05, 0.5, 0.9])
def test_pinball_losses_equal_scikit_learns(level: float) -> None:
    _, truth = datasets.load_diabetes(return_X_y=True)
    quantiles = truth[:, np.newaxis] + np.random.default_rng(0).normal(scale=40, size=(len(truth), 2))
    [_, found] = quantile_metrics(truth, quantiles, [0.5, level])
    expected = metrics.mean_pinball_loss(truth, quantiles[:, 1], alpha=level)
    assert (found.name, found.value(len(truth))) == (f"pinball loss at {level:g}", pytest.approx(expected, rel=1e-12))


def test_many_classes_have_no_score_each() -> None:
    truth = [f"class {number}" for number in range(13)]
    assert not [name for name in scores("multiclass", truth, truth, classes=truth) if name.startswith("F1 of")]
