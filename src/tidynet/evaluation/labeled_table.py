"""A table with its target: named as a column of it, or given apart as in scikit-learn."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tidynet.core.errors import InputError
from tidynet.core.text import pluralize
from tidynet.estimators.fitted_model import Predictor, recipe_of, run_record
from tidynet.estimators.target_validation import name_of_target
from tidynet.evaluation.labels import as_table
from tidynet.table.infer_types import infer_type
from tidynet.table.table import Table
from tidynet.table.to_polars import as_frame


def join_target(model: Predictor, table: Any, target: Any) -> tuple[Any, str | None]:
    """The table, and the name of its target; a target that is given apart becomes a column of the table."""
    if target is None or isinstance(target, str):
        return table, target
    whole = as_table(table, model)
    name = name_of_target(target) or run_record(model).get("target") or "target"
    recipe = recipe_of(model)
    if name in whole.columns and (recipe is None or name in recipe.columns):
        name = f"{name} (target)"  # the column of this name is a feature
    values = target.to_numpy() if hasattr(target, "columns") and not callable(target.columns) else target
    if getattr(values, "ndim", 1) == 2 and values.shape[1] == 1:
        values = values[:, 0]
    column = as_frame({name: values}).get_column(name)
    if len(column) != whole.height:
        raise InputError(
            f"there are {pluralize(whole.height, 'row')} of features and {len(column)} of the target, expected as many"
        )
    types = {**whole.inferred_types, name: infer_type(column)}
    joined: Table = replace(whole, frame=whole.frame.with_columns(column), inferred_types=types)
    return joined, name
