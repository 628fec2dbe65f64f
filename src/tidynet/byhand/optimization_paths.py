"""The error of a network as a function of its weights, and the paths of optimizers, in plain NumPy."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tidynet.byhand.columns import as_columns, columns_frame, fitted_network
from tidynet.core.errors import InputError
from tidynet.engine import Network, OptimizerOptions, loss, optimizer
from tidynet.engine import numpy_reference as reference
from tidynet.estimators.fitted_model import Predictor
from tidynet.estimators.input_validation import validate_input
from tidynet.estimators.target_validation import validate_target

Array = NDArray[Any]

_MAX_ROWS: Final = 400  # of more rows, evenly spaced ones
_MIN_ROWS: Final = 60
_MAX_PRODUCTS: Final = 3e6  # rows times weights, which limits the time
_DIVERGED: Final = 1e3  # times the first error: a path stops there


@dataclass(frozen=True)
class ErrorFunction:
    """A network and the rows whose mean loss is the error."""

    network: Network
    X: Array  # shape (rows, rows of W¹)
    y: Array  # shape (rows, targets)

    def error(self, theta: Array) -> float:
        """E(θ), the mean loss."""
        with np.errstate(over="ignore", invalid="ignore"):
            passed = reference.forward(self.network, theta, self.X)
            losses = loss(self.network.loss).value(self.y, passed.h[-1], passed.a[-1], self.network.options)
            return float(losses.mean())

    def gradient(self, theta: Array) -> Array:
        """∂E/∂θ."""
        with np.errstate(over="ignore", invalid="ignore"):
            passed = reference.forward(self.network, theta, self.X)
            return reference.backward(self.network, theta, passed, self.y).gradient

    def max_curvature(self, theta: Array, iterations: int = 30) -> float:
        """λ, the largest eigenvalue of the Hessian at θ, by power iteration; descent diverges at rates above 2/λ."""
        direction = np.random.default_rng(0).normal(size=theta.size)
        direction /= np.linalg.norm(direction)
        curvature, step = 0.0, 1e-4
        for _ in range(iterations):
            difference = self.gradient(theta + step * direction) - self.gradient(theta - step * direction)
            product = difference / (2 * step)
            curvature = float(np.linalg.norm(product))
            if not np.isfinite(curvature) or curvature < 1e-12:
                return 1e-12
            direction = product / curvature
        return curvature


@dataclass(frozen=True)
class OptimizationPath:
    """The steps of an optimizer."""

    name: str
    rate: float
    thetas: Array  # shape (steps + 1, parameters)
    errors: Array  # shape (steps + 1,)

    @cached_property
    def has_diverged(self) -> bool:
        """Whether the final error is infinite or twice the first one."""
        return bool(not np.isfinite(self.errors[-1]) or self.errors[-1] > 2 * self.errors[0])


def error_function_of(model: Predictor, X: Any, y: Any) -> ErrorFunction:
    """The first network of a fitted model with these rows, without penalties and dropout."""
    fitted = fitted_network(model)
    network, incoming = fitted.network_, validate_input(X, infer=False)
    target = validate_target(y, incoming.rows)
    if fitted.training_config(incoming.rows).custom_loss is not None:
        raise InputError("the model has a custom loss, expected a loss of the engine")
    most = min(_MAX_ROWS, max(_MIN_ROWS, round(_MAX_PRODUCTS / network.parameters)))
    rows = np.unique(np.linspace(0, incoming.rows - 1, min(incoming.rows, most)).astype(int))
    inputs = reference.dense(network, fitted.encode_inputs(columns_frame(X, as_columns(X)[rows])))
    encoded = np.asarray(fitted.encode_target(target[rows]))
    if network.loss == "cross_entropy":
        encoded = np.eye(network.outputs)[encoded]
    return ErrorFunction(network, inputs.astype(np.float64), encoded.astype(np.float64).reshape(len(rows), -1))


def run_optimizer(
    problem: ErrorFunction, start: Array, name: str, method: str, rate: float, steps: int, momentum: float = 0.9
) -> OptimizationPath:
    """Full-batch steps of an optimizer, with every θ."""
    row, options = optimizer(method), OptimizerOptions(momentum=momentum)
    theta = start.astype(np.float64).copy()
    state = np.zeros((row.n_vectors, theta.size))
    thetas, errors = [theta.copy()], [problem.error(theta)]
    for t in range(1, steps + 1):
        theta = theta + row.step(theta, problem.gradient(theta), state, rate, t, options)
        error = problem.error(theta)
        if not np.isfinite(error):
            break
        thetas.append(theta.copy())
        errors.append(error)
        if error > _DIVERGED * errors[0]:
            break
    return OptimizationPath(name, rate, np.array(thetas), np.array(errors))
