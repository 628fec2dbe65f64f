"""Scores of predicted probabilities or numbers against the truth."""

from __future__ import annotations

import numpy as np
from sklearn.metrics import accuracy_score, mean_absolute_error, r2_score, roc_auc_score, root_mean_squared_error

__all__ = ["SCORES", "calibration_error", "scores"]

SCORES = ("accuracy", "log_loss", "roc_auc", "brier", "calibration_error", "rmse", "mae", "r2")
LEAST_SHARE = 1e-9  # so that one wrong certainty does not make the mean loss infinite


def scores(task: str, y: np.ndarray, predicted: np.ndarray) -> dict[str, float]:
    """Scores by name: of numbers for regression, of probabilities (rows, classes) otherwise.

    The Brier score of two classes is mean (p − y)², of more the mean of Σₖ (pₖ − yₖ)². The area under the
    curve is the mean over classes, each against the rest.
    """
    if not np.isfinite(predicted).all():
        raise ValueError("a prediction is not finite")
    if task == "regression":
        return {
            "rmse": float(root_mean_squared_error(y, predicted)),
            "mae": float(mean_absolute_error(y, predicted)),
            "r2": float(r2_score(y, predicted)),
        }
    shares = np.clip(predicted, LEAST_SHARE, 1)
    shares /= shares.sum(1, keepdims=True)
    classes = shares.shape[1]
    truth = np.eye(classes)[y]
    rows = np.arange(len(y))
    return {
        "accuracy": float(accuracy_score(y, shares.argmax(1))),
        "log_loss": float(-np.log(shares[rows, y]).mean()),
        "roc_auc": float(
            roc_auc_score(y, shares[:, 1]) if classes == 2 else roc_auc_score(truth, shares, average="macro")
        ),
        "brier": float(((shares - truth) ** 2).sum(1).mean() / (2 if classes == 2 else 1)),
        "calibration_error": calibration_error(y, shares),
    }


def calibration_error(y: np.ndarray, shares: np.ndarray, bins: int = 15) -> float:
    """Σ (rows of a bin / rows)·|accuracy − mean probability| of the predicted class, bins of equal width."""
    sure, right = shares.max(1), shares.argmax(1) == y
    places = np.minimum((sure * bins).astype(int), bins - 1)
    gaps = np.bincount(places, right - sure, minlength=bins)
    return float(np.abs(gaps).sum() / len(y))
