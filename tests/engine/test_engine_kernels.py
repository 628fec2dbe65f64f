"""The compiled kernels against the plain NumPy reference, and both against central differences."""

import itertools

import numpy as np
import pytest
from numba import njit

from tidynet.engine import (
    ACTIVATIONS,
    LOSSES,
    Inputs,
    LossOptions,
    Network,
    OptimizerOptions,
    Penalties,
    TrainingConfig,
    kernels,
    prepare_data,
)
from tidynet.engine import numpy_reference as reference
from tidynet.engine.data import mean_loss
from tidynet.engine.kernels.elementwise import activate
from tidynet.engine.kernels.exponential import exponential, hyperbolic_tangent
from tidynet.engine.losses import loss
from tidynet.engine.optimizers import optimizer
from tidynet.engine.train_network import train
from tidynet.engine.training_config import make_optimizer_params

ROWS = 11
HIDDEN_ACTIVATIONS = [name for name in ACTIVATIONS if name not in ("softmax", "exp")]
OPTIONS = LossOptions(label_smoothing=0.1, huber_delta=0.7, quantiles=(0.1, 0.5, 0.8))


def mixed_inputs(rng, rows=ROWS, dtype=np.float64):
    """Two numbers, two binned numbers (3 and 2 bins, one value missing) and two category columns."""
    bins = np.column_stack([rng.integers(0, 3, rows), rng.integers(0, 2, rows)])
    fractions = rng.random((rows, 2))
    bins[0], fractions[0] = [3, 2], 1.0  # missing
    codes = np.column_stack([rng.integers(0, 4, rows), rng.integers(-1, 3, rows)])
    return Inputs.of(rng.normal(size=(rows, 2)), codes, bins, fractions, dtype)


def mixed_network(loss_name="cross_entropy", hidden=(5, 4), activations=("tanh", "gelu"), output=None, biases=True):
    chosen = loss(loss_name)
    targets = 3 if loss_name == "cross_entropy" else 2
    return Network(
        numbers=2, bins=(4, 3), categories=(4, 3), hidden=hidden, outputs=chosen.units(targets, OPTIONS),
        activations=activations, output_activation=output or chosen.outputs[0], loss=loss_name, options=OPTIONS,
        use_bias=biases,
    )  # fmt: skip


def targets_for(network, rng, rows=ROWS):
    if network.loss == "cross_entropy":
        return rng.integers(0, network.outputs, rows)
    if network.loss == "binary_cross_entropy":
        return rng.integers(0, 2, (rows, 2)).astype(float)
    return rng.gamma(2.0, 1.0, (rows, 2)) + 0.1


def as_matrix(network, y):
    return np.eye(network.outputs)[y] if network.loss == "cross_entropy" else y


def compiled_gradient(network, theta, inputs, y, weights=None, dropout=(), penalties=None, seed=5, step=3):
    data = prepare_data(network, inputs, y, weights)
    moments = kernels.make_training_state(network, theta)
    rule = make_optimizer_params(TrainingConfig(penalties=penalties or Penalties()))
    error = kernels.gradient_of(
        kernels.make_parameter_layout(network), rule, moments, data, np.array(dropout, float), seed, step,
        kernels.make_workspace(network, inputs.rows, theta.dtype),
    )  # fmt: skip
    return error, moments.gradient.copy()


def central_differences(error_at, theta, width=1e-5):
    slope = np.empty_like(theta)
    for i in range(theta.size):
        up, down = theta.copy(), theta.copy()
        up[i] += width
        down[i] -= width
        slope[i] = (error_at(up) - error_at(down)) / (2 * width)
    return slope


def relative_error(found, expected):
    return np.abs(found - expected).max() / max(np.abs(expected).max(), 1e-12)


def assert_gradient_right(network, seed, dropout=(), penalties=None, weighted=False):
    rng = np.random.default_rng(seed)
    inputs, theta = mixed_inputs(rng), rng.normal(0, 0.5, network.parameters)
    y = targets_for(network, rng)
    weights = rng.random(ROWS) + 0.1 if weighted else None
    masks = reference.draw_dropout_masks(network, ROWS, dropout, 5, 3) if dropout else None

    def error_at(point):
        return reference.error_and_gradient(network, point, inputs, as_matrix(network, y), weights, masks, penalties)

    expected = central_differences(lambda point: error_at(point)[0], theta)
    error, gradient = error_at(theta)
    assert relative_error(gradient, expected) < 1e-6
    compiled_error, found = compiled_gradient(network, theta, inputs, y, weights, dropout, penalties)
    assert relative_error(found, expected) < 1e-6
    np.testing.assert_allclose(found, gradient, rtol=1e-9, atol=1e-12)
    assert compiled_error == pytest.approx(error, rel=1e-12)


