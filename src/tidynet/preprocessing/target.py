"""The target column: its task, and its encoding for a network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tidynet.core.errors import InputError, did_you_mean
from tidynet.preprocessing.column_scale import mean_and_std, median_and_robust_std
from tidynet.table import TypeInference, VariableType
from tidynet.table.cell_text import cell_text

TASKS = ("binary", "multiclass", "regression")
MOST_CLASSES = 1000
PART = 1 << 16  # rows encoded at once


def infer_task(series: pl.Series, inferred_type: TypeInference, requested_task: str = "auto") -> str:
    """The task of a target: "binary", "multiclass" or "regression"."""
    if requested_task not in (*TASKS, "auto"):
        raise InputError(
            f"--task is '{requested_task}', expected auto, binary, multiclass or regression",
            did_you_mean(requested_task, TASKS),
        )
    name, known = series.name, series.drop_nulls()
    if known.is_empty():
        raise InputError(f"the target '{name}' is missing in every row", "choose another column")
    distinct = known.n_unique()
    if distinct == 1:
        raise InputError(
            f"the target '{name}' has one value, {known[0]!r}, expected two or more", "choose another column"
        )
    _check_target_type(series, inferred_type, distinct)
    classes = "binary" if distinct == 2 else "multiclass"
    numeric = series.dtype.is_numeric()
    if requested_task == "auto":
        # Integers with few values are classes where their type was inferred as categorical.
        return (
            "regression"
            if inferred_type.variable_type in (VariableType.CONTINUOUS, VariableType.DISCRETE, VariableType.DURATION)
            else classes
        )
    if requested_task == "regression" and not numeric:
        raise InputError(
            f"--task regression needs numbers, but the target '{name}' is {inferred_type.variable_type}, such as "
            f"{known[0]!r}",
            f"remove --task, or choose {classes}",
        )
    if requested_task == "binary" and distinct != 2:
        raise InputError(
            f"--task binary needs two classes, but the target '{name}' has {distinct}",
            "choose multiclass" + (" or regression" if numeric else ""),
        )
    if requested_task == "multiclass" and distinct == 2:
        raise InputError(
            f"--task multiclass needs three classes or more, but the target '{name}' has 2", "choose binary"
        )
    if requested_task == "multiclass" and series.dtype.is_float() and not bool((known == known.round(0)).all()):
        raise InputError(
            f"--task multiclass needs classes, but the target '{name}' has fractions, such as {known[0]!r}",
            "remove --task, or choose regression",
        )
    if requested_task == "multiclass" and distinct > MOST_CLASSES:
        raise InputError(
            f"the target '{name}' has {distinct} distinct values, more than {MOST_CLASSES} classes", "choose regression"
        )
    return requested_task


def _check_target_type(series: pl.Series, inferred_type: TypeInference, distinct: int) -> None:
    name = series.name
    if inferred_type.variable_type is VariableType.IDENTIFIER:
        raise InputError(
            f"the target '{name}' is an identifier ({inferred_type.reason}), which cannot be predicted",
            "choose another column",
        )
    if inferred_type.variable_type is VariableType.TEXT:
        raise InputError(
            f"the target '{name}' is text ({inferred_type.reason}), expected classes or numbers",
            "choose another column",
        )
    if inferred_type.variable_type is VariableType.DATETIME:
        raise InputError(f"the target '{name}' is a date, expected classes or numbers", "predict a duration in days")
    if not series.dtype.is_numeric() and distinct > MOST_CLASSES:
        raise InputError(
            f"the target '{name}' has {distinct} classes, more than {MOST_CLASSES}", "group its categories first"
        )


def target_values(series: pl.Series, task: str) -> NDArray[Any]:
    """The target as labels (str, bool, int) or float64 numbers; no missing values expected."""
    if task == "regression":
        if series.dtype == pl.Duration:
            return series.dt.total_microseconds().to_numpy().astype(np.float64) / 1e6
        return series.cast(pl.Float64).to_numpy()
    if series.dtype == pl.Boolean or series.dtype.is_integer():
        return series.to_numpy()
    if series.dtype.is_float():
        values = series.to_numpy()
        return values.astype(np.int64) if (values == np.floor(values)).all() else values
    return np.array(cell_text(series).to_list(), dtype=str)


def _parts(rows: int) -> Iterator[slice]:
    """Slices of all rows, so that intermediate arrays are small for any number of rows."""
    return (slice(begin, begin + PART) for begin in range(0, rows, PART))


@dataclass(frozen=True, eq=False)
class LabelEncoder:
    """Labels ↔ codes, in sorted order."""

    classes: NDArray[Any]

    @classmethod
    def fit(cls, labels: NDArray[Any]) -> LabelEncoder:
        """The classes of labels."""
        return cls(np.unique(labels))

    def transform(self, labels: NDArray[Any], dtype: Any = np.int64) -> NDArray[Any]:
        """Codes of labels, as `dtype`; an unknown label is an error."""
        values = np.asarray(labels)
        encoded = np.empty(values.shape, dtype)
        for part in _parts(len(values)):
            indices = np.minimum(np.searchsorted(self.classes, values[part]), len(self.classes) - 1)
            is_unknown_class = self.classes[indices] != values[part]
            if np.any(is_unknown_class):
                raise InputError(
                    f"the class {values[part][is_unknown_class].tolist()[0]!r} is unknown",
                    f"known are {self.classes.tolist()}",
                )
            encoded[part] = indices
        return encoded


@dataclass(frozen=True, eq=False)
class TargetScaler:
    """Numbers ↔ standardized numbers: (y − mean)/std, column by column; for robust losses the median and IQR/1.349."""

    mean: NDArray[np.float64]
    std: NDArray[np.float64]

    @classmethod
    def fit(
        cls, values: NDArray[np.float64], weights: NDArray[np.float64] | None = None, robust: bool = False
    ) -> TargetScaler:
        """Center and spread of each column of (rows, targets); `robust` ones do not follow a few absurd values."""
        mean, std = (median_and_robust_std if robust else mean_and_std)(values, weights)
        return cls(mean, np.where(std > 0, std, 1.0))

    @property
    def is_identity(self) -> bool:
        """Whether numbers stay as they are."""
        return bool((self.mean == 0).all() and (self.std == 1).all())

    def transform(self, values: NDArray[Any], dtype: Any = np.float64) -> NDArray[Any]:
        """Standardized numbers, computed in float64, as `dtype`."""
        encoded = np.empty(values.shape, dtype)
        for part in _parts(len(values)):
            with np.errstate(over="ignore"):
                encoded[part] = (values[part] - self.mean) / self.std
        return encoded

    def inverse_transform(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Numbers in the units of the target."""
        return values.astype(np.float64) * self.std + self.mean
