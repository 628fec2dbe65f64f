"""Epochs as the kernels record them, turned into the columns of a history."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidynet.engine.history import Epochs
from tidynet.engine.kernels import epoch

Array = NDArray[Any]


def make_epochs(
    records: Array, n_earlier: int, validated: bool, rows_per_second: float, seconds: Array, seconds_left: Array
) -> Epochs:
    """Columns of the epochs after `n_earlier` from their records, one row each."""
    layers = (records.shape[1] - epoch.LAYERS) // 3
    norms, ratios, dead = np.split(records[:, epoch.LAYERS :], (layers, 2 * layers), axis=1)
    return Epochs(
        epoch=n_earlier + np.arange(1, len(records) + 1),
        training_loss=records[:, epoch.TRAINING_LOSS],
        validation_loss=records[:, epoch.VALIDATION_LOSS] if validated else None,
        learning_rate=records[:, epoch.RATE],
        gradient_norm=np.sqrt((norms**2).sum(axis=1)),
        rows_per_second=np.full(len(records), rows_per_second),
        seconds=seconds,
        seconds_left=seconds_left,
        is_best=records[:, epoch.KEPT] > 0,
        validation_score=records[:, epoch.VALIDATION_SCORE] if validated else None,
        gradient_norms=norms,
        update_to_weight_ratios=ratios,
        dead_units=dead[:, :-1],
    )
