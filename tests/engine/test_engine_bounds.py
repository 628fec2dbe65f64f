"""What training refuses, and what stands when its loss leaves all bounds."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.neural_network import MLPRegressor

from tidynet.core.errors import InputError
from tidynet.engine import (
    CustomLoss,
    Inputs,
    Network,
    Penalties,
    ScheduleOptions,
    StopReason,
    TrainingConfig,
    learning_rate_range,
    minimize_lbfgs,
    prepare_data,
    train,
)
from tidynet.engine import kernel_cache as compilation
from tidynet.engine.checkpoint import Checkpoint
from tidynet.engine.data import mean_loss

RNG = np.random.default_rng(0)
X = RNG.normal(size=(96, 3))
Y = X @ [1.0, -2.0, 0.5] + 2
LINE = Network(numbers=3, hidden=(), outputs=1)


@np.errstate(over="ignore")
def squares(y, predicted):
    return 0.5 * ((y - predicted) ** 2).sum(axis=1)


SQUARE = CustomLoss(squares, lambda y, p: p - y)


def data_of(network=LINE, X=X, y=Y, dtype=np.float64):
    return prepare_data(network, Inputs.of(X, dtype=dtype), y)


def start_of(network=LINE):
    return network.initial_parameters(1, dtype=np.float64)


def message_of(call):
    with pytest.raises(InputError) as caught:
        call()
    return str(caught.value)


# Divergence ---------------------------------------------------------------------------------


@pytest.mark.parametrize("watched", [False, True])
@pytest.mark.parametrize("others", [{}, {"ema_decay": 0.9}, {"stopping_criterion": "score"}, {"custom_loss": SQUARE}])
@pytest.mark.parametrize(("hidden", "rate"), [((8, 8), 10.0), ((8, 8), 1.0), ((), 3.0), ((), 30.0)])
def test_weights_that_stand_after_divergence_are_no_worse_than_the_start(hidden, rate, others, watched):
    network = replace(LINE, hidden=hidden, activations=("relu",) * len(hidden))
    data = data_of(network, y=100 * Y)
    plan = TrainingConfig("sgd", learning_rate=rate, epochs=60, batch_size=16, patience=99, **others)
    trained = train(network, start_of(network), data, plan, data if watched else None)
    assert trained.history.notes
    assert mean_loss(network, trained.theta, data) <= mean_loss(network, start_of(network), data)


def test_the_initial_weights_stand_where_no_epoch_was_better():
    network = replace(LINE, hidden=(8, 8), activations=("relu", "relu"))
    trained = train(network, start_of(network), data_of(network), TrainingConfig("sgd", learning_rate=1e5, epochs=60))
    assert trained.history.divergences[0].restarted_from == "initial"
    np.testing.assert_array_equal(trained.theta, start_of(network))


def test_a_loss_that_grows_beyond_bounds_but_stays_finite_ends_training():
    plan = TrainingConfig("gradient_descent", learning_rate=2.5, epochs=100, patience=99)
    trained = train(LINE, start_of(), data_of(), plan)
    losses = [record.training_loss for record in trained.history.epochs]
    (event,) = trained.history.divergences
    assert event.limit < event.loss < np.inf
    assert f"({event.loss:.3g}, more than a million times the first)" in trained.history.notes[0]
    assert max(losses) < 1e9 * losses[0]
    assert trained.history.stop_reason is StopReason.MAX_EPOCHS
    assert losses[-1] < 1e-3


def test_a_first_epoch_that_explodes_is_noticed_though_it_stays_finite():
    plan = TrainingConfig("sgd", learning_rate=8.0, epochs=1, batch_size=8)
    trained = train(LINE, start_of(), data_of(), plan)
    assert 1e7 < trained.history.epochs[0].training_loss < np.inf
    np.testing.assert_array_equal(trained.theta, start_of())


def test_large_targets_are_no_divergence():
    y = Y.copy()
    y[40] = 1e9
    trained = train(LINE, start_of(), data_of(y=y), TrainingConfig("sgd", learning_rate=0.01, epochs=5, batch_size=8))
    assert trained.history.epochs[0].training_loss > 1e12
    assert not trained.history.notes
    assert trained.history.stop_reason is StopReason.MAX_EPOCHS


# The adaptive schedule ----------------------------------------------------------------------


@pytest.mark.parametrize("drop", [0.2, 0.5])
def test_adaptive_drops_by_the_given_factor(drop):
    plan = TrainingConfig(
        "gradient_descent", learning_rate=0.1, schedule="adaptive", schedule_options=ScheduleOptions(decay_factor=drop),
        epochs=300, patience=2, min_delta=1e-3,
    )  # fmt: skip
    rates = {record.learning_rate for record in train(LINE, start_of(), data_of(), plan).history.epochs}
    np.testing.assert_allclose(sorted(rates, reverse=True), 0.1 * drop ** np.arange(len(rates)))
    assert len(rates) > 3


@pytest.mark.parametrize("rate", [0.2, 0.03, 3e-6])
def test_adaptive_ends_in_the_same_epoch_as_scikit_learn(rate):
    shared = {
        "hidden_layer_sizes": (4,), "activation": "tanh", "solver": "sgd", "learning_rate": "adaptive", "alpha": 0,
        "momentum": 0, "batch_size": len(X), "shuffle": False, "tol": 1e-3, "n_iter_no_change": 3, "random_state": 0,
    }  # fmt: skip
    with pytest.warns(UserWarning, match="Maximum iterations"):
        start = MLPRegressor(**shared, max_iter=1, learning_rate_init=1e-300).fit(X, Y)
    theirs = MLPRegressor(**shared, max_iter=2000, learning_rate_init=rate).fit(X, Y)
    network = replace(LINE, hidden=(4,), activations=("tanh",))
    theta = network.flatten(list(zip(start.coefs_, start.intercepts_, strict=True)), np.float64)
    plan = TrainingConfig(
        "sgd", learning_rate=rate, schedule="adaptive", epochs=2000, batch_size=len(X), patience=4, min_delta=1e-3
    )
    history = train(network, theta, data_of(network), plan).history
    assert len(history) == theirs.n_iter_
    np.testing.assert_allclose([record.training_loss for record in history.epochs], theirs.loss_curve_, rtol=1e-8)
    assert history.stop_reason is StopReason.MIN_LEARNING_RATE


# L-BFGS -------------------------------------------------------------------------------------


def test_train_by_lbfgs_is_minimize_lbfgs():
    network = replace(LINE, hidden=(4,), activations=("tanh",))
    data, plan, records = data_of(network), TrainingConfig("lbfgs", epochs=20), []
    trained = train(network, start_of(network), data, plan, data, records.append)
    np.testing.assert_array_equal(trained.theta, minimize_lbfgs(network, start_of(network), data, plan).theta)
    assert records == trained.history.epochs
    for record in records:
        assert record.seconds_left == pytest.approx(record.seconds / record.epoch * (20 - record.epoch))
        assert record.rows_per_second == pytest.approx(data.inputs.rows * record.epoch / record.seconds)
    assert train(LINE, start_of(), data_of(), plan).theta == pytest.approx([1, -2, 0.5, 2], abs=1e-3)


@pytest.mark.parametrize(
    ("name", "plan"),
    [
        ("custom_loss", {"custom_loss": SQUARE}), ("dropout", {"dropout": (0.1,)}), ("gradient_clip_norm", {"clip_norm": 1.0}),
        ("ema_decay", {"ema_decay": 0.9}), ("decay", {"penalties": Penalties(decay=0.1)}),
        ("max_norm", {"penalties": Penalties(max_norm=1.0)}),
    ],
)  # fmt: skip
def test_what_lbfgs_does_not_do_is_refused(name, plan):
    assert message_of(lambda: train(LINE, start_of(), data_of(), TrainingConfig("lbfgs", **plan))) == (
        f"L-BFGS does not support '{name}'; remove the option, or choose another optimizer"
    )


def test_lbfgs_has_no_state_to_go_on_from(tmp_path):
    trained = train(LINE, start_of(), data_of(), TrainingConfig(epochs=1))
    for name, more in (("go_on", {"go_on": trained}), ("checkpoint_path", {"checkpoint": Checkpoint(tmp_path / "a")})):
        assert f"'{name}'" in message_of(
            lambda more=more: train(LINE, start_of(), data_of(), TrainingConfig("lbfgs"), **more)
        )


# What does not fit --------------------------------------------------------------------------

WIDER = Network(numbers=4, hidden=(), outputs=1)
CLASSES = Network(numbers=3, hidden=(), outputs=3, output_activation="softmax", loss="cross_entropy")


@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
@pytest.mark.parametrize(
    ("theta", "data", "validation", "message"),
    [
        (np.zeros(5), data_of(), None, "θ has shape (5,), expected (4,) for this network"),
        (np.zeros((4, 1)), data_of(), None, "θ has shape (4, 1), expected (4,) for this network"),
        (
            np.zeros(4, np.float32), data_of(), None,
            "θ holds float32 and the training inputs float64, expected the same type; "
            "make both float32 or both float64",
        ),
        (
            np.zeros(4), data_of(), data_of(dtype=np.float32),
            "θ holds float64 and the validation inputs float32, expected the same type; "
            "make both float32 or both float64",
        ),
        (
            np.zeros(4), data_of(), data_of(WIDER, np.ones((96, 4))),
            "the inputs have 4 numbers, 0 bins, 0 fractions and 0 codes per row, expected 3, 0, 0 and 0",
        ),
        (
            np.zeros(4), data_of(replace(LINE, outputs=2), y=np.ones((96, 2))), None,
            "2 targets do not fit 1 output units with the loss 'squared_error'",
        ),
        (
            np.zeros(4), data_of(CLASSES, y=np.zeros(96, int)), None,
            "the training data have 96 rows of inputs and 0 targets for the loss 'squared_error', expected equal numbers; "
            "prepare the data for this network",
        ),
    ],
)  # fmt: skip
def test_weights_and_records_of_another_network_are_refused(theta, data, validation, message, optimizer):
    assert message_of(lambda: train(LINE, theta, data, TrainingConfig(optimizer, epochs=1), validation)) == message


def test_levels_beyond_the_network_are_refused():
    codes = Inputs.of(codes=np.arange(6)[:, None], dtype=np.float64)
    data = prepare_data(Network(0, (), 1, categories=(6,)), codes, np.ones(6))
    network = Network(0, (), 1, categories=(5,))
    assert message_of(lambda: train(network, start_of(network), data, TrainingConfig())) == (
        "the codes of column 0 are 0 to 5, expected -1 to 4"
    )


@pytest.mark.parametrize("dropout", [(0.1, 0.2), (0.5, 0.0, 0.0)])
def test_dropout_has_a_fraction_for_each_layer(dropout):
    assert message_of(lambda: train(LINE, start_of(), data_of(), TrainingConfig(dropout=dropout))) == (
        f"dropout has {len(dropout)} fraction{'s' * (len(dropout) > 1)}, expected 1; "
        "give one for the inputs and one for each hidden layer"
    )


def test_weights_that_are_all_zero_are_refused():
    assert message_of(lambda: prepare_data(LINE, Inputs.of(X), Y, np.zeros(96))) == (
        "the row weights are all 0, expected at least one above 0"
    )


def test_range_in_which_every_rate_diverges_suggests_none():
    plan = TrainingConfig("sgd", batch_size=4)
    found = learning_rate_range(LINE, start_of(), data_of(), plan, lowest=1e3, highest=1e5, points=3)
    assert np.isnan(found.losses).all()
    assert message_of(lambda: found.suggested_rate) == (
        "the loss diverged with every learning rate from 1000 to 100000; try lower rates, or scale inputs and targets"
    )


# Checkpoints and compilation ----------------------------------------------------------------


def test_a_checkpoint_is_taken_up_with_another_time_limit(tmp_path):
    checkpoint, plan = (
        Checkpoint(tmp_path / "training.npz", epochs=1),
        TrainingConfig("sgd", learning_rate=0.01, epochs=9),
    )
    train(LINE, start_of(), data_of(), replace(plan, time_limit=1e-9), checkpoint=checkpoint)
    resumed = train(LINE, start_of(), data_of(), plan, checkpoint=checkpoint)
    np.testing.assert_array_equal(resumed.theta, train(LINE, start_of(), data_of(), plan).theta)


def test_the_engine_is_imported_where_numba_does_not_compile():
    code = "from tidynet.engine.train_network import is_compiled; print(is_compiled())"
    source = str(Path(compilation.__file__).parents[2])
    child = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False,
        env={**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": source},
    )  # fmt: skip
    assert (child.stdout, child.stderr) == ("False\n", "")
