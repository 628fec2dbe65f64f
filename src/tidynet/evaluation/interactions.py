"""How predictions go with two columns at once, and for which pair that is more than the sum of each.

The two-way partial dependence is PD(x, z) = 1/n Σᵢ f(x, z, the other columns of row i) on a grid. Friedman's H² is
the share of its variance that is left when the means of its lines and columns are taken off.

Source: J. H. Friedman, B. E. Popescu, Predictive learning via rule ensembles, AAS 2 (2008), 916-954.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

import numpy as np

from tidynet.core.text import format_percent, quote
from tidynet.evaluation.evaluation_data import EvaluationData, predicted, replace_columns
from tidynet.evaluation.feature_grid import deep_tuple, floats, make_feature_grid, repeat_rows, sample_outputs

__all__ = ["InteractionEffect", "interaction_effect", "strongest_interaction"]

_SIDE, _ROWS = 7, 200
_PAIRED = 4  # of the most important columns, each pair is asked how much it does jointly


@dataclass(frozen=True)
class InteractionEffect:
    """How predictions go with two columns at once; plain data."""

    columns: tuple[str, str]
    places: tuple[tuple[float, ...], tuple[float, ...]]
    labels: tuple[tuple[str, ...], tuple[str, ...]]
    is_number: tuple[bool, bool]
    partial: tuple[tuple[float, ...], ...]
    name: str
    interaction_strength: float

    @property
    def sentence(self) -> str:
        """How much the two do together, in words."""
        first, second = (quote(name) for name in self.columns)
        return f"{first} and {second} together: {format_percent(self.interaction_strength)} of what they do is joint, not the sum of each."

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON can hold it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, facts: Mapping[str, Any]) -> InteractionEffect:
        """The effect that `to_dict` took apart."""
        return cls(**{name: deep_tuple(value) for name, value in facts.items()})


def strongest_interaction(test_data: EvaluationData, columns: Sequence[str], seed: int = 0) -> InteractionEffect | None:
    """Of the first four columns the pair that does most jointly, by the size of its joint effect."""
    pairs = [interaction_effect(test_data, first, second, seed) for first, second in combinations(columns[:_PAIRED], 2)]
    known = [pair for pair in pairs if pair is not None]
    return max(known, key=lambda item: item.interaction_strength * float(np.var(item.partial)), default=None)


def interaction_effect(test_data: EvaluationData, first: str, second: str, seed: int = 0) -> InteractionEffect | None:
    """Partial dependence on two columns at once; None if one of them has a single value."""
    grids = [make_feature_grid(test_data, name, _SIDE) for name in (first, second)]
    item, two = grids
    if item is None or two is None:
        return None
    some = repeat_rows(test_data, _ROWS, seed)
    across, along = len(item.rows), len(two.rows)
    rows = np.tile(some, across * along)
    changed = {
        first: np.repeat(item.rows, along * len(some)),
        second: np.tile(np.repeat(two.rows, len(some)), across),
    }
    output = sample_outputs(test_data)[-1] if len(test_data.classes) == 2 else sample_outputs(test_data)[0]
    text = predicted(test_data.model, replace_columns(test_data.features, rows, changed))[:, output]
    table = text.reshape(across, along, len(some)).mean(axis=2)
    centred = table - table.mean()
    additive = centred.mean(axis=1, keepdims=True) + centred.mean(axis=0, keepdims=True)
    total = float((centred**2).sum())
    interaction_strength = float(((centred - additive) ** 2).sum() / total) if total > 0 else 0.0
    return InteractionEffect(
        columns=(first, second),
        places=(floats(item.grid_values), floats(two.grid_values)),
        labels=(item.labels, two.labels),
        is_number=(item.is_number, two.is_number),
        partial=tuple(floats(line) for line in table),
        name=str(test_data.classes[output]) if test_data.classes else test_data.target,
        interaction_strength=interaction_strength,
    )
