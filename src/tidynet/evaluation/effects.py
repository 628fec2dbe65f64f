"""How predictions change with columns: partial dependence, accumulated local effects and interactions.

- PD(x) = 1/n Σᵢ f(x, the other columns of row i), which includes impossible rows (a flat of 20 m² with 9 rooms).
- ALE(x) = Σ over intervals k up to x of 1/nₖ Σ over i in k of f(upper edge, …) − f(lower edge, …), shifted to mean 0:
  prefer it where columns are correlated.
- Friedman's H² is the fraction of the variance of PD(x, z) that remains without the means of its rows and columns.

Values are taken from rows that have them, so numbers, dates and categories are treated alike.

Sources: J. H. Friedman, Greedy function approximation, Annals of Statistics 29 (2001), 1189-1232; D. W. Apley,
J. Zhu, Visualizing the effects of predictor variables in black box supervised learning models, JRSS B 82 (2020),
1059-1086; J. H. Friedman, B. E. Popescu, Predictive learning via rule ensembles, AAS 2 (2008), 916-954.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from tidynet.estimators.fitted_model import Predictor, is_fitted_model
from tidynet.evaluation.evaluation_data import EvaluationData, replace_columns
from tidynet.evaluation.feature_grid import (
    FeatureGrid,
    Rows,
    Values,
    floats,
    make_feature_grid,
    representative_rows,
    sample_outputs,
)
from tidynet.evaluation.predictions import predict_frame

_MAX_ROWS = 2_000  # of a partial dependence
_BLOCK_ROWS = 20_000
_MAX_LOCAL_ROWS = 1000
_MAX_RUG = 60
_PAIR_GRID_SIZE, _MAX_PAIR_ROWS = 7, 200
_MAX_COLUMNS = 4  # the most important ones, of which each pair is computed


@dataclass(frozen=True)
class EffectCurve:
    """The effect of a column on one output (a class's probability, or the number)."""

    name: str
    partial_dependence: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    ale: tuple[float, ...] = ()
    ale_low: tuple[float, ...] = ()
    ale_high: tuple[float, ...] = ()


@dataclass(frozen=True)
class FeatureEffect:
    """The effect of one column on the predictions; plain data."""

    column: str
    is_number: bool
    grid_values: tuple[float, ...]
    labels: tuple[str, ...]
    counts: tuple[int, ...]
    rug: tuple[float, ...]
    curves: tuple[EffectCurve, ...]
    members: int
    of_classes: bool = False
    rows: int = 0
    correlated_columns: tuple[str, ...] = ()
    scale: str = "linear"


def feature_effects(test_data: EvaluationData, columns: Sequence[str], seed: int = 0) -> tuple[FeatureEffect, ...]:
    """The effects of several columns; those with a single value are excluded."""
    result = (feature_effect(test_data, column, seed) for column in columns)
    return tuple(item for item in result if item is not None)


def feature_effect(test_data: EvaluationData, column: str, seed: int = 0) -> FeatureEffect | None:
    """Partial dependence and accumulated local effects of one column; None if it has a single value."""
    grid = make_feature_grid(test_data, column)
    if grid is None:
        return None
    outputs = sample_outputs(test_data)
    members = _members(test_data.model)
    random = np.random.default_rng(seed)
    rows = representative_rows(test_data, _MAX_ROWS, seed)
    partial_dependence = _over_members(
        test_data, members, lambda model: _partial(test_data, model, column, grid, rows)[:, outputs]
    )
    ale = None
    if grid.is_number:
        known = np.flatnonzero(np.isfinite(grid.of_rows))
        near = random.choice(known, min(_MAX_LOCAL_ROWS, len(known)), replace=False)
        ale = _over_members(test_data, members, lambda model: _local(test_data, model, column, grid, near)[:, outputs])
    names = [str(test_data.classes[index]) for index in outputs] if test_data.classes else [test_data.target]
    return FeatureEffect(
        column=column,
        is_number=grid.is_number,
        grid_values=floats(grid.grid_values),
        labels=grid.labels,
        counts=_counts(grid),
        rug=_rug(grid, random),
        curves=tuple(_curve(name, index, partial_dependence, ale) for index, name in enumerate(names)),
        members=len(members),
        of_classes=bool(test_data.classes),
        rows=len(rows),
        scale=grid.scale,
    )


def _members(model: Predictor) -> list[Predictor]:
    """The model with each of its networks alone; the model itself where there is one."""
    return list(model.single_networks()) if is_fitted_model(model) and len(model.members_) > 1 else [model]


def _over_members(
    test_data: EvaluationData, members: list[Predictor], of: Callable[[Predictor], Values]
) -> tuple[Values, Values, Values]:
    """The whole model's curve, and the lowest and highest of the members at each grid value."""
    if len(members) == 1:
        whole = of(test_data.model)
        return whole, whole, whole
    each = np.stack([of(member) for member in members])
    # The mean of the networks is the model, except for the calibration of probabilities, which changes it little.
    return each.mean(axis=0), each.min(axis=0), each.max(axis=0)


def _partial(test_data: EvaluationData, model: Predictor, column: str, grid: FeatureGrid, sample: Rows) -> Values:
    at_once = max(1, _BLOCK_ROWS // len(sample))
    result = []
    for begin in range(0, len(grid.rows), at_once):
        grid_values = grid.rows[begin : begin + at_once]
        rows, values = np.tile(sample, len(grid_values)), np.repeat(grid_values, len(sample))
        outputs = predict_frame(model, replace_columns(test_data.features, rows, {column: values}))
        result.append(outputs.reshape(len(grid_values), len(sample), -1).mean(axis=1))
    return np.concatenate(result)


def _local(test_data: EvaluationData, model: Predictor, column: str, grid: FeatureGrid, near: Rows) -> Values:
    """Accumulated local effects at the grid values, (values, outputs), with mean 0 over the rows."""
    interval = np.clip(np.searchsorted(grid.grid_values, grid.of_rows[near], side="left"), 1, len(grid.grid_values) - 1)
    edges = np.concatenate([grid.rows[interval], grid.rows[interval - 1]])
    outputs = predict_frame(model, replace_columns(test_data.features, np.tile(near, 2), {column: edges}))
    change = outputs[: len(near)] - outputs[len(near) :]
    counts = np.bincount(interval, minlength=len(grid.grid_values))
    steps = np.stack([np.bincount(interval, each, len(grid.grid_values)) for each in change.T], axis=1)
    curve = np.cumsum(steps / np.maximum(counts, 1)[:, np.newaxis], axis=0)
    middle = (curve[1:] + curve[:-1]) / 2
    return np.asarray(curve - (counts[1:, np.newaxis] * middle).sum(axis=0) / counts.sum())


def _curve(
    name: str, index: int, partial_dependence: tuple[Values, Values, Values], ale: tuple[Values, Values, Values] | None
) -> EffectCurve:
    mean, low, high = (floats(item[:, index]) for item in partial_dependence)
    if ale is None:
        return EffectCurve(name, mean, low, high)
    return EffectCurve(name, mean, low, high, *(floats(item[:, index]) for item in ale))


def _counts(grid: FeatureGrid) -> tuple[int, ...]:
    known = grid.of_rows[np.isfinite(grid.of_rows)]
    index = np.clip(np.searchsorted(grid.grid_values, known, side="left"), 0, len(grid.grid_values) - 1)
    return tuple(np.bincount(index, minlength=len(grid.grid_values)).tolist())


def _rug(grid: FeatureGrid, random: np.random.Generator) -> tuple[float, ...]:
    if not grid.is_number:
        return ()
    known = grid.of_rows[np.isfinite(grid.of_rows)]
    return floats(np.sort(random.choice(known, min(_MAX_RUG, len(known)), replace=False)))


@dataclass(frozen=True)
class InteractionEffect:
    """Two-way partial dependence; plain data."""

    columns: tuple[str, str]
    places: tuple[tuple[float, ...], tuple[float, ...]]
    labels: tuple[tuple[str, ...], tuple[str, ...]]
    is_number: tuple[bool, bool]
    partial: tuple[tuple[float, ...], ...]
    name: str
    interaction_strength: float


def strongest_interaction(test_data: EvaluationData, columns: Sequence[str], seed: int = 0) -> InteractionEffect | None:
    """The pair of the first four columns with the largest interaction, by its variance."""
    pairs = [
        interaction_effect(test_data, first, second, seed) for first, second in combinations(columns[:_MAX_COLUMNS], 2)
    ]
    known = [pair for pair in pairs if pair is not None]
    return max(known, key=lambda item: item.interaction_strength * float(np.var(item.partial)), default=None)


def interaction_effect(test_data: EvaluationData, first: str, second: str, seed: int = 0) -> InteractionEffect | None:
    """Partial dependence on two columns at once; None if one of them has a single value."""
    grids = [make_feature_grid(test_data, name, _PAIR_GRID_SIZE) for name in (first, second)]
    x, z = grids
    if x is None or z is None:
        return None
    sample = representative_rows(test_data, _MAX_PAIR_ROWS, seed)
    across, along = len(x.rows), len(z.rows)
    rows = np.tile(sample, across * along)
    changed = {first: np.repeat(x.rows, along * len(sample)), second: np.tile(np.repeat(z.rows, len(sample)), across)}
    output = sample_outputs(test_data)[-1] if len(test_data.classes) == 2 else sample_outputs(test_data)[0]
    outputs = predict_frame(test_data.model, replace_columns(test_data.features, rows, changed))[:, output]
    table = outputs.reshape(across, along, len(sample)).mean(axis=2)
    centered = table - table.mean()
    additive = centered.mean(axis=1, keepdims=True) + centered.mean(axis=0, keepdims=True)
    total = float((centered**2).sum())
    interaction_strength = float(((centered - additive) ** 2).sum() / total) if total > 0 else 0.0
    return InteractionEffect(
        columns=(first, second),
        places=(floats(x.grid_values), floats(z.grid_values)),
        labels=(x.labels, z.labels),
        is_number=(x.is_number, z.is_number),
        partial=tuple(floats(line) for line in table),
        name=str(test_data.classes[output]) if test_data.classes else test_data.target,
        interaction_strength=interaction_strength,
    )
