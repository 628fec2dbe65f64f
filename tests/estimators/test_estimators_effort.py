"""What "auto" comes to: effort, folds, quantiles beside the mean."""

import time

import numpy as np
import pytest

import tidynet as tn
from tidynet.core.errors import InputError
from tidynet.estimators.parameters import EFFORT_PRESETS
from tidynet.estimators.training_settings import describe_settings, resolve_settings
from tidynet.workflow.options import EFFORTS

SMALL = {"random_state": 0, "max_iter": 6, "hidden_layer_sizes": (8,), "preset": "tidynet", "batch_size": 32}


def problem(rows=200, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(rows, 3))
    return X, X[:, 0] - 2 * X[:, 1] ** 2 + 0.1 * rng.normal(size=rows)


def test_more_effort_is_more_networks():
    networks = [
        resolve_settings({"effort": effort}, "tidynet", 5_000).n_networks for effort in ("fast", "balanced", "best")
    ]
    assert networks == sorted(set(networks))
    assert tuple(EFFORT_PRESETS) == EFFORTS  # the command must not load what the estimators need


def test_an_unknown_effort_is_named():
    with pytest.raises(InputError) as raised:
        tn.MLPRegressor(**SMALL, effort="bset").fit(*problem())
    assert str(raised.value) == "effort is 'bset', expected 'fast', 'balanced' or 'best'; did you mean 'best'?"


@pytest.mark.parametrize(
    ("given", "folds"),
    [
        ({"n_networks": 4}, 4),
        ({"n_networks": 1}, 0),
        ({"n_networks": 3, "validation_folds": 2}, 2),
        ({"n_networks": 4, "validation_fraction": 0.2}, 0),
        ({"n_networks": 4, "ensemble": "best"}, 0),
        ({"n_networks": 4, "early_stopping": False}, 0),
    ],
)
def test_folds_are_dealt_where_networks_may_watch_different_rows(given, folds):
    assert resolve_settings(given, "tidynet", 5_000).validation_folds == folds


def test_few_rows_have_no_folds():
    assert resolve_settings({}, "tidynet", 30).validation_folds == 0


@pytest.mark.parametrize(
    ("rows", "quantities", "bins"),
    [(20_000, 10, 32), (900, 10, 4), (2_400, 100, 12), (2_400, 600, 0), (60, 10, 0), (2_400, 0, 32)],
)
def test_bins_grow_fewer_where_rows_are_few_or_columns_many(rows, quantities, bins):
    assert resolve_settings({}, "tidynet", rows, quantities).n_bins == bins
    assert resolve_settings({"n_bins": 7}, "tidynet", rows, quantities).n_bins == 7


def test_only_quantities_share_the_rows_among_their_bins():
    rng = np.random.default_rng(0)
    table = {f"x{place}": rng.normal(size=200) for place in range(20)}
    table |= {"place": rng.choice(["north", "south"], 200)}
    model = tn.MLPClassifier(random_state=0, max_iter=2, n_networks=1).fit(table, table["x0"] > 0)
    assert model.settings_.n_bins == 5 - 1
    table |= {f"z{place}": rng.normal(size=200) for place in range(20)}
    assert tn.MLPClassifier(random_state=0, max_iter=2, n_networks=1).fit(table, table["x0"] > 0).settings_.n_bins == 0


def test_the_line_says_what_was_chosen():
    assert describe_settings(
        resolve_settings({"n_networks": 1, "hidden_layer_sizes": (), "max_iter": 7}, "tidynet", 900), 900
    ) == ("effort balanced: 1 network of no hidden layer; 900 rows in batches of 32 for at most 7 epochs")


def test_every_row_is_watched_by_one_network_and_taught_to_the_others():
    X, y = problem()
    model = tn.MLPRegressor(**SMALL, n_networks=4).fit(X, y)
    watched = np.concatenate(model.folds_)
    assert sorted(watched) == list(range(200))
    assert (model.n_training_rows_, model.n_validation_rows_) == (150, 50)
    assert all(record.validation_loss is not None for one in model.histories_ for record in one.epochs)


def test_a_network_learns_nothing_from_the_fold_that_it_watches():
    X, y = problem()
    options = {**SMALL, "n_networks": 2, "loss": "poisson", "n_iter_no_change": 99}  # a loss that scales no target
    counts = np.abs(y)
    changed = counts.copy()
    changed[tn.MLPRegressor(**options).fit(X, counts).folds_[0]] += 5.0
    before, after = (tn.MLPRegressor(**options).fit(X, target).histories_ for target in (counts, changed))
    losses = [[[record.training_loss for record in one.epochs] for one in histories] for histories in (before, after)]
    assert losses[0][0] == losses[1][0]
    assert losses[0][1] != losses[1][1]


def test_folds_hold_the_classes_in_equal_shares():
    X, y = problem(400)
    labels = np.where(y > np.quantile(y, 0.9), "rare", "common")
    model = tn.MLPClassifier(**SMALL, n_networks=5).fit(X, labels)
    assert [int((labels[fold] == "rare").sum()) for fold in model.folds_] == [8] * 5


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_threads_change_nothing_with_folds(threads):
    X, y = problem()
    expected = tn.MLPRegressor(**SMALL, n_networks=4, n_jobs=1).fit(X, y).predict(X)
    np.testing.assert_array_equal(tn.MLPRegressor(**SMALL, n_networks=4, n_jobs=threads).fit(X, y).predict(X), expected)


def test_quantiles_are_trained_beside_the_mean_and_saved(tmp_path):
    X, y = problem(600)
    options = {**SMALL, "max_iter": 40, "n_networks": 2}
    model = tn.MLPRegressor(**options, quantiles=(0.9, 0.1)).fit(X, y)
    np.testing.assert_array_equal(model.predict(X), tn.MLPRegressor(**options).fit(X, y).predict(X))
    low, high = model.predict_quantiles(X).T
    assert (low <= high).all()
    assert 0.6 < np.mean((low <= y) & (y <= high)) < 0.95
    model.save(tmp_path / "model.tidynet")
    loaded = tn.load(tmp_path / "model.tidynet")
    np.testing.assert_array_equal(loaded.predict_quantiles(X), model.predict_quantiles(X))
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))


def test_quantiles_that_were_not_asked_for_are_not_made_up():
    with pytest.raises(InputError) as raised:
        tn.MLPRegressor(**SMALL, n_networks=1).fit(*problem()).predict_quantiles(problem()[0])
    assert str(raised.value) == (
        "this model was trained without quantiles; pass their levels, as in quantiles=(0.05, 0.5, 0.95)"
    )


def test_networks_that_time_is_too_short_for_are_left_out_and_the_others_are_whole():
    X, y = problem()

    def linger(restart, record):
        if record.epoch == SMALL["max_iter"]:
            time.sleep(1.1)

    options = {**SMALL, "n_networks": 4, "n_jobs": 1, "n_iter_no_change": 99}
    hasty = tn.MLPRegressor(**options, time_limit=1.0).fit(X, y, on_event=linger)
    assert [len(history) for history in hasty.histories_] == [6]
    np.testing.assert_array_equal(hasty.members_[0], tn.MLPRegressor(**options).fit(X, y).members_[0])
