"""Scores, resamples, comparisons and baselines: limits and defaults, against direct computations."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import sparse
from sklearn.linear_model import LogisticRegression, Ridge

from tidynet.core.errors import InputError
from tidynet.evaluation import bootstrap
from tidynet.evaluation.baseline_comparison import (
    BaselineComparison,
    Verdict,
    compare_with_baselines,
    hardest_comparison,
    overall_verdict,
    primary_metric,
    verdict_sentence,
)
from tidynet.evaluation.baselines import Baseline, _design_matrix, fit_all_baselines, fit_baselines, one_hot
from tidynet.evaluation.bootstrap import (
    Metric,
    bootstrap_interval,
    bootstrap_replicates,
    percentile_interval,
    resample_count,
    resample_weights,
    small_sample_factor,
)
from tidynet.evaluation.classification_metrics import classification_metrics, encode
from tidynet.evaluation.evaluate_predictions import evaluate_predictions
from tidynet.evaluation.scores import ModelScores, Score, class_labels, metrics_for, score_models
from tidynet.preprocessing.recipe import EncodedFeatures

# Resamples -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "classes", "count"),
    [(100, 1, 1000), (20_000, 5, 1000), (40_000, 1, 500), (40_000, 6, 416), (100_000, 5, 200), (10**7, 2, 200)],
)
def test_large_tables_have_fewer_resamples(rows: int, classes: int, count: int) -> None:
    assert resample_count(rows, classes) == count


@pytest.mark.parametrize("strata", [None, np.repeat([3, 1, 2], [5, 10, 25])])
def test_resamples_are_counts_of_as_many_rows(strata: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = np.concatenate(list(resample_weights(40, 30, 3, strata)))
    monkeypatch.setattr(bootstrap, "_BLOCK_CELLS", 40 * 7)
    blocks = list(resample_weights(40, 30, 3, strata))
    assert [len(block) for block in blocks] == [7, 7, 7, 7, 2]
    for counts in (whole, np.concatenate(blocks)):
        assert counts.shape == (30, 40)
        assert (counts.sum(axis=1) == 40).all()
        if strata is not None:
            assert all((counts[:, strata == code].sum(axis=1) == (strata == code).sum()).all() for code in (1, 2, 3))
    assert (whole > 1).any(axis=0).sum() > 35
    if strata is None:
        drawn = np.random.default_rng(3).integers(0, 40, (30, 40))
        assert whole.tolist() == [np.bincount(line, minlength=40).tolist() for line in drawn]


def test_an_interval_is_that_of_the_middle_values() -> None:
    values = np.array([np.nan, *np.random.default_rng(0).normal(size=400), np.nan])
    assert percentile_interval(values) == pytest.approx(tuple(np.nanquantile(values, [0.025, 0.975])))
    assert percentile_interval(values, 0.5) == pytest.approx(tuple(np.nanquantile(values, [0.25, 0.75])))


def test_an_interval_of_a_score_is_moved_to_it_and_widened() -> None:
    drawn = np.array([np.nan, 0.4, 0.5, 0.6])
    low, high = (float(item) for item in np.quantile(drawn[1:], [0.025, 0.975]))
    assert bootstrap_interval(0.7, drawn, 2.0) == pytest.approx((0.7 + 2 * (low - 0.5), 0.7 + 2 * (high - 0.5)))
    assert bootstrap_interval(0.7, drawn) == pytest.approx((0.2 + low, 0.2 + high))
    assert bootstrap_interval(0.95, drawn, 2.0)[1] == 1.0
    assert bootstrap_interval(0.05, drawn, 2.0)[0] == 0.0
    skewed = np.array([0.1, *np.full(99, 0.9)])  # all of the middle lies above the mean
    assert bootstrap_interval(0.5, skewed)[0] == 0.5


def test_few_rows_in_each_class_widen_an_interval() -> None:
    sizes = np.array([2, 3, 5])
    expected = np.sqrt((1 / sizes).sum() / ((sizes - 1) / sizes**2).sum())
    assert small_sample_factor(np.repeat([0, 1, 2], sizes)) == pytest.approx(expected)
    assert small_sample_factor(np.arange(4)) == np.inf
    assert small_sample_factor(np.array([0, 0])) == pytest.approx(np.sqrt(2))


def mean_of(name: str, values: Any, **options: Any) -> Metric:
    return Metric(name, True, lambda counts: counts @ values / counts.sum(axis=1), **options)


def test_scores_of_classes_are_resampled_within_them_and_others_among_all_rows() -> None:
    values, labels = np.array([1.0, 0, 1, 0, 0, 1, 1, 0, 1, 1]), np.repeat([0, 1], 5)
    plain, by_class = mean_of("plain", values), mean_of("classes", values, by_class=True)
    first, second = score_models([[plain, by_class], [by_class]], 10, 2, 4, labels)
    expected = bootstrap_replicates([plain.of], 10, 1000, 4)[0]
    within = bootstrap_replicates([plain.of], 10, 1000, 4, labels)[0]
    assert first.values["plain"].tolist() == expected.tolist()
    assert first.values["classes"].tolist() == second.values["classes"].tolist() == within.tolist()
    assert first.scores["plain"] == Score("plain", 0.6, *percentile_interval(expected), True)
    low, high = bootstrap_interval(0.6, within, small_sample_factor(labels))
    assert second.scores == {"classes": Score("classes", 0.6, low, high, True)}


@pytest.mark.parametrize(("labels", "within"), [([0, 0, 1, 1, 2, 2, 3, 3, 4, 4], True), ([*range(9), 0], False)])
def test_classes_of_one_row_are_resampled_together(labels: list[int], within: bool) -> None:
    metric = mean_of("m", np.arange(10.0) / 10, by_class=True)
    [found] = score_models([[metric]], 10, 2, 0, np.array(labels))
    expected = bootstrap_replicates([metric.of], 10, 1000, 0, np.array(labels) if within else None)[0]
    assert found.values["m"].tolist() == expected.tolist()
    wider = small_sample_factor(np.array(labels)) if within else 1.0
    assert (found.scores["m"].low, found.scores["m"].high) == bootstrap_interval(0.45, expected, wider)


def test_a_score_has_its_interval_as_text() -> None:
    score = Score("accuracy", 0.9, 0.81, 0.95, True)
    assert (str(score), score.with_ci) == ("0.90 (0.81 to 0.95)", "0.90 (95% CI 0.81 to 0.95)")
    assert class_labels("binary", ["b", "a", "b"]).tolist() == [0, 1, 0]  # type: ignore[union-attr]
    assert class_labels("regression", [1.0]) is None


@pytest.mark.parametrize("rows", [5, 6])
def test_medians_of_resamples_are_those_of_the_drawn_rows(rows: int) -> None:
    random = np.random.default_rng(rows)
    truth, prediction = random.normal(size=(2, rows))
    found = {item.name: item for item in metrics_for("regression", truth, prediction)[0]}["median absolute error"]
    for counts in random.multinomial(rows, np.full(rows, 1 / rows), 20).astype(np.int32):
        drawn = np.repeat(np.abs(truth - prediction), counts)
        assert found.of(counts[np.newaxis])[0] == pytest.approx(np.median(drawn))


def test_labels_have_codes_in_the_order_of_the_classes_and_then_of_the_rows() -> None:
    true, predicted, unseen = encode(np.array(["b", "x", "a"]), np.array(["a", "y", "x"]), classes=np.array(["a", "b"]))
    assert (true.tolist(), predicted.tolist(), unseen) == ([1, 2, 0], [0, 3, 2], ["x"])


def test_twelve_classes_have_a_score_each_and_absent_ones_none() -> None:
    classes = np.array([f"c{number:02d}" for number in range(12)])
    names = [item.name for item in classification_metrics(classes, classes, None, classes)[0]]
    assert names[4:] == [f"F1 of {label}" for label in classes]
    some = classification_metrics(classes[:2], classes[2:4], None, classes)[0]
    assert [item.name for item in some if item.is_single_class] == ["F1 of c00", "F1 of c01", "F1 of c02", "F1 of c03"]
    assert [item.by_class for item in some] == [False, True, True, False, True, True, True, True]


# Comparisons ---------------------------------------------------------------------------------------


def comparison(low: float, high: float, higher: bool = False, rows: int = 100, name: str = "ridge regression") -> Any:
    return BaselineComparison(name, "RMSE", (low + high) / 2, low, high, higher, rows)


@pytest.mark.parametrize(
    ("low", "high", "higher", "rows", "verdict"),
    [
        (0.1, 0.2, False, 10, "worse"),
        (0.1, 0.2, True, 10, "better"),
        (-0.2, -0.1, False, 10, "better"),
        (-0.2, -0.1, True, 10, "worse"),
        (-0.2, -0.1, False, 9, "unclear"),
        (0.0, 0.1, False, 50, "unclear"),
        (-0.1, 0.0, False, 50, "unclear"),
    ],
)
def test_a_difference_is_significant_where_its_interval_excludes_zero(
    low: float, high: float, higher: bool, rows: int, verdict: str
) -> None:
    item = comparison(low, high, higher, rows)
    assert item.verdict == verdict
    assert item.shortfall == (-item.difference if higher else item.difference)


def test_the_hardest_baseline_is_the_best_of_those_that_win_or_may() -> None:
    better, unclear, worse, worst = comparison(-9, -8), comparison(-1, 3), comparison(0.1, 0.2), comparison(0.1, 0.4)
    assert hardest_comparison([]) is None
    assert hardest_comparison([better, comparison(-9, -7)]).difference == -8  # type: ignore[union-attr]
    assert hardest_comparison([better, unclear]) is unclear
    assert hardest_comparison([better, unclear, worse, worst]) is worst
    assert overall_verdict([], 100) is Verdict.NO_BASELINE
    assert overall_verdict([better], 9) is Verdict.TOO_FEW_ROWS
    assert overall_verdict([better], 10) is Verdict.BETTER
    assert overall_verdict([better, unclear], 10) is Verdict.NOT_SIGNIFICANT
    assert overall_verdict([better, unclear, worse], 10) is Verdict.WORSE


def test_a_verdict_names_the_baselines() -> None:
    score = Score("RMSE", 1.0, 0.9, 1.1, False)
    wins = {name: comparison(0.1, 0.2, name=name) for name in ("mean", "boosted trees", "ridge regression", "loss")}

    def verdict(*names: str, rows: int = 100, **options: Any) -> str:
        return verdict_sentence([wins[name] for name in names], score, rows, **options)

    assert verdict("mean") == "The mean beats the network on 100 test rows."
    assert verdict("boosted trees") == "Boosted trees beat the network on 100 test rows."
    assert verdict("loss") == "Loss beats the network on 100 test rows."
    assert verdict("mean", "boosted trees", "loss") == (
        "The mean, boosted trees and loss beat the network on 100 test rows."
    )
    assert (
        verdict("mean", "loss", in_folds=True) == "The mean and loss beat the network in cross-validation (100 rows)."
    )
    assert verdict("mean", rows=9) == "9 test rows: too few to compare the network with baselines (minimum 10)."
    assert verdict("mean", rows=9, in_folds=True).startswith("9 rows: too few")
    unclear = comparison(-1, 1, name="mean")
    assert verdict_sentence([unclear], score, 50) == (
        "No significant difference between the network and the mean on 50 test rows."
    )


def test_differences_are_paired_and_without_rounding() -> None:
    def model(value: float, values: Any) -> ModelScores:
        score = Score("RMSE", value, 0.0, 9.0, False)
        return ModelScores({"R²": score, "RMSE": score}, {"RMSE": np.asarray(values), "R²": np.asarray(values)})

    network, other = model(1.0, [1.0, 2.0, 3.0, 4.0]), model(0.5, [0.5, 1.0, 4.0, 4.0 + 1e-13])
    [found] = compare_with_baselines(network, {"mean": other}, 20)
    low, high = np.quantile([0.5, 1.0, -1.0, 0.0], [0.025, 0.975])
    assert (found.difference, found.low, found.high) == pytest.approx((0.5, low, high))
    assert (found.baseline, found.score, found.rows, found.higher_is_better) == ("mean", "RMSE", 20, False)
    [same] = compare_with_baselines(network, {"mean": model(1.0 + 1e-13, np.arange(1.0, 5.0) * (1 + 1e-13))}, 20)
    assert (same.difference, same.low, same.high) == (0.0, 0.0, 0.0)

    assert "CI" not in same.text
    assert primary_metric([["accuracy", "log loss"], ["accuracy", "log loss"]]) == "log loss"


# Notes of an evaluation ------------------------------------------------------------------------------


@pytest.mark.parametrize(("first", "second", "noted"), [(19, 20, True), (20, 21, False), (19, 21, True)])
def test_classes_of_under_twenty_rows_are_noted(first: int, second: int, noted: bool) -> None:
    y = np.repeat(["a", "b", "c"], [first, 100, second])
    found = evaluate_predictions("multiclass", "y", ["a", "b", "c"], y, (np.roll(y, 1), None))
    assert any("too narrow" in note for note in found.notes) == noted


def test_many_small_classes_are_named_up_to_three() -> None:
    y = np.repeat(list("abcdeu"), [2, 2, 2, 2, 2, 90])
    notes = evaluate_predictions("multiclass", "y", list("abcdeu"), y, (np.roll(y, 1), None)).notes
    assert notes == (
        "only 2 rows of 'a', 2 rows of 'b', 2 rows of 'c' and 2 more classes in the test set: the CIs of balanced accuracy "
        "and ROC AUC are too narrow",
    )
    three = np.repeat(list("abcu"), [10, 10, 19, 90])
    notes = evaluate_predictions("multiclass", "y", list("abcu"), three, (np.roll(three, 1), None)).notes
    assert notes[0].startswith("only 10 rows of 'a', 10 rows of 'b', 19 rows of 'c' in the test set")
    forty = np.repeat(list("abcu"), [11, 10, 19, 90])
    assert evaluate_predictions("multiclass", "y", list("abcu"), forty, (np.roll(forty, 1), None)).notes == ()


def test_a_comparison_of_probabilities_counts_the_rows_of_known_classes() -> None:
    y, p = np.array(["a", "b"] * 10 + ["new"] * 4), np.tile([0.6, 0.4], (24, 1))
    labels = np.array(["a"] * 24)
    found = evaluate_predictions("binary", "y", ["a", "b"], y, (labels, p), {"other": (labels, p[:, ::-1])})
    assert found.comparisons[0].rows == 20
    alone = evaluate_predictions("binary", "y", ["a", "b"], y, (labels, None), {"other": (labels, None)})
    assert (alone.comparisons[0].score, alone.comparisons[0].rows) == ("accuracy", 24)
    assert not found.no_known_class


@pytest.mark.parametrize(("rows", "noted"), [(19, False), (20, True)])
def test_concentrated_errors_need_twenty_rows(rows: int, noted: bool) -> None:
    prediction = np.arange(float(rows))
    prediction[3] += 100
    found = evaluate_predictions("regression", "y", None, np.arange(float(rows)), (prediction, None))
    assert any("squared error is in 1 row" in note for note in found.notes) == noted


def test_a_hundred_classes_have_a_confusion_matrix() -> None:
    labels = np.arange(100)
    found = evaluate_predictions("multiclass", "y", labels, labels, (labels[::-1].copy(), None))
    assert found.confusion_matrix == np.eye(100, dtype=int)[::-1].tolist()


# Baselines -----------------------------------------------------------------------------------------


def encoded(numbers: Any, codes: Any = None, levels: tuple[int, ...] = ()) -> EncodedFeatures:
    none = np.empty((len(numbers), 0))
    coded = none.astype(np.int32) if codes is None else codes.astype(np.int32)
    return EncodedFeatures(numbers, none, none, coded, numbers, levels)


def test_linear_baselines_are_scikit_learns() -> None:
    random = np.random.default_rng(0)
    numbers = random.normal(size=(200, 3))
    target = numbers @ [1.0, -2.0, 0.5] + 3 + 0.1 * random.normal(size=200)
    mean, ridge = fit_baselines("regression", numbers, target)
    assert mean.predict(numbers, "regression")[0] == pytest.approx(np.full(200, target.mean()))
    theirs = Ridge().fit(numbers, target)
    assert ridge.predict(numbers, "regression")[0] == pytest.approx(theirs.predict(numbers), rel=1e-6)
    labels = np.array(["c", "a", "b"])[np.digitize(target, [2, 4])]
    frequent, logistic = fit_baselines("multiclass", numbers, labels)
    p = frequent.predict(numbers, "multiclass", ["a", "b", "c"])[1]
    assert p is not None
    assert np.asarray(p)[0] == pytest.approx([np.mean(labels == label) for label in "abc"])
    model = LogisticRegression(max_iter=1000).fit(numbers, labels)
    found, p = logistic.predict(numbers, "multiclass", ["a", "b", "c"])
    assert np.asarray(p) == pytest.approx(model.predict_proba(numbers), abs=1e-3)
    assert np.mean(np.asarray(found) == model.predict(numbers)) > 0.99
    two = fit_baselines("binary", numbers, target > 3)[1].predict(numbers, "binary", [False, True])[1]
    assert np.asarray(two) == pytest.approx(
        LogisticRegression(max_iter=1000).fit(numbers, target > 3).predict_proba(numbers), abs=1e-3
    )


def test_absent_classes_and_constant_targets() -> None:
    numbers = np.random.default_rng(0).normal(size=(60, 1))
    labels = np.where(numbers[:, 0] > 0, "b", "d")
    frequent, logistic = fit_baselines("multiclass", numbers, labels, list("abcd"))
    for item in (frequent, logistic):
        p = np.asarray(item.predict(numbers, "multiclass", list("abcd"))[1])
        assert (p[:, [0, 2]] == 0).all()
        assert p.sum(axis=1) == pytest.approx(np.ones(60))
    assert [item.name for item in fit_baselines("binary", numbers, ["a"] * 60, ["a", "b"])] == ["most frequent class"]
    assert [item.name for item in fit_baselines("regression", np.empty((60, 0)), numbers[:, 0])] == ["mean"]
    assert [item.name for item in fit_all_baselines("regression", encoded(np.empty((60, 0))), numbers[:, 0])] == [
        "mean"
    ]


def test_features_of_another_width_are_refused() -> None:
    baseline = Baseline("ridge regression", np.ones((3, 1)), np.zeros(1))
    with pytest.raises(InputError, match="the features of ridge regression are 2 columns, expected 3"):
        baseline.predict(np.ones((4, 2)), "regression")


def test_columns_far_from_unit_scale_are_scaled_for_the_fit() -> None:
    random = np.random.default_rng(0)
    features = random.normal(size=(50, 4))
    features[:, 1] = 1000 + 5 * features[:, 1]
    features[:, 2] = 10 * np.sign(features[:, 2])  # of size 10: not far
    features[:, 3] = 400.0
    design, shift, scale = _design_matrix(features)
    assert shift == pytest.approx([0, features[:, 1].mean(), 0, 400])
    assert scale == pytest.approx([1, features[:, 1].std(), 1, 1])
    assert np.asarray(design) == pytest.approx((features - shift) / scale)
    plain, _, _ = _design_matrix(features[:, :1])
    assert plain is not None
    assert np.array_equal(plain, features[:, :1])
    target = features[:, 1] - 2 * features[:, 0]
    ridge = fit_baselines("regression", features, target)[1]
    assert ridge.predict(features, "regression")[0] == pytest.approx(target, abs=0.3)


@pytest.mark.parametrize(("filled", "is_sparse"), [(19, True), (20, False)])
def test_matrices_of_mostly_zeros_are_sparse(filled: int, is_sparse: bool) -> None:
    features = np.zeros((10, 10))
    features.ravel()[:filled] = 1.0
    design, _, _ = _design_matrix(features)
    assert sparse.issparse(design) == is_sparse
    assert (design.toarray() if is_sparse else design).tolist() == features.tolist()


@pytest.mark.parametrize("levels", [200, 201])
def test_one_hot_columns_are_the_same_dense_or_sparse(levels: int) -> None:
    codes = np.array([[0], [levels - 1], [-1], [5]])
    matrix = one_hot(encoded(np.arange(4.0)[:, np.newaxis], codes, (levels,)))
    assert sparse.issparse(matrix) == (levels > 200)
    dense = matrix.toarray() if levels > 200 else matrix
    expected = np.zeros((4, 1 + levels))
    expected[:, 0] = np.arange(4)
    expected[[0, 1, 3], [1, levels, 6]] = 1
    assert np.array_equal(dense, expected)
