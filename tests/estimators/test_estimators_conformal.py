"""Sets and intervals reach their target coverage, after fit and from a file, or an error states why not."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import tidynet as tn
from tidynet.core.errors import InputError
from tidynet.estimators.conformal import class_conformity_scores, conformal_quantile, min_calibration_rows

QUICK = {"random_state": 0, "max_iter": 12, "hidden_layer_sizes": (16,), "n_bins": 4, "preset": "tidynet"}


def classes_of(rng, rows):
    X = rng.normal(size=(rows, 3))
    y = (X[:, 0] + 0.8 * rng.normal(size=rows) > 0).astype(int) + (X[:, 1] + rng.normal(size=rows) > 1)
    return X, np.array(["low", "middle", "high"])[y]


def numbers_of(rng, rows):
    X = rng.normal(size=(rows, 3))
    return X, X[:, 0] + (0.2 + np.abs(X[:, 1])) * rng.normal(size=rows)


@pytest.fixture(scope="module")
def classifier():
    return tn.MLPClassifier(**QUICK).fit(*classes_of(np.random.default_rng(0), 1200))


@pytest.fixture(scope="module")
def regressor():
    return tn.MLPRegressor(**QUICK).fit(*numbers_of(np.random.default_rng(0), 1200))


@pytest.mark.parametrize("coverage", [0.6, 0.8, 0.9, 0.95])
def test_sets_hold_the_truth_as_often_as_stated(classifier, coverage):
    X, y = classes_of(np.random.default_rng(1), 4000)
    sets = classifier.predict_set(X, coverage)
    held = np.mean([label in one for label, one in zip(y, sets, strict=True)])
    right = np.mean(classifier.predict(X) == y)
    assert max(coverage, right) - 0.04 < held < max(coverage, right) + 0.04
    assert all(best in one for best, one in zip(classifier.predict(X), sets, strict=True))


def test_sets_grow_with_the_coverage_and_with_uncertainty(classifier):
    X, _ = classes_of(np.random.default_rng(1), 500)
    narrow, wide = classifier.predict_set_mask(X, 0.7), classifier.predict_set_mask(X, 0.95)
    assert (wide | narrow == wide).all()
    sure = classifier.predict_proba(X).max(axis=1)
    assert sure[wide.sum(axis=1) == 1].mean() > sure[wide.sum(axis=1) > 1].mean()


def test_each_class_is_covered_on_request(classifier):
    X, y = classes_of(np.random.default_rng(1), 6000)
    members = classifier.predict_set_mask(X, 0.9, per_class=True)
    for code, label in enumerate(classifier.classes_):
        assert members[y == label, code].mean() > 0.85


@pytest.mark.parametrize("coverage", [0.5, 0.8, 0.9])
def test_intervals_hold_the_truth_as_often_as_stated(regressor, coverage):
    X, y = numbers_of(np.random.default_rng(1), 4000)
    low, high = regressor.predict_interval(X, coverage).T
    assert coverage - 0.03 < np.mean((low <= y) & (y <= high)) < coverage + 0.03


def test_intervals_are_wide_where_errors_are_large(regressor):
    X, y = numbers_of(np.random.default_rng(1), 4000)
    low, high = regressor.predict_interval(X).T
    noisy = np.abs(X[:, 1]) > 1
    assert np.mean((high - low)[noisy]) > 1.5 * np.mean((high - low)[~noisy])
    assert np.mean((low <= y)[noisy] & (y <= high)[noisy]) > 0.8


@pytest.mark.parametrize(
    "choices",
    [
        {"loss": "quantile", "quantiles": (0.1, 0.9)},
        {"loss": "gaussian"},
        {"n_networks": 1},
        {"early_stopping": False, "n_networks": 2},
        {"ensemble": "best", "n_networks": 2},
        {"preset": "scikit-learn", "n_bins": "auto", "max_iter": 80},
        {"preset": "scikit-learn", "n_bins": "auto", "early_stopping": True, "max_iter": 80},
    ],
    ids=str,
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_every_way_of_training_gives_intervals(choices, tmp_path):
    X, y = numbers_of(np.random.default_rng(2), 500)
    model = tn.MLPRegressor(**{**QUICK, **choices}).fit(X, y)
    test_X, test_y = numbers_of(np.random.default_rng(3), 1000)
    found = model.predict_interval(test_X)
    assert found.shape == (1000, 2)
    assert (found[:, 0] <= found[:, 1]).all()
    assert 0.8 < np.mean((found[:, 0] <= test_y) & (test_y <= found[:, 1])) <= 1
    model.save(tmp_path / "m.tidynet")
    np.testing.assert_array_equal(tn.load(tmp_path / "m.tidynet").predict_interval(test_X), found)


def test_several_targets_have_an_interval_each():
    X, y = numbers_of(np.random.default_rng(2), 300)
    model = tn.MLPRegressor(**QUICK, n_networks=2).fit(X, np.column_stack([y, 100 * X[:, 1]]))
    assert model.predict_interval(X[:5]).shape == (5, 2, 2)


def test_a_table_of_mixed_columns_and_its_file_give_the_same_sets(tmp_path):
    table = tn.read("penguins")
    model = tn.MLPClassifier(**QUICK, n_networks=3).fit(table.drop(target="species"), table["species"])
    sets = model.predict_set(table)
    assert {type(one) for one in sets} == {set}
    model.save(tmp_path / "m.tidynet")
    loaded = tn.load(tmp_path / "m.tidynet")
    assert loaded.predict_set(table) == sets
    assert loaded.predict_set(table, per_class=True) == model.predict_set(table, per_class=True)


def test_a_set_does_not_hang_on_the_rows_beside_it(classifier):
    X, _ = classes_of(np.random.default_rng(1), 50)
    assert classifier.predict_set(X)[::-1] == classifier.predict_set(X[::-1])


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_scikit_learns_settings_keep_their_network_and_give_up_no_rows():
    X, y = classes_of(np.random.default_rng(0), 200)
    model = tn.MLPClassifier(random_state=0, max_iter=30).fit(X, y)
    before = model.predict_proba(X)
    assert pickle.loads(pickle.dumps(model))._training_data is None
    sets = model.predict_set(X)
    np.testing.assert_array_equal(model.predict_proba(X), before)
    again = tn.MLPClassifier(random_state=0, max_iter=30).fit(X, y)
    assert again.predict_set(X) == sets


def test_rows_of_ones_own_measure_a_model_that_set_none_aside(tmp_path):
    X, y = numbers_of(np.random.default_rng(2), 300)
    model = tn.MLPRegressor(solver="lbfgs", max_iter=20, random_state=0, preset="tidynet", n_networks=1).fit(X, y)
    model.save(tmp_path / "m.tidynet")
    loaded = tn.load(tmp_path / "m.tidynet")
    with pytest.raises(InputError, match=r"no validation rows.*conformalize"):
        loaded.predict_interval(X)
    assert loaded.conformalize(*numbers_of(np.random.default_rng(3), 200)).predict_interval(X).shape == (300, 2)


def test_going_on_forgets_what_was_measured():
    X, y = classes_of(np.random.default_rng(0), 100)
    model = tn.MLPClassifier(**{**QUICK, "early_stopping": False}, n_networks=1).fit(X, y)
    model.partial_fit(X, y)
    with pytest.raises(InputError, match="no validation rows"):
        model.predict_set(X)


@pytest.mark.parametrize(
    ("coverage", "message"),
    [
        (0, "coverage is 0, expected a fraction between 0 and 1; try 0.9"),
        (1.0, "coverage is 1.0, expected"),
        (90, "coverage is 90, expected a fraction between 0 and 1; did you mean 0.9"),
        ("much", "coverage is 'much', expected"),
        (True, "coverage is True, expected"),
        (0.9999, "coverage is 0.9999, which needs 9,999 validation rows, but there are 1200; choose at most 0.999"),
    ],
)
def test_a_coverage_that_cannot_be_is_refused(classifier, regressor, coverage, message):
    with pytest.raises(InputError, match=message):
        classifier.predict_set(np.zeros((1, 3)), coverage)
    with pytest.raises(InputError, match=message):
        regressor.predict_interval(np.zeros((1, 3)), coverage)


def test_a_class_of_few_rows_is_named(classifier):
    X, y = classes_of(np.random.default_rng(0), 200)
    y = np.where(np.arange(200) < 4, "rare", y)
    model = tn.MLPClassifier(**QUICK, n_networks=2).fit(X, y)
    assert len(model.predict_set(X)) == 200
    with pytest.raises(
        InputError, match=r"coverage is 0.9, which needs 9 validation rows of the class 'rare', but there are 4"
    ):
        model.predict_set(X, per_class=True)


def test_the_other_task_is_refused(classifier, regressor):
    with pytest.raises(InputError, match=r"predict_interval needs a model of numbers.*predict_set"):
        classifier.predict_interval(np.zeros((1, 3)))
    with pytest.raises(InputError, match=r"predict_set needs a model of classes.*predict_interval"):
        regressor.predict_set(np.zeros((1, 3)))
    labels = np.random.default_rng(0).integers(0, 2, (60, 3))
    several = tn.MLPClassifier(**QUICK, n_networks=1).fit(np.random.default_rng(1).normal(size=(60, 3)), labels)
    with pytest.raises(InputError, match="one label for each row"):
        several.predict_set(np.zeros((1, 3)))


def test_the_threshold_is_the_smallest_that_reaches_the_coverage():
    scores = np.random.default_rng(0).permutation(99).astype(float)
    for coverage in (0.05, 0.5, 0.9, 0.99):
        found = conformal_quantile(scores, coverage)
        assert np.sum(scores <= found) >= coverage * 100 > np.sum(scores < found)
    assert [min_calibration_rows(share) for share in (0.5, 0.8, 0.9, 0.95)] == [1, 4, 9, 19]
    with pytest.raises(InputError, match=r"coverage is 0.9, which needs 9 validation rows, but there are 8"):
        conformal_quantile(np.arange(8.0), 0.9)


def test_a_weighted_threshold_is_the_least_score_that_reaches_its_share_of_the_weights():
    rng = np.random.default_rng(0)
    for coverage in (0.05, 0.5, 0.9, 0.97):
        scores, weights = rng.permutation(99).astype(np.float32), rng.exponential(size=99)
        found, enough = (
            conformal_quantile(scores, coverage, weights=weights),
            coverage * (weights.sum() + weights.mean()),
        )
        assert weights[scores <= found].sum() >= enough > weights[scores < found].sum()
        assert conformal_quantile(scores, coverage, weights=np.full(99, 0.3)) == conformal_quantile(scores, coverage)
    with pytest.raises(InputError, match=r"coverage is 0.9, which needs 9 validation rows, but there are 8"):
        conformal_quantile(np.arange(8.0), 0.9, weights=np.arange(1.0, 9.0))


@pytest.mark.parametrize("aside", [{}, {"early_stopping": False}])
def test_with_row_weights_the_coverage_is_that_of_the_represented_rows(aside, tmp_path):
    rng = np.random.default_rng(0)

    def drawn(rows):  # a hidden half is noisy, and stands for nine times as many
        X, noisy = rng.normal(size=(rows, 2)), rng.random(rows) < 0.5
        return X, X[:, 0] + np.where(noisy, 2, 0.4) * rng.normal(size=rows), np.where(noisy, 9.0, 1.0)

    X, y, weights = drawn(4000)
    test, truth, population = drawn(4000)
    model = tn.MLPRegressor(**QUICK, **aside, n_networks=1).fit(X, y, weights)
    plain = tn.MLPRegressor(**QUICK, **aside, n_networks=1).fit(X, y)
    (low, high), (plain_low, plain_high) = model.predict_interval(test).T, plain.predict_interval(test).T
    held, plainly = (low <= truth) & (truth <= high), (plain_low <= truth) & (truth <= plain_high)
    assert 0.86 < np.average(held, weights=population) < 0.94
    assert 0.86 < plainly.mean() < 0.94
    assert np.average(plainly, weights=population) < 0.85
    model.save(tmp_path / "m.tidynet")
    assert np.array_equal(tn.load(tmp_path / "m.tidynet").predict_interval(test), model.predict_interval(test))
    given = plain.conformalize(test, truth, population).predict_interval(X)
    assert (np.ptp(given, axis=1) > np.ptp(model.predict_interval(X), axis=1).min()).all()


def test_weights_of_classes_make_no_class_more_frequent(tmp_path):
    X, y = classes_of(np.random.default_rng(0), 400)
    by_class = tn.MLPClassifier(**QUICK, n_networks=1, class_weight="balanced").fit(X, y)
    assert by_class._uncertainty.scores.weights is None
    both = tn.MLPClassifier(**QUICK, n_networks=1, class_weight="balanced").fit(X, y, np.where(y == "low", 0.0, 2.0))
    assert set(both._uncertainty.scores.weights) == {2.0}
    assert len(both._uncertainty.scores.weights) == len(both._uncertainty.scores.scores)
    both.save(tmp_path / "m.tidynet")
    assert tn.load(tmp_path / "m.tidynet").predict_set(X, per_class=False) == both.predict_set(X)


def test_scores_are_the_probability_above():
    p = np.random.default_rng(0).dirichlet(np.ones(4), 20)
    direct = [[sum(q for q in row if q > own) for own in row] for row in p]
    np.testing.assert_allclose(class_conformity_scores(p), direct, atol=1e-12)


@pytest.mark.parametrize(
    ("n", "coverage", "rank"),
    [(10, 0.9, 10), (5, 0.8, 5), (20, 0.5, 11), (9, 0.9, 9), (39, 0.9, 36), (40, 0.9, 37), (99, 0.99, 99)],
)
def test_the_threshold_is_the_score_of_rank_ceil_n_plus_1_times_coverage(n, coverage, rank):
    scores = np.random.default_rng(n).permutation(np.arange(1.0, n + 1))
    assert conformal_quantile(scores, coverage) == rank
    assert conformal_quantile(scores, coverage, weights=np.full(n, 3.0)) == rank
