"""Predictions of a model and of its baselines, a block of rows at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from tidynet.evaluation.all_baselines import Rival, predict_baselines
from tidynet.evaluation.predicted import Predicted, Quantiles

if TYPE_CHECKING:
    import polars as pl

__all__ = ["predict_all", "predicted_quantiles"]

# The baselines need a dense matrix of one-hot columns, too large to be made for all rows at once.
_ROWS_AT_A_TIME = 20_000


def predict_all(
    model: Any, stored: list[Rival], features: pl.DataFrame, task: str, classes: npt.NDArray[Any] | None
) -> tuple[Predicted, dict[str, Predicted]]:
    """Predictions of the network and of its baselines for the same rows."""
    parts: dict[str, list[Predicted]] = {"": [], **{baseline.name: [] for baseline in stored}}
    for block in list(features.iter_slices(_ROWS_AT_A_TIME)) or [features]:
        point = getattr(model, "predict_point", model.predict)  # one number a row, whatever the loss
        likely = getattr(model, "predict_proba", None) if classes is not None else None
        parts[""].append((point(block), None if likely is None else likely(block)))
        if stored:
            beside = predict_baselines(stored, model.recipe_.transform(block), task, classes)
            for name, y_pred in beside.items():
                parts[name].append(y_pred)
    joined = {name: _joined(result) for name, result in parts.items()}
    return joined.pop(""), joined


def predicted_quantiles(model: Any, features: Any) -> Quantiles | None:
    """The levels that a regressor has learnt and its quantiles of rows, or None if it has learnt none."""
    if not hasattr(model, "predict_quantiles") or getattr(model, "n_targets_", 1) > 1:
        return None
    trained = model if model.network_.loss == "quantile" else model.quantile_model_
    if trained is None:
        return None
    result = np.asarray(model.predict_quantiles(features), dtype=np.float64)
    return tuple(sorted(trained.network_.options.quantiles)), result


def _joined(parts: list[Predicted]) -> Predicted:
    predictions = np.concatenate([np.asarray(prediction) for prediction, _ in parts])
    probabilities = [np.asarray(probability) for _, probability in parts if probability is not None]
    return predictions, np.concatenate(probabilities) if probabilities else None
