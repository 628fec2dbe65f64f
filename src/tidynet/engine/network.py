"""The shape of a network, and the position of each weight in one flat vector.

All parameters are in one contiguous vector θ; the weights W (inputs × units) and biases b of a layer are views
into it. The rows of W¹ are, in this order: one for each plain number; one for each bin of a number in piecewise-linear
encoding (1, …, 1, fraction, 0, …, 0) and one for a missing value (Gorishniy, Rubachev and Babenko, NeurIPS 2022); one
for each category. x·W with a one-hot x is a row, so no one-hot matrix is made; code −1 (an unseen category) adds none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tidynet.core.errors import InputError
from tidynet.core.text import join_names
from tidynet.engine.activations import activation
from tidynet.engine.initializers import initialize_weights
from tidynet.engine.losses import LossOptions, loss

Array = NDArray[Any]


class Inputs(NamedTuple):
    """Rows in the encoding of the network.

    Attributes
    ----------
    numbers : ndarray of float, shape (rows, numbers)
    bins : ndarray of int32, shape (rows, binned)
        Bin of each binned number; the last bin of a column means missing.
    fractions : ndarray of float, shape (rows, binned)
        Position of the number in its bin, 0 to 1; 1 for a missing value.
    codes : ndarray of int32, shape (rows, categories)
        Category of each categorical column; −1 for an unseen one.
    """

    numbers: Array
    bins: Array
    fractions: Array
    codes: Array

    @property
    def rows(self) -> int:
        """Number of rows."""
        return int(self.numbers.shape[0])

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the numbers."""
        return self.numbers.dtype

    def take(self, rows: Array | slice) -> Inputs:
        """The chosen rows, copied."""
        return Inputs(*(np.ascontiguousarray(part[rows]) for part in self))

    def astype(self, dtype: Any) -> Inputs:
        """The same with numbers and fractions of another float type, as `for_kernels` gives them."""
        return Inputs(
            for_kernels(self.numbers, dtype),
            for_kernels(self.bins, np.int32),
            for_kernels(self.fractions, dtype),
            for_kernels(self.codes, np.int32),
        )

    @classmethod
    def of(
        cls,
        numbers: Array | None = None,
        codes: Array | None = None,
        bins: Array | None = None,
        fractions: Array | None = None,
        dtype: Any = np.float32,
    ) -> Inputs:
        """Inputs from some of the parts; the others are empty.

        Examples
        --------
        >>> Inputs.of(np.zeros((3, 2)), codes=np.array([[0], [1], [0]])).codes.shape
        (3, 1)
        """
        rows = next(part for part in (numbers, codes, bins) if part is not None).shape[0]
        empty = np.empty((rows, 0))
        parts = [empty if part is None else part for part in (numbers, bins, fractions, codes)]
        return cls(*parts).astype(dtype)


def for_kernels(values: Array, dtype: Any) -> Array:
    """The values as a contiguous, writable array of one type, as kernels take; copied only if necessary."""
    array = np.ascontiguousarray(values, dtype=dtype)
    return array if array.flags.writeable else np.asarray(_ReadOnlyBuffer(array))


class _ReadOnlyBuffer:
    """The memory of a read-only array, which it keeps alive."""

    def __init__(self, values: Array) -> None:
        self.values = values
        interface = values.__array_interface__
        self.__array_interface__ = {**interface, "data": (interface["data"][0], False)}


