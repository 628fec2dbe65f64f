"""A custom loss: a value and its derivative, compiled or in plain NumPy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidynet.core.errors import InputError

Array = NDArray[Any]


@dataclass(frozen=True)
class CustomLoss:
    """A loss defined by its value and its derivative.

    On a table an estimator standardizes the target: y and ŷ are (y − mean)/std, as for the other losses. On a plain
    array, or with an output activation other than identity, they are in the units of the target.

    Attributes
    ----------
    value : callable
        (y, ŷ), both (rows, outputs) → the loss of each row, (rows,).
    derivative : callable
        (y, ŷ) → ∂loss/∂ŷ, (rows, outputs). Both functions may be compiled by Numba.
    name : str
        For messages.

    Examples
    --------
    >>> loss = CustomLoss(lambda y, p: ((y - p) ** 4).sum(axis=1), lambda y, p: 4 * (p - y) ** 3, "fourth power")
    >>> loss.check(np.ones((2, 1)), np.zeros((2, 1)))
    """

    value: Callable[[Array, Array], Array]
    derivative: Callable[[Array, Array], Array]
    name: str = "custom loss"

    def check(self, y: Array, predicted: Array) -> None:
        """Raise an `InputError` if a shape is wrong or the derivative is not that of the value."""
        y, predicted = y.astype(np.float64), predicted.astype(np.float64)
        value, derivative = self.value(y, predicted), self.derivative(y, predicted)
        if np.shape(value) != (len(y),):
            raise InputError(f"the value of the loss '{self.name}' has shape {np.shape(value)}, expected {(len(y),)}")
        if np.shape(derivative) != predicted.shape:
            raise InputError(
                f"the derivative of the loss '{self.name}' has shape {np.shape(derivative)}, expected {predicted.shape}"
            )
        width = 1e-6 * np.maximum(1.0, np.abs(predicted[:, :1]))
        up, down = predicted.copy(), predicted.copy()
        up[:, :1] += width
        down[:, :1] -= width
        numeric = (self.value(y, up) - self.value(y, down)) / (2 * width[:, 0])
        # The median, because a loss may have a kink at a row.
        if np.median(np.abs(numeric - derivative[:, 0])) > 1e-3 * (1.0 + np.median(np.abs(numeric))):
            raise InputError(
                f"the derivative of the loss '{self.name}' is {np.median(derivative[:, 0]):.6g}, "
                f"expected {np.median(numeric):.6g} from differences of its value",
                "correct one of the two functions",
            )
