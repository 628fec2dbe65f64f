"""Optimizers: how a gradient g changes the weights w, in plain NumPy.

`state` has one row for each vector that the optimizer keeps, zero at the start. η is the learning rate of the
step; t counts steps from 1. The compiled form is in `kernels/update.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tidynet.engine.registry import find_row

Array = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class OptimizerOptions:
    """Numbers of the optimizers.

    Attributes
    ----------
    momentum : float
        Fraction β of the previous step that is added, in [0, 1).
    beta_1, beta_2 : float
        Decay of Adam's averages of g and of g², in [0, 1); `beta_2` is RMSprop's too.
    epsilon : float
        Added to the root of the average square, above 0.
    """

    momentum: float = 0.9
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-8


Step = Callable[[Array, Array, Array, float, int, OptimizerOptions], Array]


@dataclass(frozen=True, slots=True)
class Optimizer:
    """One optimizer: `step(w, g, state, η, t, options)` returns Δw and updates the state in place.

    `vectors` names the rows of the state, in the letters of the formula; `code` is that of the kernels.
    """

    name: str
    code: int
    formula: str
    step: Step
    source: str
    vectors: tuple[str, ...] = ()
    full_batch: bool = False

    @property
    def n_vectors(self) -> int:
        """Rows of the state."""
        return len(self.vectors)


def _descent(w: Array, g: Array, state: Array, rate: float, t: int, o: OptimizerOptions) -> Array:
    return -rate * g


def _momentum(w: Array, g: Array, state: Array, rate: float, t: int, o: OptimizerOptions) -> Array:
    (velocity,) = state
    velocity[:] = o.momentum * velocity - rate * g
    return velocity.copy()


def _nesterov(w: Array, g: Array, state: Array, rate: float, t: int, o: OptimizerOptions) -> Array:
    (velocity,) = state
    velocity[:] = o.momentum * velocity - rate * g
    return o.momentum * velocity - rate * g


def _rmsprop(w: Array, g: Array, state: Array, rate: float, t: int, o: OptimizerOptions) -> Array:
    (square,) = state
    square[:] = o.beta_2 * square + (1 - o.beta_2) * g * g
    return -rate * g / (np.sqrt(square) + o.epsilon)


def _adam(w: Array, g: Array, state: Array, rate: float, t: int, o: OptimizerOptions) -> Array:
    mean, square = state
    mean[:] = o.beta_1 * mean + (1 - o.beta_1) * g
    square[:] = o.beta_2 * square + (1 - o.beta_2) * g * g
    corrected = rate * np.sqrt(1 - o.beta_2**t) / (1 - o.beta_1**t)
    return -corrected * mean / (np.sqrt(square) + o.epsilon)


_ROWS = (
    Optimizer("gradient_descent", 0, "Δw = −η·g", _descent, "Cauchy, 1847", full_batch=True),
    Optimizer("lbfgs", 0, "Δw along −H⁻¹·g, H from the last steps", _descent, "Liu and Nocedal, 1989", full_batch=True),
    Optimizer("sgd", 0, "Δw = −η·g", _descent, "Robbins and Monro, Ann. Math. Statist. 22, 1951"),
    Optimizer("momentum", 1, "v = β·v − η·g; Δw = v", _momentum, "Polyak, 1964", ("v",)),
    Optimizer(
        "nesterov", 2, "v = β·v − η·g; Δw = β·v − η·g", _nesterov, "Nesterov, 1983; Sutskever et al., ICML 2013", ("v",)
    ),
    Optimizer(
        "rmsprop", 3, "s = β₂·s + (1 − β₂)·g²; Δw = −η·g/(√s + ε)", _rmsprop, "Tieleman and Hinton, 2012", ("s",)
    ),
    Optimizer(
        "adam", 4, "m = β₁·m + (1 − β₁)·g; s = β₂·s + (1 − β₂)·g²; Δw = −η·√(1 − β₂ᵗ)/(1 − β₁ᵗ)·m/(√s + ε)", _adam,
        "Kingma and Ba, ICLR 2015", ("m", "s"),
    ),
    Optimizer(
        "adamw", 4, "Adam's Δw after w ← w·(1 − η·decay)", _adam, "Loshchilov and Hutter, ICLR 2019", ("m", "s")
    ),
)  # fmt: skip

OPTIMIZERS = {row.name: row for row in _ROWS}


def optimizer(name: str) -> Optimizer:
    """The optimizer of that name; an error suggests the nearest.

    Examples
    --------
    >>> w, g = np.array([1.0]), np.array([0.5])
    >>> optimizer("sgd").step(w, g, np.zeros((0, 1)), 0.1, 1, OptimizerOptions())
    array([-0.05])
    """
    return find_row(OPTIMIZERS, name, "optimizer")
