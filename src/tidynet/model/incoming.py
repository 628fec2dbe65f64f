"""What users hand to an estimator → frames, labels and weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tidynet.errors import InputError
from tidynet.table import Judgement, Kind, Table, as_frame, judge_all

__all__ = ["as_features_frame", "as_target", "column_names"]

_AS_GIVEN = Judgement(Kind.CONTINUOUS, "a column of a plain array is taken as numbers")


def as_features_frame(X: Any) -> tuple[pl.DataFrame, Mapping[str, Judgement]]:
    """A frame and the kinds of its columns.

    A `Table` keeps its judgements and a data frame is judged; the columns of a plain array of
    numbers are taken as numbers, whatever they look like.
    """
    if isinstance(X, Table):
        return X.frame, X.judgements
    if _is_array_like(X):
        from sklearn.utils.validation import check_array

        X = check_array(X, dtype=None, ensure_all_finite="allow-nan", estimator="MLP")
        frame = as_frame(X)
        if X.dtype.kind in "fiub":
            return frame, dict.fromkeys(frame.columns, _AS_GIVEN)
        return frame, judge_all(frame)
    frame = as_frame(X)
    if frame.height == 0:
        raise InputError("the table has no rows", "give at least one")
    return frame, judge_all(frame)


def _is_array_like(X: Any) -> bool:
    return isinstance(X, (np.ndarray, list, tuple)) or (hasattr(X, "__array__") and not hasattr(X, "columns"))


def column_names(X: Any) -> NDArray[Any] | None:
    """The column names that X itself carries, or None for arrays."""
    if _is_array_like(X):
        return None
    if isinstance(X, pl.LazyFrame):
        return np.array(X.collect_schema().names(), dtype=object)
    names = X.columns if hasattr(X, "columns") else None
    if names is None or callable(names):
        return None
    names = list(names)
    return np.array(names, dtype=object) if names and all(isinstance(name, str) for name in names) else None


def as_target(y: Any, rows: int) -> NDArray[Any]:
    """The target as an array of shape (rows,) or (rows, targets); missing values are refused."""
    if isinstance(y, pl.Series):
        y = (
            np.array(y.to_list(), dtype=str)
            if y.dtype in (pl.String, pl.Categorical, pl.Enum) and not y.null_count()
            else y.to_numpy()
        )
    elif hasattr(y, "to_numpy"):
        y = y.to_numpy()
    values = np.asarray(y)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if len(values) != rows:
        raise InputError(f"there are {rows} rows of features and {len(values)} of the target, expected as many")
    missing = np.array([value is None or value != value for value in values.ravel().tolist()])
    if missing.any():
        raise InputError(
            f"the target is missing in {missing.sum()} of {rows} rows (the first is row {int(missing.argmax()) + 1})",
            "drop those rows before fit",
        )
    if values.dtype == object and all(isinstance(value, str) for value in values.tolist()):
        return values.astype(str)
    if values.dtype == object:
        return np.array(values.tolist())
    return values
