"""Large networks in slices, and losses of the user's own."""

from dataclasses import replace

import numpy as np
import pytest
from numba import njit

import tidynet as tn
from tidynet.core.errors import InputError
from tidynet.engine import (
    CustomLoss,
    Inputs,
    LossOptions,
    Network,
    Penalties,
    TrainingConfig,
    prepare_data,
    python_loop,
    train,
)
from tidynet.engine import numpy_reference as reference
from tidynet.engine.optimizers import OptimizerOptions, optimizer


def wide_network(units=24, **others):
    return Network(3, (units, units), 1, activations=("tanh", "relu"), **others)


def some_data(network, rows=50, seed=0):
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(rows, 3)), rng.normal(size=rows)
    return X, y, prepare_data(network, Inputs.of(X, dtype=np.float64), y)


@pytest.fixture
def everything_is_large(monkeypatch):
    monkeypatch.setattr(python_loop, "LARGE", 1.0)


@pytest.mark.usefixtures("everything_is_large")
def test_slices_equal_the_whole_batch_and_the_threads_do_not_matter(monkeypatch):
    network = wide_network()
    _, _, data = some_data(network)
    validation = some_data(network, 20, 1)[2]
    theta = network.initial_parameters(0, dtype=np.float64)
    plan = TrainingConfig(epochs=12, batch_size=16, learning_rate=0.01, patience=99, slices=2)
    found = [
        train(network, theta, data, TrainingConfig(**{**vars(plan), "threads": threads}), validation)
        for threads in (1, 2, 4)
    ]
    np.testing.assert_array_equal(found[0].theta, found[1].theta)
    np.testing.assert_array_equal(found[0].theta, found[2].theta)
    monkeypatch.setattr(python_loop, "LARGE", 1e18)
    whole = train(network, theta, data, plan, validation)
    np.testing.assert_allclose(found[0].theta, whole.theta, rtol=1e-9, atol=1e-11)
    for mine, other in zip(found[0].history.epochs, whole.history.epochs, strict=True):
        assert mine.training_loss == pytest.approx(other.training_loss)
        assert mine.validation_loss == pytest.approx(other.validation_loss)
        assert mine.validation_score == pytest.approx(other.validation_score)
        np.testing.assert_allclose(mine.gradient_norms, other.gradient_norms, rtol=1e-7)
        np.testing.assert_allclose(mine.update_to_weight_ratios, other.update_to_weight_ratios, rtol=1e-7)
        assert mine.is_best == other.is_best


@pytest.mark.usefixtures("everything_is_large")
def test_slices_with_clipping_averaging_dropout_and_early_stopping():
    network = wide_network()
    _, _, data = some_data(network)
    validation = some_data(network, 20, 1)[2]
    plan = TrainingConfig(
        epochs=300,
        batch_size=25,
        learning_rate=0.03,
        patience=5,
        clip_norm=0.5,
        slices=2,
        ema_decay=0.9,
        dropout=(0.0, 0.2, 0.1),
    )
    theta = network.initial_parameters(0, dtype=np.float64)
    first, second = (train(network, theta, data, plan, validation) for _ in range(2))
    np.testing.assert_array_equal(first.theta, second.theta)
    assert first.history.stop_text == "the validation loss did not improve for 5 epochs"
    assert first.history.best_epoch == len(first.history) - 5


@pytest.mark.usefixtures("everything_is_large")
@pytest.mark.parametrize(
    "others",
    [{"clip_norm": 0.3}, {"penalties": Penalties(l1=0.01, l2=0.1, decay=0.01, max_norm=0.5)}, {"ema_decay": 0.9}],
    ids=["clip_norm", "penalties", "ema_decay"],
)
def test_slices_of_uneven_size_equal_the_whole_batch_on_any_number_of_threads(monkeypatch, others):
    network = wide_network()
    X, y, _ = some_data(network, 37)
    weights = np.random.default_rng(2).uniform(0, 2, 37)
    weights[:16] = 0  # the first batch counts for nothing
    data = prepare_data(network, Inputs.of(X, dtype=np.float64), y, weights)
    theta = network.initial_parameters(0, dtype=np.float64)
    plan = TrainingConfig(epochs=6, batch_size=16, learning_rate=0.01, patience=99, slices=3, shuffle=False, **others)
    one, two, three = (train(network, theta, data, replace(plan, threads=threads)) for threads in (1, 2, 3))
    np.testing.assert_array_equal(one.theta, two.theta)
    np.testing.assert_array_equal(one.theta, three.theta)
    assert [record.dead_units for record in one.history.epochs] == [record.dead_units for record in two.history.epochs]
    monkeypatch.setattr(python_loop, "LARGE", 1e18)
    np.testing.assert_allclose(one.theta, train(network, theta, data, plan).theta, rtol=1e-9, atol=1e-11)


