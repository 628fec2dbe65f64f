"""A network with given weights, for calculations by hand."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidynet.core.errors import InputError
from tidynet.core.formula_text import subscript
from tidynet.core.text import pluralize
from tidynet.engine import Inputs, Network, TrainingConfig
from tidynet.engine import numpy_reference as reference

Array = NDArray[Any]


@dataclass(frozen=True)
class ManualNetwork:
    """A network with its weights, the names of its inputs and its training config."""

    shape: Network
    theta: Array  # all weights as one vector of float64
    inputs: tuple[str, ...]
    config: TrainingConfig

    def predict(self, X: Any) -> Array:
        """ŷ of each row, shape (rows, outputs)."""
        rows = Inputs.of(np.atleast_2d(np.asarray(X, dtype=np.float64)), dtype=np.float64)
        return reference.forward(self.shape, self.theta, reference.dense(self.shape, rows)).predicted


def manual_network(
    weights: Sequence[Any],
    biases: Sequence[Any] | None = None,
    *,
    activation: str | Sequence[str] = "sigmoid",
    output: str = "sigmoid",
    loss: str = "squared_error",
    inputs: Sequence[str] | None = None,
    config: TrainingConfig | None = None,
    learning_rate: float = 0.5,
) -> ManualNetwork:
    """A network from its weights, layer by layer.

    Parameters
    ----------
    weights : sequence of array
        W of each layer, shape (inputs, units); a list of numbers is one column.
    biases : sequence of array, optional
        b of each layer, shape (units,); None for no biases.
    activation : str or sequence of str
        Of the hidden layers.
    output, loss : str
        Output activation and loss.
    inputs : sequence of str, optional
        Names of the input columns; x₁, x₂ and so on by default.
    config : TrainingConfig, optional
        How it is trained; gradient descent with `learning_rate` by default.

    Raises
    ------
    InputError
        If the shapes do not fit each other.

    Examples
    --------
    >>> unit = manual_network([[0.4, -0.2], [0.1]])
    >>> unit.predict([0.1, 0.3]).round(3)
    array([[0.512]])
    """
    layers = [_columns(W) for W in weights]
    for number, (before, after) in enumerate(itertools.pairwise(layers), start=2):
        if before.shape[1] != after.shape[0]:
            raise InputError(
                f"the weights of layer {number} have {pluralize(after.shape[0], 'row')}, expected {before.shape[1]}, "
                f"one for each unit of layer {number - 1}"
            )
    sizes = [layers[0].shape[0], *(W.shape[1] for W in layers)]
    hidden = tuple(sizes[1:-1])
    names = (activation,) * len(hidden) if isinstance(activation, str) else tuple(activation)
    shape = Network(sizes[0], hidden, sizes[-1], activations=names, output_activation=output, loss=loss,
                    use_bias=biases is not None)  # fmt: skip
    b = [None] * len(layers) if biases is None else [np.atleast_1d(np.asarray(item, np.float64)) for item in biases]
    if len(b) != len(layers):
        raise InputError(f"biases has {pluralize(len(b), 'array')}, expected {len(layers)}, one for each layer")
    columns = tuple(f"x{subscript(index + 1)}" for index in range(sizes[0])) if inputs is None else tuple(inputs)
    if len(columns) != sizes[0]:
        raise InputError(f"inputs has {pluralize(len(columns), 'name')}, expected {sizes[0]}, one for each row of W¹")
    theta = shape.flatten(list(zip(layers, b, strict=True)), np.float64)
    default = TrainingConfig("sgd", learning_rate=learning_rate, batch_size=1)
    return ManualNetwork(shape, theta, columns, config or default)


def _columns(weights: Any) -> Array:
    W = np.asarray(weights, dtype=np.float64)
    return W[:, None] if W.ndim == 1 else W
