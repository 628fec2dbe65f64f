"""Predictions of a model and of its baselines for the same rows, a block of rows at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from tidynet.estimators.fitted_model import (
    FittedRegressor,
    Predictor,
    is_fitted_model,
    is_regressor,
    predicts_probabilities,
)
from tidynet.evaluation.baselines import BaselineModel
from tidynet.evaluation.boosted_trees import Predicted

# Levels, and the predicted quantile of each row for each of them, (n, levels).
Quantiles = tuple[tuple[float, ...], npt.NDArray[np.float64]]

# The baselines need a dense matrix of one-hot columns, too large for all rows at once.
_BLOCK_ROWS = 20_000


def predict_frame(model: Predictor, features: pl.DataFrame) -> npt.NDArray[np.float64]:
    """Probabilities of the classes (n, k), or numbers (n, 1)."""
    if predicts_probabilities(model):
        return np.asarray(model.predict_proba(features), dtype=np.float64)
    values = model.predict_point(features) if is_fitted_model(model) else model.predict(features)
    return np.asarray(values, dtype=np.float64).reshape(features.height, -1)[:, :1]


def predict_with_probabilities(model: Predictor, features: pl.DataFrame) -> Predicted:
    """Predictions, and probabilities where the model has them."""
    if is_regressor(model):
        return model.predict_point(features), None  # one number for each row, whatever the loss
    return model.predict(features), model.predict_proba(features) if predicts_probabilities(model) else None


def predict_all(
    model: Predictor,
    baselines: Sequence[BaselineModel],
    features: pl.DataFrame,
    task: str,
    classes: npt.NDArray[Any] | None,
) -> tuple[Predicted, dict[str, Predicted]]:
    """Predictions of the network and of its baselines for the same rows."""
    network: list[Predicted] = []
    others: dict[str, list[Predicted]] = {baseline.name: [] for baseline in baselines}
    for block in list(features.iter_slices(_BLOCK_ROWS)) or [features]:
        network.append(predict_with_probabilities(model, block))
        if baselines and is_fitted_model(model):
            encoded = model.recipe_.transform(block)
            for baseline in baselines:
                others[baseline.name].append(baseline.predict_encoded(encoded, task, classes))
    return _joined(network), {name: _joined(parts) for name, parts in others.items()}


def predicted_quantiles(model: Predictor, features: Any) -> Quantiles | None:
    """The quantile levels of a regressor and its quantiles of rows; None where it was not trained on any."""
    if not is_regressor(model) or model.n_targets > 1:
        return None
    trained: FittedRegressor | None = model if model.network_.loss == "quantile" else model.quantile_model_
    if trained is None:
        return None
    result = np.asarray(model.predict_quantiles(features), dtype=np.float64)
    return tuple(sorted(trained.network_.options.quantiles)), result


def _joined(parts: Sequence[Predicted]) -> Predicted:
    predictions = np.concatenate([np.asarray(prediction) for prediction, _ in parts])
    probabilities = [np.asarray(probability) for _, probability in parts if probability is not None]
    return predictions, np.concatenate(probabilities) if probabilities else None
