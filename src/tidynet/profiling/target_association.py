"""How much each column alone tells about the target, judged on rows that were left out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from tidynet.profiling.counts import count_pair
from tidynet.profiling.encoded_variables import as_variable, quantile_codes
from tidynet.profiling.profile import TargetAssociation
from tidynet.table.variable_type import TypeInference, VariableType

__all__ = ["explained_share", "profile_target_association"]

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

_FOLDS = 5
_PRIOR = 2.0  # rows' worth of trust in the whole that each cell starts with
_MOST_CELLS = 64
_MOST_PICTURES = 40


@dataclass(frozen=True, slots=True)
class _TargetValues:
    """The target: quantities, or codes of classes."""

    known: npt.NDArray[np.bool_]
    values: Floats | None
    codes: Integers
    classes: int


def profile_target_association(
    frame: pl.DataFrame, inferred_types: Mapping[str, TypeInference], target: str, seed: int = 0
) -> tuple[TargetAssociation, ...]:
    """What every other column tells about the target, most first.

    Each column is cut into levels or up to 64 bins, missing values being a level of their own; in five folds the
    mean or the shares of the classes in each cell, learnt on the other folds, predict the rows left out.
    """
    aim = _target_values(frame.get_column(target), inferred_types[target])
    if aim is None or np.count_nonzero(aim.known) < 2 * _FOLDS:
        return ()
    rows = np.flatnonzero(aim.known)
    folds = np.random.default_rng(seed).permutation(len(rows)) % _FOLDS
    result = []
    for series in frame.get_columns():
        if series.name == target or (cells := _cells(series, inferred_types[series.name])) is None:
            continue
        codes, levels = cells
        fraction, low, high = explained_share(
            codes[rows], levels, aim.codes[rows], aim.classes, None if aim.values is None else aim.values[rows], folds
        )
        result.append(TargetAssociation(series.name, fraction, low, high, len(rows)))
    result.sort(key=lambda item: (-item.explained_share, item.column))
    return tuple(_count_for_chart(item, frame, inferred_types, target) for item in result[:_MOST_PICTURES]) + tuple(
        result[_MOST_PICTURES:]
    )


def explained_share(
    cells: Integers, levels: int, codes: Integers, classes: int, values: Floats | None, folds: Integers
) -> tuple[float, float, float]:
    """Share of the target's uncertainty that the cells remove on left-out rows, and its 95% interval.

    ``1 − Σ loss(cell) / Σ loss(whole)``; the loss is the squared error of a quantity and −log p of a class. The
    interval is that of a ratio of means by the delta method; all three are cut to 0…1.
    """
    parts = int(folds.max()) + 1
    if values is None:
        with_cell, whole = _class_losses(cells, levels, codes, classes, folds, parts)
    else:
        with_cell, whole = _square_losses(cells, levels, values, folds, parts)
    mean = float(whole.mean())
    if not mean > 0:
        return 0.0, 0.0, 0.0
    ratio = float(with_cell.mean()) / mean
    error = float((with_cell - ratio * whole).std()) / mean / math.sqrt(len(cells))
    fraction, low, high = (float(np.clip(1 - ratio + z * error, 0, 1)) for z in (0, -1.959964, 1.959964))
    return fraction, low, high


def _square_losses(cells: Integers, levels: int, values: Floats, folds: Integers, parts: int) -> tuple[Floats, Floats]:
    # Scaled twice: the difference of the largest floats is none, nor is their sum.
    values = values / (float(np.abs(values).max()) or 1.0)
    scaled = (values - values.mean()) / (float(np.abs(values - values.mean()).max()) or 1.0)
    index = folds * levels + cells
    rows = np.bincount(index, minlength=parts * levels).reshape(parts, levels)
    sums = np.bincount(index, weights=scaled, minlength=parts * levels).reshape(parts, levels)
    rows, sums = rows.sum(0) - rows, sums.sum(0) - sums  # of the other folds
    whole = (sums.sum(1) / np.maximum(rows.sum(1), 1))[:, None]
    means = (sums + _PRIOR * whole) / (rows + _PRIOR)
    return (scaled - means[folds, cells]) ** 2, (scaled - whole[folds, 0]) ** 2


def _class_losses(
    cells: Integers, levels: int, codes: Integers, classes: int, folds: Integers, parts: int
) -> tuple[Floats, Floats]:
    index = (folds * levels + cells) * classes + codes
    rows = np.bincount(index, minlength=parts * levels * classes).reshape(parts, levels, classes)
    rows = rows.sum(0) - rows  # of the other folds
    of_class = rows.sum(1)
    whole = (of_class + 0.5) / (of_class.sum(1, keepdims=True) + 0.5 * classes)
    chances = (rows + _PRIOR * whole[:, None, :]) / (rows.sum(2, keepdims=True) + _PRIOR)
    return -np.log(chances[folds, cells, codes]), -np.log(whole[folds, codes])


def _target_values(series: pl.Series, inferred_type: TypeInference) -> _TargetValues | None:
    variable = as_variable(series, inferred_type)
    if variable is None or variable.levels < 2:
        return None
    if variable.is_quantity:
        assert variable.values is not None
        non_missing = np.isfinite(variable.values)
        return _TargetValues(non_missing, np.where(non_missing, variable.values, 0.0), variable.codes, 0)
    return _TargetValues(variable.codes >= 0, None, variable.codes, variable.levels)


def _cells(series: pl.Series, inferred_type: TypeInference) -> tuple[Integers, int] | None:
    """The cell of each row and how many there are, the last for missing values; None for what tells nothing."""
    if inferred_type.variable_type is VariableType.IDENTIFIER and series.dtype.is_numeric():
        inferred_type = replace(
            inferred_type, variable_type=VariableType.CONTINUOUS
        )  # a running number may know the order of things
    variable = as_variable(series, inferred_type)
    if variable is None:
        return None
    codes, levels = variable.codes, variable.levels
    if variable.is_quantity:
        assert variable.values is not None
        bins = int(np.clip(1.5 * len(codes) ** (1 / 3), 4, _MOST_CELLS))
        codes, levels = quantile_codes(variable.values, variable.order, bins)
    return np.where(codes >= 0, codes, levels), levels + 1


def _count_for_chart(
    relation: TargetAssociation, frame: pl.DataFrame, inferred_types: Mapping[str, TypeInference], target: str
) -> TargetAssociation:
    x, y = frame.get_column(relation.column), frame.get_column(target)
    return replace(relation, chart_counts=count_pair(x, inferred_types[relation.column], y, inferred_types[target]))
