"""Values of early stopping, best weights, divergence and schedules, each against a plain loop in NumPy."""

import math
from dataclasses import replace

import numpy as np
import pytest

from tidynet.engine import (
    Inputs,
    Network,
    OptimizerOptions,
    ScheduleOptions,
    StopReason,
    TrainingConfig,
    prepare_data,
    train,
    trainer,
)
from tidynet.engine.learning_rate_schedules import ReduceOnPlateau, schedule_factors
from tidynet.engine.optimizers import optimizer

RNG = np.random.default_rng(0)
X = RNG.normal(size=(48, 3))
Y = X @ [1.0, -2.0, 0.5] + 2
LINE = Network(numbers=3, hidden=(), outputs=1)
START = LINE.initial_parameters(1, dtype=np.float64)


def data_of(X=X, y=Y):
    return prepare_data(LINE, Inputs.of(X, dtype=np.float64), y)


def loss_of(theta, X=X, y=Y):
    return float(np.mean(0.5 * (X @ theta[:3] + theta[3] - y) ** 2))


def gradient_of(theta, X=X, y=Y):
    error = X @ theta[:3] + theta[3] - y
    return np.append(X.T @ error, error.sum()) / len(y)


def full_batch(name="momentum", **others):
    return TrainingConfig(name, **{"batch_size": len(X), "patience": 10**6, "learning_rate": 0.1, **others})


def plain_run(name, rates, theta=START, options=None):
    """Weights after each step of an optimizer on all rows."""
    row = optimizer(name)
    state, thetas = np.zeros((row.n_vectors, theta.size)), [theta]
    for t, rate in enumerate(rates, 1):
        step = row.step(thetas[-1], gradient_of(thetas[-1]), state, rate, t, options or OptimizerOptions())
        thetas.append(thetas[-1] + step)
    return thetas


# Divergence ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["momentum", "nesterov"])
def test_the_optimizer_state_is_reset_after_divergence(name):
    """Training after a divergence equals a new training from the best weights with a tenth of the rate."""
    rate = 4.5
    config = full_batch(name, learning_rate=rate, epochs=60)
    history = train(LINE, START, data_of(), config, data_of()).history
    (event,) = history.divergences
    best = max((record.epoch for record in history.epochs[: event.epoch] if record.is_best), default=0)
    theta = START if event.restarted_from == "initial" else plain_run(name, [rate] * best)[-1]
    steps = 60 - event.epoch
    thetas = plain_run(name, [rate / 10] * steps, theta)
    found = [record.training_loss for record in history.epochs[event.epoch :]]
    np.testing.assert_allclose(found, [loss_of(item) for item in thetas[:-1]], rtol=1e-9)


def test_the_bias_correction_of_adam_counts_on_after_divergence():
    config = full_batch("adam", learning_rate=1e4, epochs=6)
    trained = train(LINE, START, data_of(), config)
    (event,) = trained.history.divergences
    state, theta, row = np.zeros((2, 4)), START, optimizer("adam")
    for t in range(event.epoch + 1, 7):
        theta = theta + row.step(theta, gradient_of(theta), state, 1e3, t, OptimizerOptions())
    np.testing.assert_allclose(trained.state.theta, theta, rtol=1e-9)


def test_the_moving_average_restarts_after_divergence():
    rate = 4.5
    config = full_batch("sgd", learning_rate=rate, epochs=40, ema_decay=0.5)
    trained = train(LINE, START, data_of(), config, data_of())
    (event,) = trained.history.divergences
    assert event.restarted_from == "initial"
    average, theta = START, START
    for _ in range(40 - event.epoch):
        theta = theta - rate / 10 * gradient_of(theta)
        average = average + 0.5 * (theta - average)
    np.testing.assert_allclose(trained.state.average, average, rtol=1e-9)


def test_training_restarts_from_the_best_weights_where_an_epoch_was_better_than_the_start():
    config = full_batch("sgd", learning_rate=20.0, schedule="one_cycle", epochs=60)
    history = train(LINE, START, data_of(), config, data_of()).history
    event = history.divergences[0]
    best = max(record.epoch for record in history.epochs[: event.epoch] if record.is_best)
    assert event.restarted_from == "best"
    lowest = history.epochs[best - 1].validation_loss
    assert lowest < loss_of(START)
    assert history.epochs[event.epoch].training_loss == pytest.approx(lowest, rel=1e-9)


