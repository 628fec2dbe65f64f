"""The error of a network as a function of its weights, and the paths that optimizers take down it.

Plain NumPy, every step written out: what the compiled engine does, slowly enough to watch.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tidynet.byhand.columns import require_fitted
from tidynet.core.errors import InputError
from tidynet.engine import CustomLoss, Network, OptimizerOptions, loss, optimizer
from tidynet.engine import numpy_reference as reference
from tidynet.estimators.input_validation import validate_input, validate_target

__all__ = ["ErrorFunction", "OptimizationPath", "error_function_of", "run_optimizer"]

Array = NDArray[Any]

_MAX_ROWS: Final = 400  # of more rows an even share is taken: the surface looks the same
_LEAST_ROWS: Final = 60
_MOST_PRODUCTS: Final = 3e6  # of rows and weights, so that a large network's surface is drawn in seconds
_LOST: Final = 1e3  # times the first error: a path that far up has left the figure


@dataclass(frozen=True)
class ErrorFunction:
    """A network and the records whose error it is to lower.

    Attributes
    ----------
    network : Network
    X : ndarray of float64, shape (rows, rows of W¹)
    y : ndarray of float64, shape (rows, targets)
    """

    network: Network
    X: Array
    y: Array

    def error(self, theta: Array) -> float:
        """E(θ), the mean loss."""
        with np.errstate(over="ignore", invalid="ignore"):
            seen = reference.forward(self.network, theta, self.X)
            return float(loss(self.network.loss).value(self.y, seen.h[-1], seen.a[-1], self.network.options).mean())

    def gradient(self, theta: Array) -> Array:
        """∂E/∂θ."""
        with np.errstate(over="ignore", invalid="ignore"):
            seen = reference.forward(self.network, theta, self.X)
            return reference.backward(self.network, theta, seen, self.y).gradient

    def max_curvature(self, theta: Array, turns: int = 30) -> float:
        """λ, the largest curvature of E at θ: gradient descent with a rate above 2/λ climbs away from it.

        Found by power iteration on differences of gradients.
        """
        direction = np.random.default_rng(0).normal(size=theta.size)
        direction /= np.linalg.norm(direction)
        result, step = 0.0, 1e-4
        for _ in range(turns):
            bent = (self.gradient(theta + step * direction) - self.gradient(theta - step * direction)) / (2 * step)
            result = float(np.linalg.norm(bent))
            if not np.isfinite(result) or result < 1e-12:
                return 1e-12
            direction = bent / result
        return result


@dataclass(frozen=True)
class OptimizationPath:
    """Where an optimizer went.

    Attributes
    ----------
    name : str
    rate : float
        Learning rate.
    thetas : ndarray, shape (steps + 1, parameters)
    errors : ndarray, shape (steps + 1,)
    """

    name: str
    rate: float
    thetas: Array
    errors: Array

    @cached_property
    def has_diverged(self) -> bool:
        """Whether it climbed out of all bounds."""
        return bool(not np.isfinite(self.errors[-1]) or self.errors[-1] > 2 * self.errors[0])


def error_function_of(model: Any, X: Any, y: Any) -> ErrorFunction:
    """A fitted model's network with these rows as its records, penalties and dropout left aside."""
    network = require_fitted(model).network_
    incoming = validate_input(X, infer=False)
    target = validate_target(y, incoming.rows)
    if isinstance(model.loss, CustomLoss):
        raise InputError("the error of a loss of one's own cannot be drawn", "use one of the engine's losses")
    max_count = min(_MAX_ROWS, max(_LEAST_ROWS, round(_MOST_PRODUCTS / network.parameters)))
    chosen = np.unique(np.linspace(0, incoming.rows - 1, min(incoming.rows, max_count)).astype(int))
    inputs = reference.dense(network, model.encode_inputs(incoming.select_rows(chosen)))
    encoded = np.asarray(model.encode_target(target[chosen]))
    if network.loss == "cross_entropy":
        encoded = np.eye(network.outputs)[encoded]
    return ErrorFunction(network, inputs.astype(np.float64), encoded.astype(np.float64).reshape(len(chosen), -1))


def run_optimizer(
    problem: ErrorFunction, start: Array, name: str, method: str, rate: float, steps: int, momentum: float = 0.9
) -> OptimizationPath:
    """Take so many steps of an optimizer on all records at once, noting every θ.

    >>> problem = ErrorFunction(Network(numbers=1, hidden=(), outputs=1), np.array([[1.0]]), np.array([[2.0]]))
    >>> path = run_optimizer(problem, np.zeros(2), "descent", "sgd", 0.25, 3)
    >>> path.errors.tolist()
    [2.0, 0.5, 0.125, 0.03125]
    """
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
        if error > _LOST * errors[0]:
            break
    return OptimizationPath(name, rate, np.array(thetas), np.array(errors))
