"""Initial weights: drawn so that signals neither die nor explode from layer to layer.

Each rule gives the distribution of the weights of a layer with `fan_in` inputs and `fan_out`
units. Biases begin at zero.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tidynet.core.errors import InputError, did_you_mean
from tidynet.core.text import join_names

__all__ = ["INITIAL", "initialize_weights", "initializer", "initializer_for"]

Draw = Callable[[np.random.Generator, int, int, tuple[int, int]], NDArray[np.float64]]

INITIAL: dict[str, Draw] = {
    # the notes' rule: normal(0, n^-1/2)
    "normal": lambda rng, fan_in, fan_out, shape: rng.normal(0, fan_in**-0.5, shape),
    # Glorot and Bengio, AISTATS 2010
    "glorot": lambda rng, fan_in, fan_out, shape: _uniform(rng, (6 / (fan_in + fan_out)) ** 0.5, shape),
    # He et al., ICCV 2015
    "he": lambda rng, fan_in, fan_out, shape: rng.normal(0, (2 / fan_in) ** 0.5, shape),
    # LeCun, Bottou, Orr and Müller, 1998
    "lecun": lambda rng, fan_in, fan_out, shape: rng.normal(0, fan_in**-0.5, shape),
    "zeros": lambda rng, fan_in, fan_out, shape: np.zeros(shape),
}

_SUITED = {"selu": "lecun", "sigmoid": "glorot", "tanh": "glorot", "identity": "glorot", "softmax": "glorot"}


def _uniform(rng: np.random.Generator, bound: float, shape: tuple[int, int]) -> NDArray[np.float64]:
    return rng.uniform(-bound, bound, shape)


def initializer(name: str) -> str:
    """The rule's name if it is known; an error names the nearest.

    Examples
    --------
    >>> initializer("he")
    'he'
    """
    if name not in INITIAL and name != "auto":
        hint = did_you_mean(str(name), INITIAL) or f"known are {join_names(INITIAL)} and 'auto'"
        raise InputError(f"the rule for initial weights {name!r} is unknown", hint)
    return name


def initializer_for(activation: str) -> str:
    """The rule that suits a layer's activation: He's for rectifiers, Glorot's for squashers.

    Examples
    --------
    >>> initializer_for("relu"), initializer_for("tanh")
    ('he', 'glorot')
    """
    return _SUITED.get(activation, "he")


def initialize_weights(
    rng: np.random.Generator,
    rule: str,
    activation: str,
    shape: tuple[int, int],
    fan_in: int | None = None,
) -> NDArray[np.float64]:
    """Weights of one layer, float64 of `shape` = (inputs, units).

    Examples
    --------
    >>> initialize_weights(np.random.default_rng(0), "zeros", "relu", (1, 2))
    array([[0., 0.]])
    """
    chosen = initializer_for(activation) if initializer(rule) == "auto" else rule
    return INITIAL[chosen](rng, max(1, fan_in if fan_in is not None else shape[0]), shape[1], shape)
