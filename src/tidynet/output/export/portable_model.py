"""A fitted model as plain arrays and facts: what every exported form is written from.

The first layer's inputs are one row of numbers, D = [scaled numbers | missing marks | bins], and codes of
levels; the networks lie side by side, so that all of them are one product.

A number x that has bins with the edges e fills the places clip((x − eⱼ)/(eⱼ₊₁ − eⱼ), 0, 1), and one more
place that is 1 where x is missing: the same encoding that the kernels look up row by row.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tidynet.core.errors import InputError
from tidynet.preprocessing import Recipe
from tidynet.preprocessing.categories import UNSEEN_CATEGORY, category_text, encode_categories
from tidynet.preprocessing.encoders import CategoryEncoder, NumberEncoder, as_numbers, read_dates

__all__ = ["Column", "PortableModel", "make_portable_model", "onnx_inputs"]

Array = NDArray[Any]


@dataclass(frozen=True)
class Column:
    """A raw column that goes in.

    Attributes
    ----------
    name : str
    form : str
        ``"number"``, ``"date"`` (days since 1970), ``"duration"`` (seconds), ``"text"``, or ``"code"`` for
        levels that are all numbers.
    levels : tuple of str
        Of "text" and "code", in the order of their codes.
    missing : str
        What stands for a missing text.
    marks_missing : bool
        Whether a missing value has a place of its own.
    is_boolean : bool
        Whether the levels mean false and true.
    """

    name: str
    form: str
    levels: tuple[str, ...] = ()
    missing: str = ""
    marks_missing: bool = False
    is_boolean: bool = False

    @property
    def is_level(self) -> bool:
        """Whether it holds levels and not quantities."""
        return self.form in ("text", "code")

    @property
    def told(self) -> str:
        """What to hand in, in words.

        Examples
        --------
        >>> Column("sex", "text").told
        "text; '' where it is missing"
        """
        if self.is_boolean and self.form == "text":
            false_true = " or ".join(map(repr, self.levels))
            return f"text, {false_true} in any common spelling; {self.missing!r} where it is missing"
        return {
            "number": "a number; NaN where it is missing",
            "date": "a date as days since 1970-01-01, parts of a day behind the point; NaN where it is missing",
            "duration": "a duration in seconds; NaN where it is missing",
            "code": "a number that names a level; NaN where it is missing",
            "text": f"text; {self.missing!r} where it is missing",
        }[self.form]


@dataclass(frozen=True)
class PortableModel:
    """A model without tidynet.

    Attributes
    ----------
    columns : tuple of Column
        Numbers first, then levels, each in the recipe's order.
    one_matrix : bool
        Whether the model was trained on a plain array, so that one matrix of numbers goes in.
    places : tuple of int
        Of one matrix, the columns that are used.
    plain : bool
        Whether numbers are taken as they are.
    arrays : dict of str to ndarray
        ``median``, ``spread`` (numbers); ``marked`` (numbers with a missing mark); ``bin_column``, ``bin_low``,
        ``bin_width``, ``bin_is_missing``, ``bin_marks`` (one entry for each place of the bins); ``W1`` (networks,
        numbers, units) and ``levels_K`` (networks, rows of the column K and a last of zeros, units); ``b1``, ``W2``,
        ``b2`` and so on; ``mean`` and ``deviation`` of a target of numbers; ``curve_K`` of isotonic scaling.
    activations : tuple of str
        One a layer.
    result : str
        ``"classes"``, ``"labels"`` (several a row), ``"numbers"``, ``"quantiles"`` or ``"gaussian"``.
    classes : list
    scaling, temperature : str, float
        What is done to the probabilities.
    quantiles : tuple of float
        Levels, of the result "quantiles".
    column_target : bool
        Whether the target of numbers is one column.
    beside : Portable or None
        A model of quantiles beside one of means.
    """

    columns: tuple[Column, ...]
    one_matrix: bool
    places: tuple[int, ...]
    plain: bool
    arrays: dict[str, Array]
    activations: tuple[str, ...]
    result: str
    classes: list[Any] = field(default_factory=list)
    scaling: str = "none"
    temperature: float = 1.0
    quantiles: tuple[float, ...] = ()
    column_target: bool = True
    beside: PortableModel | None = None

    @property
    def numbers(self) -> tuple[Column, ...]:
        """The columns of quantities."""
        return tuple(column for column in self.columns if not column.is_level)

    @property
    def levels(self) -> tuple[Column, ...]:
        """The columns of levels."""
        return tuple(column for column in self.columns if column.is_level)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The networks' float type."""
        return self.arrays["W1"].dtype


def make_portable_model(model: Any) -> PortableModel:
    """The plain arrays and facts of a fitted model.

    Examples
    --------
    >>> import tidynet as tn
    >>> X = np.random.default_rng(0).normal(size=(50, 2))
    >>> model = tn.MLPClassifier((5,), max_iter=9, preset="tidynet", n_networks=1).fit(X, X[:, 0] > 0)
    >>> make_portable_model(model).arrays["W2"].shape
    (1, 5, 1)
    """
    if not hasattr(model, "recipe_"):
        raise InputError(
            f"a {type(model).__name__} cannot be exported", "expected a fitted MLPClassifier or MLPRegressor"
        )
    recipe: Recipe = model.recipe_
    columns = _columns(recipe)
    unnamed = not hasattr(model, "feature_names_in_") and not any(column.is_level for column in columns)
    facts: dict[str, Any] = {
        "columns": columns,
        "one_matrix": unnamed,
        "places": tuple(recipe.columns.index(column.name) for column in columns) if unnamed else (),
        "plain": recipe.passthrough_columns,
        "activations": model.network_.layer_activations,
    }
    arrays = _recipe_arrays(recipe) | _layers(model, recipe)
    if hasattr(model, "classes_"):
        scaling = model.calibrator
        arrays |= {f"curve_{code}": curve for code, curve in enumerate(scaling.curves)}
        facts |= {
            "result": "labels" if model.is_multilabel else "classes",
            "classes": model.classes_.tolist(),
            "scaling": scaling.method,
            "temperature": float(scaling.temperature),
        }
    else:
        loss = model.network_.loss
        arrays |= {"mean": model.target_scaler.mean, "deviation": model.target_scaler.std}
        beside = getattr(model, "quantile_model_", None)
        facts |= {
            "result": {"quantile": "quantiles", "gaussian": "gaussian"}.get(loss, "numbers"),
            "quantiles": tuple(sorted(model.network_.options.quantiles)) if loss == "quantile" else (),
            "column_target": model.has_column_target,
            "beside": None if beside is None else make_portable_model(beside),
        }
    return PortableModel(arrays=arrays, **facts)


