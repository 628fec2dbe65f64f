"""Initial weights that are not drawn by a rule: scikit-learn's own, and those that a user gives."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidynet.core.errors import InputError
from tidynet.engine import Network

__all__ = ["layers_from_arrays", "sklearn_initial_layers"]

Array = NDArray[Any]


def sklearn_initial_layers(random_state: np.random.RandomState, network: Network) -> list[tuple[Array, Array]]:
    """Initial weights and biases as scikit-learn draws them, so that one seed gives both the same start.

    Uniform in ±√(6/(inputs + units)), biases too; ±√(2/…) before a sigmoid.
    """
    squashed = "sigmoid" in network.activations
    layers = []
    for inputs, units in pairwise(network.sizes):
        bound = np.sqrt((2.0 if squashed else 6.0) / (inputs + units))
        weights = random_state.uniform(-bound, bound, (inputs, units))
        layers.append((weights, random_state.uniform(-bound, bound, units)))
    return layers


def layers_from_arrays(initial: Any, network: Network) -> list[tuple[Array, Array]]:
    """The pair (coefs, intercepts) as each layer's weights and biases.

    Examples
    --------
    >>> network = Network(numbers=2, hidden=(), outputs=1)
    >>> layers_from_arrays(([np.ones((2, 1))], [np.ones(2)]), network)
    Traceback (most recent call last):
    tidynet.core.errors.InputError: initial: the intercepts of layer 1 have shape (2,), expected (1,)
    """
    layers = len(network.sizes) - 1
    for name, arrays in zip(("coefs", "intercepts"), initial, strict=True):
        if len(arrays) != layers:
            raise InputError(f"initial holds {len(arrays)} {name}, expected {layers}: one array for each layer")
    return [
        (_array("coefs", depth, weights, shape), _array("intercepts", depth, biases, shape[1:]))
        for depth, (weights, biases, shape) in enumerate(
            zip(*initial, pairwise(network.sizes), strict=True), start=1
        )
    ]  # fmt: skip


def _array(name: str, depth: int, user_value: Any, shape: tuple[int, ...]) -> Array:
    try:
        result = np.asarray(user_value, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(f"initial: the {name} of layer {depth} are no array of numbers") from None
    if result.shape != shape:
        raise InputError(f"initial: the {name} of layer {depth} have shape {result.shape}, expected {shape}")
    if not np.isfinite(result).all():
        raise InputError(f"initial: the {name} of layer {depth} hold NaN or infinity, expected finite numbers")
    return result