def test_the_limit_of_divergence_is_a_million_times_the_first_loss():
    config = full_batch("sgd", learning_rate=3.0, epochs=100)
    history = train(LINE, START, data_of(), config).history
    losses = [loss_of(theta) for theta in plain_run("sgd", [3.0] * 100)]
    limit = trainer.DIVERGENCE_FACTOR * (losses[0] + 1)
    assert history.divergences[0].limit == pytest.approx(limit)
    assert history.divergences[0].epoch == 1 + int(np.argmax(np.array(losses) > limit))


# Early stopping and the best weights ----------------------------------------------------------

OTHER_X = np.random.default_rng(5).normal(size=(20, 3))
OTHER_Y = OTHER_X @ [0.6, -1.0, 0.2] + 1.5  # another target: its loss falls, then rises


def expected_stop(values, patience, min_delta):
    """(epochs, best epoch): waiting counts epochs without a gain of more than `min_delta` over the best."""
    best, best_epoch, waiting = math.inf, 0, 0
    for epoch, value in enumerate(values, 1):
        waiting = 0 if value < best - min_delta else waiting + 1
        if value < best:
            best, best_epoch = value, epoch
        if waiting >= patience:
            return epoch, best_epoch
    return len(values), best_epoch


@pytest.mark.parametrize("patience", [1, 2, 7])
@pytest.mark.parametrize("min_delta", [0.0, 0.01, 0.05])
def test_patience_counts_epochs_without_a_gain_above_min_delta(patience, min_delta):
    config = full_batch("sgd", epochs=200, patience=patience, min_delta=min_delta)
    trained = train(LINE, START, data_of(), config, data_of(OTHER_X, OTHER_Y))
    thetas = plain_run("sgd", [0.1] * 200)[1:]
    epochs, best = expected_stop([loss_of(item, OTHER_X, OTHER_Y) for item in thetas], patience, min_delta)
    assert (len(trained.history), trained.history.best_epoch) == (epochs, best)
    assert trained.history.stop_reason is StopReason.NO_IMPROVEMENT
    assert (trained.history.stop.epoch, trained.history.stop.limit) == (epochs, patience)
    np.testing.assert_allclose(trained.theta, thetas[best - 1], rtol=1e-10)
    kept = train(LINE, START, data_of(), replace(config, restore_best_weights=False), data_of(OTHER_X, OTHER_Y))
    np.testing.assert_allclose(kept.theta, thetas[epochs - 1], rtol=1e-10)


def test_the_score_is_maximized():
    config = full_batch("sgd", epochs=200, patience=4, stopping_criterion="score")
    trained = train(LINE, START, data_of(), config, data_of(OTHER_X, OTHER_Y))
    scores = [record.validation_score for record in trained.history.epochs]
    assert trained.history.best_epoch == int(np.argmax(scores)) + 1 == len(scores) - 4
    assert trained.history.stop.monitored == "validation_score"
    spread = ((OTHER_Y - OTHER_Y.mean()) ** 2).sum()
    theta = plain_run("sgd", [0.1] * 3)[-1]
    error = OTHER_Y - OTHER_X @ theta[:3] - theta[3]
    assert scores[2] == pytest.approx(1 - (error**2).sum() / spread)


def test_without_validation_rows_patience_applies_to_the_training_loss_and_the_last_weights_are_kept():
    config = full_batch("sgd", epochs=500, patience=3, min_delta=0.05)
    trained = train(LINE, START, data_of(), config)
    thetas = plain_run("sgd", [0.1] * 500)
    epochs, _ = expected_stop([loss_of(item) for item in thetas[:-1]], 3, 0.05)
    assert len(trained.history) == epochs
    assert trained.history.stop.monitored == "training_loss"
    np.testing.assert_allclose(trained.theta, thetas[epochs], rtol=1e-10)


def test_equal_values_are_no_improvement():
    constant = prepare_data(LINE, Inputs.of(np.zeros((4, 3)), dtype=np.float64), np.zeros(4))
    trained = train(LINE, np.zeros(4), constant, full_batch("sgd", epochs=50, patience=2), constant)
    assert (len(trained.history), trained.history.best_epoch) == (3, 1)


