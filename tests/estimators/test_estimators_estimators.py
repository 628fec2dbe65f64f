"""The estimators on real and made tables, as scikit-learn's users expect them."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import tidynet as tn
from tidynet.core.errors import InputError

QUICK = {"random_state": 0, "max_iter": 25, "n_networks": 1, "hidden_layer_sizes": (16,), "preset": "tidynet"}


@pytest.fixture(scope="module")
def penguins():
    return tn.read("penguins")


@pytest.fixture(scope="module")
def model(penguins):
    return tn.MLPClassifier(**QUICK).fit(penguins.drop(target="species"), penguins["species"])


def test_mixed_table_with_missing_values_is_trained(penguins, model):
    assert model.classes_.tolist() == ["Adelie", "Chinstrap", "Gentoo"]
    assert model.n_features_in_ == 7
    assert model.feature_names_in_.tolist() == penguins.drop("species").columns
    probability = model.predict_proba(penguins.frame)
    np.testing.assert_allclose(probability.sum(axis=1), 1)
    assert model.score(penguins.frame.drop("species"), penguins["species"].to_list()) > 0.95


@pytest.mark.parametrize("convert", [lambda f: f.to_pandas(), lambda f: f.to_arrow(), lambda f: f.lazy(), lambda f: f])
def test_any_frame_gives_the_same_predictions(penguins, model, convert):
    frame = penguins.frame.drop("species")
    np.testing.assert_array_equal(model.predict_proba(convert(frame)), model.predict_proba(frame))


def test_fitting_on_pandas_equals_fitting_on_polars(penguins):
    frame, y = penguins.frame.drop("species"), penguins["species"].to_list()
    first = tn.MLPClassifier(**QUICK).fit(frame, y).predict_proba(frame)
    second = tn.MLPClassifier(**QUICK).fit(frame.to_pandas(), pd.Series(y)).predict_proba(frame)
    np.testing.assert_array_equal(first, second)


def test_arrays_lists_and_integer_labels():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 2))
    y = np.where(X[:, 0] > 0, 7, 3)
    model = tn.MLPClassifier(**QUICK).fit(X.tolist(), y.tolist())
    assert model.classes_.tolist() == [3, 7]
    assert not hasattr(model, "feature_names_in_")
    assert (model.predict(X) == y).mean() > 0.9


def test_regression_is_in_the_targets_own_units():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 3))
    y = 1000 + 50 * X[:, 0] - 20 * X[:, 1] ** 2
    model = tn.MLPRegressor(random_state=0, preset="tidynet").fit(X, y)
    assert model.score(X, y) > 0.95
    both = tn.MLPRegressor(**QUICK).fit(X, np.column_stack([y, -y]))
    assert both.predict(X).shape == (400, 2)
    assert both.n_outputs_ == 2


def test_scikit_learns_tools_work():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(150, 3))
    y = (X.sum(axis=1) > 0).astype(int)
    model = tn.MLPClassifier(**QUICK)
    assert clone(model).get_params() == model.get_params()
    assert cross_val_score(model, X, y, cv=3).mean() > 0.6
    pipeline = make_pipeline(StandardScaler(), model).fit(X, y)
    assert pipeline.score(X, y) > 0.6
    search = GridSearchCV(model, {"hidden_layer_sizes": [(4,), (16,)]}, cv=2).fit(X, y)
    assert search.best_score_ > 0.6


def test_one_seed_one_network_whatever_the_threads(penguins):
    X, y = penguins.drop(target="species"), penguins["species"]
    found = [
        tn.MLPClassifier(random_state=3, max_iter=10, n_networks=3, n_jobs=threads).fit(X, y).predict_proba(X)
        for threads in (1, 2, 4)
    ]
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[0], found[2])
    other = tn.MLPClassifier(random_state=4, max_iter=10, n_networks=3).fit(X, y).predict_proba(X)
    assert not np.array_equal(found[0], other)


def test_restarts_are_averaged(penguins):
    X, y = penguins.drop(target="species"), penguins["species"]
    model = tn.MLPClassifier(random_state=0, max_iter=10, n_networks=3).fit(X, y)
    assert len(model.members_) == len(model.histories_) == 3
    single = [network.predict_proba(X) for network in model.single_networks()]
    np.testing.assert_allclose(model.predict_proba(X), np.mean(single, axis=0), rtol=1e-6)


def test_sample_weights_move_the_boundary():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(300, 1)), rng.integers(0, 2, 300)
    heavy = tn.MLPClassifier(**QUICK).fit(X, y, sample_weight=np.where(y == 1, 20.0, 1.0))
    assert heavy.predict_proba(X)[:, 1].mean() > 0.8


def test_ctrl_c_keeps_the_best_weights(penguins):
    def press(restart, record):
        if record.epoch == 3:
            raise KeyboardInterrupt

    model = tn.MLPClassifier(**QUICK).fit(penguins.drop("species"), penguins["species"], on_event=press)
    assert model.interrupted_
    assert len(model.history_) == 3


def test_request_to_stop_ends_all_restarts(penguins):
    model = tn.MLPClassifier(random_state=0, n_networks=3, max_iter=10_000, n_iter_no_change=10_000).fit(
        penguins.drop("species"), penguins["species"], stop=lambda: True
    )
    assert {len(history) for history in model.histories_} == {1}


def test_zero_hidden_layers_is_a_logistic_unit():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(100, 2))
    y = (X[:, 0] > 0).astype(int)
    model = tn.MLPClassifier((), random_state=0, preset="tidynet", n_networks=1, n_bins=0, dropout=0.0).fit(X, y)
    assert model.network_.hidden == ()
    assert model.score(X, y) > 0.9


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: tn.MLPClassifier().fit([[1.0]] * 3, [1, 2]), "there are 3 rows of features and 2 of the target, expected as many"),
        (lambda: tn.MLPClassifier().fit([[1.0]] * 4, [1, 2, None, 1]), "the target y is missing (NaN) in 1 of 4 rows (first row 3); drop those rows before fit"),
        (lambda: tn.MLPRegressor().fit([[1.0]] * 3, ["a", "b", "c"]), "the target y contains 'a', expected numbers; use MLPClassifier for classes"),
        (lambda: tn.MLPRegressor(n_networks=0).fit([[1.0]] * 30, range(30)), "n_networks is 0, expected a whole number above 0"),
        (lambda: tn.MLPRegressor(activation="rellu").fit([[1.0], [2.0]] * 30, range(60)), "the activation 'rellu' is unknown; did you mean 'relu'?"),
        (lambda: tn.MLPRegressor(**QUICK).fit([[1.0], [2.0]] * 30, range(60)).predict([[1.0, 2.0]]), "X has 2 features, but MLPRegressor is expecting 1 features as input"),
    ],
)  # fmt: skip
def test_mistakes_are_one_clear_sentence(call, message):
    with pytest.raises(InputError) as caught:
        call()
    assert str(caught.value) == message


def test_prediction_needs_a_fit():
    with pytest.raises(NotFittedError):
        tn.MLPClassifier().predict(pl.DataFrame({"x": [1.0]}))


def test_checkpoints_are_taken_up_and_removed_at_the_end(penguins, tmp_path):
    X, y = penguins.drop("species"), penguins["species"]
    settings = {**QUICK, "n_networks": 2, "max_iter": 40, "early_stopping": False}
    expected = tn.MLPClassifier(**settings).fit(X, y)
    path = tmp_path / "state"

    def fall(restart, record):
        if record.epoch == 20:
            raise RuntimeError("the power went")

    with pytest.raises(RuntimeError, match="the power went"):
        tn.MLPClassifier(**settings, checkpoint_path=path, checkpoint_seconds=0.0).fit(X, y, on_event=fall)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["state.0", "state.1"]
    resumed = tn.MLPClassifier(**settings, checkpoint_path=path, checkpoint_seconds=0.0).fit(X, y)
    for mine, other in zip(resumed.members_, expected.members_, strict=True):
        np.testing.assert_array_equal(mine, other)
    assert not list(tmp_path.iterdir())


def test_ctrl_c_drops_networks_that_were_cut_short_early():
    from tidynet.engine import EpochRecord, History, StopReason, TrainingResult, TrainingStop
    from tidynet.estimators.ensemble import without_undertrained

    def one(loss):
        record = EpochRecord(1, 1.0, loss, 0.1, 1.0, 1.0, 1.0, 1.0, True)
        return TrainingResult(np.zeros(1), History([record], TrainingStop(StopReason.STOP_REQUESTED, 1)), None)

    assert [
        found.history.epochs[0].validation_loss for found in without_undertrained([one(0.5), one(0.54), one(3.0)])
    ] == [0.5, 0.54]


def test_pyarrow_features_and_target(penguins):
    frame = penguins.frame.to_arrow()
    model = tn.MLPClassifier(**QUICK).fit(frame.drop_columns(["species"]), frame["species"])
    assert model.classes_.tolist() == ["Adelie", "Chinstrap", "Gentoo"]


def test_a_rows_prediction_depends_on_the_others_by_rounding_alone(penguins, model):
    frame = penguins.frame.drop("species")
    whole = model.predict_proba(frame)
    for rows in (slice(0, 1), slice(5, 12), slice(100, 300)):
        np.testing.assert_allclose(model.predict_proba(frame[rows]), whole[rows], rtol=1e-5, atol=1e-7)
