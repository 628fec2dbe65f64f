"""Which rows the networks learn from, and which they are watched by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidynet.core.errors import InputError
from tidynet.estimators.defaults import Settings
from tidynet.preprocessing import assign_folds, sample_test_rows

__all__ = ["TrainValidationRows", "assign_folds", "split_train_validation"]

Array = NDArray[Any]


@dataclass(frozen=True)
class TrainValidationRows:
    """Which rows to learn from, how many they are, and which to watch; with folds each network watches one."""

    training: Array | slice
    count: int
    validation: Array
    folds: tuple[Array, ...] = ()

    def of(self, restart: int) -> tuple[Array | slice, Array]:
        """The rows that one network learns from, and those that it watches."""
        if not self.folds:
            return self.training, self.validation
        watched = self.folds[restart % len(self.folds)]
        return np.delete(np.arange(self.count), watched), watched

    @property
    def counts(self) -> tuple[int, int]:
        """How many rows the first network learns from, and how many it watches."""
        watched = len(self.folds[0]) if self.folds else len(self.validation)
        return self.count - (watched if self.folds else 0), watched


def split_train_validation(
    rows: int,
    settings: Settings,
    seed: int,
    strata: Array | None,
    user_value: Array | None,
    groups: Array | None = None,
) -> TrainValidationRows:
    """Training rows and the rows to watch training with, all sorted."""
    if user_value is not None:
        held_out = user_value
    elif not settings.early_stopping or settings.solver == "lbfgs":
        held_out = np.arange(0)
    elif settings.validation_folds > 1:
        folds = assign_folds(rows, settings.validation_folds, np.random.default_rng(seed), strata, groups)
        return TrainValidationRows(slice(None), rows, np.arange(0), folds)
    else:
        held_out = _validation_rows(np.arange(rows), settings, seed, strata, groups)
    if not len(held_out):
        return TrainValidationRows(slice(None), rows, held_out)
    kept = np.ones(rows, dtype=bool)
    kept[held_out] = False
    training = np.flatnonzero(kept)
    return TrainValidationRows(training, len(training), held_out)


def _validation_rows(rows: Array, settings: Settings, seed: int, strata: Array | None, groups: Array | None) -> Array:
    fraction = settings.validation_fraction
    if not 0 < fraction < 1:
        raise InputError(f"validation_fraction is {fraction}, expected a share between 0 and 1")
    if settings.preset == "tidynet" or groups is not None:
        return sample_test_rows(rows, fraction, np.random.default_rng(seed), strata, groups)
    from sklearn.model_selection import train_test_split

    named = None if strata is None else strata.astype(bool).astype(str) if strata.max() <= 1 else strata
    held_out = np.sort(train_test_split(rows, test_size=fraction, random_state=seed % 2**31, stratify=named)[1])
    if len(held_out) < 2:
        raise InputError("The validation set is too small", "increase validation_fraction or give more rows")
    return held_out