@dataclass(frozen=True)
class Network:
    """The shape of a network without its weights.

    Attributes
    ----------
    numbers : int
        Plain numeric inputs.
    hidden : tuple of int
        Units of each hidden layer; empty for a linear or logistic model.
    outputs : int
        Output units.
    bins : tuple of int
        Rows of W¹ for each binned number (its bins and one for missing).
    categories : tuple of int
        Rows of W¹ for each categorical column.
    activations : tuple of str
        One per hidden layer.
    output_activation, loss : str
        Names in `ACTIVATIONS` and `LOSSES`.
    options : LossOptions
        Numbers of the loss.
    use_bias : bool
        Whether units have biases.

    Examples
    --------
    >>> network = Network(numbers=2, hidden=(3,), outputs=1, activations=("tanh",))
    >>> network.sizes, network.parameters
    ((2, 3, 1), 13)
    """

    numbers: int
    hidden: tuple[int, ...]
    outputs: int
    bins: tuple[int, ...] = ()
    categories: tuple[int, ...] = ()
    activations: tuple[str, ...] = ()
    output_activation: str = "identity"
    loss: str = "squared_error"
    options: LossOptions = field(default_factory=LossOptions)
    use_bias: bool = True

    def __post_init__(self) -> None:
        if self.rows_in < 1:
            raise InputError("the network has no inputs", "give it at least one numeric or categorical column")
        if any(units < 1 for units in (*self.hidden, self.outputs)):
            raise InputError(f"the layer sizes are {[*self.hidden, self.outputs]}, expected whole numbers above 0")
        if len(self.activations) != len(self.hidden):
            raise InputError(
                f"{len(self.activations)} activations are given for {len(self.hidden)} hidden layers",
                "give one for each",
            )
        for name in self.activations:
            if not activation(name).is_hidden:
                raise InputError(f"{name} is an output activation", "choose another for the hidden layers")
        allowed = loss(self.loss).outputs
        if self.output_activation not in allowed:
            raise InputError(
                f"the output activation is '{self.output_activation}', "
                f"expected one that fits the loss '{self.loss}': {join_names(allowed)}"
            )

    @property
    def rows_in(self) -> int:
        """Rows of the first weight matrix."""
        return self.numbers + sum(self.bins) + sum(self.categories)

    @property
    def columns_in(self) -> int:
        """Input columns; a look-up counts as one."""
        return self.numbers + len(self.bins) + len(self.categories)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Rows of W¹, then units of every layer."""
        return (self.rows_in, *self.hidden, self.outputs)

    @property
    def layer_activations(self) -> tuple[str, ...]:
        """Activation of every layer, the output's last."""
        return (*self.activations, self.output_activation)

    @cached_property
    def parameter_slices(self) -> tuple[tuple[int, int], ...]:
        """Positions of each layer's weights and biases in θ; −1 if there are no biases."""
        result, at = [], 0
        for inputs, units in zip(self.sizes, self.sizes[1:], strict=False):
            biases_at = at + inputs * units if self.use_bias else -1
            result.append((at, biases_at))
            at += inputs * units + (units if self.use_bias else 0)
        return tuple(result)

    @property
    def parameters(self) -> int:
        """Length of θ."""
        units = sum(self.sizes[1:]) if self.use_bias else 0
        return sum(a * b for a, b in zip(self.sizes, self.sizes[1:], strict=False)) + units

    def views(self, theta: Array) -> list[tuple[Array, Array | None]]:
        """Each layer's weights (inputs × units) and biases (units) as views into θ."""
        layers = []
        for (at, biases_at), inputs, units in zip(self.parameter_slices, self.sizes, self.sizes[1:], strict=False):
            weights = theta[at : at + inputs * units].reshape(inputs, units)
            layers.append((weights, theta[biases_at : biases_at + units] if biases_at >= 0 else None))
        return layers

    def flatten(self, layers: Sequence[tuple[Array, Array | None]], dtype: Any = np.float32) -> Array:
        """θ from each layer's weights and biases."""
        theta = np.zeros(self.parameters, dtype)
        for number, ((W, b), (weights, biases)) in enumerate(zip(self.views(theta), layers, strict=True), start=1):
            if np.shape(weights) != W.shape:
                raise InputError(f"the weights of layer {number} have shape {np.shape(weights)}, expected {W.shape}")
            W[...] = weights
            if b is not None:
                b[...] = 0 if biases is None else biases
        return theta

    def initial_parameters(
        self, seed: int | np.random.Generator = 0, rule: str = "auto", dtype: Any = np.float32
    ) -> Array:
        """Initial θ: weights by the initializer `rule`, biases zero."""
        # A look-up has one active row for each column, so the fan-in of the first layer counts columns. About half of
        # the bins of a number are active at once, and one category of many has few rows to correct a large initial
        # weight: the weights of both are smaller by √(rows/2).
        rng = np.random.default_rng(seed)
        layers: list[tuple[Array, Array | None]] = []
        for depth, (inputs, units) in enumerate(zip(self.sizes, self.sizes[1:], strict=False)):
            fan_in = self.columns_in if depth == 0 else inputs
            shape = (inputs, units)
            layers.append((initialize_weights(rng, rule, self.layer_activations[depth], shape, fan_in), None))
        first, row = layers[0][0], self.numbers
        for rows in (*self.bins, *self.categories):
            first[row : row + rows] *= (2 / max(2, rows)) ** 0.5
            row += rows
        return self.flatten(layers, dtype)

    def to_dict(self) -> dict[str, Any]:
        """The shape as JSON-ready values."""
        plain = {item.name: getattr(self, item.name) for item in fields(self) if item.name != "options"}
        chosen = {item.name: getattr(self.options, item.name) for item in fields(self.options)}
        return {**plain, "options": chosen}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Network:
        """The network that `to_dict` described.

        Examples
        --------
        >>> network = Network(numbers=2, hidden=(3,), outputs=1, activations=("tanh",))
        >>> Network.from_dict(network.to_dict()) == network
        True
        """
        plain: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
        }
        chosen = dict(plain.pop("options"))
        chosen["quantiles"] = tuple(chosen["quantiles"])
        return cls(**plain, options=LossOptions(**chosen))
