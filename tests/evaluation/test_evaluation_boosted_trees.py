"""Boosted trees from plain arrays predict what scikit-learn's predict."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn import datasets
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from threadpoolctl import threadpool_limits

from tidynet.core.errors import InputError
from tidynet.evaluation.baselines import (
    baselines_from_arrays,
    baselines_to_arrays,
    fit_all_baselines,
    predict_baselines,
)
from tidynet.evaluation.boosted_trees import BOOSTED, Trees, fit_trees, tree_columns
from tidynet.preprocessing.recipe import EncodedFeatures


@pytest.fixture(autouse=True)
def one_thread() -> Any:
    with threadpool_limits(1, user_api="openmp"):
        yield


def features_of(numbers: Any, codes: Any = None, levels: tuple[int, ...] = ()) -> EncodedFeatures:
    none = np.empty((len(numbers), 0))
    coded = none.astype(np.int32) if codes is None else codes.astype(np.int32)
    return EncodedFeatures(numbers, none, none, coded, numbers, levels)


@pytest.mark.parametrize("loader", [datasets.load_breast_cancer, datasets.load_wine])
def test_classes_are_predicted_as_scikit_learns(loader: Any) -> None:
    numbers, codes = loader(return_X_y=True)
    labels = loader().target_names[codes]
    theirs = HistGradientBoostingClassifier(random_state=3).fit(numbers, labels)
    task = "binary" if len(theirs.classes_) == 2 else "multiclass"
    ours = fit_trees(task, features_of(numbers), labels, theirs.classes_, seed=3)
    assert ours is not None
    prediction, probability = ours.predict_encoded(features_of(numbers), task, theirs.classes_)
    assert np.abs(probability - theirs.predict_proba(numbers)).max() < 1e-12
    assert (prediction == theirs.predict(numbers)).all()


def test_numbers_are_predicted_as_scikit_learns() -> None:
    numbers, target = datasets.load_diabetes(return_X_y=True)
    theirs = HistGradientBoostingRegressor(random_state=0).fit(numbers, target)
    ours = fit_trees("regression", features_of(numbers), target, None, seed=0)
    assert ours is not None
    prediction, probability = ours.predict_encoded(features_of(numbers), "regression")
    assert probability is None
    assert prediction == pytest.approx(theirs.predict(numbers), rel=1e-3)  # standardized gradients round otherwise


def test_categories_and_missing_values_are_split_as_by_scikit_learn() -> None:
    random = np.random.default_rng(0)
    codes = random.integers(-1, 9, (2000, 2))
    codes[codes == 4] = 5  # a level that no training row holds
    numbers = random.normal(size=(2000, 2))
    target = numbers[:, 0] + codes[:, 0] % 3 + random.normal(size=2000) * 0.1
    ours = fit_trees("regression", features_of(numbers, codes, (9, 9)), target, None, seed=0)
    assert ours is not None
    known = np.array([0, 1, 2, 3, 5, 6, 7, 8])

    def as_theirs(codes: Any, numbers: Any) -> Any:
        compact = np.where(np.isin(codes, known), np.searchsorted(known, codes), np.nan)
        return np.column_stack([compact, numbers])

    spread = target.std()
    theirs = HistGradientBoostingRegressor(random_state=0, categorical_features=[0, 1])
    theirs.fit(as_theirs(codes, numbers), (target - target.mean()) / spread)
    later, holes = random.integers(-1, 9, (300, 2)), random.normal(size=(300, 2))
    holes[:40, 1] = np.nan
    found = ours.predict_encoded(features_of(holes, later, (9, 9)), "regression")[0]
    expected = theirs.predict(as_theirs(later, holes)) * spread + target.mean()
    assert found == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("present", [["b", "d"], ["a", "b", "d"]])
def test_a_class_without_training_rows_has_probability_zero(present: list[str]) -> None:
    random = np.random.default_rng(0)
    labels = np.array(present)[random.integers(0, len(present), 300)]
    numbers = (np.searchsorted(present, labels) + random.normal(size=300) * 0.3)[:, np.newaxis]
    ours = fit_trees("multiclass", features_of(numbers), labels, ["a", "b", "c", "d"], seed=0)
    assert ours is not None
    prediction, probability = ours.predict_encoded(features_of(numbers), "multiclass", ["a", "b", "c", "d"])
    assert probability is not None
    assert (probability[:, [place for place, one in enumerate("abcd") if one not in present]] == 0).all()
    assert (prediction == labels).mean() > 0.8


def test_trees_travel_as_arrays() -> None:
    random = np.random.default_rng(0)
    features = features_of(random.normal(size=(400, 2)), random.integers(-1, 3, (400, 1)), (3,))
    labels = (features.codes[:, 0] > 0) == (features.numbers[:, 0] > 0)
    before = fit_all_baselines("binary", features, labels, [False, True])
    names, arrays = baselines_to_arrays(before)
    assert names == ["most frequent class", "logistic regression", BOOSTED]
    assert sum(values.nbytes for values in arrays.values()) < 150_000
    after = baselines_from_arrays(names, {**arrays, "member.0": np.zeros(3)})
    one, other = (
        predict_baselines(baselines, features, "binary", [False, True])[BOOSTED] for baselines in (before, after)
    )
    assert np.array_equal(np.asarray(one[1]), np.asarray(other[1]))
    with pytest.raises(InputError, match=r"has no array 'baseline\.boosted trees\.\w+'"):
        baselines_from_arrays(names, {name: values for name, values in arrays.items() if BOOSTED not in name})


def test_where_there_is_nothing_to_grow_there_are_no_trees() -> None:
    assert fit_trees("regression", features_of(np.empty((30, 0))), np.arange(30.0), None, 0) is None
    assert fit_trees("binary", features_of(np.zeros((30, 1))), ["a"] * 30, ["a", "b"], 0) is None
    many = [f"class {number}" for number in range(201)]
    assert fit_trees("multiclass", features_of(np.zeros((201, 1))), many, many, 0) is None


@pytest.mark.parametrize("rows", [2, 30])
def test_hard_columns_still_grow(rows: int) -> None:
    numbers = np.column_stack([np.zeros(rows), np.full(rows, np.nan), np.arange(rows) * 1e300])
    codes = np.column_stack([np.full(rows, -1), np.arange(rows) + 400])
    ours = fit_trees("regression", features_of(numbers, codes, (3, 1000)), np.arange(rows) * 1e100, None, 0)
    assert isinstance(ours, Trees)
    assert np.isfinite(ours.raw_score(tree_columns(features_of(numbers, codes, (3, 1000))))).all()
