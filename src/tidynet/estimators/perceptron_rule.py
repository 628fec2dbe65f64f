"""The perceptron rule, the numeric columns that it takes, and whether a linear boundary separates two classes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidynet.core.errors import InputError
from tidynet.core.text import pluralize
from tidynet.estimators.input_validation import ValidatedInput
from tidynet.preprocessing.encoders import as_numbers

Array = NDArray[Any]

SHORT, LONG = 16, 4096  # rows per block in the search for the next misclassified one


@dataclass
class PerceptronRun:
    """All boundaries, the row of each update, the updates of each epoch, and the index of the boundary kept."""

    boundaries: list[Array]
    rows: list[int]
    n_updates: list[int]
    converged: bool
    kept: int


def signed_distances(points: Array, boundary: Array) -> NDArray[np.float64]:
    """W·x + b of each point; summed row by row, so that a value does not depend on the other rows."""
    return np.asarray((points * boundary[:-1]).sum(axis=1) + boundary[-1])


def train_perceptron(
    points: Array,
    above: Array,
    start: tuple[Array, float],
    rate: float,
    epochs: int,
    random_state: np.random.RandomState | None,
) -> PerceptronRun:
    """The perceptron rule, row by row; shuffled if there is a `random_state`."""
    boundary = np.append(*start).astype(np.float64)
    trained = PerceptronRun([boundary], [], [], False, 0)
    fewest = int(((signed_distances(points, boundary) >= 0) != above).sum())
    for _ in range(epochs):
        order = np.arange(len(points)) if random_state is None else random_state.permutation(len(points))
        before = len(trained.rows)
        for row in _misclassified(points, above, order, trained.boundaries):
            fraction = rate if above[row] else -rate
            trained.boundaries.append(trained.boundaries[-1] + fraction * np.append(points[row], 1.0))
            trained.rows.append(int(row))
        trained.n_updates.append(len(trained.rows) - before)
        wrong = int(((signed_distances(points, trained.boundaries[-1]) >= 0) != above).sum())
        if wrong < fewest:
            fewest, trained.kept = wrong, len(trained.boundaries) - 1
        if trained.n_updates[-1] == 0:
            trained.converged, trained.kept = True, len(trained.boundaries) - 1
            break
    return trained


def _misclassified(points: Array, above: Array, order: Array, boundaries: list[Array]) -> Iterator[int]:
    """Each row of an epoch that the latest boundary misclassifies."""
    at, length = 0, SHORT
    while at < len(order):
        block = order[at : at + length]
        wrong = (signed_distances(points[block], boundaries[-1]) >= 0) != above[block]
        first = int(wrong.argmax())
        if wrong[first]:
            yield int(block[first])
            at, length = at + first + 1, SHORT
        else:
            at, length = at + len(block), min(2 * length, LONG)


def is_separable(points: Array, above: Array) -> bool | None:
    """Whether the classes are linearly separable, by a linear program; None if that is undecided."""
    from scipy.optimize import linprog

    spread = np.where(points.std(axis=0) > 0, points.std(axis=0), 1.0)
    scaled = np.column_stack([(points - points.mean(axis=0)) / spread, np.ones(len(points))])
    side = np.where(above, 1.0, -1.0)[:, None]
    width = scaled.shape[1]
    result = linprog(
        np.zeros(width), A_ub=-side * scaled, b_ub=-np.ones(len(points)), bounds=[(None, None)] * width, method="highs"
    )
    return {0: True, 2: False}.get(result.status)


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
