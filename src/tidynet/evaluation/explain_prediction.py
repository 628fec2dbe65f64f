"""Explain one prediction by the contributions of the columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from tidynet.core.errors import InputError
from tidynet.estimators.fitted_model import FittedModel, Predictor, feature_names, is_fitted_model, run_record
from tidynet.evaluation.contributions import PredictionExplanation
from tidynet.evaluation.evaluation_data import predict_unlabeled_data, sample_row_numbers
from tidynet.evaluation.labels import as_table
from tidynet.evaluation.shapley import shapley_values

MAX_BACKGROUND = 5_000
MAX_PREDICTIONS = 50_000


def explain_prediction(
    model: Predictor,
    table: Any,
    row: int = 1,
    *,
    class_label: Any = None,
    background: Any = None,
    seed: int = 0,
    max_evaluations: int = MAX_PREDICTIONS,
) -> PredictionExplanation:
    """Explain the prediction of one row: the contribution (Shapley value) of each column.

    Prediction = average prediction of the background + Σ contributions. With few columns the values are exact, with
    more they are estimated from random column orders. ``save`` writes the result as .svg, .json or .txt.

    Parameters
    ----------
    model : MLPClassifier or MLPRegressor
        Fitted, or loaded from its file.
    table : Table, path, name of a shipped table, data frame, dict of arrays or array
        With the columns that the model was fitted on; the target is not needed.
    row : int
        The row, counted from 1 as in `tidynet predict`.
    class_label : optional
        The class whose probability is explained; the predicted one by default.
    background : as `table`, optional
        Rows of the average, such as the training table; the rows of `table` by default. At most 5,000 are used.
    seed : int
        Seed of the random rows and orders.
    max_evaluations : int
        The approximate number of rows to predict; more give narrower intervals.

    Raises
    ------
    InputError
        If the row or class does not exist, there is no background row, or a column is missing.

    Examples
    --------
    >>> import tidynet as tn
    >>> table = tn.read("penguins").select("species", "bill_length_mm", "bill_depth_mm")
    >>> model = tn.MLPClassifier(random_state=0, effort="fast").fit(table.drop(target="species"), table["species"])
    >>> result = tn.explain_prediction(model, table, row=300)
    >>> result.of, result.columns[0].column
    ("probability of 'Chinstrap'", 'bill_length_mm')
    """
    if not is_fitted_model(model):
        raise InputError(f"{type(model).__name__} is not fitted", "call fit first")
    if model.n_targets > 1:
        raise InputError(
            f"the model predicts {model.n_targets} numbers for each row, expected 1", "use a model for each"
        )
    whole = as_table(table, model)
    others = whole if background is None else as_table(background, model)
    if not 1 <= row <= whole.height:
        raise InputError(f"the row is {row}, expected 1 to {whole.height} in '{whole.name}'")
    if others is whole and whole.height == 1:
        raise InputError(
            f"'{whole.name}' has 1 row, expected at least 2 for an average",
            "give background=…, or --background TABLE, such as the training table",
        )
    indices = sample_row_numbers(others.height, MAX_BACKGROUND, seed)
    first = _select_read_columns(model, whole.frame[row - 1 : row])
    frame = _stacked(first, _select_read_columns(model, others.frame[indices]), others.name)
    target = run_record(model).get("target") or ""
    rows = predict_unlabeled_data(model, frame, target, np.concatenate([[row - 1], indices]))
    return shapley_values(
        rows, 0, class_label, background=1 + np.arange(len(indices)), max_evaluations=max_evaluations, seed=seed
    )


def _select_read_columns(model: FittedModel, frame: pl.DataFrame) -> pl.DataFrame:
    """The columns of the model; all where it has no names, or where one is missing and predict raises."""
    if feature_names(model) is None or not set(model.recipe_.used_columns) <= set(frame.columns):
        return frame
    known = set(model.recipe_.columns)
    return frame.select([series for series in frame.get_columns() if series.name in known])


def _stacked(first: pl.DataFrame, others: pl.DataFrame, name: str) -> pl.DataFrame:
    """A row above others; columns of another number type are converted."""
    if first.columns != others.columns:
        others = others.select([series for series in others.get_columns() if series.name in first.columns])
        first = first.select([first[column] for column in others.columns])
    joined = []
    for above, below in zip(first.get_columns(), others.get_columns(), strict=True):
        # Polars would take a number beside a date as a number of days.
        dated = above.dtype.is_temporal() != below.dtype.is_temporal()
        try:
            if dated and (above.dtype.is_numeric() or below.dtype.is_numeric()):
                raise pl.exceptions.SchemaError
            joined.append(pl.concat([above.to_frame(), below.to_frame()], how="vertical_relaxed"))
        except pl.exceptions.PolarsError:
            message = (
                f"'{above.name}' is {below.dtype} in the background '{name}', expected {above.dtype} as in the row"
            )
            raise InputError(message, "read both with the same options") from None
    return pl.concat(joined, how="horizontal")
