"""What `plot` takes as data: a table, one column or several as series, arrays or lists, or counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeGuard

import narwhals as nw
import numpy as np
import polars as pl

from tidynet.core.errors import InputError
from tidynet.core.text import pluralize
from tidynet.profiling.counts import Bars, Histogram
from tidynet.profiling.profile import ColumnProfile, PairCounts, PairProfile
from tidynet.table.read import read
from tidynet.table.table import Table

Counts = Bars | Histogram | PairCounts | ColumnProfile | PairProfile


def is_counts(data: Any) -> TypeGuard[Counts]:
    """Whether the data are counts, without rows."""
    return isinstance(data, (Bars, Histogram, PairCounts, ColumnProfile, PairProfile))


def counts_of_mapping(data: Any) -> Bars | None:
    """The bars of a mapping of categories to whole numbers, such as a Counter; None for anything else."""
    if not isinstance(data, Mapping) or not data:
        return None
    if not all(isinstance(rows, int | np.integer) and not isinstance(rows, bool) for rows in data.values()):
        return None
    if negative := [name for name, rows in data.items() if rows < 0]:
        raise InputError(f"the count of '{negative[0]}' is {data[negative[0]]}, expected 0 or more", "give counts")
    return Bars(tuple(map(str, data)), tuple(map(int, data.values())))


def read_source(data: Any, roles: Mapping[str, Any]) -> tuple[Table, dict[str, Any]]:
    """The table, and the name of the column in each role; values that were given become columns of the table."""
    names = {name: value for name, value in roles.items() if name != "data"}
    if is_vector(data):
        if is_vector(names["x"]) and names["y"] is None:
            names["x"], names["y"] = data, names["x"]
        elif names["x"] is None:
            names["x"] = data
        elif not isinstance(names["x"], str) and names["y"] is not None:
            raise InputError("data, x and y are all values, expected a table or two of them", "write plot(x=…, y=…)")
        else:
            name, names["x"] = names["x"], data
            data = {str(name): data}
        data = data if isinstance(data, Mapping) else None
    vectors = {role: value for role, value in names.items() if _is_values(role, value, data)}
    if data is None and not vectors:
        raise InputError("no data is given, expected a table or values as x", "write plot(table) or plot(x=…)")
    table = None if data is None else read(data)
    taken = set(table.columns) if table is not None else set()
    columns: dict[str, Any] = {}
    for role, value in vectors.items():
        names[role] = name = _free_name(_name_of(value, role), taken)
        taken.add(name)
        columns[name] = value
    if not columns:
        assert table is not None, "without values there are data"
        return table, names
    new = read(columns)
    if table is None:
        return new, names
    for name in columns:
        if new.height != table.height:
            n_values = pluralize(new.height, "value")
            raise InputError(
                f"'{name}' has {n_values}, expected {table.height:,}", "give one for each row of the table"
            )
    joined = table.frame.with_columns(new.frame.get_columns())
    return replace(table, frame=joined, inferred_types={**table.inferred_types, **new.inferred_types}), names


def is_vector(value: Any) -> bool:
    """Whether a value is one column: a series, a 1-d array, or a list of single values."""
    if value is None or isinstance(value, str | bytes | Mapping):
        return False
    if isinstance(value, pl.Series) or nw.dependencies.is_into_series(value):
        return True
    if isinstance(value, list | tuple | range):
        return not any(hasattr(item, "__iter__") and not isinstance(item, str | bytes) for item in value)
    return getattr(value, "ndim", 0) == 1 and hasattr(value, "__len__") and not hasattr(value, "columns")


def _is_values(role: str, value: Any, data: Any) -> bool:
    """Whether the value of a role is values, and not names of columns or a color of numbers."""
    if not is_vector(value) or (role == "color" and isinstance(value, tuple) and len(value) in (3, 4)):
        return False
    is_names = isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)
    return not (is_names and data is not None)


def _name_of(value: Any, default: str) -> str:
    name = getattr(value, "name", None)
    return str(name) if name not in (None, "") else default


def _free_name(name: str, taken: set[str]) -> str:
    number = 1
    candidate = name
    while candidate in taken:
        number += 1
        candidate = f"{name}_{number}"
    return candidate
