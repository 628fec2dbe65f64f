"""Boosted trees: options of scikit-learn, limits of classes and categories, and classes without rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from threadpoolctl import threadpool_limits

from tidynet.evaluation import boosted_trees
from tidynet.evaluation.boosted_trees import BOOSTED, Trees, fit_trees, tree_columns
from tidynet.preprocessing.recipe import EncodedFeatures


@pytest.fixture(autouse=True)
def one_thread() -> Any:
    with threadpool_limits(1, user_api="openmp"):
        yield


def encoded(numbers: Any, codes: Any = None, levels: tuple[int, ...] = ()) -> EncodedFeatures:
    none = np.empty((len(numbers), 0))
    coded = none.astype(np.int32) if codes is None else codes.astype(np.int32)
    return EncodedFeatures(numbers, none, none, coded, numbers, levels)


def probabilities(task: str, features: EncodedFeatures, labels: Any, classes: Any) -> Any:
    trees = fit_trees(task, features, labels, classes, seed=0)
    assert trees is not None
    assert trees.name == BOOSTED
    return trees.predict_encoded(features, task, classes)[1]


def test_columns_of_trees_are_codes_then_numbers() -> None:
    codes = np.array([[0, 2], [-1, 1]])
    found = tree_columns(encoded(np.array([[0.5], [1.5]]), codes, (1, 3)))
    assert found == pytest.approx(np.array([[0.0, np.nan], [2.0, 1.0], [0.5, 1.5]]), nan_ok=True)


@pytest.mark.parametrize(("rows", "rare", "stops"), [(10_001, 11, True), (10_000, 11, False), (10_001, 10, False)])
def test_many_rows_of_frequent_classes_stop_early(rows: int, rare: int, stops: bool) -> None:
    random = np.random.default_rng(0)
    numbers = random.normal(size=(rows, 1))
    labels = np.where(np.arange(rows) < rare, "a", np.where(numbers[:, 0] > random.normal(size=rows), "b", "c"))
    theirs = HistGradientBoostingClassifier(random_state=0, early_stopping=stops).fit(numbers, labels)
    found = probabilities("multiclass", encoded(numbers), labels, theirs.classes_)
    assert np.abs(found - theirs.predict_proba(numbers)).max() < 1e-12


def test_many_classes_have_fewer_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    labels = np.repeat(np.arange(4), 30)
    numbers = (labels + np.random.default_rng(0).normal(size=120))[:, np.newaxis]
    for most, rounds in ((48, 12), (400, 100), (404, 100), (8, 10)):
        monkeypatch.setattr(boosted_trees, "MAX_TREES", most)
        trees = fit_trees("multiclass", encoded(numbers), labels, np.arange(4), 0)
        assert trees is not None
        assert len(trees.leaves) == 4 * rounds
    two = fit_trees("binary", encoded(numbers), labels > 1, [False, True], 0)
    assert two is not None
    assert (len(two.leaves), len(two.intercept)) == (10, 1)


@pytest.mark.parametrize(("classes", "grown"), [(200, True), (201, False)])
def test_more_than_two_hundred_classes_have_no_trees(
    classes: int, grown: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(boosted_trees, "MIN_ROUNDS", 1)
    monkeypatch.setattr(boosted_trees, "MAX_TREES", 200)
    labels = np.tile(np.arange(classes), 3)
    trees = fit_trees("multiclass", encoded(np.zeros((len(labels), 1))), labels, np.arange(classes), 0)
    assert (trees is not None) == grown


@pytest.mark.parametrize("present", [["b", "d"], ["c", "d"], ["a", "b", "d"]])
def test_classes_without_rows_do_not_change_the_others(present: list[str]) -> None:
    random = np.random.default_rng(0)
    labels = np.array(present)[random.integers(0, len(present), 200)]
    numbers = (np.searchsorted(present, labels) + random.normal(size=200))[:, np.newaxis]
    alone = probabilities("multiclass", encoded(numbers), labels, present)
    among = probabilities("multiclass", encoded(numbers), labels, list("abcd"))
    expected = np.zeros((200, 4))
    expected[:, [list("abcd").index(label) for label in present]] = alone
    assert among == pytest.approx(expected, rel=1e-12)


def test_labels_are_the_classes_where_none_are_given() -> None:
    numbers = np.arange(60.0)[:, np.newaxis]
    labels = np.where(numbers[:, 0] > 30, "u", "t")
    first, second = (fit_trees("binary", encoded(numbers), labels, given, 0) for given in (None, ["t", "u"]))
    assert first is not None
    assert second is not None
    assert np.array_equal(first.leaves, second.leaves)
    assert first.predict_encoded(encoded(numbers), "binary", ["t", "u"])[0].tolist() == labels.tolist()


@pytest.mark.parametrize(("largest", "as_categories"), [(254, True), (255, False)])
def test_codes_from_255_on_are_read_as_numbers(largest: int, as_categories: bool) -> None:
    random = np.random.default_rng(0)
    codes = np.array([0, 1, largest])[random.integers(0, 3, 300)][:, np.newaxis]
    target = (codes[:, 0] == 1) + random.normal(size=300) * 0.1
    features = encoded(np.empty((300, 0)), codes, (300,))
    trees = fit_trees("regression", features, target, None, 0)
    assert trees is not None
    assert ((trees.category_row >= 0).any(), (trees.category_row < 0).any()) == (as_categories, not as_categories)
    theirs = HistGradientBoostingRegressor(random_state=0, categorical_features=[0] if as_categories else None)
    compact = np.searchsorted([0, 1, largest], codes) if as_categories else codes
    theirs.fit(compact, (target - target.mean()) / target.std())
    expected = theirs.predict(compact) * target.std() + target.mean()
    assert trees.predict_encoded(features, "regression")[0] == pytest.approx(expected, rel=1e-12)


def test_missing_numbers_go_where_scikit_learn_sends_them() -> None:
    random = np.random.default_rng(0)
    numbers = random.normal(size=(400, 2))
    target = np.where(random.random(400) < 0.3, 3.0, numbers[:, 0])
    numbers[target == 3.0, 0] = np.nan
    numbers[:50, 1] = np.nan
    standardized = (target - target.mean()) / target.std()
    theirs = HistGradientBoostingRegressor(random_state=0).fit(numbers, standardized)
    trees = fit_trees("regression", encoded(numbers), target, None, 0)
    assert trees is not None
    assert set(trees.missing_left.tolist()) == {False, True}
    expected = theirs.predict(numbers) * target.std() + target.mean()
    assert trees.predict_encoded(encoded(numbers), "regression")[0] == pytest.approx(expected, rel=1e-12)


def test_a_constant_target_is_predicted() -> None:
    trees = fit_trees("regression", encoded(np.arange(30.0)[:, np.newaxis]), np.full(30, 7.5), None, 0)
    assert trees is not None
    assert trees.predict_encoded(encoded(np.array([[3.0]])), "regression")[0].tolist() == [7.5]


def test_a_tree_of_all_31_leaves_and_its_arrays() -> None:
    numbers = np.arange(2000.0)[:, np.newaxis]
    target = np.random.default_rng(0).permutation(np.repeat(np.arange(40.0), 50))
    trees = fit_trees("regression", encoded(numbers), target, None, 0)
    assert trees is not None
    assert trees.leaves.shape == (100, 32)
    assert np.diff(trees.starts).max() == 30
    assert (trees.leaves[:, 31] == 0).all()
    arrays = trees.to_arrays()
    again = Trees.from_arrays(arrays)
    assert np.array_equal(again.raw_score(numbers.T), trees.raw_score(numbers.T))
    assert arrays["left_categories"].dtype == np.uint8


def test_seeds_are_passed_on() -> None:
    random = np.random.default_rng(0)
    numbers = random.normal(size=(10_100, 1))
    target = numbers[:, 0] + random.normal(size=10_100)
    for seed in (0, 1):
        theirs = HistGradientBoostingRegressor(random_state=seed)
        theirs.fit(numbers, (target - target.mean()) / target.std())
        trees = fit_trees("regression", encoded(numbers), target, None, seed)
        assert trees is not None
        assert len(trees.leaves) == theirs.n_iter_
        assert theirs.n_iter_ < 100