@pytest.mark.parametrize("name", HIDDEN_ACTIVATIONS)
def test_gradient_of_every_activation(name):
    assert_gradient_right(mixed_network(activations=(name, name)), seed=1)


@pytest.mark.parametrize(("name", "output"), [(name, output) for name, row in LOSSES.items() for output in row.outputs])
def test_gradient_of_every_loss_and_output(name, output):
    assert_gradient_right(mixed_network(name, output=output), seed=2)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("dropout", [(), (0.3, 0.4, 0.2)])
def test_gradient_with_penalties_dropout_and_weights(dropout, weighted):
    network = mixed_network(activations=("relu", "tanh"))
    assert_gradient_right(network, 3, dropout, Penalties(l1=0.3, l2=0.7), weighted)


@pytest.mark.parametrize("hidden", [(), (3,), (4, 3, 2)])
def test_gradient_of_every_depth_and_without_biases(hidden):
    names = ("sigmoid", "elu", "mish")[: len(hidden)]
    assert_gradient_right(mixed_network(hidden=hidden, activations=names, biases=False), seed=4)


def test_gradient_of_inputs_without_numbers():
    rng = np.random.default_rng(0)
    network = Network(numbers=0, categories=(5,), hidden=(3,), outputs=1, activations=("tanh",))
    inputs = Inputs.of(codes=rng.integers(0, 5, (9, 1)), dtype=np.float64)
    theta, y = rng.normal(size=network.parameters), rng.normal(size=9)
    error, gradient = reference.error_and_gradient(network, theta, inputs, y[:, None])
    found_error, found = compiled_gradient(network, theta, inputs, y)
    assert found_error == pytest.approx(error)
    np.testing.assert_allclose(found, gradient, rtol=1e-10, atol=1e-14)


def reference_steps(network, theta, inputs, y, plan, steps, seed):
    """The training loop spelt out in NumPy: full batches, lazily moved rows and all."""
    rule, penalties = optimizer(plan.optimizer), plan.penalties
    theta, state = theta.copy(), np.zeros((rule.n_vectors, theta.size))
    X = reference.dense(network, inputs)
    for t in range(1, steps + 1):
        masks = reference.draw_dropout_masks(network, len(X), plan.dropout, seed, t) if any(plan.dropout) else None
        seen = reference.forward(network, theta, X, masks)
        slope = reference.backward(network, theta, seen, as_matrix(network, y), None, masks).gradient
        if plan.clip_norm > 0:
            slope *= min(1.0, plan.clip_norm / np.linalg.norm(slope))
        for (W, _), (slope_W, _) in zip(network.views(theta), network.views(slope), strict=True):
            slope_W += penalties.gradient(W) / len(X)
        moved = np.ones(theta.size, bool)
        for W, _ in network.views(moved)[:1]:
            W[~reference.touched_rows(network, X)] = False
        before, kept_state = theta.copy(), [part.copy() for part in state]
        change = rule.step(theta, slope, state, plan.learning_rate, t, plan.optimizer_options)
        for W, _ in network.views(theta):
            W *= 1 - plan.learning_rate * penalties.decay
        theta += change
        theta[~moved] = before[~moved]
        for part, old in zip(state, kept_state, strict=True):
            part[~moved] = old[~moved]
        for W, _ in network.views(theta):
            W[...] = penalties.clip_norms(W)
    return theta


PENALTIES = Penalties(l1=0.05, l2=0.1, decay=0.03)