def test_all_epochs_end_with_the_number_of_epochs():
    stop = train(LINE, START, data_of(), full_batch("sgd", epochs=7)).history.stop
    assert (stop.reason, stop.epoch, stop.limit) == (StopReason.MAX_EPOCHS, 7, 7)
    assert stop.reason.is_limit
    assert not StopReason.NO_IMPROVEMENT.is_limit


# Schedules ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("constant", [1, 1, 1, 1, 1, 1]),
        ("inverse_scaling", [1, 1, 0.5**0.5, 0.5**0.5, 3**-0.5, 3**-0.5]),
        ("step", [1, 1, 1, 1, 0.2, 0.2]),
        ("exponential", [0.2 ** (k / 4) for k in range(6)]),
        ("cosine", [0.5 * r * (1 + math.cos(math.pi * k / 6)) for k, r in enumerate([1 / 3, 2 / 3, 1, 1, 1, 1])]),
        ("one_cycle", [0.04, 0.52, *[1e-4 + (1 - 1e-4) * 0.5 * (1 + math.cos(math.pi * k / 4)) for k in range(4)]]),
    ],
)
def test_values_of_every_schedule(name, expected):
    """Six steps, two in each epoch; drops every two epochs; warm-up over half of the steps."""
    options = ScheduleOptions(decay_epochs=2, warmup_fraction=0.5 if name == "cosine" else 1 / 3)
    np.testing.assert_allclose(schedule_factors(name, 0, 6, 6, 2, options), expected, rtol=1e-12)


def test_training_follows_its_schedule():
    config = full_batch("sgd", epochs=8, schedule="step", schedule_options=ScheduleOptions(0.5, 0.5, 3.0))
    trained = train(LINE, START, data_of(), config)
    rates = [0.1] * 3 + [0.05] * 3 + [0.025] * 2
    assert [record.learning_rate for record in trained.history.epochs] == pytest.approx(rates)
    np.testing.assert_allclose(trained.theta, plain_run("sgd", rates)[-1], rtol=1e-10)


def test_the_adaptive_schedule_ends_at_the_smallest_rate():
    config = full_batch("sgd", learning_rate=1e-6, schedule="adaptive", epochs=50, patience=1, min_delta=1.0)
    history = train(LINE, START, data_of(), config).history
    assert (len(history), history.stop_reason) == (2, StopReason.MIN_LEARNING_RATE)


def test_plateau_counts_from_the_last_drop():
    plateau = ReduceOnPlateau(patience=2, minimum_gain=0.1, decay_factor=0.5)
    values = [1.0, 1.0, 1.0, 1.0, 1.0, 0.95, 0.7, 0.71, 0.72, 0.5]
    assert [plateau.update(value) for value in values] == [
        False, False, True, False, True, False, False, False, True, False,
    ]  # fmt: skip
    assert plateau.factor == 0.125


# What the history records of each layer -------------------------------------------------------


def test_an_epoch_records_the_gradient_the_step_and_the_dead_units_of_each_layer():
    network = Network(numbers=3, hidden=(4,), outputs=1, activations=("relu",))
    start = network.initial_parameters(3, dtype=np.float64)
    (W1, b1), (W2, b2) = network.views(start)
    W1[:, 1], b1[1] = 0.0, -1.0  # a unit that no row activates
    data = prepare_data(network, Inputs.of(X, dtype=np.float64), Y)
    trained = train(network, start, data, full_batch("sgd", epochs=1), data)
    hidden = np.maximum(X @ W1 + b1, 0)
    error = (hidden @ W2 + b2).ravel() - Y
    delta = error[:, np.newaxis] * W2.T * (hidden > 0) / len(Y)
    gradients = [(X.T @ delta, delta.sum(axis=0)), (hidden.T @ error / len(Y), error.mean())]
    [record] = trained.history.epochs
    for layer, ((before, _), (after, _), (dW, db)) in enumerate(
        zip(network.views(start), network.views(trained.theta), gradients, strict=True)
    ):
        assert record.gradient_norms[layer] == pytest.approx(np.sqrt((dW**2).sum() + np.square(db).sum()))
        assert record.update_to_weight_ratios[layer] == pytest.approx(
            np.linalg.norm(after - before) / np.linalg.norm(after)
        )
    assert record.dead_units == ((hidden.max(axis=0) == 0).mean(),)
