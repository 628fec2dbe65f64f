"""NumPy files into lazy frames; a pickle is never loaded."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from tidynet.core.errors import FileReadError, InputError, error_reason
from tidynet.core.text import join_names, pluralize
from tidynet.table.dialect import Dialect
from tidynet.table.read_options import ReadOptions, ScannedFile
from tidynet.table.to_polars import as_frame, check_unique_names


def scan_arrays(path: Path, label: str, options: ReadOptions) -> ScannedFile:
    """Read an array, or the arrays of an archive as columns."""
    content = _load(path, label)
    if not isinstance(content, dict):
        return _scanned(_array_frame(content, label, options.columns), "NumPy array", content)
    if options.sheet is not None or len(content) == 1:
        array = _choose_array(content, options.sheet, label)
        return _scanned(_array_frame(array, label, options.columns), "NumPy archive", array)
    arrays = list(content.values())
    if arrays and all(array.ndim == 1 for array in arrays) and len({len(array) for array in arrays}) == 1:
        return _scanned(_columns_frame(content, label, options.columns), "NumPy archive", *arrays)
    raise InputError(
        f"{label} contains {pluralize(len(arrays), 'array')}, expected columns of one length",
        f"choose one with --read-option sheet={next(iter(content), 'NAME')}; its arrays are {join_names(content)}",
    )


def _scanned(frame: pl.DataFrame, format_name: str, *arrays: Any) -> ScannedFile:
    types = dict.fromkeys(str(array.dtype) for array in arrays)
    memory = f"{sum(array.nbytes for array in arrays):,} bytes"
    return ScannedFile(frame.lazy(), (), Dialect(format_name, evidence={"dtype": ", ".join(types), "memory": memory}))


def _load(path: Path, label: str) -> Any:
    try:
        loaded = np.load(path, allow_pickle=False)
        if isinstance(loaded, np.ndarray):
            return loaded
        with loaded:
            return {name: loaded[name] for name in loaded.files}
    except (ValueError, OSError, EOFError, KeyError, zipfile.BadZipFile) as error:
        raise FileReadError(
            f"{label} cannot be read as NumPy: {error_reason(error)}",
            "save numbers or text with numpy.save; Python objects are not read, because they can run code",
        ) from error


def _choose_array(arrays: dict[str, Any], sheet: str | int | None, label: str) -> Any:
    names = list(arrays)
    if sheet is None or (isinstance(sheet, int) and 1 <= sheet <= len(names)):
        return arrays[names[int(sheet or 1) - 1]]
    if sheet not in arrays:
        raise InputError(f"sheet is '{sheet}', but {label} has no such array", f"its arrays are {join_names(names)}")
    return arrays[str(sheet)]


def _array_frame(array: Any, label: str, columns: Sequence[str] | None) -> pl.DataFrame:
    if array.dtype.names:
        return _columns_frame({name: array[name] for name in array.dtype.names}, label, columns)
    if array.ndim == 1:
        array = array.reshape(-1, 1)
    if array.ndim != 2:
        raise InputError(f"the array of {label} has {array.ndim} dimensions, expected 2 (rows, columns)", "reshape it")
    _check_names(columns, array.shape[1], label)
    return as_frame(array, column_names=columns)


def _columns_frame(arrays: dict[str, Any], label: str, columns: Sequence[str] | None) -> pl.DataFrame:
    _check_names(columns, len(arrays), label)
    return as_frame(arrays, column_names=columns)


def _check_names(names: Sequence[str] | None, n_columns: int, label: str) -> None:
    if names is None:
        return
    if len(names) != n_columns:
        raise InputError(
            f"columns has {pluralize(len(names), 'name')}, expected {n_columns:,} for the columns of {label}",
            "give one name for each column",
        )
    check_unique_names(names, "the option columns")
