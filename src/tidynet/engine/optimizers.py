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
    """One optimizer: all that the package knows about it, besides the branch for its code in the kernel."""

    name: str
    code: int
    step: Step  # (w, g, state, η, t, options) → Δw; it updates the state in place
    source: str
    # A formula, and with numbers, for each vector of the state and then for Δw. Fields of the latter are the options,
    # `rest_1` and `rest_2` for 1 − β, `eta`, `t` as an exponent, g and the vectors; `g_` is g as a factor.
    trace: tuple[tuple[str, str], ...]
    vectors: tuple[str, ...] = ()  # rows of the state, in the letters of the formulas
    full_batch: bool = False
    first: str = ""  # what happens to w before the step, as a formula

    @property
    def formula(self) -> str:
        """The update in symbols: each vector of the state, then Δw."""
        parts = zip((*self.vectors, "Δw"), self.trace, strict=True)
        return "; ".join([*([self.first] if self.first else []), *(f"{name} = {text}" for name, (text, _) in parts)])

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


_DESCENT = ("−η·g", "−{eta}·{g_}")
_LBFGS = ("−α·H⁻¹·g, with α of a line search and H of the last steps", "")
_VELOCITY = ("β·v − η·g", "{momentum}·{v_} − {eta}·{g_}")
_MEAN = ("β₁·m + (1 − β₁)·g", "{beta_1}·{m_} + {rest_1}·{g_}")
_SQUARE = ("β₂·s + (1 − β₂)·g²", "{beta_2}·{s_} + {rest_2}·{g_}²")
_ADAM = (
    "−η·√(1 − β₂ᵗ)/(1 − β₁ᵗ)·m/(√(s) + ε)",
    "−{eta}·√(1 − {beta_2}{t})/(1 − {beta_1}{t})·{m_}/(√({s}) + {epsilon})",
)

_ROWS = (
    Optimizer("gradient_descent", 0, _descent, "Cauchy, 1847", (_DESCENT,), full_batch=True),
    # Its steps are those of `lbfgs.py`; a trace has one of gradient descent in their place.
    Optimizer("lbfgs", 0, _descent, "Liu and Nocedal, 1989", (_LBFGS,), full_batch=True),
    Optimizer("sgd", 0, _descent, "Robbins and Monro, Ann. Math. Statist. 22, 1951", (_DESCENT,)),
    Optimizer("momentum", 1, _momentum, "Polyak, 1964", (_VELOCITY, ("v", "")), ("v",)),
    Optimizer(
        "nesterov", 2, _nesterov, "Nesterov, 1983; Sutskever et al., ICML 2013", (_VELOCITY, _VELOCITY), ("v",)
    ),
    Optimizer(
        "rmsprop", 3, _rmsprop, "Tieleman and Hinton, 2012",
        (_SQUARE, ("−η·g/(√(s) + ε)", "−{eta}·{g_}/(√({s}) + {epsilon})")), ("s",),
    ),
    Optimizer("adam", 4, _adam, "Kingma and Ba, ICLR 2015", (_MEAN, _SQUARE, _ADAM), ("m", "s")),
    Optimizer(
        "adamw", 4, _adam, "Loshchilov and Hutter, ICLR 2019", (_MEAN, _SQUARE, _ADAM), ("m", "s"),
        first="w = w·(1 − η·decay)",
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
