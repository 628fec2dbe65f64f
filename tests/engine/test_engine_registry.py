"""Every row of the registries is complete: NumPy text, trace text and a branch in the kernels."""

import math

import numpy as np
import pytest
from numba import njit

from tidynet.byhand.formulas import activation_text, derivative_text
from tidynet.engine import (
    ACTIVATIONS,
    LOSSES,
    OPTIMIZERS,
    Inputs,
    Network,
    OptimizerOptions,
    TrainingConfig,
    activation,
    kernels,
    prepare_data,
)
from tidynet.engine.kernels.elementwise import activate, multiply_derivative
from tidynet.engine.kernels.update import update
from tidynet.engine.training_config import make_optimizer_params

H = np.linspace(-6, 6, 121)


@njit
def run_activate(code, H, bias, A):
    activate(code, H, bias, A)


@njit
def run_derivative(code, H, A, delta):
    multiply_derivative(code, H, A, delta)


@njit
def run_update(optimizer, state, rate, t):
    update(optimizer, state, 0, state.theta.size, rate, t, 1.0, 1.0, 1)


ELEMENTWISE = [name for name in ACTIVATIONS if name != "softmax"]


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_kernel_and_numpy_text_of_an_activation_equal_its_function(name):
    row, h = ACTIVATIONS[name], H.reshape(11, 11)
    bias = np.linspace(-1, 1, 11)
    a, kept = h.copy(), h + bias
    run_activate(row.code, kept, bias, a)
    np.testing.assert_allclose(a, row.function(h + bias), rtol=1e-12, atol=1e-14)
    delta = np.ones_like(a)
    run_derivative(row.code, kept, a, delta)
    np.testing.assert_allclose(delta, row.derivative(h + bias, a), rtol=1e-12, atol=1e-14)
    written = eval(f"lambda h: {row.numpy}", {"np": np, "math": math})
    np.testing.assert_allclose(written(H), row.function(H), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_trace_text_of_an_activation_is_complete(name):
    row = ACTIVATIONS[name]
    for h in (-1.5, 0.0, 2.0):
        a = float(row.function(np.array(h)))
        for text in (activation_text(name, h, a), derivative_text(name, h, a)):
            assert text
            assert not set(text) & set("{}")


def test_aliases_and_codes_are_unique():
    assert [activation(alias).name for row in ACTIVATIONS.values() for alias in row.aliases] == [
        "identity", "sigmoid", "silu",
    ]  # fmt: skip
    for rows in (ACTIVATIONS, LOSSES):
        assert len({row.code for row in rows.values()}) == len(rows)


def test_kinds_of_activations():
    kinds = {name: row.kind for name, row in ACTIVATIONS.items()}
    assert [name for name, kind in kinds.items() if kind == "squashing"] == ["sigmoid", "tanh"]
    assert [name for name, kind in kinds.items() if kind == "other"] == ["identity", "softmax", "exp"]
    glorot = ["identity", "sigmoid", "tanh", "softmax"]
    assert {name: row.initializer for name, row in ACTIVATIONS.items()} == {
        name: "lecun" if name == "selu" else "glorot" if name in glorot else "he" for name in ACTIVATIONS
    }


@pytest.mark.parametrize("name", [name for name in OPTIMIZERS if name != "lbfgs"])
def test_kernel_of_an_optimizer_equals_its_step(name):
    row, options, rng = OPTIMIZERS[name], OptimizerOptions(0.8, 0.7, 0.95, 1e-6), np.random.default_rng(0)
    network, w, expected = Network(6, (), 1), rng.normal(size=7), np.zeros((row.n_vectors, 7))
    state = kernels.make_training_state(network, w.copy(), row.n_vectors)
    params = make_optimizer_params(TrainingConfig(name, options))
    for t in range(1, 5):
        g = rng.normal(size=7)
        state.gradient[:] = g
        w = w + row.step(w, g, expected, 0.1, t, options)
        run_update(params, state, 0.1, t)
        np.testing.assert_allclose(state.theta, w, rtol=1e-12)
        np.testing.assert_allclose(state.optimizer, expected, rtol=1e-12)


def test_the_formula_of_an_optimizer_has_its_vectors_and_its_step():
    assert OPTIMIZERS["momentum"].formula == "v = β·v − η·g; Δw = v"
    assert OPTIMIZERS["adamw"].formula.startswith("w = w·(1 − η·decay); m = β₁·m + (1 − β₁)·g; s = ")
    assert all(len(row.trace) == row.n_vectors + 1 and "Δw = " in row.formula for row in OPTIMIZERS.values())


def test_unknown_codes_are_refused_by_the_kernels():
    A = np.ones((2, 2))
    with pytest.raises(ValueError, match="activation code has no branch"):
        run_activate(99, A, np.zeros(2), A.copy())
    with pytest.raises(ValueError, match="activation code has no derivative"):
        run_derivative(99, A, A, A.copy())
    network = Network(1, (), 1)
    state = kernels.make_training_state(network, np.zeros(2))
    with pytest.raises(ValueError, match="optimizer code has no branch"):
        run_update(make_optimizer_params(TrainingConfig("sgd"))._replace(code=99), state, 0.1, 1)
    data = prepare_data(network, Inputs.of(np.ones((3, 1)), dtype=np.float64), np.ones(3))
    layout = kernels.make_parameter_layout(network)._replace(loss=99)
    with pytest.raises(ValueError, match="loss code has no branch"):
        kernels.loss_of(layout, np.zeros(2), data, 3, kernels.make_workspace(network, 3, np.float64))
