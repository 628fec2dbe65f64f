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

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tidynet.look.attention.words import columns_word, number, quoted
from tidynet.trust.grids import Grid, Rows, Values, deep_tuple, drawn_outputs, floats, grid_of, spread_rows
from tidynet.trust.held_out import HeldOut, predicted, recombined

__all__ = ["Curve", "Effect", "effect", "effects"]

_ROWS = 2_000  # rows that each place is asked of
_ROWS_AT_ONCE = 20_000
_LOCAL_ROWS = 1000
_RUG = 60
_LEAST_SHOWN = 0.0005  # of a probability
_APART = 0.5  # of its range, from which on local effects are told beside a partial dependence


@dataclass(frozen=True)
class Curve:
    """How one output (a class's probability, or the number) goes with a column.

    Parameters
    ----------
    name : str
        The class, or the target.
    partial, low, high : tuple of float
        Partial dependence at each place, and the lowest and highest of the members.
    local, local_low, local_high : tuple of float
        The same for accumulated local effects; empty for levels without an order.
    """

    name: str
    partial: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    local: tuple[float, ...] = ()
    local_low: tuple[float, ...] = ()
    local_high: tuple[float, ...] = ()


@dataclass(frozen=True)
class Effect:
    """How predictions go with one column; plain data.

    Parameters
    ----------
    column : str
    is_number : bool
        Whether `places` are numbers along an axis, or only the numbers of levels.
    places : tuple of float
    labels : tuple of str
        The value at each place, in words.
    counts : tuple of int
        Test rows up to each place from the one before, or with each level.
    rug : tuple of float
        Some of the test rows' values; empty for levels.
    curves : tuple of Curve
        One for each output.
    members : int
        Networks behind the bands.
    of_classes : bool
        Whether the curves are probabilities.
    rows : int
        Test rows behind the partial dependence.
    goes_with : tuple of str
        Columns that say nearly the same: partial dependence then asks about rows that cannot be.
    scale : "linear" | "log" | "time"
        The axis that suits `places`.
    """

    column: str
    is_number: bool
    places: tuple[float, ...]
    labels: tuple[str, ...]
    counts: tuple[int, ...]
    rug: tuple[float, ...]
    curves: tuple[Curve, ...]
    members: int
    of_classes: bool = False
    rows: int = 0
    goes_with: tuple[str, ...] = ()
    scale: str = "linear"

    @property
    def sentence(self) -> str:
        """What the curve of the widest range does, in words: the local effect where columns go together."""
        if self.goes_with and self.curves[0].local:
            return self._local_sentence()
        curve = max(self.curves, key=lambda one: _range(one.partial))
        first, last = self._ends(curve.partial)
        said = f"With {quoted(self.column)} the mean prediction of {quoted(curve.name)} goes from "
        said += f"{self._shown(curve.partial[first])} (at {self.labels[first]}) to {self._shown(curve.partial[last])} "
        said += f"(at {self.labels[last]})"
        if curve.local and abs(_range(curve.local) / max(_range(curve.partial), 1e-12) - 1) > _APART:
            said += (
                f"; among rows that really have such values it {self._local_change(curve)} (accumulated local effect)"
            )
        return said + "."

    def _local_sentence(self) -> str:
        curve = max(self.curves, key=lambda one: _range(one.local))
        said = f"With {quoted(self.column)} the prediction of {quoted(curve.name)} {self._local_change(curve)}: its "
        return f"{said}accumulated local effect, as it goes together with {columns_word(self.goes_with)}."

    def _local_change(self, curve: Curve) -> str:
        first, last = self._ends(curve.local)
        change = curve.local[last] - curve.local[first]
        said = f"{'rises' if change > 0 else 'falls'} by {self._shown(abs(change))}"
        return f"{said} from {self.labels[first]} to {self.labels[last]}"

    def _ends(self, line: Sequence[float]) -> tuple[int, int]:
        """The places of the lowest and the highest, along a number the smaller value first."""
        ends = int(np.argmin(line)), int(np.argmax(line))
        return (min(ends), max(ends)) if self.is_number else ends

    def _shown(self, value: float) -> str:
        if not self.of_classes:
            return number(value)
        if 1 - _LEAST_SHOWN < value < 1:
            return "over 0.999"
        return f"{value:.3f}" if value >= _LEAST_SHOWN or value == 0 else "under 0.001"

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON can hold it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, facts: Mapping[str, Any]) -> Effect:
        """The effect that `to_dict` took apart."""
        plain: dict[str, Any] = {name: deep_tuple(value) for name, value in facts.items()}
        each: list[dict[str, Any]] = [
            {name: deep_tuple(value) for name, value in one.items()} for one in facts["curves"]
        ]
        return cls(**{**plain, "curves": tuple(Curve(**one) for one in each)})


def effects(held: HeldOut, columns: Sequence[str], seed: int = 0) -> tuple[Effect, ...]:
    """The effects of several columns; those with a single value are left out.

    Parameters
    ----------
    held : HeldOut
    columns : sequence of str
        Those that matter most, say.
    seed : int
        Decides the rows that are asked.
    """
    found = (effect(held, column, seed) for column in columns)
    return tuple(one for one in found if one is not None)