@pytest.mark.usefixtures("everything_is_large")
def test_no_bit_of_float32_depends_on_the_threads():
    network = wide_network()
    rng = np.random.default_rng(0)
    data = prepare_data(network, Inputs.of(rng.normal(size=(50, 3)).astype(np.float32)), rng.normal(size=50))
    plan = TrainingConfig(epochs=5, batch_size=16, slices=2)
    one, two = (
        train(network, network.initial_parameters(), data, replace(plan, threads=threads)) for threads in (1, 2)
    )
    np.testing.assert_array_equal(one.theta, two.theta)


@pytest.mark.usefixtures("everything_is_large")
def test_ctrl_c_during_a_slice_ends_training(monkeypatch):
    def interrupt(*arguments):
        raise KeyboardInterrupt

    network = wide_network()
    theta = network.initial_parameters(0, dtype=np.float64)
    monkeypatch.setattr(python_loop.stepwise, "slice_gradient", interrupt)
    trained = train(network, theta, some_data(network)[2], TrainingConfig(batch_size=16, slices=2, threads=2))
    assert trained.interrupted
    np.testing.assert_array_equal(trained.theta, theta)


@njit
def huber_value(y, predicted):
    found = np.zeros(len(y))
    for r in range(y.shape[0]):
        for c in range(y.shape[1]):
            size = abs(predicted[r, c] - y[r, c])
            found[r] += 0.5 * size * size if size <= 0.7 else 0.7 * (size - 0.35)
    return found


@njit
def huber_slope(y, predicted):
    return np.minimum(np.maximum(predicted - y, -0.7), 0.7)


OWN = CustomLoss(huber_value, huber_slope, "my huber")


def test_custom_compiled_loss_equals_the_built_in_one():
    network = wide_network(loss="huber", options=LossOptions(huber_delta=0.7))
    _, _, data = some_data(network)
    validation = some_data(network, 20, 1)[2]
    theta = network.initial_parameters(0, dtype=np.float64)
    plan = TrainingConfig("sgd", learning_rate=0.05, epochs=15, batch_size=8, patience=99, dropout=(0.1, 0.2, 0.0))
    built_in = train(network, theta, data, plan, validation)
    own = train(wide_network(), theta, data, TrainingConfig(**{**vars(plan), "custom_loss": OWN}), validation)
    np.testing.assert_allclose(own.theta, built_in.theta, rtol=1e-9, atol=1e-11)
    assert own.history.best_epoch == built_in.history.best_epoch
    assert own.history.epochs[3].validation_loss == pytest.approx(built_in.history.epochs[3].validation_loss)


def test_custom_loss_with_levels_equals_the_reference():
    network = Network(0, (4,), 1, categories=(6,), activations=("tanh",))
    rng = np.random.default_rng(0)
    inputs, y = Inputs.of(codes=rng.integers(0, 6, (9, 1)), dtype=np.float64), rng.normal(size=(9, 1))
    theta = network.initial_parameters(1, dtype=np.float64)
    square = CustomLoss(lambda y, p: 0.5 * ((y - p) ** 2).sum(axis=1), lambda y, p: p - y)
    plan = TrainingConfig("sgd", learning_rate=0.1, epochs=1, batch_size=9, custom_loss=square)
    _, slope = reference.error_and_gradient(network, theta, inputs, y)
    step = optimizer("sgd").step(theta, slope, np.zeros((0, theta.size)), 0.1, 1, OptimizerOptions())
    found = train(network, theta, prepare_data(network, inputs, y), plan)
    np.testing.assert_allclose(found.theta, theta + step, rtol=1e-10)


def test_custom_loss_through_the_regressor():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 2))
    y = X[:, 0] * 3 + 10
    model = tn.MLPRegressor(loss=OWN, random_state=0, preset="tidynet", n_networks=1, learning_rate_init=0.03).fit(X, y)
    assert model.score(X, y) > 0.9


@pytest.mark.parametrize(
    ("own", "message"),
    [
        (
            CustomLoss(lambda y, p: (y - p) ** 2, lambda y, p: p - y, "bad"),
            "the value of the loss 'bad' has shape (50, 1), expected (50,)",
        ),
        (
            CustomLoss(lambda y, p: ((y - p) ** 2).sum(axis=1), lambda y, p: (p - y)[:, 0], "bad"),
            "the derivative of the loss 'bad' has shape (50,), expected (50, 1)",
        ),
    ],
)
def test_custom_losses_of_wrong_shape_are_named(own, message):
    network = wide_network()
    with pytest.raises(InputError) as caught:
        train(
            network,
            network.initial_parameters(dtype=np.float64),
            some_data(network)[2],
            TrainingConfig(custom_loss=own),
        )
    assert str(caught.value) == message


def test_custom_slope_that_is_not_the_derivative_is_named():
    network = wide_network()
    wrong = CustomLoss(lambda y, p: ((y - p) ** 2).sum(axis=1), lambda y, p: y - p, "upside down")
    with pytest.raises(InputError) as caught:
        train(
            network,
            network.initial_parameters(dtype=np.float64),
            some_data(network)[2],
            TrainingConfig(custom_loss=wrong),
        )
    assert str(caught.value).startswith("the derivative of the loss 'upside down' is ")
    assert str(caught.value).endswith(" from differences of its value; correct one of the two functions")
