"""Initial weights, drawn so that the size of signals and gradients is similar in all layers.

Each row draws the weights of a layer with `fan_in` inputs and `fan_out` units. Biases start at zero.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tidynet.engine.activations import activation
from tidynet.engine.registry import find_row

Draw = Callable[[np.random.Generator, int, int, tuple[int, int]], NDArray[np.float64]]

INITIAL: dict[str, Draw] = {
    # normal(0, n^-1/2), as in the course notes
    "normal": lambda rng, fan_in, fan_out, shape: rng.normal(0, fan_in**-0.5, shape),
    # Glorot and Bengio, AISTATS 2010
    "glorot": lambda rng, fan_in, fan_out, shape: _uniform(rng, (6 / (fan_in + fan_out)) ** 0.5, shape),
    # He et al., ICCV 2015
    "he": lambda rng, fan_in, fan_out, shape: rng.normal(0, (2 / fan_in) ** 0.5, shape),
    # LeCun, Bottou, Orr and Müller, 1998
    "lecun": lambda rng, fan_in, fan_out, shape: rng.normal(0, fan_in**-0.5, shape),
    "zeros": lambda rng, fan_in, fan_out, shape: np.zeros(shape),
}


def _uniform(rng: np.random.Generator, bound: float, shape: tuple[int, int]) -> NDArray[np.float64]:
    return rng.uniform(-bound, bound, shape)


def initializer(name: str) -> str:
    """The name of an initializer if known; an error suggests the nearest."""
    return find_row({"auto": "auto", **{key: key for key in INITIAL}}, name, "initializer")


def initialize_weights(
    rng: np.random.Generator, name: str, activation_name: str, shape: tuple[int, int], fan_in: int | None = None
) -> NDArray[np.float64]:
    """Weights of one layer, float64 of `shape` = (inputs, units)."""
    chosen = activation(activation_name).initializer if initializer(name) == "auto" else name
    return INITIAL[chosen](rng, max(1, fan_in if fan_in is not None else shape[0]), shape[1], shape)
