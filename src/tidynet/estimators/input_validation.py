"""Features, target, weights, groups and rows that users pass, validated."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import polars as pl
from narwhals.dependencies import is_pyarrow_table
from numpy.typing import NDArray

from tidynet.core.errors import InputError
from tidynet.estimators.column_labels import column_labels
from tidynet.estimators.masked_values import fill_masked
from tidynet.table import ColumnFormat, Table, TypeInference, as_frame, infer_types
from tidynet.table.python_values import is_missing

Array = NDArray[Any]


@dataclass(frozen=True)
class ValidatedInput:
    """A plain array of finite numbers, or a frame with the types of its columns."""

    array: Array | None  # None for a frame
    frame: pl.DataFrame | None  # None for an array
    names: tuple[str, ...] | None  # column names, if the features have any
    inferred_types: Mapping[str, TypeInference]  # of the columns of the frame
    column_formats: Mapping[str, ColumnFormat] = field(default_factory=dict)  # of the file of a Table
    labels: tuple[str, ...] | None = None  # the column names as text, whatever their type

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.array) if self.array is not None else self.as_frame().height

    @property
    def width(self) -> int:
        """Number of columns."""
        return self.array.shape[1] if self.array is not None else self.as_frame().width

    @property
    def n_numeric(self) -> int:
        """Number of numeric columns."""
        if self.frame is None:
            return self.width
        return sum(inferred_type.variable_type.is_numeric for inferred_type in self.inferred_types.values())

    def as_frame(self) -> pl.DataFrame:
        """The features as a frame; the columns of an array are named x0, x1 and so on."""
        if self.frame is not None:
            return self.frame
        return as_frame(self.array, column_names=self.labels)

    def select_rows(self, rows: Array | slice) -> ValidatedInput:
        """The chosen rows."""
        array = None if self.array is None else self.array[rows]
        frame = None if self.frame is None else self.frame[rows]
        return replace(self, array=array, frame=frame)


def validate_input(X: Any, infer: bool = True) -> ValidatedInput:
    """Validated features.

    A `Table` keeps its inferred types, and those of a data frame are inferred (if `infer`). A plain array of finite
    numbers stays an array; one with missing values, text or mixed values becomes a frame.
    """
    if isinstance(X, Table):
        labels = tuple(X.columns)
        return ValidatedInput(None, X.frame, labels, X.inferred_types, X.column_formats, labels)
    X = fill_masked(X)
    if _is_finite_array(X):
        return ValidatedInput(np.asarray(X), None, None, {})
    if _is_array_like(X):
        return _from_array(X, infer)
    if _is_numbered_frame(X):
        return replace(_from_array(X.to_numpy(), infer), labels=column_labels(list(X.columns)))
    frame = as_frame(X)
    if frame.height == 0:
        raise InputError("the table has no rows, found array with 0 sample(s) where a minimum of 1 is required")
    names = _column_names(X, frame)
    is_labeled = names is not None or column_labels(list(X.columns)) is not None
    return ValidatedInput(
        None, frame, names, infer_types(frame) if infer else {}, labels=tuple(frame.columns) if is_labeled else None
    )


def _is_finite_array(X: Any) -> bool:
    """Whether X is a plain array of finite floating-point numbers, by one pass without a mask in memory."""
    if type(X) not in (np.ndarray, np.memmap) or X.ndim != 2 or not X.size or X.dtype not in (np.float32, np.float64):
        return False
    # A sum is finite if all numbers are, short of overflow; other arrays are checked element by element.
    with np.errstate(over="ignore", invalid="ignore"):
        return math.isfinite(X.sum())


def _from_array(X: Any, infer: bool) -> ValidatedInput:
    from scipy.sparse import issparse
    from sklearn.utils.validation import check_array

    if issparse(X):
        X = X.toarray()
    if isinstance(X, np.ndarray) and X.ndim == 2 and X.dtype.kind == "f":
        _check_finite(X)
    try:
        array = check_array(X, dtype=None, ensure_all_finite="allow-nan", estimator="MLP")
    except ValueError:
        _check_finite_list(X)
        raise
    if array.dtype.kind in "fiub":
        if array.dtype not in (np.float32, np.float64):
            array = array.astype(np.float64)
        if np.isfinite(array).all():
            return ValidatedInput(array, None, None, {})
    frame = as_frame(array)
    return ValidatedInput(None, frame, None, infer_types(frame) if infer else {})


def _check_finite_list(X: Any) -> None:
    """Name the place of an infinite number in nested lists, which scikit-learn refuses without it."""
    try:
        array = np.asarray(X)
    except ValueError:
        return
    if array.ndim == 2 and array.dtype.kind == "f":
        _check_finite(array)


def _check_finite(array: Array) -> None:
    wrong = np.argwhere(np.isinf(array))
    if len(wrong):
        row, column = (int(index) for index in wrong[0])
        raise InputError(
            f"X contains infinity (inf) in row {row}, column {column}, expected finite numbers",
            "correct or drop that row",
        )


def _is_array_like(X: Any) -> bool:
    if isinstance(X, pl.LazyFrame) or hasattr(X, "columns") or hasattr(X, "__arrow_c_stream__"):
        return False
    return isinstance(X, (np.ndarray, list, tuple)) or hasattr(X, "__array__") or hasattr(X, "toarray")


def _is_numbered_frame(X: Any) -> bool:
    """Whether X is a data frame of numbers whose columns are numbered, which is read as an array."""
    if isinstance(X, (pl.LazyFrame, pl.DataFrame)) or not hasattr(X, "dtypes"):
        return False
    columns = getattr(X, "columns", None)
    if columns is None or callable(columns):
        return False
    numbered = len(columns) > 0 and not any(isinstance(name, str) for name in columns)
    return numbered and all(getattr(dtype, "kind", "O") in "fiub" for dtype in X.dtypes)


def _column_names(X: Any, frame: pl.DataFrame) -> tuple[str, ...] | None:
    """The column names of the frame, unless those of X are not text."""
    own = None if isinstance(X, pl.LazyFrame) or is_pyarrow_table(X) else getattr(X, "columns", None)
    if own is None or callable(own):
        return tuple(frame.columns)
    names = list(own)
    return tuple(names) if all(isinstance(name, str) for name in names) else None


def validate_target(y: Any, rows: int) -> Array:
    """The target as an array of shape (rows,) or (rows, targets); missing values are refused."""
    from sklearn.utils.validation import column_or_1d

    if y is None:
        raise InputError("this estimator requires y to be passed, but the target y is None")
    if isinstance(y, pl.Series):
        text = y.dtype in (pl.String, pl.Categorical, pl.Enum) and not y.null_count()
        y = np.array(y.to_list(), dtype=str) if text else y.to_numpy()
    elif hasattr(y, "__arrow_c_stream__") and hasattr(y, "to_pylist"):
        y = np.array(y.to_pylist())
    elif hasattr(y, "to_numpy"):
        y = y.to_numpy()
    values = np.asarray(fill_masked(y))
    if values.ndim == 2 and values.shape[1] == 1:
        values = column_or_1d(values, warn=True)
    if len(values) != rows:
        raise InputError(f"there are {rows} rows of features and {len(values)} of the target, expected as many")
    _check_no_missing(values, rows)
    if values.dtype == object:
        listed = values.tolist()
        return values.astype(str) if all(isinstance(value, str) for value in listed) else np.array(listed)
    return values


def name_of_target(y: Any) -> str | None:
    """The name of a target: of a named series, or of a frame of one column."""
    columns = getattr(y, "columns", None)
    names = [getattr(y, "name", None)] if columns is None or callable(columns) else list(columns)
    return names[0] if len(names) == 1 and isinstance(names[0], str) and names[0] else None


def _check_no_missing(values: Array, rows: int) -> None:
    if values.dtype.kind in "iub":
        return
    if values.dtype.kind == "f":
        missing = np.isnan(values).reshape(rows, -1).any(axis=1)
        infinite = np.isinf(values).reshape(rows, -1).any(axis=1)
        if infinite.any():
            row, count = int(infinite.argmax()) + 1, int(infinite.sum())
            raise InputError(
                f"the target y is infinite in {count} of {rows} rows (first row {row}), expected finite numbers",
                "correct or drop those rows",
            )
    else:
        missing = np.array([is_missing(value) for value in values.ravel().tolist()])
        missing = missing.reshape(rows, -1).any(axis=1)
    if missing.any():
        raise InputError(
            f"the target y is missing (NaN) in {missing.sum()} of {rows} rows (first row {missing.argmax() + 1})",
            "drop those rows before fit",
        )


def validate_rows(given: Any, rows: int) -> Array | None:
    """Validation rows, passed by number or as a mask, as sorted whole numbers; or None."""
    if given is None:
        return None
    values = np.asarray(given.to_numpy() if hasattr(given, "to_numpy") else given)
    if values.ndim != 1:
        raise InputError(f"validation_rows has shape {values.shape}, expected one column of row numbers or a mask")
    if values.dtype.kind == "b":
        if len(values) != rows:
            raise InputError(f"validation_rows is a mask of {len(values)} rows, expected {rows} as in X")
        values = np.flatnonzero(values)
    elif values.size and values.dtype.kind not in "iu":
        raise InputError(
            f"validation_rows contains {values.tolist()[0]!r}, expected row numbers from 0, or a mask of True and False"
        )
    elif values.size and not (values.min() >= 0 and values.max() < rows):
        wrong = values.min() if values.min() < 0 else values.max()
        raise InputError(f"validation_rows contains {wrong}, expected row numbers from 0 to {rows - 1}")
    chosen = np.unique(values.astype(np.int64))
    if len(chosen) == rows:
        raise InputError(f"validation_rows contains all {rows} rows, expected fewer", "remove some for training")
    return chosen


def validate_groups(given: Any, rows: int) -> Array | None:
    """The group of each row as whole numbers from 0, or None."""
    if given is None:
        return None
    values = np.asarray(given.to_numpy() if hasattr(given, "to_numpy") else given)
    if values.shape != (rows,):
        raise InputError(f"groups has shape {values.shape}, expected one value for each of {rows} rows")
    index: dict[Any, int] = {}
    return np.array([index.setdefault(item, len(index)) for item in values.tolist()], dtype=np.int64)


def validate_sample_weight(sample_weight: Any, rows: int) -> Array | None:
    """Row weights as float64 of shape (rows,), or None."""
    if sample_weight is None:
        return None
    if hasattr(sample_weight, "to_numpy"):
        sample_weight = sample_weight.to_numpy()
    weights = np.asarray(fill_masked(sample_weight), dtype=np.float64)
    if weights.ndim == 0:
        weights = np.full(rows, float(weights))
    if weights.shape != (rows,):
        raise InputError(f"sample_weight has shape {weights.shape}, expected ({rows},)")
    if not np.isfinite(weights).all() or (weights < 0).any():
        raise InputError("sample_weight has negative, infinite or missing values, expected numbers of at least 0")
    if not weights.any():
        raise InputError("every sample weight is zero, expected some above 0")
    return weights
