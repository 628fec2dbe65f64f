"""Two columns of a table as a plane: every point a row, whose other columns are held at one value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tidynet.byhand.columns import (
    as_columns,
    chosen_row,
    number_columns,
    require_column,
    resolve_two_columns,
    typical_row,
)
from tidynet.core.errors import InputError
from tidynet.core.text import join_names

__all__ = ["Axis", "FeaturePlane", "make_feature_plane"]

Array = NDArray[Any]

_MARGIN: Final = 0.06  # of the range of the rows, at either end
_MAX_LEVELS: Final = 12


@dataclass(frozen=True)
class Axis:
    """One column as an axis: numbers along a line, or levels side by side.

    Attributes
    ----------
    name : str
    low, high : float
        Ends of the axis; levels lie at 0, 1, 2, …
    levels : tuple
        Of a category column, in order; empty for numbers.
    """

    name: str
    low: float
    high: float
    levels: tuple[Any, ...] = ()

    def values(self, points: int, like: pl.Series) -> pl.Series:
        """What the column holds at so many places along the axis, in the middle of each."""
        indices = self.low + (np.arange(points) + 0.5) / points * (self.high - self.low)
        if self.levels:
            return pl.Series(self.name, [self.levels[round(float(index))] for index in indices], dtype=like.dtype)
        return pl.Series(self.name, indices)

    def places(self, values: pl.Series) -> Array:
        """Where values lie on the axis; NaN for missing ones and levels that it does not have."""
        if not self.levels:
            return values.cast(pl.Float64).fill_null(np.nan).to_numpy()
        order = {level: float(index) for index, level in enumerate(self.levels)}
        return np.array([order.get(value, np.nan) for value in values.to_list()])


@dataclass(frozen=True)
class FeaturePlane:
    """Two axes, and the values of all other columns.

    Attributes
    ----------
    across, up : Axis
    base : pl.DataFrame
        One row: what every column holds that is no axis.
    others : str
        The held columns in words.
    """

    across: Axis
    up: Axis
    base: pl.DataFrame
    others: str

    def rows(self, points: int) -> pl.DataFrame:
        """Points × points rows of the table, the lowest line of the plane first."""
        count = points * points
        made = []
        for name in self.base.columns:
            held = self.base.get_column(name)
            if name == self.across.name:
                series = self.across.values(points, held)
                made.append(pl.concat([series] * points))
            elif name == self.up.name:
                series = self.up.values(points, held)
                made.append(series.gather(np.repeat(np.arange(points), points)))
            else:
                made.append(held.new_from_index(0, count))
        return pl.DataFrame(made)


def make_feature_plane(
    model: Any, X: Any, columns: Sequence[str] | None, row: int | None = None, more: Sequence[Any] = ()
) -> FeaturePlane:
    """The plane of two columns of a model's table."""
    frame = as_columns(X)
    first, second = _choose_two_columns(model, frame, columns)
    base = {name: [typical_row(frame.get_column(name))] for name in frame.columns}
    if row is not None:
        base = chosen_row(frame, row).to_dict(as_series=False)
    held = pl.DataFrame(base, schema_overrides=_kept_types(frame), strict=False)
    frames = [frame, *(as_columns(item) for item in more)]
    numbers = number_columns(model, frame)
    axes = [
        _axis(name, [item.get_column(require_column(item, name)) for item in frames], name in numbers)
        for name in (first, second)
    ]
    used = _used(model, frame)
    return FeaturePlane(
        axes[0], axes[1], held, _describe_fixed_values(held, [n for n in used if n not in (first, second)])
    )


def _kept_types(frame: pl.DataFrame) -> dict[str, Any]:
    """Types of all columns but whole numbers, whose median may lie between two."""
    return {name: dtype for name, dtype in frame.schema.items() if not dtype.is_integer()}


def _choose_two_columns(model: Any, frame: pl.DataFrame, columns: Sequence[str] | None) -> tuple[str, str]:
    if columns is not None:
        first, second = (_checked_column(model, frame, name) for name in resolve_two_columns(frame, columns))
        if first == second:
            raise InputError(f"both axes are '{first}', expected two different columns", "name another for one of them")
        return first, second
    numbers = number_columns(model, frame)
    if len(numbers) < 2:
        result = f"only {join_names(numbers)}" if numbers else "none"
        raise InputError(
            f"a surface needs two columns of numbers, but the model has {result}",
            f"name two columns to draw, as in columns=({join_names(frame.columns[:2])})",
        )
    if len(numbers) > 2:
        raise InputError(
            f"the model has {len(numbers)} columns of numbers, too many to draw at once ({join_names(numbers)})",
            f"name two, as in columns=({join_names(numbers[:2])})",
        )
    return numbers[0], numbers[1]


def _checked_column(model: Any, frame: pl.DataFrame, name: str) -> str:
    """The name, if the table has such a column and the model looks at it."""
    require_column(frame, name)
    recipe = getattr(model, "recipe_", None)
    if recipe is not None and not recipe.plain and name not in recipe.used:
        reason = recipe.excluded_columns.get(name, "it was not in its table")
        raise InputError(
            f"the model takes no notice of the column '{name}' ({reason})", f"choose among {join_names(recipe.used)}"
        )
    return name


def _axis(name: str, parts: list[pl.Series], numeric: bool) -> Axis:
    if numeric:
        known = np.concatenate([part.cast(pl.Float64).drop_nulls().drop_nans().to_numpy() for part in parts])
        if not known.size:
            raise InputError(f"the column '{name}' has no known value to draw", "choose another")
        low, high = float(known.min()), float(known.max())
        margin = (high - low) * _MARGIN or abs(high) * _MARGIN or 1.0
        return Axis(name, low - margin, high + margin)
    result = {value for part in parts for value in part.drop_nulls().unique().to_list()}
    levels = sorted(result, key=None if parts[0].dtype.is_numeric() else str)
    if parts[0].dtype.is_temporal():
        raise InputError(
            f"the column '{name}' holds dates, which a surface cannot show", "choose numbers or categories"
        )
    if not 1 <= len(levels) <= _MAX_LEVELS:
        raise InputError(f"the column '{name}' has {len(levels)} levels, expected 1 to {_MAX_LEVELS} on an axis")
    return Axis(name, -0.5, len(levels) - 0.5, tuple(levels))


def _used(model: Any, frame: pl.DataFrame) -> list[str]:
    recipe = getattr(model, "recipe_", None)
    used = set(frame.columns if recipe is None else recipe.used)
    return [name for name in frame.columns if name in used]


def _describe_fixed_values(held: pl.DataFrame, names: list[str]) -> str:
    cells = held.row(0, named=True)
    display_text = [f"{name} {_describe_value(cells[name])}" for name in names[:4]]
    more = f" and {len(names) - 4} more" if len(names) > 4 else ""
    return ", ".join(display_text) + more


def _describe_value(value: Any) -> str:
    if value is None:
        return "missing"
    return f"{value:g}" if isinstance(value, (int, float)) else str(value)
