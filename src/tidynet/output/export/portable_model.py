"""A fitted model as plain arrays and facts: the source of every exported form.

The first layer takes one row of numbers, D = [scaled numbers | missing indicators | bins], and category codes. The
networks are stacked, so that all of them are one product.

A number x with bins of edges e fills the bins clip((x − eⱼ)/(eⱼ₊₁ − eⱼ), 0, 1), and one more that is 1 where x is
missing: the encoding that the kernels look up row by row.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tidynet.core.errors import InputError
from tidynet.estimators.fitted_model import FittedModel, is_classifier, is_fitted_model, is_regressor
from tidynet.preprocessing import Recipe
from tidynet.preprocessing.categories import UNSEEN_CATEGORY, category_text, encode_categories
from tidynet.preprocessing.encoders import CategoryEncoder, NumberEncoder, as_numbers, read_dates

Array = NDArray[Any]


@dataclass(frozen=True)
class PortableColumn:
    """An input column."""

    name: str
    input_type: str  # "number", "date" (days since 1970), "duration" (seconds), "text", or "code" of numeric categories
    categories: tuple[str, ...] = ()  # in the order of their codes
    missing_text: str = ""  # of a missing text
    has_missing_code: bool = False  # or a missing indicator
    is_boolean: bool = False  # the categories mean false and true

    @property
    def is_categorical(self) -> bool:
        """Whether its values are categories."""
        return self.input_type in ("text", "code")

    @property
    def description(self) -> str:
        """What to hand in, in words."""
        if self.is_boolean and self.input_type == "text":
            false_true = " or ".join(map(repr, self.categories))
            return f"text, {false_true} in any common spelling; missing: {self.missing_text!r}"
        return {
            "number": "number; missing: NaN",
            "date": "date as days since 1970-01-01, with fractions of a day; missing: NaN",
            "duration": "duration in seconds; missing: NaN",
            "code": "number that is a category; missing: NaN",
            "text": f"text; missing: {self.missing_text!r}",
        }[self.input_type]


@dataclass(frozen=True)
class PortableModel:
    """A model without tidynet.

    Arrays: ``median``, ``scale`` of numbers; ``indicator_columns``, the numbers with a missing indicator;
    ``bin_column``, ``bin_low``, ``bin_width``, ``bin_is_missing``, ``bin_has_indicator``, one entry for each bin;
    ``W1`` (networks, numbers, units) and ``categories_K`` (networks, codes of column K and a last row of zeros, units);
    ``b1``, ``W2``, ``b2`` …; ``mean`` and ``deviation`` of a numeric target; ``curve_K`` of isotonic calibration.
    """

    columns: tuple[PortableColumn, ...]  # numeric first, then categorical, each in the recipe's order
    takes_matrix: bool  # trained on a plain array: the input is one matrix
    column_positions: tuple[int, ...]  # of the matrix
    is_passthrough: bool  # numbers are taken unchanged
    arrays: dict[str, Array]
    activations: tuple[str, ...]  # of each layer
    output_type: str  # "classes", "labels" (several for each row), "numbers", "quantiles" or "gaussian"
    classes: list[Any] = field(default_factory=list)
    calibration: str = "none"
    temperature: float = 1.0
    quantiles: tuple[float, ...] = ()  # levels
    has_column_target: bool = True
    quantile_model: PortableModel | None = None  # beside a model of means

    @property
    def numeric(self) -> tuple[PortableColumn, ...]:
        """The numeric columns."""
        return tuple(column for column in self.columns if not column.is_categorical)

    @property
    def categorical(self) -> tuple[PortableColumn, ...]:
        """The categorical columns."""
        return tuple(column for column in self.columns if column.is_categorical)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The networks' float type."""
        return self.arrays["W1"].dtype


def make_portable_model(model: object) -> PortableModel:
    """The plain arrays and facts of a fitted model."""
    if not is_fitted_model(model):
        raise InputError(
            f"the model is a {type(model).__name__}, expected a fitted MLPClassifier or MLPRegressor", "fit one first"
        )
    recipe: Recipe = model.recipe_
    columns = _columns(recipe)
    takes_matrix = not model.has_feature_names and not any(column.is_categorical for column in columns)
    facts: dict[str, Any] = {
        "columns": columns,
        "takes_matrix": takes_matrix,
        "column_positions": tuple(recipe.columns.index(column.name) for column in columns) if takes_matrix else (),
        "is_passthrough": recipe.passthrough_columns,
        "activations": model.network_.layer_activations,
    }
    arrays = _recipe_arrays(recipe) | _layers(model, recipe)
    if is_classifier(model):
        calibrator = model.calibrator
        arrays |= {f"curve_{code}": curve for code, curve in enumerate(calibrator.curves)}
        facts |= {
            "output_type": "labels" if model.is_multilabel else "classes",
            "classes": model.classes_.tolist(),
            "calibration": calibrator.method,
            "temperature": float(calibrator.temperature),
        }
    elif is_regressor(model):
        loss = model.network_.loss
        arrays |= {"mean": model.target_scaler.mean, "deviation": model.target_scaler.std}
        quantile_model = model.quantile_model_
        facts |= {
            "output_type": {"quantile": "quantiles", "gaussian": "gaussian"}.get(loss, "numbers"),
            "quantiles": tuple(sorted(model.network_.options.quantiles)) if loss == "quantile" else (),
            "has_column_target": model.has_column_target,
            "quantile_model": None if quantile_model is None else make_portable_model(quantile_model),
        }
    return PortableModel(arrays=arrays, **facts)