def onnx_inputs(model: PortableModel, frame: pl.DataFrame) -> dict[str, Array]:
    """A table's columns in the form that the ONNX graph takes in: float64 and text, of shape (rows, 1).

    Examples
    --------
    >>> column = Column("size", "text", ("l", "m"))
    >>> made = PortableModel((column,), False, (), False, {}, (), "classes")
    >>> onnx_inputs(made, pl.DataFrame({"size": ["m", None]}))["size"].tolist()
    [['m'], ['']]
    """
    if model.one_matrix:
        return {"X": np.column_stack([as_numbers(frame.to_series(index)) for index in range(frame.width)])}
    fed: dict[str, Array] = {}
    for column in model.columns:
        series = frame.get_column(column.name)
        if column.form == "text":
            codes = encode_categories(series, column.levels, column.is_boolean)
            text = category_text(series).to_numpy().astype(object)
            known = np.array([*column.levels, column.missing, None], dtype=object)
            fed[column.name] = np.where(codes == UNSEEN_CATEGORY, text, known[codes])[:, None]
        elif column.form == "code":
            # the last two by their codes −2 and −1: missing, and never seen
            known = np.array([*map(float, column.levels), np.nan, np.inf])
            fed[column.name] = known[encode_categories(series, column.levels, column.is_boolean)][:, None]
        else:
            fed[column.name] = as_numbers(read_dates(series) if column.form == "date" else series)[:, None]
    return fed


def _columns(recipe: Recipe) -> tuple[Column, ...]:
    numbers = tuple(_number_column(encoder, recipe) for encoder in recipe.numbers)
    return (*numbers, *(_level_column(encoder) for encoder in recipe.categories))


def _number_column(encoder: NumberEncoder, recipe: Recipe) -> Column:
    duration = recipe.variable_types.get(encoder.name) == "duration"
    form = "date" if encoder.is_date else "duration" if duration else "number"
    return Column(encoder.name, form, marks_missing=encoder.add_indicator)


def _level_column(encoder: CategoryEncoder) -> Column:
    numeric = bool(encoder.categories) and all(_is_number(level) for level in encoder.categories)
    missing = "" if "" not in encoder.categories else "<missing>"
    return Column(
        encoder.name,
        "code" if numeric else "text",
        encoder.categories,
        missing,
        encoder.add_indicator,
        encoder.is_boolean,
    )


def _is_number(level: str) -> bool:
    """Whether a level is how a number is written as one, so that the number may stand for it."""
    try:
        value = float(level)
    except ValueError:
        return False
    return category_text(pl.Series([value]))[0] == level


def _recipe_arrays(recipe: Recipe) -> dict[str, Array]:
    index = {encoder.name: number for number, encoder in enumerate(recipe.numbers)}
    column, low, width, is_missing, marks = [], [], [], [], []
    for encoder in recipe.binned:
        edges = np.asarray(encoder.edges)
        column += [index[encoder.name]] * len(edges)
        low += edges.tolist()
        width += [*np.diff(edges).tolist(), 1.0]
        is_missing += [False] * (len(edges) - 1) + [True]
        marks += [encoder.add_indicator] * len(edges)
    return {
        "median": np.array([encoder.median for encoder in recipe.numbers]),
        "spread": np.array([encoder.scale for encoder in recipe.numbers]),
        "marked": np.array([index[e.name] for e in recipe.numbers if e.add_indicator], dtype=np.int64),
        "bin_column": np.array(column, dtype=np.int64),
        "bin_low": np.array(low, dtype=np.float64),
        "bin_width": np.array(width, dtype=np.float64),
        "bin_is_missing": np.array(is_missing, dtype=bool),
        "bin_marks": np.array(marks, dtype=bool),
    }


def _layers(model: Any, recipe: Recipe) -> dict[str, Array]:
    """Weights of all networks side by side; the first layer's cut into numbers and each column's levels."""
    layers = [model.network_.views(theta) for theta in model.members_]
    arrays: dict[str, Array] = {}
    for depth in range(len(layers[0])):
        weights = np.stack([views[depth][0] for views in layers])
        units = weights.shape[2]
        user_value = [views[depth][1] for views in layers]
        biases = [np.zeros(units, weights.dtype) if item is None else item for item in user_value]
        arrays[f"W{depth + 1}"], arrays[f"b{depth + 1}"] = weights, np.stack(biases)[:, None, :]
    first, at = arrays["W1"], model.network_.numbers + sum(model.network_.bins)
    arrays["W1"] = np.ascontiguousarray(first[:, :at])
    for number, encoder in enumerate(recipe.categories):
        rows = first[:, at : at + encoder.code_rows]
        arrays[f"levels_{number}"] = np.concatenate([rows, np.zeros_like(rows[:, :1])], axis=1)
        at += encoder.code_rows
    return arrays
