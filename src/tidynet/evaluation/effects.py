"""How predictions change with a column: partial dependence and accumulated local effects.

Partial dependence is the mean prediction if every row had the value x in a column,

    PD(x) = 1/n Σᵢ f(x, the other columns of row i),

which also asks about rows that cannot be (a flat of 20 m² with 9 rooms). Accumulated local effects add up, over
the intervals of the column, the mean change of the prediction of the rows that lie in each interval,

    ALE(x) = Σ over intervals k up to x of 1/nₖ Σ over i in k of f(upper edge, …) − f(lower edge, …),

shifted to mean 0: where columns go together, this is the one to believe. Both are drawn for the network as a
whole, with a band from the lowest to the highest of its members (restarts). Values are taken from rows that have
them, so numbers, dates and levels are treated alike.

Sources: J. H. Friedman, Greedy function approximation, Annals of Statistics 29 (2001), 1189-1232; D. W. Apley,
J. Zhu, Visualizing the effects of predictor variables in black box supervised learning models, JRSS B 82 (2020),
1059-1086.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tidynet.core.text import format_number, list_columns, quote
from tidynet.estimators.fitted_model import is_fitted_model
from tidynet.evaluation.evaluation_data import EvaluationData, predicted, replace_columns
from tidynet.evaluation.feature_grid import (
    FeatureGrid,
    Rows,
    Values,
    deep_tuple,
    floats,
    make_feature_grid,
    repeat_rows,
    sample_outputs,
)

__all__ = ["EffectCurve", "FeatureEffect", "feature_effect", "feature_effects"]

_ROWS = 2_000  # rows that each place is asked of
_ROWS_AT_ONCE = 20_000
_LOCAL_ROWS = 1000
_RUG = 60
_LEAST_SHOWN = 0.0005  # of a probability
_APART = 0.5  # of its range, from which on local effects are told beside a partial dependence


@dataclass(frozen=True)
class EffectCurve:
    """How one output (a class's probability, or the number) goes with a column."""

    name: str
    partial_dependence: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    ale: tuple[float, ...] = ()
    ale_low: tuple[float, ...] = ()
    ale_high: tuple[float, ...] = ()


@dataclass(frozen=True)
class FeatureEffect:
    """How predictions go with one column; plain data."""

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

    @property
    def sentence(self) -> str:
        """What the curve of the widest range does, in words: the local effect where columns go together."""
        if self.correlated_columns and self.curves[0].ale:
            return self._local_sentence()
        curve = max(self.curves, key=lambda item: _range(item.partial_dependence))
        first, last = self._ends(curve.partial_dependence)
        text = f"With {quote(self.column)} the mean prediction of {quote(curve.name)} goes from "
        text += f"{self._shown(curve.partial_dependence[first])} (at {self.labels[first]}) to {self._shown(curve.partial_dependence[last])} "
        text += f"(at {self.labels[last]})"
        if curve.ale and abs(_range(curve.ale) / max(_range(curve.partial_dependence), 1e-12) - 1) > _APART:
            text += (
                f"; among rows that really have such values it {self._local_change(curve)} (accumulated local effect)"
            )
        return text + "."

    def _local_sentence(self) -> str:
        curve = max(self.curves, key=lambda item: _range(item.ale))
        text = f"With {quote(self.column)} the prediction of {quote(curve.name)} {self._local_change(curve)}: its "
        return f"{text}accumulated local effect, as it goes together with {list_columns(self.correlated_columns)}."

    def _local_change(self, curve: EffectCurve) -> str:
        first, last = self._ends(curve.ale)
        change = curve.ale[last] - curve.ale[first]
        text = f"{'rises' if change > 0 else 'falls'} by {self._shown(abs(change))}"
        return f"{text} from {self.labels[first]} to {self.labels[last]}"

    def _ends(self, line: Sequence[float]) -> tuple[int, int]:
        """The places of the lowest and the highest, along a number the smaller value first."""
        ends = int(np.argmin(line)), int(np.argmax(line))
        return (min(ends), max(ends)) if self.is_number else ends

    def _shown(self, value: float) -> str:
        if not self.of_classes:
            return format_number(value)
        if 1 - _LEAST_SHOWN < value < 1:
            return "over 0.999"
        return f"{value:.3f}" if value >= _LEAST_SHOWN or value == 0 else "under 0.001"

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON can hold it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, facts: Mapping[str, Any]) -> FeatureEffect:
        """The effect that `to_dict` took apart."""
        plain: dict[str, Any] = {name: deep_tuple(value) for name, value in facts.items()}
        each: list[dict[str, Any]] = [
            {name: deep_tuple(value) for name, value in item.items()} for item in facts["curves"]
        ]
        return cls(**{**plain, "curves": tuple(EffectCurve(**item) for item in each)})


