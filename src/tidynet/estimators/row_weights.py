"""Weights of rows and of classes that users pass, validated: each is 0 or a number that the kernels can sum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidynet.core.errors import InputError, did_you_mean
from tidynet.core.text import join_list, shorten
from tidynet.estimators.masked_values import fill_masked

Array = NDArray[Any]

LARGEST_WEIGHT = 1e30  # sums of larger weights leave float32, and smaller ones than its inverse become 0
_EXPECTED = f"expected 0 or a number from {1 / LARGEST_WEIGHT:g} to {LARGEST_WEIGHT:g}"


def validate_sample_weight(sample_weight: Any, rows: int) -> Array | None:
    """Row weights as float64 of shape (rows,), or None."""
    if sample_weight is None:
        return None
    if isinstance(sample_weight, (str, Mapping)):
        raise InputError(
            f"sample_weight is {shorten(repr(sample_weight))}, expected a number for each of {rows} rows",
            "weights of classes are class_weight",
        )
    values = sample_weight.to_numpy() if hasattr(sample_weight, "to_numpy") else sample_weight
    weights = _as_numbers(fill_masked(values))
    if weights.ndim == 0:
        weights = np.full(rows, float(weights))
    if weights.shape != (rows,):
        raise InputError(f"sample_weight has shape {weights.shape}, expected ({rows},)")
    _check_range("sample_weight", weights)
    if not weights.any():
        raise InputError("every sample weight is zero, expected some above 0")
    return weights


def weigh_classes(class_weight: Any, y: Array, weights: Array | None) -> Array | None:
    """Row weights times the weights of their classes."""
    if class_weight is None:
        return weights
    from sklearn.utils.class_weight import compute_sample_weight

    columns = y[:, None] if y.ndim == 1 else y
    by_column: list[Any] = class_weight if isinstance(class_weight, list) else [class_weight]
    for given, column in zip(by_column, columns.T, strict=False):
        if isinstance(given, Mapping):
            _check_class_weight(given, np.unique(column).tolist())
    by_class: Array = np.asarray(compute_sample_weight(class_weight, y), dtype=np.float64)
    product = by_class if weights is None else weights * by_class
    if not product.any():
        cause = "class_weight" if not by_class.any() else "class_weight times sample_weight"
        raise InputError(f"{cause} is 0 in every row, expected some above 0", "give a class of these rows more weight")
    _check_range("class_weight times sample_weight" if weights is not None else "class_weight", product)
    return product


def _as_numbers(values: Any) -> Array:
    try:
        array = np.asarray(values)
        if array.dtype.kind == "c":
            raise TypeError
        return array.astype(np.float64)
    except (TypeError, ValueError):
        items = [values] if np.ndim(values) == 0 else list(values)
        wrong = next((item for item in items if not isinstance(item, (int, float, np.number))), items[0])
        raise InputError(f"sample_weight contains {shorten(repr(wrong))}, expected numbers of at least 0") from None


def _check_range(name: str, weights: Array) -> None:
    """Refuse the first weight that is negative, missing, or too large or small to be summed."""
    with np.errstate(invalid="ignore"):
        is_usable = (weights == 0) | ((weights >= 1 / LARGEST_WEIGHT) & (weights <= LARGEST_WEIGHT))
    if not is_usable.all():
        row = int(np.argmin(is_usable))
        raise InputError(f"{name} is {weights[row]:g} in row {row + 1}, {_EXPECTED}", _hint(float(weights[row])))


def _hint(weight: float) -> str:
    if np.isnan(weight):
        return "give a missing weight as 0, or drop the row"
    if not 0 < weight < np.inf:
        return ""
    return "divide all weights by a constant" if weight > 1 else "give 0, or multiply all weights by a constant"


def _check_class_weight(given: Mapping[Any, Any], classes: Sequence[Any]) -> None:
    """Refuse weights of classes that are no weights, or that are not for these classes."""
    for label, weight in given.items():
        is_number = isinstance(weight, (int, float, np.number)) and not isinstance(weight, complex)
        if not is_number or not (weight == 0 or 1 / LARGEST_WEIGHT <= weight <= LARGEST_WEIGHT):
            raise InputError(
                f"class_weight of class {label!r} is {weight!r}, {_EXPECTED}", _hint(float(weight)) if is_number else ""
            )
    unknown = [label for label in given if label not in classes]
    if unknown and any(label not in given for label in classes):
        hint = did_you_mean(str(unknown[0]), [str(label) for label in classes])
        raise InputError(
            f"class_weight has a weight of {unknown[0]!r}, but the classes are {join_list(map(repr, classes))}", hint
        )
