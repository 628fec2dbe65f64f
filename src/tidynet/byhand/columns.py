"""The columns of a table as figures need them: numeric columns, one value for a whole column, names of inputs."""

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
from tidynet.core.text import join_names, pluralize
from tidynet.estimators.fitted_model import FittedModel, Predictor, is_fitted, is_fitted_model, recipe_of
from tidynet.estimators.input_validation import validate_input
from tidynet.preprocessing import Recipe
from tidynet.preprocessing.encoders import NumberEncoder

Array = NDArray[Any]


@dataclass(frozen=True)
class InputUnit:
    """One row of the first weight matrix: its column, and its own name."""

    column: str
    name: str


def as_columns(X: Any) -> pl.DataFrame:
    """Any table or array as a frame; the columns of an array are named x0, x1 and so on."""
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
        example = ", ".join(f"'{name}'" for name in frame.columns[:2])
        raise InputError(f"columns has {pluralize(len(names), 'name')}, expected two", f"use columns=({example})")
    return names


def require_fitted(model: Predictor) -> None:
    """Raise unless the model was fitted."""
    if not is_fitted(model):
        raise InputError(f"this {type(model).__name__} is not fitted", "call fit(X, y) first")


def fitted_network(model: Predictor, n_networks: int = 1) -> FittedModel:
    """The model, if it has a fitted network."""
    require_fitted(model)
    if not is_fitted_model(model):
        raise InputError(f"the model is a {type(model).__name__}, expected an MLPClassifier or MLPRegressor")
    if len(model.members_) < n_networks:
        raise InputError(
            f"the model has {pluralize(len(model.members_), 'network')}, expected {n_networks} or more",
            f"fit it with n_networks={n_networks}",
        )
    return model


def check_row(row: int, n_rows: int) -> int:
    """The row number, if it is one of a table of `n_rows` rows, counted from 0."""
    if isinstance(row, bool) or not isinstance(row, (int, np.integer)) or not 0 <= row < n_rows:
        raise InputError(f"row is {row!r}, expected a row number from 0 to {n_rows - 1}")
    return int(row)


def numeric_columns_of(model: Predictor, frame: pl.DataFrame) -> list[str]:
    """The columns that a model takes as numbers and that can be an axis, in the table's order."""
    numeric = [name for name in frame.columns if frame.schema[name].is_numeric()]
    recipe = recipe_of(model)
    if recipe is None or (recipe.passthrough_columns and is_fitted_model(model) and not model.has_feature_names):
        return numeric
    numbers = {encoder.name for encoder in recipe.numbers if not encoder.is_date}
    return [name for name in numeric if name in numbers]


def typical_value(values: pl.Series) -> Any:
    """The median of numbers, the most frequent of other values; None if all are missing."""
    known = values.drop_nulls()
    if not len(known):
        return None
    return known.median() if known.dtype.is_numeric() else known.mode().sort()[0]


def input_rows(recipe: Recipe) -> list[InputUnit]:
    """The rows of W¹ in the order of `Network`: numbers, missing indicators, bins, categories."""
    units = [InputUnit(encoder.name, encoder.name) for encoder in recipe.numbers]
    units += [InputUnit(item.name, f"{item.name} is missing") for item in recipe.numbers if item.add_indicator]
    for encoder in recipe.binned:
        edges = [_edge_text(encoder, value) for value in encoder.edges]
        units += [InputUnit(encoder.name, f"{encoder.name} {low} to {high}") for low, high in pairwise(edges)]
        units.append(InputUnit(encoder.name, f"{encoder.name} missing (bins)"))
    for item in recipe.categories:
        categories = [*item.categories, *(["missing"] if item.add_indicator else [])]
        units += [InputUnit(item.name, f"{item.name} = {category}") for category in categories]
    return units


def _edge_text(encoder: NumberEncoder, value: float) -> str:
    if encoder.is_date:
        return str(date(1970, 1, 1) + timedelta(days=round(value)))
    return f"{value:.4g}".replace("-", "−")


def group_weight_rows(inputs: Sequence[InputUnit]) -> dict[str, list[int]]:
    """The rows of W¹ of each column, in the order in which columns first appear."""
    groups: dict[str, list[int]] = {}
    for index, item in enumerate(inputs):
        groups.setdefault(item.column, []).append(index)
    return groups


def columns_frame(table: Any, rows: pl.DataFrame) -> Any:
    """Rows in the form of a table: an array for an array, pandas for pandas, else Polars."""
    if isinstance(table, (np.ndarray, list, tuple)) and all(dtype.is_numeric() for dtype in rows.schema.values()):
        return rows.to_numpy()
    if type(table).__module__.split(".")[0] == "pandas":
        return rows.to_pandas()
    return rows
