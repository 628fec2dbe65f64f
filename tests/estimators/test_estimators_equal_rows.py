"""Rows that were repeated lie in one fold; rows that are equal by coincidence do not count as repeated."""

import numpy as np
import pandas as pd
import pytest

import tidynet as tn
from tidynet.estimators.equal_rows import groups_of_equal_rows
from tidynet.estimators.input_validation import validate_input
from tidynet.estimators.uncertainty import TrainingData

RNG = np.random.default_rng(0)
FLOATS = RNG.normal(size=(400, 3))
WHOLE = np.column_stack([RNG.integers(20, 80, 400), RNG.integers(90, 180, 400), RNG.integers(100, 400, 400)])
LABELS = np.where(FLOATS[:, 0] + RNG.normal(size=400) > 1.5, "rare", "common")
NUMBERS = FLOATS[:, 0] + 0.1 * RNG.normal(size=400)


def groups(X, y):
    return groups_of_equal_rows(TrainingData(validate_input(X), np.asarray(y)))


def frame(X):
    return pd.DataFrame(X, columns=list("abc"))


def oversampled(labels):
    rare = np.flatnonzero(labels == "rare")
    return np.r_[np.flatnonzero(labels == "common"), np.random.default_rng(1).choice(rare, 300)]


@pytest.mark.parametrize(
    ("X", "y"),
    [
        (frame(FLOATS).iloc[oversampled(LABELS)], LABELS[oversampled(LABELS)]),
        (FLOATS[oversampled(LABELS)], LABELS[oversampled(LABELS)]),
        (frame(WHOLE).iloc[oversampled(LABELS)], LABELS[oversampled(LABELS)]),
        (pd.concat([frame(FLOATS)] * 2), np.tile(NUMBERS, 2)),
        (pd.concat([frame(FLOATS), frame(FLOATS[:50])]), np.r_[NUMBERS, NUMBERS[:50]]),
        (frame(FLOATS).assign(d="u").iloc[np.tile(np.arange(400), 3)], np.tile(LABELS, 3)),
        (frame(FLOATS).mask(FLOATS > 1).iloc[np.tile(np.arange(400), 2)], np.tile(LABELS, 2)),
        (np.tile(FLOATS, (2, 1)), np.tile(FLOATS[:, :2], (2, 1))),
    ],
    ids=["oversampled", "array", "whole numbers", "stacked", "stacked in part", "joined", "missing", "two targets"],
)
def test_repeated_rows_share_a_group(X, y):
    found = groups(X, y)
    assert found is not None
    keys = pd.DataFrame(X).map(str).agg("|".join, axis=1).to_numpy()
    assert pd.DataFrame({"key": keys, "group": found}).drop_duplicates().shape[0] == len(set(keys)) == len(set(found))


@pytest.mark.parametrize(
    ("X", "y"),
    [
        (FLOATS, LABELS),
        (pd.DataFrame({"a": RNG.integers(0, 3, 600), "b": RNG.integers(0, 4, 600)}), RNG.integers(0, 2, 600)),
        (pd.DataFrame({"a": RNG.integers(0, 6, 900), "b": RNG.integers(0, 6, 900)}), RNG.normal(size=900)),
        (pd.DataFrame({"a": np.arange(600) % 10}), np.arange(600) % 10.0),
        (np.repeat(FLOATS[:60], 5, axis=0), RNG.normal(size=300)),
        (np.repeat(FLOATS[:60], 5, axis=0), RNG.integers(0, 2, 300)),
        (pd.DataFrame({"a": list("uv") * 100}), list("xy") * 100),
    ],
    ids=["distinct", "coarse", "coarse grid", "ten values", "own numbers", "own classes", "two values"],
)
def test_rows_that_are_equal_by_coincidence_stay_apart(X, y):
    assert groups(X, y) is None


def test_groups_of_the_user_stay():
    own = np.arange(800) // 4
    data = TrainingData(validate_input(np.tile(FLOATS, (2, 1))), np.tile(NUMBERS, 2), groups=own)
    assert groups_of_equal_rows(data) is own


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("choices", [{}, {"n_networks": 1}, {"validation_fraction": 0.2}, {"preset": "scikit-learn"}])
def test_no_row_is_in_training_and_validation(choices, weighted):
    X, y = np.tile(FLOATS, (2, 1)), np.tile(NUMBERS, 2)
    settings = {"random_state": 0, "max_iter": 2, "n_networks": 3, "hidden_layer_sizes": (8,), "early_stopping": True}
    settings |= {"preset": "tidynet"} | choices
    if settings["preset"] == "scikit-learn":
        settings["n_networks"] = 1
    weights = np.ones(800) if weighted else None
    model = tn.MLPRegressor(**settings).fit(X, y, sample_weight=weights)
    for fold in model.folds_:
        assert not set(fold % 400) & set(np.delete(np.arange(800), fold) % 400)
    assert model.n_validation_rows_ % 2 == 0


def test_sets_hold_a_class_whose_rows_were_repeated():
    rng = np.random.default_rng(7)
    X = rng.normal(size=(6000, 3))
    y = np.where(X[:, 0] + 1.2 * rng.normal(size=6000) > 2.2, "rare", "common")
    rows = oversampled(y[:1000])
    model = tn.MLPClassifier(random_state=0, effort="fast", max_iter=20).fit(frame(X).iloc[rows], y[rows])
    sets = model.predict_set(frame(X)[1000:], 0.9, per_class=True)
    held = [label in one for label, one in zip(y[1000:], sets, strict=True) if label == "rare"]
    assert np.mean(held) > 0.82


def test_intervals_hold_numbers_whose_rows_were_repeated():
    rng = np.random.default_rng(2)
    X = rng.normal(size=(3000, 3))
    y = X[:, 0] + rng.normal(size=3000)
    rows = np.tile(np.arange(150), 8)
    model = tn.MLPRegressor(random_state=0, effort="fast", max_iter=30).fit(frame(X).iloc[rows], y[rows])
    low, high = model.predict_interval(frame(X)[1000:], 0.9).T
    assert np.mean((low <= y[1000:]) & (y[1000:] <= high)) > 0.83
