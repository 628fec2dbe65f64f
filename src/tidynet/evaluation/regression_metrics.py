"""Metrics of predicted numbers and quantiles."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tidynet.evaluation.bootstrap import Counts, Statistic, Values
from tidynet.evaluation.metric import Metric, mean_metric, ratio_metric

__all__ = ["quantile_metrics", "regression_metrics"]


def regression_metrics(y_true: Values, prediction: Values) -> tuple[list[Metric], tuple[str, ...]]:
    """RMSE = √mean((y − ŷ)²), MAE = mean|y − ŷ|, median|y − ŷ| and R² = 1 − Σ(y − ŷ)² / Σ(y − ȳ)²."""
    error = y_true - prediction
    squared = error**2
    result = [
        Metric("RMSE", False, lambda counts: np.sqrt(mean_metric(counts, squared))),
        Metric("MAE", False, lambda counts: mean_metric(counts, np.abs(error))),
        Metric("median absolute error", False, _median_of(np.abs(error))),
    ]
    if y_true.min() == y_true.max():
        return result, (f"R² is undefined: the target is {y_true[0]:g} in every test row",)
    result.append(Metric("R²", True, lambda counts: _r2_score(counts, y_true, squared)))
    return result, ()


def _r2_score(counts: Counts, y_true: Values, squared: Values) -> Values:
    center = mean_metric(counts, y_true)
    spread = np.sum(counts * (y_true - center[:, np.newaxis]) ** 2, axis=1)
    # In a resample of one distinct value only rounding remains: undefined, not huge.
    rounding = (8 * np.finfo(np.float64).eps * np.abs(y_true).max()) ** 2 * len(y_true)
    return 1.0 - ratio_metric(counts @ squared, np.where(spread > rounding, spread, 0.0))


def quantile_metrics(y_true: Values, quantiles: Values, levels: Sequence[float]) -> list[Metric]:
    """Pinball loss of each quantile q: mean of q·(y − ŷ) where y is above ŷ, (1 − q)·(ŷ − y) below."""
    return [_pinball(y_true - quantiles[:, index], level) for index, level in enumerate(levels)]


def _pinball(error: Values, level: float) -> Metric:
    loss = np.maximum(level * error, (level - 1.0) * error)
    return Metric(f"pinball loss at {level:g}", False, lambda counts: mean_metric(counts, loss))


def _median_of(values: Values) -> Statistic:
    """The median of each resample; rows are sorted once."""
    order = np.argsort(values, kind="stable")
    ascending = values[order]

    def median(counts: Counts) -> Values:
        running = np.cumsum(counts[:, order], axis=1)
        rows = running[:, -1:]
        lower, upper = ((running <= index).sum(axis=1) for index in ((rows - 1) // 2, rows // 2))
        return np.asarray((ascending[lower] + ascending[upper]) / 2.0, dtype=np.float64)

    return median