def onnx_inputs(model: PortableModel, frame: pl.DataFrame) -> dict[str, Array]:
    """A table's columns as the ONNX graph takes them: float64 and text, of shape (rows, 1)."""
    if model.takes_matrix:
        return {"X": np.column_stack([as_numbers(frame.to_series(index)) for index in range(frame.width)])}
    fed: dict[str, Array] = {}
    for column in model.columns:
        series = frame.get_column(column.name)
        if column.input_type == "text":
            codes = encode_categories(series, column.categories, column.is_boolean)
            text = category_text(series).to_numpy().astype(object)
            known = np.array([*column.categories, column.missing_text, None], dtype=object)
            fed[column.name] = np.where(codes == UNSEEN_CATEGORY, text, known[codes])[:, None]
        elif column.input_type == "code":
            # the last two by their codes −2 and −1: missing, and unseen
            known = np.array([*map(float, column.categories), np.nan, np.inf])
            fed[column.name] = known[encode_categories(series, column.categories, column.is_boolean)][:, None]
        else:
            fed[column.name] = as_numbers(read_dates(series) if column.input_type == "date" else series)[:, None]
    return fed


def _columns(recipe: Recipe) -> tuple[PortableColumn, ...]:
    numbers = tuple(_numeric_column(encoder, recipe) for encoder in recipe.numbers)
    return (*numbers, *(_categorical_column(encoder) for encoder in recipe.categories))


def _numeric_column(encoder: NumberEncoder, recipe: Recipe) -> PortableColumn:
    duration = recipe.variable_types.get(encoder.name) == "duration"
    form = "date" if encoder.is_date else "duration" if duration else "number"
    return PortableColumn(encoder.name, form, has_missing_code=encoder.add_indicator)


def _categorical_column(encoder: CategoryEncoder) -> PortableColumn:
    numeric = bool(encoder.categories) and all(_is_number(category) for category in encoder.categories)
    missing = "" if "" not in encoder.categories else "<missing>"
    return PortableColumn(
        encoder.name,
        "code" if numeric else "text",
        encoder.categories,
        missing,
        encoder.add_indicator,
        encoder.is_boolean,
    )


def _is_number(category: str) -> bool:
    """Whether a category is the text of a number, so that the number may be given for it."""
    try:
        value = float(category)
    except ValueError:
        return False
    return category_text(pl.Series([value]))[0] == category


def _recipe_arrays(recipe: Recipe) -> dict[str, Array]:
    index = {encoder.name: number for number, encoder in enumerate(recipe.numbers)}
    column, low, width, is_missing, has_indicator = [], [], [], [], []
    for encoder in recipe.binned:
        edges = np.asarray(encoder.edges)
        column += [index[encoder.name]] * len(edges)
        low += edges.tolist()
        width += [*np.diff(edges).tolist(), 1.0]
        is_missing += [False] * (len(edges) - 1) + [True]
        has_indicator += [encoder.add_indicator] * len(edges)
    return {
        "median": np.array([encoder.median for encoder in recipe.numbers]),
        "scale": np.array([encoder.scale for encoder in recipe.numbers]),
        "indicator_columns": np.array([index[e.name] for e in recipe.numbers if e.add_indicator], dtype=np.int64),
        "bin_column": np.array(column, dtype=np.int64),
        "bin_low": np.array(low, dtype=np.float64),
        "bin_width": np.array(width, dtype=np.float64),
        "bin_is_missing": np.array(is_missing, dtype=bool),
        "bin_has_indicator": np.array(has_indicator, dtype=bool),
    }


def _layers(model: FittedModel, recipe: Recipe) -> dict[str, Array]:
    """Weights of all networks, stacked; the first layer is split into numbers and each categorical column."""
    layers = [model.network_.views(theta) for theta in model.members_]
    arrays: dict[str, Array] = {}
    for depth in range(len(layers[0])):
        weights = np.stack([views[depth][0] for views in layers])
        units = weights.shape[2]
        layer_biases = [views[depth][1] for views in layers]
        biases = [np.zeros(units, weights.dtype) if item is None else item for item in layer_biases]
        arrays[f"W{depth + 1}"], arrays[f"b{depth + 1}"] = weights, np.stack(biases)[:, None, :]
    first, at = arrays["W1"], model.network_.numbers + sum(model.network_.bins)
    arrays["W1"] = np.ascontiguousarray(first[:, :at])
    for number, encoder in enumerate(recipe.categories):
        rows = first[:, at : at + encoder.code_rows]
        arrays[f"categories_{number}"] = np.concatenate([rows, np.zeros_like(rows[:, :1])], axis=1)
        at += encoder.code_rows
    return arrays
