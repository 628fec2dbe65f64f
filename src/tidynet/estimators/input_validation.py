"""Features, groups and rows that users pass, validated."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import polars as pl
from narwhals.dependencies import is_pyarrow_table
from numpy.typing import NDArray

from tidynet.core.errors import ColumnWarning, InputError
from tidynet.estimators.column_labels import column_labels
from tidynet.estimators.masked_values import fill_masked
from tidynet.table import ColumnFormat, Table, TypeInference, as_frame, infer_types
from tidynet.table.records import is_record
from tidynet.table.to_polars import frame_with_notes

Array = NDArray[Any]

_NO_ROWS = "the table has no rows, found array with 0 sample(s) where a minimum of 1 is required"


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
    if isinstance(X, (list, tuple)):
        X = _from_records(X)
    if _is_finite_array(X):
        return ValidatedInput(np.asarray(X), None, None, {})
    if _is_array_like(X):
        return _from_array(X, infer)
    if _is_numbered_frame(X):
        return replace(_from_array(X.to_numpy(), infer), labels=column_labels(list(X.columns)))
    frame = as_frame(X)
    if frame.height == 0:
        raise InputError(_NO_ROWS)
    names = _column_names(X, frame)
    is_labeled = names is not None or column_labels(list(X.columns)) is not None
    return ValidatedInput(
        None, frame, names, infer_types(frame) if infer else {}, labels=tuple(frame.columns) if is_labeled else None
    )


def _from_records(rows: list[Any] | tuple[Any, ...]) -> Any:
    """A list of dicts or other records as a frame, with a warning where they differ; other lists as they are."""
    if not len(rows):
        raise InputError(_NO_ROWS)
    if not is_record(rows[0]):
        return rows
    frame, notes = frame_with_notes(list(rows), renames=False)
    for note in notes:
        warnings.warn(f"X: {note}", ColumnWarning, stacklevel=5)
    return frame


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
        _check_dimensions(X)
        _check_finite_list(X)
        raise
    if array.dtype.kind in "fiub":
        if array.dtype not in (np.float32, np.float64):
            array = array.astype(np.float64)
        if np.isfinite(array).all():
            return ValidatedInput(array, None, None, {})
    frame = as_frame(array)
    return ValidatedInput(None, frame, None, infer_types(frame) if infer else {})


def _check_dimensions(X: Any) -> None:
    try:
        shape = np.shape(X)
    except ValueError:
        raise InputError("X has rows of different lengths, expected as many values in each") from None
    if len(shape) != 2:
        hint = "Reshape your data with X.reshape(-1, 1) if it is one column, or X.reshape(1, -1) if it is one row"
        raise InputError(
            f"X has shape {shape}, expected (rows, columns)", hint if len(shape) == 1 else "flatten each row"
        )


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
