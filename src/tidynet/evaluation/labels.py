"""The true values of a labelled table, in the terms of the model that is to be tested on it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from tidynet.core.errors import InputError, did_you_mean
from tidynet.core.text import join_names

if TYPE_CHECKING:
    import polars as pl

__all__ = ["align_labels", "check_fitted", "is_labeled", "select_labeled_rows", "target_name", "target_numbers"]


def target_name(model: Any, target: str | None = None) -> str:
    """The name of the column that a fitted model predicts, unless another is given.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> model = SimpleNamespace(record_={"target": "y"})
    >>> target_name(model), target_name(model, "z")
    ('y', 'z')
    """
    record = getattr(model, "record_", None)
    if record is None:
        record = _foreign_record(model)
    targets = getattr(model, "n_targets_", 1)
    if targets > 1:
        raise InputError(
            f"this {type(model).__name__} predicts {targets} targets at once, and a test is of one",
            "train a model for each target",
        )
    if getattr(model, "_multilabel", False):
        raise InputError(
            f"this {type(model).__name__} gives each row any of {len(model.classes_)} labels, "
            "and a test is of one target",
            "train a model for each label",
        )
    column: str | None = target if target is not None else record.get("target")
    if column is None:
        raise InputError("the model does not know the name of its target column", "pass target=…")
    return column


def _foreign_record(model: Any) -> dict[str, Any]:
    """What is known of a model that keeps no record: nothing, if it is a fitted Perceptron."""
    name = type(model).__name__
    if not type(model).__module__.startswith("tidynet.") and not hasattr(type(model), "record_"):
        raise InputError(
            f"this {name} cannot be tested here, only MLPClassifier, MLPRegressor and Perceptron can",
            "score its predictions by scikit-learn, which knows it",
        )
    if not hasattr(model, "coef_"):
        raise InputError(f"this {name} is not fitted", "call fit first")
    return {}


def check_fitted(model: Any) -> None:
    """Refuse a model that learns without a recipe, such as a Perceptron, where networks are trained anew."""
    if not hasattr(model, "recipe_"):
        raise InputError(
            f"a {type(model).__name__} is not trained anew here, only MLPClassifier and MLPRegressor are",
            "use scikit-learn's cross_val_score",
        )


def select_labeled_rows(
    frame: pl.DataFrame, target: str, name: str, *, without: str = ""
) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """The rows that have a value of the target, and a note on those that have none.

    Examples
    --------
    >>> import polars as pl
    >>> frame, notes = select_labeled_rows(pl.DataFrame({"y": [1, None, 2]}), "y", "small")
    >>> frame.height, notes
    (2, ("1 row without a value of 'y' was left out",))
    """
    if target not in frame.columns:
        near = did_you_mean(target, frame.columns)
        there = f"it has {join_names(frame.columns)}" + (f"; {without}" if without else "")
        raise InputError(f"the target '{target}' is not a column of '{name}'", near or there)
    present = is_labeled(frame.get_column(target))
    missing = frame.height - int(present.sum())
    if missing == frame.height:
        raise InputError(
            f"the target '{target}' has no value in any of the {frame.height:,} rows of '{name}', "
            "expected at least one labelled row"
        )
    if not missing:
        return frame, ()
    note = f"{missing:,} {'row' if missing == 1 else 'rows'} without a value of '{target}' "
    return frame.filter(present), (note + ("was left out" if missing == 1 else "were left out"),)


def is_labeled(column: pl.Series) -> pl.Series:
    """Whether each row has a value; NaN is none.

    Examples
    --------
    >>> import polars as pl
    >>> is_labeled(pl.Series([1.0, None, float("nan")])).to_list()
    [True, False, False]
    """
    return (column.fill_nan(None) if column.dtype.is_float() else column).is_not_null()


def target_numbers(column: pl.Series) -> npt.NDArray[np.float64]:
    """The target of a regression as float64; text that spells numbers is read as numbers.

    Examples
    --------
    >>> import polars as pl
    >>> target_numbers(pl.Series("y", ["1.5", "2"]))
    array([1.5, 2. ])
    """
    import polars as pl

    spelt = column.cast(pl.String) if isinstance(column.dtype, pl.Categorical | pl.Enum) else column
    if spelt.dtype.is_numeric() or spelt.dtype in (pl.String, pl.Boolean):
        numbers = spelt.cast(pl.Float64, strict=False).fill_null(float("nan")).to_numpy()
    else:
        numbers = np.full(len(column), np.nan)
    bad = np.flatnonzero(~np.isfinite(numbers))
    if len(bad):
        raise InputError(
            f"the target '{column.name}' holds '{column.slice(int(bad[0]), 1).to_list()[0]}', "
            "expected finite numbers, because the model predicts a number"
        )
    return np.asarray(numbers, dtype=np.float64)


def align_labels(values: Iterable[object], classes: Sequence[object]) -> npt.NDArray[np.object_]:
    """Give each true label as the class of the model that means the same, where there is one.

    A label is first looked up as it is. A table read from another file may spell the same class as
    another type (1, 1.0, "1"; True, "true"), so a label not found so is compared as text.

    Examples
    --------
    >>> align_labels(["1", "2.0", "x"], [1, 2]).tolist()
    [1, 2, 'x']
    >>> align_labels([True, False], ["False", "True"]).tolist()
    ['True', 'False']
    """
    exact = {label: label for label in classes}
    by_text: dict[str, object] = {}
    for label in classes:
        by_text.setdefault(_normalize_label(label), label)
    meaning: dict[object, object] = {}
    aligned = []
    for value in values:
        if value not in meaning:
            meaning[value] = exact[value] if value in exact else by_text.get(_normalize_label(value), value)
        aligned.append(meaning[value])
    result = np.empty(len(aligned), dtype=np.object_)
    result[:] = aligned
    return result


def _normalize_label(label: Any) -> str:
    """One text for all types that a label may come in: 1, 1.0 and "1.0" are "1"."""
    text = str(label).strip()
    if text.casefold() in ("true", "false"):
        return text.casefold()
    try:
        return f"{float(text):.17g}"
    except ValueError:
        return text
