"""Initial weights: drawn by a rule of the engine or by scikit-learn's, or given as arrays."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidynet.core.errors import InputError
from tidynet.engine import Network, TrainingConfig
from tidynet.estimators.ensemble import member_config

Array = NDArray[Any]


def draw_initial_weights(
    network: Network,
    weight_init: Any,
    count: int,
    seed: int,
    random_state: np.random.RandomState | None,
    dtype: np.dtype[Any],
) -> list[Array]:
    """Initial weights of each network: given as arrays, or drawn by a rule; by scikit-learn's if there is a state."""
    if not isinstance(weight_init, str):
        theta = network.flatten(layers_from_arrays(weight_init, network), dtype)
        return [theta.copy() for _ in range(count)]
    if weight_init == "auto" and random_state is not None:
        return [network.flatten(sklearn_initial_layers(random_state, network), dtype) for _ in range(count)]
    config = TrainingConfig(seed=seed)
    seeds = (member_config(config, number).seed for number in range(count))
    return [network.initial_parameters(member_seed, weight_init, dtype) for member_seed in seeds]


def sklearn_initial_layers(random_state: np.random.RandomState, network: Network) -> list[tuple[Array, Array]]:
    """Weights and biases as scikit-learn draws them: in ±√(6/(inputs + units)); in ±√(2/…) before a sigmoid."""
    squashed = "sigmoid" in network.activations
    layers = []
    for inputs, units in pairwise(network.sizes):
        bound = np.sqrt((2.0 if squashed else 6.0) / (inputs + units))
        weights = random_state.uniform(-bound, bound, (inputs, units))
        layers.append((weights, random_state.uniform(-bound, bound, units)))
    return layers


def layers_from_arrays(initial: Any, network: Network) -> list[tuple[Array, Array]]:
    """The pair (coefs, intercepts) as each layer's weights and biases."""
    layers = len(network.sizes) - 1
    for name, arrays in zip(("coefs", "intercepts"), initial, strict=True):
        if len(arrays) != layers:
            raise InputError(f"weight_init has {len(arrays)} {name}, expected {layers}: one array for each layer")
    return [
        (_array("coefs", depth, weights, shape), _array("intercepts", depth, biases, shape[1:]))
        for depth, (weights, biases, shape) in enumerate(
            zip(*initial, pairwise(network.sizes), strict=True), start=1
        )
    ]  # fmt: skip


def _array(name: str, depth: int, values: Any, shape: tuple[int, ...]) -> Array:
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(f"weight_init: the {name} of layer {depth} are not numbers, expected an array") from None
    if array.shape != shape:
        raise InputError(f"weight_init: the {name} of layer {depth} have shape {array.shape}, expected {shape}")
    if not np.isfinite(array).all():
        raise InputError(f"weight_init: the {name} of layer {depth} contain NaN or infinity, expected finite numbers")
    return array
