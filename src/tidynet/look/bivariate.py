"""Pairs of columns: which go together, how strongly, and whether chance would show as much."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
import numpy.typing as npt
import polars as pl

from tidynet.look import association
from tidynet.look.association import Ranks, rank
from tidynet.look.pair_counts import count_pair
from tidynet.look.profile import PairProfile
from tidynet.look.variables import Variable
from tidynet.table.kind import Judgement

__all__ = ["by_strength", "likely_pairs", "look_at_pair", "look_at_pairs", "with_pictures"]

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

_MOST_MEASURED = 1_000
_MOST_PICTURES = 24
_SCREENED_ROWS = 4_000
_SCREENED_LEVELS = 4
_BLOCK = 400


def look_at_pairs(variables: Sequence[Variable], most: int = _MOST_MEASURED) -> list[PairProfile]:
    """Every pair, or of many columns the likely ones, strongest first.

    Parameters
    ----------
    variables : sequence of Variable
        Columns of one table.
    most : int
        The most pairs to measure; with more, `likely_pairs` chooses.

    Returns
    -------
    list of PairProfile
        By how far the association lies above its noise floor; pairs that cannot be measured are left out.
    """
    pairs = len(variables) * (len(variables) - 1) // 2
    chosen = combinations(range(len(variables)), 2) if pairs <= most else likely_pairs(variables, most)
    cache: dict[str, Ranks] = {}
    measured = [look_at_pair(variables[i], variables[j], cache) for i, j in chosen]
    found = [pair for pair in measured if pair is not None]
    return sorted(found, key=by_strength)


def by_strength(pair: PairProfile) -> tuple[float, str, str]:
    """What sorts pairs: how far the association lies above its noise floor, most first."""
    return pair.noise_floor - pair.association, pair.x, pair.y


def likely_pairs(variables: Sequence[Variable], most: int) -> list[tuple[int, int]]:
    """The pairs with the largest χ² between four levels or bins of each, from one matrix product for all kinds.

    With one-hot columns divided by the root of their rows, A, the φ² of two variables is the sum of the squares
    of their block in AᵀA, less 1. At most 4,000 rows are looked at; missing values have no column.
    """
    hot = _one_hot(variables)
    width = _SCREENED_LEVELS
    best: list[tuple[float, int, int]] = []
    least = 0.0
    for start in range(0, len(variables), _BLOCK):
        stop = min(start + _BLOCK, len(variables))
        product = hot[:, start * width : stop * width].T @ hot[:, start * width :]
        squares = (product**2).reshape(stop - start, width, -1, width).sum((1, 3))
        rows, columns = np.nonzero(np.triu(squares > least, 1))
        scores = squares[rows, columns].tolist()
        best += zip(scores, (rows + start).tolist(), (columns + start).tolist(), strict=True)
        best = sorted(best, key=lambda found: (-found[0], found[1:]))[:most]
        least = best[-1][0] if len(best) == most else 0.0
    return sorted((i, j) for _, i, j in best)


def _one_hot(variables: Sequence[Variable]) -> npt.NDArray[np.float32]:
    rows = len(variables[0].codes)
    taken = np.linspace(0, rows - 1, min(rows, _SCREENED_ROWS)).astype(np.int64)
    hot = np.zeros((len(taken), len(variables) * _SCREENED_LEVELS), np.float32)
    for place, variable in enumerate(variables):
        codes = _few_codes(variable, taken)
        known = np.flatnonzero(codes >= 0)
        counts = np.bincount(codes[known], minlength=_SCREENED_LEVELS)
        hot[known, place * _SCREENED_LEVELS + codes[known]] = (1 / np.sqrt(np.maximum(counts, 1)))[codes[known]]
    return hot


def _few_codes(variable: Variable, taken: Integers) -> Integers:
    codes = variable.codes[taken]
    if variable.levels <= _SCREENED_LEVELS:
        return codes
    if variable.values is not None:
        return np.where(codes >= 0, codes * _SCREENED_LEVELS // variable.levels, -1)
    frequent = np.argsort(-np.bincount(codes[codes >= 0], minlength=variable.levels), kind="stable")
    place = np.full(variable.levels + 1, _SCREENED_LEVELS - 1)
    place[frequent[: _SCREENED_LEVELS - 1]] = np.arange(_SCREENED_LEVELS - 1)
    place[-1] = -1
    return place[codes]


def look_at_pair(x: Variable, y: Variable, cache: dict[str, Ranks] | None = None) -> PairProfile | None:
    """The measures that suit two columns, over the rows with both; None below three such rows or without spread.

    Parameters
    ----------
    x, y : Variable
        The columns.
    cache : dict, optional
        Keeps the ranks of columns without missing values from pair to pair.

    Returns
    -------
    PairProfile or None
        Its association is the largest of |Pearson|, |Spearman| and ξ for two quantities, the larger of the
        correlation ratios of values and of ranks for a quantity with levels, and Cramér's V for levels.
    """
    both = (x.codes >= 0) & (y.codes >= 0)
    rows = int(np.count_nonzero(both))
    if rows < 3:
        return None
    table = np.bincount(x.codes[both] * y.levels + y.codes[both], minlength=x.levels * y.levels)
    table = table.reshape(x.levels, y.levels)
    used = [int((table.sum(axis) > 0).sum()) for axis in (1, 0)]
    measures: dict[str, float] = {}
    keeps = cache if cache is not None else {}
    if x.values is not None and y.values is not None:
        measures["Spearman"], measures["ξ"] = _ranked(x, y, both, keeps)
    if x.is_quantity and y.is_quantity:
        assert x.values is not None
        assert y.values is not None
        measures["Pearson"] = association.correlation(x.values[both], y.values[both])
        shown, floor = measures, association.floor_of_correlation(rows)
    elif x.is_quantity or y.is_quantity:
        quantity, levels = (x, y) if x.is_quantity else (y, x)
        of_values, of_ranks = _ratios(levels, quantity, both, keeps)
        measures["correlation ratio"] = of_values
        shown = {"": of_values, " ": of_ranks}
        floor = association.floor_of_correlation_ratio(rows, used[1] if levels is y else used[0])
    else:
        measures["Cramér's V"] = association.cramers_v(table)
        shown = {"": measures["Cramér's V"]}
        floor = association.floor_of_cramers_v(rows, used[0], used[1])
    measures["mutual information"] = association.mutual_information(table)
    strength = [abs(value) if name != "ξ" else max(value, 0.0) for name, value in shown.items()]
    strength = [value for value, name in zip(strength, shown, strict=True) if name != "mutual information"]
    if not any(math.isfinite(value) for value in strength):
        return None
    largest = min(1.0, max(value for value in strength if math.isfinite(value)))
    finite = {name: value for name, value in measures.items() if math.isfinite(value)}
    return PairProfile(x.name, y.name, finite, largest, floor, rows)


def _ranked(x: Variable, y: Variable, both: npt.NDArray[np.bool_], cache: dict[str, Ranks]) -> tuple[float, float]:
    order_x, ranks_x = _ranks(x, both, cache)
    order_y, ranks_y = _ranks(y, both, cache)
    spearman = association.correlation(ranks_x.average, ranks_y.average)
    return spearman, max(association.xi(order_x, ranks_y), association.xi(order_y, ranks_x))


def _ranks(variable: Variable, both: npt.NDArray[np.bool_], cache: dict[str, Ranks]) -> tuple[Integers, Ranks]:
    assert variable.values is not None
    if both.all():
        if variable.name not in cache:
            cache[variable.name] = rank(variable.values, variable.order)
        return variable.order, cache[variable.name]
    place = np.cumsum(both) - 1
    order = place[variable.order[both[variable.order]]]
    return order, rank(variable.values[both], order)


def _ratios(
    levels: Variable, quantity: Variable, both: npt.NDArray[np.bool_], cache: dict[str, Ranks]
) -> tuple[float, float]:
    assert quantity.values is not None
    codes = levels.codes[both]
    of_values = association.correlation_ratio(codes, levels.levels, quantity.values[both])
    ranks = _ranks(quantity, both, cache)[1].average
    return of_values, association.correlation_ratio(codes, levels.levels, ranks)


def with_pictures(
    pairs: Sequence[PairProfile],
    frame: pl.DataFrame,
    judgements: Mapping[str, Judgement],
    most: int = _MOST_PICTURES,
) -> tuple[PairProfile, ...]:
    """The pairs with pictures for the strongest that lie above their noise floor.

    Parameters
    ----------
    pairs : sequence of PairProfile
        Strongest first.
    frame : pl.DataFrame
        Rows that have their columns.
    judgements : mapping of str to Judgement
        The kinds of the columns.
    most : int
        How many pictures at most.
    """
    done = []
    for pair in pairs:
        if most > 0 and pair.association > pair.noise_floor:
            counts = count_pair(
                frame.get_column(pair.x), judgements[pair.x], frame.get_column(pair.y), judgements[pair.y]
            )
            pair = replace(pair, picture=counts)
            most -= 1
        done.append(pair)
    return tuple(done)