@pytest.mark.parametrize(
    ("name", "penalties", "clip_norm", "dropout"),
    [
        *[(name, PENALTIES, 0.0, ()) for name in ("gradient_descent", "sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw")],
        ("adam", Penalties(), 0.05, ()),
        ("adam", Penalties(l1=0.05), 0.05, (0.2, 0.3, 0.1)),
        ("sgd", Penalties(max_norm=0.8), 0.0, ()),
    ],
)  # fmt: skip
def test_training_steps_equal_the_reference(name, penalties, clip_norm, dropout):
    rng = np.random.default_rng(8)
    network, inputs = mixed_network(activations=("tanh", "silu")), mixed_inputs(rng)
    inputs.codes[inputs.codes[:, 0] == 3, 0] = 2  # level 3 of the first category is never touched
    y, theta = targets_for(network, rng), rng.normal(0, 0.5, network.parameters)
    plan = TrainingConfig(
        name, OptimizerOptions(momentum=0.8, beta_2=0.99), learning_rate=0.03, epochs=6, batch_size=ROWS,
        penalties=penalties, dropout=dropout, clip_norm=clip_norm, shuffle=False, seed=4, patience=99,
    )  # fmt: skip
    found = train(network, theta, prepare_data(network, inputs, y), plan).theta
    expected = reference_steps(network, theta, inputs, y, plan, 6, 4)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-11)
    untouched = network.numbers + sum(network.bins) + 3
    if penalties.max_norm == 0:
        np.testing.assert_array_equal(network.views(found)[0][0][untouched], network.views(theta)[0][0][untouched])


def test_last_smaller_batch_counts_in_full_and_is_scaled_by_its_own_size():
    rng = np.random.default_rng(3)
    X, y = rng.normal(size=(7, 2)), rng.normal(size=7)
    network = Network(numbers=2, hidden=(), outputs=1)
    theta = rng.normal(size=3)
    plan = TrainingConfig("sgd", learning_rate=0.1, epochs=1, batch_size=3, shuffle=False)
    found = train(network, theta, prepare_data(network, Inputs.of(X, dtype=np.float64), y), plan)
    w, b, losses = theta[:2].copy(), theta[2], []
    for rows in (slice(0, 3), slice(3, 6), slice(6, 7)):
        error = X[rows] @ w + b - y[rows]
        losses.extend(0.5 * error**2)
        w, b = w - 0.1 * X[rows].T @ error / len(error), b - 0.1 * error.mean()
    np.testing.assert_allclose(found.theta, [*w, b], rtol=1e-12)
    assert found.history.epochs[0].training_loss == pytest.approx(np.mean(losses))


@njit
def activate_from_python(code, H, bias, A):
    activate(code, H, bias, A)


@pytest.mark.parametrize("name", HIDDEN_ACTIVATIONS)
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 2e-6), (np.float64, 1e-13)])
def test_activations_equal_the_table(name, dtype, tolerance):
    h = np.linspace(-8, 8, 161).reshape(7, 23).astype(dtype)
    bias, found = np.linspace(-1, 1, 23).astype(dtype), h.copy()
    expected = ACTIVATIONS[name].function((h + bias).astype(np.float64))
    activate_from_python(ACTIVATIONS[name].code, np.empty_like(h), bias, found)
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)


@njit
def each_exponential(values, exponentials, tangents):
    for i in range(values.size):
        exponentials[i] = exponential(values[i])
        tangents[i] = hyperbolic_tangent(values[i])


def test_custom_exponential_is_as_exact_as_float32_allows():
    x = np.linspace(-86, 88, 200_001).astype(np.float32)
    found, tangents = np.empty_like(x), np.empty_like(x)
    each_exponential(x, found, tangents)
    expected = np.exp(x.astype(np.float64))
    assert (np.abs(found - expected) / expected).max() < 2e-7
    assert np.abs(tangents - np.tanh(x.astype(np.float64))).max() < 5e-7


def test_predictions_of_any_batch_size_are_equal():
    rng = np.random.default_rng(0)
    network, inputs = mixed_network(), mixed_inputs(rng, 50, np.float64)
    theta = network.initial_parameters(1, dtype=np.float64)
    expected = reference.forward(network, theta, reference.dense(network, inputs)).predicted
    layout = kernels.make_parameter_layout(network)
    for batch, stop in itertools.product((1, 7, 64), (50,)):
        found = np.empty((50, network.outputs))
        kernels.predict_rows(
            layout, theta, inputs, 0, stop, batch, kernels.make_workspace(network, batch, np.float64), found
        )
        np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_mean_loss_equals_the_table_and_heeds_weights():
    rng = np.random.default_rng(0)
    network, inputs = mixed_network("huber"), mixed_inputs(rng)
    theta, y, weights = network.initial_parameters(1, dtype=np.float64), targets_for(network, rng), rng.random(ROWS)
    h = reference.forward(network, theta, reference.dense(network, inputs)).predicted
    expected = np.average(loss("huber").value(y, h, h, OPTIONS), weights=weights)
    assert mean_loss(network, theta, prepare_data(network, inputs, y, weights)) == pytest.approx(expected)
