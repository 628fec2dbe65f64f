"""The numeric columns of a table for a perceptron, standardized or as they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidynet.core.errors import InputError
from tidynet.core.text import pluralize
from tidynet.estimators.input_validation import ValidatedInput
from tidynet.preprocessing.encoders import as_numbers

Array = NDArray[Any]


@dataclass(frozen=True)
class Standardization:
    """Standardized columns: (x − center)/scale."""

    center: Array
    scale: Array

    def apply(self, X: Array) -> Array:
        """The columns in standardized units, shape (rows, columns)."""
        return (X - self.center) / self.scale

    def to_original_units(self, boundaries: Array) -> Array:
        """Boundaries of standardized columns in the units of the columns."""
        coefficients = boundaries[:, :-1] / self.scale
        biases = boundaries[:, -1] - coefficients @ self.center
        return np.column_stack([coefficients, biases])

    def to_scaled_units(self, coefficients: Array, bias: float) -> tuple[Array, float]:
        """A boundary in the units of the columns for standardized columns."""
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
                f"the column '{name}' contains {series.drop_nulls()[0]!r}, but a perceptron needs numbers",
                "drop it, or use MLPClassifier",
            )
        values = as_numbers(series)
        missing = int(np.isnan(values).sum())
        if missing:
            raise InputError(
                f"the column '{name}' is missing (NaN) in {missing:,} of {pluralize(len(values), 'row')}",
                "drop those rows",
            )
        columns.append(values)
    return np.column_stack(columns)
