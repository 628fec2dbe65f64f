"""For one row of a table: what moves its prediction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tidynet.core.errors import InputError
from tidynet.evaluation.contributions import PredictionExplanation
from tidynet.evaluation.evaluation_data import drop_target
from tidynet.evaluation.shapley import shapley_values

if TYPE_CHECKING:
    import polars as pl

__all__ = ["explain_prediction"]

MOST_BACKGROUND = 5_000  # rows of a larger table are drawn
WORK = 50_000


def explain_prediction(
    model: Any,
    table: Any,
    row: int = 1,
    *,
    class_label: Any = None,
    background: Any = None,
    seed: int = 0,
    max_evaluations: int = WORK,
) -> PredictionExplanation:
    """What moves the prediction of one row away from the average prediction: a push of each column.

    Pushes are Shapley values: what a column adds, averaged over all orders in which the row's values may take
    the place of another row's. With few columns all subsets are tried, with more orders are drawn.

    Parameters
    ----------
    model : MLPClassifier or MLPRegressor
        Fitted, or loaded from its file.
    table : whatever `tidynet.read` takes
        With the columns that the model was fitted on; the target is not needed.
    row : int
        Which row, counted from 1 as `tidynet predict` counts them.
    class_label : optional
        The class whose probability is explained; the predicted one by default.
    background : as `table`, optional
        Rows that the average is taken over, such as the training table; the rows of `table` by default. Of more
        than 5,000 rows 5,000 are drawn.
    seed : int
        Decides what is drawn.
    max_evaluations : int
        Rows to predict in all, about: more of them make the pushes surer.

    Returns
    -------
    Contributions
        Printed as bars, shown as a picture in a notebook; ``save`` writes it as .svg, .json or .txt.

    Raises
    ------
    InputError
        If there is no such row or class, no other row to compare with, or a column is missing.

    Examples
    --------
    >>> import tidynet as tn
    >>> table = tn.read("penguins").select("species", "bill_length_mm", "bill_depth_mm")
    >>> model = tn.MLPClassifier(random_state=0, effort="fast").fit(table.drop(target="species"), table["species"])
    >>> found = tn.explain_prediction(model, table, row=300)
    >>> found.of, found.columns[0].column
    ("probability of 'Chinstrap'", 'bill_length_mm')
    """
    from tidynet.table.read import read
    from tidynet.table.table import Table

    if not hasattr(model, "recipe_"):
        raise InputError(f"this {type(model).__name__} is not fitted", "call fit first")
    if getattr(model, "n_targets_", 1) > 1:
        raise InputError("the model predicts several numbers a row", "explain each by a model of its own")
    whole = table if isinstance(table, Table) else read(table)
    others = whole if background is None else background if isinstance(background, Table) else read(background)
    if not 1 <= row <= whole.height:
        raise InputError(f"row {row} is not in '{whole.name}', expected a row from 1 to {whole.height}")
    if others is whole and whole.height == 1:
        raise InputError(
            f"'{whole.name}' has one row, and there is no other to compare it with",
            "give more rows as background=…, or --background TABLE, such as the training table",
        )
    indices = np.arange(others.height)
    if len(indices) > MOST_BACKGROUND:
        indices = np.sort(np.random.default_rng(seed).choice(indices, MOST_BACKGROUND, replace=False))
    item = _select_read_columns(model, whole.frame[row - 1 : row])
    frame = _joined(item, _select_read_columns(model, others.frame[indices]), others.name)
    target = getattr(model, "record_", {}).get("target") or ""
    rows = drop_target(model, frame, target, np.concatenate([[row - 1], indices]))
    return shapley_values(
        rows, 0, class_label, background=1 + np.arange(len(indices)), max_evaluations=max_evaluations, seed=seed
    )


def _select_read_columns(model: Any, frame: pl.DataFrame) -> pl.DataFrame:
    """The columns that the model was fitted on; all where it knows no names, or misses one and is to say so."""
    if not hasattr(model, "feature_names_in_") or not set(model.recipe_.used_columns) <= set(frame.columns):
        return frame
    known = set(model.recipe_.columns)
    return frame.select([series for series in frame.get_columns() if series.name in known])


def _joined(item: pl.DataFrame, others: pl.DataFrame, name: str) -> pl.DataFrame:
    """A row above others; columns that are written otherwise there are brought together."""
    import polars as pl

    if item.columns != others.columns:
        others = others.select([series for series in others.get_columns() if series.name in item.columns])
        item = item.select([item[column] for column in others.columns])
    joined = []
    for above, below in zip(item.get_columns(), others.get_columns(), strict=True):
        # Polars would take a date beside a number for a number of days.
        dated = above.dtype.is_temporal() != below.dtype.is_temporal()
        try:
            if dated and (above.dtype.is_numeric() or below.dtype.is_numeric()):
                raise pl.exceptions.SchemaError
            joined.append(pl.concat([above.to_frame(), below.to_frame()], how="vertical_relaxed"))
        except pl.exceptions.PolarsError:
            types = f"{above.dtype} in the row and {below.dtype} in the background '{name}'"
            raise InputError(f"the column '{above.name}' holds {types}", "read both the same way") from None
    return pl.concat(joined, how="horizontal")
