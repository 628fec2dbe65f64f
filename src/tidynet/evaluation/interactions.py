"""Interactions of two columns: two-way partial dependence and the pair with the strongest interaction.

The two-way partial dependence is PD(x, z) = 1/n Σᵢ f(x, z, the other columns of row i) on a grid. Friedman's H² is
the fraction of its variance that remains after subtracting the means of its rows and columns.

Source: J. H. Friedman, B. E. Popescu, Predictive learning via rule ensembles, AAS 2 (2008), 916-954.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from tidynet.evaluation.evaluation_data import EvaluationData, replace_columns
from tidynet.evaluation.feature_grid import floats, make_feature_grid, representative_rows, sample_outputs
from tidynet.evaluation.predictions import predict_rows

__all__ = ["InteractionEffect", "interaction_effect", "strongest_interaction"]

_GRID_SIZE, _MAX_ROWS = 7, 200
_MAX_COLUMNS = 4  # the most important ones, of which each pair is computed


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
    grids = [make_feature_grid(test_data, name, _GRID_SIZE) for name in (first, second)]
    x, z = grids
    if x is None or z is None:
        return None
    sample = representative_rows(test_data, _MAX_ROWS, seed)
    across, along = len(x.rows), len(z.rows)
    rows = np.tile(sample, across * along)
    changed = {first: np.repeat(x.rows, along * len(sample)), second: np.tile(np.repeat(z.rows, len(sample)), across)}
    output = sample_outputs(test_data)[-1] if len(test_data.classes) == 2 else sample_outputs(test_data)[0]
    outputs = predict_rows(test_data.model, replace_columns(test_data.features, rows, changed))[:, output]
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
