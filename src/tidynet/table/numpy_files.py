"""NumPy's own files into lazy frames; never a pickle."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from tidynet.core.errors import FileReadError, InputError
from tidynet.core.text import join_names
from tidynet.table.read_options import ReadOptions, ScannedFile
from tidynet.table.to_polars import as_frame, refuse_duplicates

__all__ = ["scan_arrays"]


def scan_arrays(path: Path, display_text: str, options: ReadOptions) -> ScannedFile:
    """Read an array, or the arrays of an archive as columns."""
    arrays = _loaded(path, display_text)
    if isinstance(arrays, dict):
        return _of_archive(arrays, display_text, options)
    return ScannedFile(_framed(arrays, display_text, options.columns).lazy(), (), _found("NumPy array", arrays))


def _found(form: str, *arrays: Any) -> dict[str, str]:
    """What is said of the arrays: their types, and the bytes that they take in memory."""
    types = dict.fromkeys(str(array.dtype) for array in arrays)
    return {"format": form, "dtype": ", ".join(types), "memory": f"{sum(array.nbytes for array in arrays):,} bytes"}


def _loaded(path: Path, display_text: str) -> Any:
    try:
        loaded = np.load(path, allow_pickle=False)
        if isinstance(loaded, np.ndarray):
            return loaded
        with loaded:
            return {name: loaded[name] for name in loaded.files}
    except ValueError as error:
        if "pickle" in str(error):
            raise FileReadError(
                f"{display_text} holds Python objects, which could run code when they are loaded",
                "save plain numbers or text",
            ) from error
        raise FileReadError(f"{display_text} is no whole NumPy file", "write it again with numpy.save") from error
    except (OSError, EOFError, KeyError, zipfile.BadZipFile) as error:
        raise FileReadError(f"{display_text} is no whole NumPy file", "write it again with numpy.save") from error


def _of_archive(arrays: dict[str, Any], display_text: str, options: ReadOptions) -> ScannedFile:
    if options.sheet is not None:
        names = list(arrays)
        by_number = isinstance(options.sheet, int) and 1 <= options.sheet <= len(names)
        name = names[int(options.sheet) - 1] if by_number else options.sheet
        if name not in arrays:
            raise InputError(f"{display_text} has no array '{options.sheet}'", f"its arrays are {join_names(names)}")
        array = arrays[str(name)]
        return ScannedFile(_framed(array, display_text, options.columns).lazy(), (), _found("NumPy archive", array))
    if len(arrays) == 1:
        (array,) = arrays.values()
        return ScannedFile(_framed(array, display_text, options.columns).lazy(), (), _found("NumPy archive", array))
    if arrays and all(array.ndim == 1 for array in arrays.values()) and len({len(a) for a in arrays.values()}) == 1:
        return ScannedFile(
            _of_columns(arrays, display_text, options.columns).lazy(), (), _found("NumPy archive", *arrays.values())
        )
    raise InputError(
        f"{display_text} holds {len(arrays)} arrays that are not columns of one length",
        f"choose one with sheet: {join_names(arrays)}",
    )


def _framed(array: Any, display_text: str, columns: Sequence[str] | None) -> pl.DataFrame:
    if array.dtype.names:
        return _of_columns({name: array[name] for name in array.dtype.names}, display_text, columns)
    if array.ndim == 1:
        array = array.reshape(-1, 1)
    if array.ndim != 2:
        raise InputError(
            f"the array of {display_text} has {array.ndim} dimensions, expected 2 (rows, columns)", "reshape it"
        )
    _check_names(columns, array.shape[1], display_text)
    return as_frame(array, column_names=columns)


def _of_columns(arrays: dict[str, Any], display_text: str, columns: Sequence[str] | None) -> pl.DataFrame:
    _check_names(columns, len(arrays), display_text)
    return as_frame(arrays, column_names=columns)


def _check_names(names: Sequence[str] | None, columns: int, display_text: str) -> None:
    if names is None:
        return
    if len(names) != columns:
        raise InputError(
            f"{len(names)} {'name was' if len(names) == 1 else 'names were'} given for the {columns:,} "
            f"{'column' if columns == 1 else 'columns'} of {display_text}",
            "give one name for each column",
        )
    refuse_duplicates(names, "the list of names")
