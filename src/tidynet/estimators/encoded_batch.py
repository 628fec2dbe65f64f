"""Rows as one training step of a fitted model reads them: inputs, targets and training config."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tidynet.engine import Inputs, TrainingConfig
from tidynet.estimators.fitted_model import FittedModel, is_classifier
from tidynet.estimators.target_validation import validate_target

Array = NDArray[Any]


@dataclass(frozen=True)
class EncodedBatch:
    """Rows as a model is trained on them."""

    inputs: Inputs  # in float64
    y: Array  # encoded: one-hot, 0 and 1, or standardized numbers; shape (rows, targets)
    output_names: Array  # the target as it was passed
    frame: pl.DataFrame  # the columns that the model uses, as they were passed
    plan: TrainingConfig  # at the base learning rate
    outputs: tuple[str, ...]  # the meaning of each output unit


def encode_batch(model: FittedModel, X: Any, y: Any) -> EncodedBatch:
    """Rows and their target as the fitted model is trained on them."""
    frame = model.match_columns(X)
    features = model.encode_features(X)
    inputs = Inputs.of(features.numbers, features.codes, features.bins, features.fractions, np.float64)
    targets = validate_target(y, frame.height)
    used = [name for name in frame.columns if name in set(model.recipe_.used_columns)]
    config = model.training_config(frame.height)
    return EncodedBatch(inputs, _encoded(model, targets), targets, frame.select(used), config, _output_names(model))


def _encoded(model: FittedModel, targets: Array) -> Array:
    encoded = np.asarray(model.encode_target(targets))
    if model.network_.loss == "cross_entropy":
        return np.eye(model.network_.outputs)[encoded.astype(np.int64)]
    columns = encoded.astype(np.float64)
    return columns[:, None] if columns.ndim == 1 else columns


def _output_names(model: FittedModel) -> tuple[str, ...]:
    """The class, quantile or number that each output unit stands for."""
    if is_classifier(model):
        classes = tuple(str(item) for item in model.classes_)
        return classes if model.network_.outputs == len(classes) else classes[-1:]
    count = model.n_targets
    suffixes = [""] if count == 1 else [f" of target {item + 1}" for item in range(count)]
    if model.network_.loss == "gaussian":
        return tuple(f"{name}{suffix}" for name in ("mean", "ln variance") for suffix in suffixes)
    if model.network_.loss == "quantile":
        levels = model.network_.options.quantiles
        return tuple(f"quantile {level:g}{suffix}" for suffix in suffixes for level in levels)
    return ("y",) if count == 1 else tuple(f"target {item + 1}" for item in range(count))
