"""The expected error of a row: a linear model of the logarithm of errors on validation rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from tidynet.preprocessing import EncodedFeatures

Array = NDArray[Any]

KNOTS = 7  # octiles of the prediction, where its slope may change
MOST_COLUMNS = 120  # more one-hot columns are omitted: a category has too few errors
STRENGTHS = np.logspace(-1, 4, 11)
MIN_ROWS_FOR_SCALE = 60  # fewer rows have one scale
PARTS = 5  # for cross-fitting: the scale of a row does not depend on its own error
MAX_STANDARDIZED = 4.0  # standardized numbers are clipped to this


@dataclass(frozen=True)
class ErrorModel:
    """ln |y − ŷ| ≈ w·b(ŷ, x), with b piecewise linear in ŷ and linear in x and |x|."""

    PARTS: ClassVar[tuple[str, ...]] = ("knots", "features", "columns", "ends")

    knots: Array  # where the slope over ŷ changes, shape (KNOTS,)
    features: Array  # mean and standard deviation of each feature, shape (2, features)
    center: Array  # standardization of the columns
    std: Array
    weights: Array  # of the ridge regression
    intercept: float
    min_values: float  # the logarithm is clipped to its range in training
    max_values: float

    @classmethod
    def fit(cls, predicted: Array, features: Array, errors: Array) -> ErrorModel:
        """Fit on predictions (rows,), features (rows, columns) and errors (rows,) of validation rows."""
        from sklearn.linear_model import RidgeCV

        knots = np.quantile(predicted, np.linspace(0, 1, KNOTS + 2)[1:-1])
        own = np.stack(_mean_and_std(features))
        columns = _columns(predicted, features, knots, own)
        center, std = _mean_and_std(columns)
        absolute = np.abs(errors)
        # a few errors close to 0 must not dominate the logarithm
        offset = 0.5 * np.quantile(absolute, 0.1) + 1e-9 * absolute.mean() + np.finfo(np.float64).tiny
        logarithm = np.log(absolute + offset)
        ridge = RidgeCV(STRENGTHS).fit((columns - center) / std, logarithm)
        fitted = ridge.predict((columns - center) / std)
        min_values, max_values = np.quantile(fitted, [0.005, 0.995])
        ends = float(ridge.intercept_), float(min_values), float(max_values)
        return cls(knots, own, center, std, ridge.coef_, *ends)

    def predict(self, predicted: Array, features: Array) -> Array:
        """Expected error of each row, up to a common factor; shape (rows,)."""
        columns = (_columns(predicted, features, self.knots, self.features) - self.center) / self.std
        return np.asarray(np.exp(np.clip(columns @ self.weights + self.intercept, self.min_values, self.max_values)))

    def to_arrays(self) -> dict[str, Array]:
        """The arrays of `from_arrays`."""
        ends = np.array([self.intercept, self.min_values, self.max_values])
        columns = np.stack([self.center, self.std, self.weights])
        return {"knots": self.knots, "features": self.features, "columns": columns, "ends": ends}

    @classmethod
    def from_arrays(cls, arrays: dict[str, Array]) -> ErrorModel:
        """The model that `to_arrays` described."""
        return cls(arrays["knots"], arrays["features"], *arrays["columns"], *(float(end) for end in arrays["ends"]))


def cross_fitted(predicted: Array, features: Array, errors: Array) -> tuple[ErrorModel, Array]:
    """The model of all rows, and the expected error of each row by a model of the other rows."""
    expected = np.empty(len(errors))
    for part in range(PARTS):
        own = np.arange(len(errors)) % PARTS == part
        model = ErrorModel.fit(predicted[~own], features[~own], errors[~own])
        expected[own] = model.predict(predicted[own], features[own])
    return ErrorModel.fit(predicted, features, errors), expected


def error_features(features: EncodedFeatures) -> Array:
    """The columns that errors may depend on: numbers, and categories if they are few."""
    if features.standardized.shape[1] + sum(features.n_categories) <= MOST_COLUMNS:
        return features.dense_one_hot()
    return features.standardized[:, :MOST_COLUMNS]


def _mean_and_std(columns: Array) -> tuple[Array, Array]:
    """Mean and standard deviation of each column; infinity for a constant, which removes it."""
    mean, std = columns.mean(axis=0), columns.std(axis=0)
    return mean, np.where(std > 1e-9 * np.abs(mean) + 1e-300, std, np.inf)


def _columns(predicted: Array, features: Array, knots: Array, scale: Array) -> Array:
    spread = float(knots[-1] - knots[0]) or 1.0
    bends = np.maximum(predicted[:, None] - knots, 0) / spread
    clipped = np.clip((features - scale[0]) / scale[1], -MAX_STANDARDIZED, MAX_STANDARDIZED)
    return np.column_stack([predicted / spread, bends, clipped, np.abs(clipped)])
