"""A table's columns as the points that a perceptron asks: numbers alone, scaled or as they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidynet.core.errors import InputError
from tidynet.estimators.input_validation import ValidatedInput
from tidynet.preprocessing.encoders import as_numbers

__all__ = ["Standardization", "numeric_columns"]

Array = NDArray[Any]


@dataclass(frozen=True)
class Standardization:
    """Columns as the points are asked in: (x − centre)/spread."""

    center: Array
    scale: Array

    def apply(self, X: Array) -> Array:
        """Columns → the points' coordinates, shape (rows, columns)."""
        return (X - self.center) / self.scale

    def to_original_units(self, boundaries: Array) -> Array:
        """Boundaries of scaled columns as boundaries of the columns themselves: the same lines."""
        coefficients = boundaries[:, :-1] / self.scale
        biases = boundaries[:, -1] - coefficients @ self.center
        return np.column_stack([coefficients, biases])

    def to_scaled_units(self, coefficients: Array, bias: float) -> tuple[Array, float]:
        """A boundary of the columns themselves as one of scaled columns."""
        return coefficients * self.scale, float(bias + coefficients @ self.center)


def numeric_columns(incoming: ValidatedInput, names: tuple[str, ...]) -> NDArray[np.float64]:
    """The columns of those names as float64, shape (rows, columns)."""
    if incoming.array is not None:
        return incoming.array.astype(np.float64)
    frame = incoming.as_frame()
    columns = []
    for name in names:
        series = frame.get_column(name)
        kind = incoming.inferred_types.get(name)
        if (
            kind is not None
            and not series.dtype.is_numeric()
            and kind.variable_type.value in ("nominal", "binary", "text")
        ):
            raise InputError(
                f"the column '{name}' holds {series.drop_nulls()[0]!r}, but a perceptron takes numbers alone",
                "leave it out, or use MLPClassifier",
            )
        values = as_numbers(series)
        missing = int(np.isnan(values).sum())
        if missing:
            raise InputError(
                f"the column '{name}' is missing (NaN) in {missing} of {len(values)} rows", "drop those rows"
            )
        columns.append(values)
    return np.column_stack(columns)