def feature_effects(test_data: EvaluationData, columns: Sequence[str], seed: int = 0) -> tuple[FeatureEffect, ...]:
    """The effects of several columns; those with a single value are left out."""
    result = (feature_effect(test_data, column, seed) for column in columns)
    return tuple(item for item in result if item is not None)


def feature_effect(test_data: EvaluationData, column: str, seed: int = 0) -> FeatureEffect | None:
    """Partial dependence and accumulated local effects of one column; None if it has a single value.

    Examples
    --------
    >>> import polars as pl
    >>> from tidynet.evaluation.evaluation_data import held_out
    >>> class Double:
    ...     def predict(self, frame):
    ...         return 2 * frame["a"].to_numpy()
    >>> held = held_out(Double(), pl.DataFrame({"a": np.linspace(0, 1, 101)}), np.zeros(101), "y")
    >>> curve = feature_effect(held, "a").curves[0]
    >>> curve.partial_dependence[0], curve.partial_dependence[-1], round(curve.ale[-1] - curve.ale[0], 9)
    (0.0, 2.0, 2.0)
    """
    grid = make_feature_grid(test_data, column)
    if grid is None:
        return None
    outputs = sample_outputs(test_data)
    members = _members(test_data.model)
    random = np.random.default_rng(seed)
    some = repeat_rows(test_data, _ROWS, seed)
    partial_dependence = _over_members(
        test_data, members, lambda model: _partial(test_data, model, column, grid, some)[:, outputs]
    )
    ale = None
    if grid.is_number:
        known = np.flatnonzero(np.isfinite(grid.of_rows))
        near = random.choice(known, min(_LOCAL_ROWS, len(known)), replace=False)
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
        rows=len(some),
        scale=grid.scale,
    )


def _range(line: Sequence[float]) -> float:
    return max(line) - min(line)


def _members(model: Any) -> list[Any]:
    """The model with each of its networks alone; the model itself where there is one."""
    return list(model.single_networks()) if is_fitted_model(model) and len(model.members_) > 1 else [model]


def _over_members(
    test_data: EvaluationData, members: list[Any], of: Callable[[Any], Values]
) -> tuple[Values, Values, Values]:
    """The whole model's curve, and the lowest and highest of the members at each place."""
    if len(members) == 1:
        whole = of(test_data.model)
        return whole, whole, whole
    each = np.stack([of(member) for member in members])
    # The networks' mean is the model, but for a scaling of its probabilities, which bends it little.
    return each.mean(axis=0), each.min(axis=0), each.max(axis=0)


def _partial(test_data: EvaluationData, model: Any, column: str, grid: FeatureGrid, some: Rows) -> Values:
    at_once = max(1, _ROWS_AT_ONCE // len(some))
    result = []
    for begin in range(0, len(grid.rows), at_once):
        grid_values = grid.rows[begin : begin + at_once]
        rows = np.tile(some, len(grid_values))
        text = predicted(model, replace_columns(test_data.features, rows, {column: np.repeat(grid_values, len(some))}))
        result.append(text.reshape(len(grid_values), len(some), -1).mean(axis=1))
    return np.concatenate(result)


def _local(test_data: EvaluationData, model: Any, column: str, grid: FeatureGrid, near: Rows) -> Values:
    """Accumulated local effects at the places, (places, outputs), with mean 0 over the rows."""
    interval = np.clip(np.searchsorted(grid.grid_values, grid.of_rows[near], side="left"), 1, len(grid.grid_values) - 1)
    edges = np.concatenate([grid.rows[interval], grid.rows[interval - 1]])
    text = predicted(model, replace_columns(test_data.features, np.tile(near, 2), {column: edges}))
    change = text[: len(near)] - text[len(near) :]
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
    return floats(np.sort(random.choice(known, min(_RUG, len(known)), replace=False)))
