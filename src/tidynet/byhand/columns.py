"""The user's columns as figures need them: which are numbers, what stands for a whole column, by what name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tidynet.core.errors import InputError, did_you_mean
from tidynet.core.text import join_names
from tidynet.estimators.input_validation import validate_input

__all__ = [
    "InputUnit",
    "as_columns",
    "as_frame_like",
    "chosen_row",
    "group_weight_rows",
    "input_rows",
    "number_columns",
    "require_column",
    "require_fitted",
    "resolve_two_columns",
    "typical_row",
]

Array = NDArray[Any]


@dataclass(frozen=True)
class InputUnit:
    """One row of the first weight matrix: the column that it comes from, and what it says of it."""

    column: str
    name: str


def as_columns(X: Any) -> pl.DataFrame:
    """Any table or array as a frame; an array's columns are called x0, x1 and so on.

    >>> as_columns([[1.0, 2.0]]).columns
    ['x0', 'x1']
    """
    return validate_input(X, infer=False).as_frame()


def require_column(frame: pl.DataFrame, name: str) -> str:
    """The name, if the table has such a column."""
    if name not in frame.columns:
        hint = did_you_mean(str(name), frame.columns) or "name one of them"
        raise InputError(f"there is no column '{name}' among {join_names(frame.columns)}", hint)
    return name


def resolve_two_columns(frame: pl.DataFrame, columns: Sequence[str]) -> list[str]:
    """The names of the two columns to draw."""
    names = [columns] if isinstance(columns, str) else list(columns)
    if len(names) != 2:
        result = f"is one column to draw, '{names[0]}'" if len(names) == 1 else f"are {len(names)} columns to draw"
        axes = ", ".join(f"'{name}'" for name in frame.columns[:2])
        raise InputError(f"there {result}, expected two", f"name both, as in columns=({axes})")
    return names


def require_fitted(model: Any) -> Any:
    """The model, if it was fitted."""
    if not any(hasattr(model, name) for name in ("members_", "coef_", "weights_")):
        raise InputError(f"this {type(model).__name__} has not been fitted", "call fit(X, y) first")
    return model


def chosen_row(frame: pl.DataFrame, row: int) -> pl.DataFrame:
    """One row of the table, by its number from 0."""
    if isinstance(row, bool) or not isinstance(row, (int, np.integer)) or not 0 <= row < frame.height:
        raise InputError(f"the row is {row!r}, expected a row number from 0 to {frame.height - 1}")
    return frame[int(row)]


def number_columns(model: Any, frame: pl.DataFrame) -> list[str]:
    """The columns that a model takes in as numbers and that can be an axis, in the table's order."""
    numeric = [name for name in frame.columns if frame.schema[name].is_numeric()]
    recipe = getattr(model, "recipe_", None)
    if recipe is None or (recipe.plain and not hasattr(model, "feature_names_in_")):
        return numeric
    numbers = {encoder.name for encoder in recipe.numbers if not encoder.is_date}
    return [name for name in numeric if name in numbers]


def typical_row(values: pl.Series) -> Any:
    """What stands for a column: the median of numbers, the most frequent of anything else; None if all is missing.

    >>> typical_row(pl.Series([1.0, None, 2.0, 9.0])), typical_row(pl.Series(["b", "a", "b", None]))
    (2.0, 'b')
    """
    known = values.drop_nulls()
    if not len(known):
        return None
    if known.dtype.is_numeric():
        return known.median()
    return known.mode().sort()[0]


def input_rows(recipe: Any) -> list[InputUnit]:
    """What each row of W¹ stands for, in the order of `Network`: numbers, missing marks, bins, levels.

    >>> from tidynet.preprocessing import Recipe
    >>> [one.name for one in input_rows(Recipe.untouched(["x0", "x1"]))]
    ['x0', 'x1']
    """
    result = [InputUnit(encoder.name, encoder.name) for encoder in recipe.numbers]
    result += [
        InputUnit(encoder.name, f"{encoder.name} is missing") for encoder in recipe.numbers if encoder.add_indicator
    ]
    for encoder in recipe.binned:
        edges = [_edge(encoder, value) for value in encoder.edges]
        result += [InputUnit(encoder.name, f"{encoder.name} {low} to {high}") for low, high in pairwise(edges)]
        result.append(InputUnit(encoder.name, f"{encoder.name} missing (bins)"))
    for encoder in recipe.categories:
        levels = [*encoder.categories, *(["missing"] if encoder.add_indicator else [])]
        result += [InputUnit(encoder.name, f"{encoder.name} = {level}") for level in levels]
    return result


def _edge(encoder: Any, value: float) -> str:
    """An edge of a bin as one reads it: a number of four digits, or a date."""
    if encoder.is_date:
        return str(date(1970, 1, 1) + timedelta(days=round(value)))
    return f"{value:.4g}".replace("-", "−")


def group_weight_rows(inputs: Sequence[InputUnit]) -> dict[str, list[int]]:
    """The rows of W¹ that belong to each column, in the order in which columns first appear."""
    groups: dict[str, list[int]] = {}
    for index, item in enumerate(inputs):
        groups.setdefault(item.column, []).append(index)
    return groups


def as_frame_like(user_value: Any, rows: pl.DataFrame) -> Any:
    """Rows in the form of the table that a user gave: an array for an array, pandas for pandas, else Polars."""
    if isinstance(user_value, (np.ndarray, list, tuple)) and all(dtype.is_numeric() for dtype in rows.schema.values()):
        return rows.to_numpy()
    if type(user_value).__module__.split(".")[0] == "pandas":
        return rows.to_pandas()
    return rows
