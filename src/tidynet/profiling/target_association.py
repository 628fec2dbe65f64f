"""The share of the target that each column alone explains, on out-of-fold rows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from tidynet.profiling.encoded_variables import encode_variable, quantile_codes
from tidynet.profiling.pair_counts import count_pair
from tidynet.profiling.profile import TargetAssociation
from tidynet.table.variable_type import TypeInference, VariableType

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

_FOLDS = 5
_PRIOR = 2.0  # prior rows of each cell with the overall distribution
_MAX_CELLS = 64
_ROWS_PER_CELL = 10  # on average, in cells that determine a class
_MAX_CHARTS = 40


@dataclass(frozen=True, slots=True)
class _TargetValues:
    """The target: numbers, or codes of classes."""

    known: npt.NDArray[np.bool_]
    values: Floats | None
    codes: Integers
    classes: int


def profile_target_association(
    frame: pl.DataFrame, inferred_types: Mapping[str, TypeInference], target: str | None, seed: int = 0
) -> tuple[TargetAssociation, ...]:
    """The share of the target that every other column explains, largest first.

    Each column is cut into categories or up to 64 bins; missing values are one more category. In five folds, the
    mean or the class fractions of each cell in the other folds predict the rows of the fold.
    """
    if target is None:
        return ()
    target_values = _target_values(frame.get_column(target), inferred_types[target])
    if target_values is None or np.count_nonzero(target_values.known) < 2 * _FOLDS:
        return ()
    rows = np.flatnonzero(target_values.known)
    folds = np.random.default_rng(seed).permutation(len(rows)) % _FOLDS
    associations = []
    for series in frame.get_columns():
        if series.name == target or (cells := _cells(series, inferred_types[series.name])) is None:
            continue
        codes, n_cells = cells
        share, low, high = explained_share(
            codes[rows],
            n_cells,
            target_values.codes[rows],
            target_values.classes,
            None if target_values.values is None else target_values.values[rows],
            folds,
        )
        associations.append(TargetAssociation(series.name, share, low, high, len(rows)))
    associations.sort(key=lambda item: (-item.explained_share, item.column))
    return tuple(_count_for_chart(item, frame, inferred_types, target) for item in associations[:_MAX_CHARTS]) + tuple(
        associations[_MAX_CHARTS:]
    )


def explained_share(
    cells: Integers, n_cells: int, codes: Integers, classes: int, values: Floats | None, folds: Integers
) -> tuple[float, float, float]:
    """The share of the target's variance or entropy that the cells explain on out-of-fold rows, with its 95% CI.

    ``1 − Σ loss(cell) / Σ loss(whole)``; the loss is the squared error or −log p of the class. It is 1 if
    each cell has one class: the prior rows would make less of it. The CI is
    that of a ratio of means by the delta method; all three are clipped to 0…1.
    """
    parts = int(folds.max()) + 1
    if values is None and _determines(cells, n_cells, codes, classes):
        return 1.0, 1.0, 1.0
    if values is None:
        with_cell, whole = _class_losses(cells, n_cells, codes, classes, folds, parts)
    else:
        with_cell, whole = _square_losses(cells, n_cells, values, folds, parts)
    mean = float(whole.mean())
    if not mean > 0:
        return 0.0, 0.0, 0.0
    ratio = float(with_cell.mean()) / mean
    error = float((with_cell - ratio * whole).std()) / mean / math.sqrt(len(cells))
    share, low, high = (float(np.clip(1 - ratio + z * error, 0, 1)) for z in (0, -1.959964, 1.959964))
    return share, low, high


def _determines(cells: Integers, n_cells: int, codes: Integers, classes: int) -> bool:
    """Whether each cell has one class, with enough rows in each cell that this is no chance."""
    counts = np.bincount(cells * classes + codes, minlength=n_cells * classes).reshape(n_cells, classes)
    used = counts[counts.sum(1) > 0]
    is_pure = bool((np.count_nonzero(used, axis=1) == 1).all())
    return is_pure and bool(np.count_nonzero(used.sum(0)) > 1) and len(used) * _ROWS_PER_CELL <= len(cells)


def _square_losses(cells: Integers, n_cells: int, values: Floats, folds: Integers, parts: int) -> tuple[Floats, Floats]:
    # Scaled twice, against overflow of differences and sums.
    values = values / (float(np.abs(values).max()) or 1.0)
    scaled = (values - values.mean()) / (float(np.abs(values - values.mean()).max()) or 1.0)
    index = folds * n_cells + cells
    rows = np.bincount(index, minlength=parts * n_cells).reshape(parts, n_cells)
    sums = np.bincount(index, weights=scaled, minlength=parts * n_cells).reshape(parts, n_cells)
    rows, sums = rows.sum(0) - rows, sums.sum(0) - sums  # of the other folds
    whole = (sums.sum(1) / np.maximum(rows.sum(1), 1))[:, None]
    means = (sums + _PRIOR * whole) / (rows + _PRIOR)
    return (scaled - means[folds, cells]) ** 2, (scaled - whole[folds, 0]) ** 2


def _class_losses(
    cells: Integers, n_cells: int, codes: Integers, classes: int, folds: Integers, parts: int
) -> tuple[Floats, Floats]:
    index = (folds * n_cells + cells) * classes + codes
    rows = np.bincount(index, minlength=parts * n_cells * classes).reshape(parts, n_cells, classes)
    rows = rows.sum(0) - rows  # of the other folds
    of_class = rows.sum(1)
    whole = (of_class + 0.5) / (of_class.sum(1, keepdims=True) + 0.5 * classes)
    probabilities = (rows + _PRIOR * whole[:, None, :]) / (rows.sum(2, keepdims=True) + _PRIOR)
    return -np.log(probabilities[folds, cells, codes]), -np.log(whole[folds, codes])


def _target_values(series: pl.Series, inferred_type: TypeInference) -> _TargetValues | None:
    variable = encode_variable(series, inferred_type)
    if variable is None or variable.n_codes < 2:
        return None
    if variable.is_numeric:
        assert variable.values is not None
        known = np.isfinite(variable.values)
        return _TargetValues(known, np.where(known, variable.values, 0.0), variable.codes, 0)
    return _TargetValues(variable.codes >= 0, None, variable.codes, variable.n_codes)


def _cells(series: pl.Series, inferred_type: TypeInference) -> tuple[Integers, int] | None:
    """The cell of each row and the number of cells, the last for missing values; None if there are no cells."""
    if inferred_type.variable_type is VariableType.IDENTIFIER and series.dtype.is_numeric():
        inferred_type = replace(
            inferred_type, variable_type=VariableType.CONTINUOUS
        )  # row numbers may have the order of a time
    variable = encode_variable(series, inferred_type)
    if variable is None:
        return None
    codes, n_cells = variable.codes, variable.n_codes
    if variable.is_numeric:
        assert variable.values is not None
        bins = int(np.clip(1.5 * len(codes) ** (1 / 3), 4, _MAX_CELLS))
        codes, n_cells = quantile_codes(variable.values, variable.order, bins)
    return np.where(codes >= 0, codes, n_cells), n_cells + 1


def _count_for_chart(
    association: TargetAssociation, frame: pl.DataFrame, inferred_types: Mapping[str, TypeInference], target: str
) -> TargetAssociation:
    x, y = frame.get_column(association.column), frame.get_column(target)
    return replace(
        association, chart_counts=count_pair(x, inferred_types[association.column], y, inferred_types[target])
    )
