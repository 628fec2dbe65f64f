"""Baselines predict what scikit-learn's models predict, from plain arrays alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn import datasets
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.preprocessing import scale

from tidynet.core.errors import InputError
from tidynet.evaluation.baselines import Baseline, baselines_from_arrays, baselines_to_arrays, fit_baselines, one_hot
from tidynet.preprocessing.recipe import EncodedFeatures


@pytest.mark.parametrize("loader", [datasets.load_breast_cancer, datasets.load_iris, datasets.load_wine])
def test_logistic_regression_predicts_as_scikit_learns(loader: Any) -> None:
    features, codes = loader(return_X_y=True)
    features, labels = scale(features), loader().target_names[codes]
    theirs = LogisticRegression(max_iter=1000).fit(features, labels)
    task = "binary" if len(theirs.classes_) == 2 else "multiclass"
    _, ours = fit_baselines(task, features, labels, theirs.classes_)
    prediction, probability = ours.predict(features, task, theirs.classes_)
    assert probability is not None
    assert np.abs(probability - theirs.predict_proba(features)).max() < 1e-9
    assert (prediction == theirs.predict(features)).all()


def test_ridge_regression_predicts_as_scikit_learns() -> None:
    features, target = datasets.load_diabetes(return_X_y=True)
    features = scale(features)
    mean, ridge = fit_baselines("regression", features, target)
    assert (mean.name, ridge.name) == ("mean", "ridge regression")
    prediction, probability = ridge.predict(features, "regression")
    assert probability is None
    assert prediction == pytest.approx(Ridge(alpha=1.0).fit(features, target).predict(features), abs=1e-9)
    assert mean.predict(features, "regression")[0] == pytest.approx(np.full(len(target), target.mean()))


def test_the_most_frequent_class_predicts_the_shares_of_the_training_rows() -> None:
    labels = ["b", "a", "b", "b"]
    constant, _ = fit_baselines("binary", np.arange(4.0)[:, np.newaxis], labels)
    prediction, probability = constant.predict(np.zeros((2, 1)), "binary", ["a", "b"])
    assert constant.name == "most frequent class"
    assert prediction.tolist() == ["b", "b"]
    assert probability == pytest.approx(np.array([[0.25, 0.75], [0.25, 0.75]]))


def wide_one_hot(rows: int, seed: int = 0) -> tuple[Any, Any]:
    random = np.random.default_rng(seed)
    groups = [np.eye(30)[random.integers(0, 30, rows)] for _ in range(10)]
    features = np.concatenate(groups, axis=1)
    return features, features @ random.normal(size=(features.shape[1], 3)) + random.gumbel(size=(rows, 3))


def test_a_wide_one_hot_matrix_is_fitted_as_the_dense_one_would_be() -> None:
    features, found = wide_one_hot(800)
    _, ours = fit_baselines("multiclass", features, found.argmax(axis=1), [0, 1, 2])
    theirs = LogisticRegression(max_iter=1000).fit(features, found.argmax(axis=1))
    _, probability = ours.predict(features, "multiclass", [0, 1, 2])
    assert probability is not None
    assert np.abs(probability - theirs.predict_proba(features)).max() < 2e-3
    _, ridge = fit_baselines("regression", features, found[:, 0])
    expected = Ridge(alpha=1.0).fit(features, found[:, 0]).predict(features)
    assert ridge.predict(features, "regression")[0] == pytest.approx(expected, abs=1e-5)


def test_many_categories_make_a_sparse_matrix_with_the_same_fit() -> None:
    random = np.random.default_rng(3)
    codes = np.column_stack([random.integers(-1, 150, 900), random.integers(-1, 100, 900)]).astype(np.int32)
    none = np.empty((900, 0))
    features = EncodedFeatures(none, none.astype(np.int32), none, codes, random.normal(size=(900, 2)), (150, 100))
    sparse, dense = one_hot(features), features.dense_one_hot()
    assert not isinstance(sparse, np.ndarray)
    assert (sparse.toarray() == dense).all()
    target = dense @ random.normal(size=dense.shape[1]) + random.normal(size=900)
    for task, truth in (("regression", target), ("binary", target > 0)):
        for one, other in zip(fit_baselines(task, sparse, truth), fit_baselines(task, dense, truth), strict=True):
            part = 0 if task == "regression" else 1
            found, expected = one.predict(sparse, task, [False, True]), other.predict(dense, task, [False, True])
            assert found[part] == pytest.approx(expected[part], abs=1e-6)


def test_columns_far_from_standardized_are_fitted_as_if_they_were_not() -> None:
    random = np.random.default_rng(2)
    plain = random.normal(size=(400, 3))
    plain = (plain - plain.mean(axis=0)) / plain.std(axis=0)
    target = plain @ [1.0, -2.0, 0.5] + random.normal(size=400)
    far = plain * [1e6, 1.0, 1.0] + [1e8, 0.0, 0.0]
    far = np.column_stack([far, np.full(400, 1e5)])
    for task, truth in (("regression", target), ("binary", target > 0)):
        one = fit_baselines(task, plain, truth)[1].predict(plain, task, [False, True])
        other = fit_baselines(task, far, truth)[1].predict(far, task, [False, True])
        part = 0 if task == "regression" else 1
        assert other[part] == pytest.approx(one[part], abs=1e-4)


def test_separable_and_repeated_columns_are_fitted_without_a_warning() -> None:
    random = np.random.default_rng(0)
    column = random.normal(size=(300, 1))
    features = np.column_stack([column, column, column + 1e-9, np.exp(4 * random.normal(size=(300, 1)))])
    _, logistic = fit_baselines("binary", features, column[:, 0] > 0)
    prediction, _ = logistic.predict(features, "binary", [False, True])
    assert (prediction == (column[:, 0] > 0)).mean() > 0.97


def test_a_class_without_training_rows_has_no_probability() -> None:
    features = np.random.default_rng(0).normal(size=(30, 2))
    labels = np.where(features[:, 0] > 0, "a", "c")
    for baseline in fit_baselines("multiclass", features, labels, ["a", "b", "c"]):
        _, probability = baseline.predict(features, "multiclass", ["a", "b", "c"])
        assert probability is not None
        assert (probability[:, 1] == 0).all()
        assert probability.sum(axis=1) == pytest.approx(np.ones(30))


def test_without_a_second_class_or_without_features_only_the_constant_is_fitted() -> None:
    one_class = fit_baselines("binary", np.zeros((3, 1)), ["a", "a", "a"], ["a", "b"])
    no_features = fit_baselines("binary", np.zeros((2, 0)), ["a", "b"], ["a", "b"])
    no_features_for_numbers = fit_baselines("regression", np.zeros((2, 0)), [1.0, 2.0])
    assert [[one.name for one in found] for found in (one_class, no_features, no_features_for_numbers)] == [
        ["most frequent class"],
        ["most frequent class"],
        ["mean"],
    ]


def test_classes_of_one_row_each_need_no_warning() -> None:
    # Warnings are errors in these tests.
    _, logistic = fit_baselines("multiclass", np.arange(24.0)[:, np.newaxis], list("aabcdefghijklmnopqrstuvw"))
    assert logistic.name == "logistic regression"


def test_scores_far_apart_give_certain_probabilities_without_overflow() -> None:
    baseline = Baseline("logistic regression", np.array([[0.0, 1e4]]), np.zeros(2))
    _, probability = baseline.predict(np.array([[1.0], [-1.0]]), "binary", ["a", "b"])
    assert probability is not None
    assert probability.tolist() == [[0.0, 1.0], [1.0, 0.0]]


def test_a_matrix_of_another_width_is_refused() -> None:
    baseline = Baseline("ridge regression", np.zeros((3, 1)), np.zeros(1))
    with pytest.raises(InputError) as caught:
        baseline.predict(np.zeros((2, 4)), "regression")
    assert str(caught.value) == "the features of ridge regression are 4 columns, expected 3"


@given(hnp.arrays(np.float64, st.tuples(st.integers(0, 5), st.integers(1, 4))), st.data())
def test_stored_baselines_come_back_bit_for_bit(coefficients: Any, data: st.DataObject) -> None:
    intercept = data.draw(hnp.arrays(np.float64, coefficients.shape[1]))
    before = [Baseline("mean", coefficients, intercept), Baseline("ridge regression", coefficients, intercept)]
    names, arrays = baselines_to_arrays(before)
    after = baselines_from_arrays(names, {**arrays, "weights of something else": np.zeros(3)})
    assert [one.name for one in after] == ["mean", "ridge regression"]
    for one in after:
        assert one.coefficients.tobytes() == coefficients.tobytes()
        assert one.intercept.tobytes() == intercept.tobytes()


def test_a_missing_array_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        baselines_from_arrays(["mean"], {})
    assert (
        str(caught.value)
        == "the model file has no array 'baseline.mean.coefficients' of its mean; train the model again"
    )
