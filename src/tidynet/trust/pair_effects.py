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

from tidynet.look.attention.words import percent, quoted
from tidynet.trust.grids import deep_tuple, drawn_outputs, floats, grid_of, spread_rows
from tidynet.trust.held_out import HeldOut, predicted, recombined

__all__ = ["PairEffect", "pair_effect", "strongest_pair"]

_SIDE, _ROWS = 7, 200
_PAIRED = 4  # of the most important columns, each pair is asked how much it does jointly


@dataclass(frozen=True)
class PairEffect:
    """How predictions go with two columns at once; plain data.

    Parameters
    ----------
    columns : tuple of str
    places, labels : tuple of two tuples
        As of `Effect`, along each column.
    is_number : tuple of two bool
    partial : tuple of tuple of float
        Mean prediction; a line for each place of the first column.
    name : str
        The output.
    joint : float
        Friedman's H²: the share of the pair's effect that is not the sum of the two columns' own, 0 to 1.
    """

    columns: tuple[str, str]
    places: tuple[tuple[float, ...], tuple[float, ...]]
    labels: tuple[tuple[str, ...], tuple[str, ...]]
    is_number: tuple[bool, bool]
    partial: tuple[tuple[float, ...], ...]
    name: str
    joint: float

    @property
    def sentence(self) -> str:
        """How much the two do together, in words."""
        first, second = (quoted(name) for name in self.columns)
        return f"{first} and {second} together: {percent(self.joint)} of what they do is joint, not the sum of each."

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON can hold it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, facts: Mapping[str, Any]) -> PairEffect:
        """The effect that `to_dict` took apart."""
        return cls(**{name: deep_tuple(value) for name, value in facts.items()})


def strongest_pair(held: HeldOut, columns: Sequence[str], seed: int = 0) -> PairEffect | None:
    """Of the first four columns the pair that does most jointly, by the size of its joint effect.

    Parameters
    ----------
    held : HeldOut
    columns : sequence of str
        Most important first.
    seed : int
    """
    pairs = [pair_effect(held, first, second, seed) for first, second in combinations(columns[:_PAIRED], 2)]
    known = [pair for pair in pairs if pair is not None]
    return max(known, key=lambda one: one.joint * float(np.var(one.partial)), default=None)


def pair_effect(held: HeldOut, first: str, second: str, seed: int = 0) -> PairEffect | None:
    """Partial dependence on two columns at once; None if one of them has a single value."""
    grids = [grid_of(held, name, _SIDE) for name in (first, second)]
    one, two = grids
    if one is None or two is None:
        return None
    some = spread_rows(held, _ROWS, seed)
    across, along = len(one.rows), len(two.rows)
    rows = np.tile(some, across * along)
    changed = {
        first: np.repeat(one.rows, along * len(some)),
        second: np.tile(np.repeat(two.rows, len(some)), across),
    }
    output = drawn_outputs(held)[-1] if len(held.classes) == 2 else drawn_outputs(held)[0]
    said = predicted(held.model, recombined(held.features, rows, changed))[:, output]
    table = said.reshape(across, along, len(some)).mean(axis=2)
    centred = table - table.mean()
    additive = centred.mean(axis=1, keepdims=True) + centred.mean(axis=0, keepdims=True)
    total = float((centred**2).sum())
    joint = float(((centred - additive) ** 2).sum() / total) if total > 0 else 0.0
    return PairEffect(
        columns=(first, second),
        places=(floats(one.places), floats(two.places)),
        labels=(one.labels, two.labels),
        is_number=(one.is_number, two.is_number),
        partial=tuple(floats(line) for line in table),
        name=str(held.classes[output]) if held.classes else held.target,
        joint=joint,
    )
