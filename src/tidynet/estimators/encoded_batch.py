"""What a fitted model would learn from rows: its inputs, targets and plan, as one training step takes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tidynet.core.errors import InputError
from tidynet.engine import Inputs, TrainingConfig
from tidynet.estimators.classifier import MLPClassifier
from tidynet.estimators.estimator import NetworkEstimator
from tidynet.estimators.input_validation import validate_input, validate_target
from tidynet.estimators.regressor import MLPRegressor

__all__ = ["EncodedBatch", "encode_batch"]

Array = NDArray[Any]


@dataclass(frozen=True)
class EncodedBatch:
    """Rows as a model learns them.

    Attributes
    ----------
    inputs : Inputs
        In float64.
    y : ndarray, shape (rows, targets)
        Encoded: one-hot, 0 and 1, or numbers in the network's own scale.
    output_names : ndarray
        The target as the user gave it.
    frame : polars.DataFrame
        The columns that the model uses, as the user gave them.
    plan : Plan
        How the model steps, at its base learning rate.
    outputs : tuple of str
        What each output unit stands for.
    """

    inputs: Inputs
    y: Array
    output_names: Array
    frame: pl.DataFrame
    plan: TrainingConfig
    outputs: tuple[str, ...]


def encode_batch(model: NetworkEstimator, X: Any, y: Any) -> EncodedBatch:
    """The rows X and their target as the fitted model learns them."""
    incoming = validate_input(X, judged=False)
    if incoming.array is not None and incoming.width != model.n_features_in_:
        raise model._wrong_width(incoming.width)
    features = model._features(incoming)
    inputs = Inputs.of(features.numbers, features.codes, features.bins, features.fractions, np.float64)
    output_names = validate_target(y, incoming.rows)
    frame = model._match_columns(incoming)
    used = [name for name in frame.columns if name in set(model.recipe_.used_columns)]
    encoded = _encoded(model, output_names)
    plan = model._training_config(model.settings_, 0, incoming.rows)
    return EncodedBatch(inputs, encoded, output_names, frame.select(used), plan, _output_names(model))


def _encoded(model: NetworkEstimator, output_names: Array) -> Array:
    encoded = np.asarray(model._encode_target(output_names))
    if model.network_.loss == "cross_entropy":
        return np.eye(model.network_.outputs)[encoded.astype(np.int64)]
    columns = encoded.astype(np.float64)
    return columns[:, None] if columns.ndim == 1 else columns


def _output_names(model: NetworkEstimator) -> tuple[str, ...]:
    """The class, quantile or number that each output unit tells."""
    count = model.network_.outputs
    if isinstance(model, MLPClassifier):
        classes = [str(item) for item in model.classes_]
        if count == len(classes):
            return tuple(classes)
        return (classes[-1],)
    if not isinstance(model, MLPRegressor):
        raise InputError(f"a {type(model).__name__} has no outputs to name")
    targets = model.n_targets_
    of = [""] if targets == 1 else [f" of target {item + 1}" for item in range(targets)]
    if model.network_.loss == "gaussian":
        return tuple(f"{what}{item}" for what in ("mean", "ln variance") for item in of)
    if model.network_.loss == "quantile":
        return tuple(f"quantile {level:g}{item}" for item in of for level in model.network_.options.quantiles)
    return ("y",) if targets == 1 else tuple(f"target {item + 1}" for item in range(targets))
