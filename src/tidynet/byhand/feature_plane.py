"""The plane of two columns: every point is a row whose other columns are fixed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tidynet.byhand.columns import (
    as_columns,
    check_row,
    numeric_columns_of,
    require_column,
    resolve_two_columns,
    typical_value,
)
from tidynet.core.errors import InputError
from tidynet.core.text import join_names
from tidynet.estimators.fitted_model import Predictor, recipe_of

Array = NDArray[Any]

_MARGIN: Final = 0.06  # of the range of the rows, at either end
_MAX_CATEGORIES: Final = 12


@dataclass(frozen=True)
class Axis:
    """One column as an axis: its range, or its categories at 0, 1, 2 and so on."""

    name: str
    low: float
    high: float
    categories: tuple[Any, ...] = ()  # empty for numbers

    def values(self, points: int, like: pl.Series) -> pl.Series:
        """Values of the column at the centers of `points` steps along the axis."""
        positions = self.low + (np.arange(points) + 0.5) / points * (self.high - self.low)
        if self.categories:
            return pl.Series(self.name, [self.categories[round(float(index))] for index in positions], dtype=like.dtype)
        return pl.Series(self.name, positions)

    def positions(self, values: pl.Series) -> Array:
        """Positions of values on the axis; NaN for missing values and unseen categories."""
        if not self.categories:
            return values.cast(pl.Float64).fill_null(np.nan).to_numpy()
        order = {category: float(index) for index, category in enumerate(self.categories)}
        return np.array([order.get(value, np.nan) for value in values.to_list()])


@dataclass(frozen=True)
class FeaturePlane:
    """Two axes, and the fixed values of all other columns."""

    x: Axis
    y: Axis
    base: pl.DataFrame  # one row of fixed values
    fixed_text: str

    def rows(self, points: int) -> pl.DataFrame:
        """Points × points rows of the table, in lines of equal y from the lowest."""
        count = points * points
        columns = []
        for name in self.base.columns:
            fixed = self.base.get_column(name)
            if name == self.x.name:
                series = self.x.values(points, fixed)
                columns.append(pl.concat([series] * points))
            elif name == self.y.name:
                series = self.y.values(points, fixed)
                columns.append(series.gather(np.repeat(np.arange(points), points)))
            else:
                columns.append(fixed.new_from_index(0, count))
        return pl.DataFrame(columns)


def make_feature_plane(
    model: Predictor, X: Any, columns: Sequence[str] | None, row: int | None = None, more: Sequence[Any] = ()
) -> FeaturePlane:
    """The plane of two columns of X; the axes also cover the tables in `more`."""
    frame = as_columns(X)
    first, second = _choose_two_columns(model, frame, columns)
    base = {name: [typical_value(frame.get_column(name))] for name in frame.columns}
    if row is not None:
        base = frame[check_row(row, frame.height)].to_dict(as_series=False)
    fixed = pl.DataFrame(base, schema_overrides=_kept_types(frame), strict=False)
    frames = [frame, *(as_columns(item) for item in more)]
    numbers = numeric_columns_of(model, frame)
    axes = [
        _axis(name, [item.get_column(require_column(item, name)) for item in frames], name in numbers)
        for name in (first, second)
    ]
    recipe = recipe_of(model)
    used = set(frame.columns if recipe is None else recipe.used_columns) - {first, second}
    text = _describe_fixed_values(fixed, [name for name in frame.columns if name in used])
    return FeaturePlane(axes[0], axes[1], fixed, text)


def _kept_types(frame: pl.DataFrame) -> dict[str, Any]:
    """Types of all columns but integers, whose median may be fractional."""
    return {name: dtype for name, dtype in frame.schema.items() if not dtype.is_integer()}


def _choose_two_columns(model: Predictor, frame: pl.DataFrame, columns: Sequence[str] | None) -> tuple[str, str]:
    if columns is not None:
        first, second = (_checked_column(model, frame, name) for name in resolve_two_columns(frame, columns))
        if first == second:
            raise InputError(f"both axes are '{first}', expected two different columns")
        return first, second
    numbers = numeric_columns_of(model, frame)
    if len(numbers) < 2:
        raise InputError(
            f"a surface needs two numeric columns, the model has {join_names(numbers) or 'none'}",
            f"name two columns, as in columns=({join_names(frame.columns[:2])})",
        )
    if len(numbers) > 2:
        raise InputError(
            f"the model has {len(numbers)} numeric columns, a surface shows two ({join_names(numbers)})",
            f"name two, as in columns=({join_names(numbers[:2])})",
        )
    return numbers[0], numbers[1]


def _checked_column(model: Predictor, frame: pl.DataFrame, name: str) -> str:
    """The name, if the table has such a column and the model uses it."""
    require_column(frame, name)
    recipe = recipe_of(model)
    if recipe is not None and not recipe.passthrough_columns and name not in recipe.used_columns:
        reason = recipe.excluded_columns.get(name, "not in its training table")
        raise InputError(
            f"the model does not use column '{name}' ({reason})", f"choose among {join_names(recipe.used_columns)}"
        )
    return name


def _axis(name: str, parts: list[pl.Series], numeric: bool) -> Axis:
    if numeric:
        known = np.concatenate([part.cast(pl.Float64).drop_nulls().drop_nans().to_numpy() for part in parts])
        if not known.size:
            raise InputError(f"column '{name}' has no values", "choose another")
        low, high = float(known.min()), float(known.max())
        margin = (high - low) * _MARGIN or abs(high) * _MARGIN or 1.0
        return Axis(name, low - margin, high + margin)
    values = {value for part in parts for value in part.drop_nulls().unique().to_list()}
    categories = sorted(values, key=None if parts[0].dtype.is_numeric() else str)
    if parts[0].dtype.is_temporal():
        raise InputError(f"column '{name}' has dates, expected numbers or categories")
    if not 1 <= len(categories) <= _MAX_CATEGORIES:
        raise InputError(
            f"column '{name}' has {len(categories)} categories, expected 1 to {_MAX_CATEGORIES} on an axis"
        )
    return Axis(name, -0.5, len(categories) - 0.5, tuple(categories))


def _describe_fixed_values(fixed: pl.DataFrame, names: list[str]) -> str:
    cells = fixed.row(0, named=True)
    more = f" and {len(names) - 4} more" if len(names) > 4 else ""
    return ", ".join(f"{name} {_describe_value(cells[name])}" for name in names[:4]) + more


def _describe_value(value: Any) -> str:
    if value is None:
        return "missing"
    return f"{value:g}" if isinstance(value, (int, float)) else str(value)