def effect(held: HeldOut, column: str, seed: int = 0) -> Effect | None:
    """Partial dependence and accumulated local effects of one column; None if it has a single value.

    Parameters
    ----------
    held : HeldOut
    column : str
    seed : int

    Examples
    --------
    >>> import polars as pl
    >>> from tidynet.trust.held_out import held_out
    >>> class Double:
    ...     def predict(self, frame):
    ...         return 2 * frame["a"].to_numpy()
    >>> held = held_out(Double(), pl.DataFrame({"a": np.linspace(0, 1, 101)}), np.zeros(101), "y")
    >>> curve = effect(held, "a").curves[0]
    >>> curve.partial[0], curve.partial[-1], round(curve.local[-1] - curve.local[0], 9)
    (0.0, 2.0, 2.0)
    """
    grid = grid_of(held, column)
    if grid is None:
        return None
    outputs = drawn_outputs(held)
    members = _members(held.model)
    random = np.random.default_rng(seed)
    some = spread_rows(held, _ROWS, seed)
    partial = _over_members(held, members, lambda model: _partial(held, model, column, grid, some)[:, outputs])
    local = None
    if grid.is_number:
        known = np.flatnonzero(np.isfinite(grid.of_rows))
        near = random.choice(known, min(_LOCAL_ROWS, len(known)), replace=False)
        local = _over_members(held, members, lambda model: _local(held, model, column, grid, near)[:, outputs])
    names = [str(held.classes[place]) for place in outputs] if held.classes else [held.target]
    return Effect(
        column=column,
        is_number=grid.is_number,
        places=floats(grid.places),
        labels=grid.labels,
        counts=_counts(grid),
        rug=_rug(grid, random),
        curves=tuple(_curve(name, place, partial, local) for place, name in enumerate(names)),
        members=len(members),
        of_classes=bool(held.classes),
        rows=len(some),
        scale=grid.scale,
    )


def _range(line: Sequence[float]) -> float:
    return max(line) - min(line)


def _members(model: Any) -> list[Any]:
    """The model with each of its networks alone; the model itself where there is one."""
    networks = getattr(model, "members_", [])
    if len(networks) < 2:
        return [model]
    alone = []
    for theta in networks:
        one = copy.copy(model)
        one.members_ = [theta]
        alone.append(one)
    return alone


def _over_members(held: HeldOut, members: list[Any], of: Callable[[Any], Values]) -> tuple[Values, Values, Values]:
    """The whole model's curve, and the lowest and highest of the members at each place."""
    if len(members) == 1:
        whole = of(held.model)
        return whole, whole, whole
    each = np.stack([of(member) for member in members])
    # The networks' mean is the model, but for a scaling of its probabilities, which bends it little.
    return each.mean(axis=0), each.min(axis=0), each.max(axis=0)


def _partial(held: HeldOut, model: Any, column: str, grid: Grid, some: Rows) -> Values:
    at_once = max(1, _ROWS_AT_ONCE // len(some))
    found = []
    for begin in range(0, len(grid.rows), at_once):
        places = grid.rows[begin : begin + at_once]
        rows = np.tile(some, len(places))
        said = predicted(model, recombined(held.features, rows, {column: np.repeat(places, len(some))}))
        found.append(said.reshape(len(places), len(some), -1).mean(axis=1))
    return np.concatenate(found)


def _local(held: HeldOut, model: Any, column: str, grid: Grid, near: Rows) -> Values:
    """Accumulated local effects at the places, (places, outputs), with mean 0 over the rows."""
    interval = np.clip(np.searchsorted(grid.places, grid.of_rows[near], side="left"), 1, len(grid.places) - 1)
    edges = np.concatenate([grid.rows[interval], grid.rows[interval - 1]])
    said = predicted(model, recombined(held.features, np.tile(near, 2), {column: edges}))
    change = said[: len(near)] - said[len(near) :]
    counts = np.bincount(interval, minlength=len(grid.places))
    steps = np.stack([np.bincount(interval, each, len(grid.places)) for each in change.T], axis=1)
    curve = np.cumsum(steps / np.maximum(counts, 1)[:, np.newaxis], axis=0)
    middle = (curve[1:] + curve[:-1]) / 2
    return np.asarray(curve - (counts[1:, np.newaxis] * middle).sum(axis=0) / counts.sum())


def _curve(
    name: str, place: int, partial: tuple[Values, Values, Values], local: tuple[Values, Values, Values] | None
) -> Curve:
    mean, low, high = (floats(one[:, place]) for one in partial)
    if local is None:
        return Curve(name, mean, low, high)
    return Curve(name, mean, low, high, *(floats(one[:, place]) for one in local))


def _counts(grid: Grid) -> tuple[int, ...]:
    known = grid.of_rows[np.isfinite(grid.of_rows)]
    place = np.clip(np.searchsorted(grid.places, known, side="left"), 0, len(grid.places) - 1)
    return tuple(np.bincount(place, minlength=len(grid.places)).tolist())


def _rug(grid: Grid, random: np.random.Generator) -> tuple[float, ...]:
    if not grid.is_number:
        return ()
    known = grid.of_rows[np.isfinite(grid.of_rows)]
    return floats(np.sort(random.choice(known, min(_RUG, len(known)), replace=False)))
