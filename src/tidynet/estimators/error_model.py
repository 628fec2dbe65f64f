"""How large an error to expect of a row: a small linear model of the logarithm of errors made on unseen rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from tidynet.preprocessing import EncodedFeatures

__all__ = ["FEWEST_FOR_SCALE", "ErrorModel", "cross_fitted", "error_features"]

Array = NDArray[Any]

KNOTS = 7  # where the slope over the prediction may change: its octiles
MOST_COLUMNS = 120  # one-hot columns beyond this are left out: a level's errors are too few to learn from
STRENGTHS = np.logspace(-1, 4, 11)
FEWEST_FOR_SCALE = 60  # rows; fewer share one scale
PARTS = 5  # of the rows, so that a row's scale never comes from its own error
FARTHEST = 4.0  # standardised numbers are held within this


@dataclass(frozen=True)
class ErrorModel:
    """ln |y − ŷ| ≈ w·b(ŷ, x), with b piecewise linear in ŷ and linear in x and |x|.

    Attributes
    ----------
    knots : array of shape (KNOTS,)
        Where the slope over ŷ changes.
    features : array of shape (2, features)
        Mean and deviation of each feature.
    center, target_std, weights : arrays of shape (columns,)
        Standardisation of the columns, and the ridge regression's weights.
    intercept, min_values, max_values : float
        The logarithm is held within lowest … highest, as seen in training.
    """

    PARTS: ClassVar[tuple[str, ...]] = ("knots", "features", "columns", "ends")

    knots: Array
    features: Array
    center: Array
    target_std: Array
    weights: Array
    intercept: float
    min_values: float
    max_values: float

    @classmethod
    def fit(cls, predicted: Array, features: Array, errors: Array) -> ErrorModel:
        """Learn from predictions (rows,), features (rows, columns) and errors (rows,) of unseen rows."""
        from sklearn.linear_model import RidgeCV

        knots = np.quantile(predicted, np.linspace(0, 1, KNOTS + 2)[1:-1])
        own = np.stack(_standardisation(features))
        columns = _columns(predicted, features, knots, own)
        center, target_std = _standardisation(columns)
        absolute = np.abs(errors)
        # a few errors of almost nothing must not rule the logarithm
        min_count = 0.5 * np.quantile(absolute, 0.1) + 1e-9 * absolute.mean() + np.finfo(np.float64).tiny
        logarithm = np.log(absolute + min_count)
        ridge = RidgeCV(STRENGTHS).fit((columns - center) / target_std, logarithm)
        fitted = ridge.predict((columns - center) / target_std)
        min_values, max_values = np.quantile(fitted, [0.005, 0.995])
        ends = float(ridge.intercept_), float(min_values), float(max_values)
        return cls(knots, own, center, target_std, ridge.coef_, *ends)

    def predict(self, predicted: Array, features: Array) -> Array:
        """Expected size of the error of each row, up to a factor that is the same for all; shape (rows,)."""
        columns = (_columns(predicted, features, self.knots, self.features) - self.center) / self.target_std
        return np.asarray(np.exp(np.clip(columns @ self.weights + self.intercept, self.min_values, self.max_values)))

    def to_arrays(self) -> dict[str, Array]:
        """All that `from_arrays` needs."""
        ends = np.array([self.intercept, self.min_values, self.max_values])
        columns = np.stack([self.center, self.target_std, self.weights])
        return {"knots": self.knots, "features": self.features, "columns": columns, "ends": ends}

    @classmethod
    def from_arrays(cls, arrays: dict[str, Array]) -> ErrorModel:
        """The scale that `to_arrays` described."""
        return cls(arrays["knots"], arrays["features"], *arrays["columns"], *(float(end) for end in arrays["ends"]))


def cross_fitted(predicted: Array, features: Array, errors: Array) -> tuple[ErrorModel, Array]:
    """The scale learnt from all rows, and for each row what a scale of the other rows expects of it."""
    expected = np.empty(len(errors))
    for part in range(PARTS):
        own = np.arange(len(errors)) % PARTS == part
        scale = ErrorModel.fit(predicted[~own], features[~own], errors[~own])
        expected[own] = scale.predict(predicted[own], features[own])
    return ErrorModel.fit(predicted, features, errors), expected


def error_features(features: EncodedFeatures) -> Array:
    """The columns that the size of an error may depend on: numbers, and categories if they are few."""
    if features.standardized.shape[1] + sum(features.levels) <= MOST_COLUMNS:
        return features.dense_one_hot()
    return features.standardized[:, :MOST_COLUMNS]


def _standardisation(columns: Array) -> tuple[Array, Array]:
    """Mean and deviation of each column; an infinite deviation takes a constant one out."""
    mean, target_std = columns.mean(axis=0), columns.std(axis=0)
    return mean, np.where(target_std > 1e-9 * np.abs(mean) + 1e-300, target_std, np.inf)


def _columns(predicted: Array, features: Array, knots: Array, standardisation: Array) -> Array:
    spread = float(knots[-1] - knots[0]) or 1.0
    bends = np.maximum(predicted[:, None] - knots, 0) / spread
    held = np.clip((features - standardisation[0]) / standardisation[1], -FARTHEST, FARTHEST)
    return np.column_stack([predicted / spread, bends, held, np.abs(held)])
