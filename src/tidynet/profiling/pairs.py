"""Pairs of columns: which go together, how strongly, and whether chance would show as much."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
import numpy.typing as npt
import polars as pl

from tidynet.profiling import association
from tidynet.profiling.association import Ranks, rank
from tidynet.profiling.counts import count_pair
from tidynet.profiling.encoded_variables import EncodedVariable
from tidynet.profiling.profile import PairProfile
from tidynet.table.variable_type import TypeInference

__all__ = ["candidate_pairs", "profile_pair", "profile_pairs", "sort_by_strength", "with_chart_counts"]

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

_MOST_MEASURED = 1_000
_MOST_PICTURES = 24
_SCREENED_ROWS = 4_000
_SCREENED_LEVELS = 4
_BLOCK = 400


def profile_pairs(variables: Sequence[EncodedVariable], max_count: int = _MOST_MEASURED) -> list[PairProfile]:
    """Every pair, or of many columns the likely ones, strongest first."""
    pairs = len(variables) * (len(variables) - 1) // 2
    chosen = combinations(range(len(variables)), 2) if pairs <= max_count else candidate_pairs(variables, max_count)
    cache: dict[str, Ranks] = {}
    measured = [profile_pair(variables[i], variables[j], cache) for i, j in chosen]
    result = [pair for pair in measured if pair is not None]
    return sorted(result, key=sort_by_strength)


def sort_by_strength(pair: PairProfile) -> tuple[float, str, str]:
    """What sorts pairs: how far the association lies above its noise floor, most first."""
    return pair.noise_level - pair.association, pair.x, pair.y


def candidate_pairs(variables: Sequence[EncodedVariable], max_count: int) -> list[tuple[int, int]]:
    """The pairs with the largest χ² between four levels or bins of each, from one matrix product for all kinds.

    With one-hot columns divided by the root of their rows, A, the φ² of two variables is the sum of the squares
    of their block in AᵀA, less 1. At most 4,000 rows are looked at; missing values have no column.
    """
    hot = _one_hot(variables)
    width = _SCREENED_LEVELS
    best: list[tuple[float, int, int]] = []
    min_count = 0.0
    for start in range(0, len(variables), _BLOCK):
        stop = min(start + _BLOCK, len(variables))
        product = hot[:, start * width : stop * width].T @ hot[:, start * width :]
        squares = (product**2).reshape(stop - start, width, -1, width).sum((1, 3))
        rows, columns = np.nonzero(np.triu(squares > min_count, 1))
        scores = squares[rows, columns].tolist()
        best += zip(scores, (rows + start).tolist(), (columns + start).tolist(), strict=True)
        best = sorted(best, key=lambda result: (-result[0], result[1:]))[:max_count]
        min_count = best[-1][0] if len(best) == max_count else 0.0
    return sorted((i, j) for _, i, j in best)


def _one_hot(variables: Sequence[EncodedVariable]) -> npt.NDArray[np.float32]:
    rows = len(variables[0].codes)
    taken = np.linspace(0, rows - 1, min(rows, _SCREENED_ROWS)).astype(np.int64)
    hot = np.zeros((len(taken), len(variables) * _SCREENED_LEVELS), np.float32)
    for index, variable in enumerate(variables):
        codes = _few_codes(variable, taken)
        non_missing = np.flatnonzero(codes >= 0)
        counts = np.bincount(codes[non_missing], minlength=_SCREENED_LEVELS)
        hot[non_missing, index * _SCREENED_LEVELS + codes[non_missing]] = (1 / np.sqrt(np.maximum(counts, 1)))[
            codes[non_missing]
        ]
    return hot


def _few_codes(variable: EncodedVariable, taken: Integers) -> Integers:
    codes = variable.codes[taken]
    if variable.levels <= _SCREENED_LEVELS:
        return codes
    if variable.values is not None:
        return np.where(codes >= 0, codes * _SCREENED_LEVELS // variable.levels, -1)
    frequent = np.argsort(-np.bincount(codes[codes >= 0], minlength=variable.levels), kind="stable")
    index = np.full(variable.levels + 1, _SCREENED_LEVELS - 1)
    index[frequent[: _SCREENED_LEVELS - 1]] = np.arange(_SCREENED_LEVELS - 1)
    index[-1] = -1
    return index[codes]


def profile_pair(x: EncodedVariable, y: EncodedVariable, cache: dict[str, Ranks] | None = None) -> PairProfile | None:
    """The measures that suit two columns, over the rows with both; None below three such rows or without spread."""
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
        display_text, floor = measures, association.correlation_noise_level(rows)
    elif x.is_quantity or y.is_quantity:
        quantity, levels = (x, y) if x.is_quantity else (y, x)
        of_values, of_ranks = _ratios(levels, quantity, both, keeps)
        measures["correlation ratio"] = of_values
        display_text = {"": of_values, " ": of_ranks}
        floor = association.correlation_ratio_noise_level(rows, used[1] if levels is y else used[0])
    else:
        measures["Cramér's V"] = association.cramers_v(table)
        display_text = {"": measures["Cramér's V"]}
        floor = association.cramers_v_noise_level(rows, used[0], used[1])
    measures["mutual information"] = association.mutual_information(table)
    strength = [abs(value) if name != "ξ" else max(value, 0.0) for name, value in display_text.items()]
    strength = [value for value, name in zip(strength, display_text, strict=True) if name != "mutual information"]
    if not any(math.isfinite(value) for value in strength):
        return None
    largest = min(1.0, max(value for value in strength if math.isfinite(value)))
    finite = {name: value for name, value in measures.items() if math.isfinite(value)}
    return PairProfile(x.name, y.name, finite, largest, floor, rows)


def _ranked(
    x: EncodedVariable, y: EncodedVariable, both: npt.NDArray[np.bool_], cache: dict[str, Ranks]
) -> tuple[float, float]:
    order_x, ranks_x = _ranks(x, both, cache)
    order_y, ranks_y = _ranks(y, both, cache)
    spearman = association.correlation(ranks_x.average, ranks_y.average)
    return spearman, max(association.chatterjee_xi(order_x, ranks_y), association.chatterjee_xi(order_y, ranks_x))


def _ranks(variable: EncodedVariable, both: npt.NDArray[np.bool_], cache: dict[str, Ranks]) -> tuple[Integers, Ranks]:
    assert variable.values is not None
    if both.all():
        if variable.name not in cache:
            cache[variable.name] = rank(variable.values, variable.order)
        return variable.order, cache[variable.name]
    index = np.cumsum(both) - 1
    order = index[variable.order[both[variable.order]]]
    return order, rank(variable.values[both], order)


def _ratios(
    levels: EncodedVariable, quantity: EncodedVariable, both: npt.NDArray[np.bool_], cache: dict[str, Ranks]
) -> tuple[float, float]:
    assert quantity.values is not None
    codes = levels.codes[both]
    of_values = association.correlation_ratio(codes, levels.levels, quantity.values[both])
    ranks = _ranks(quantity, both, cache)[1].average
    return of_values, association.correlation_ratio(codes, levels.levels, ranks)


def with_chart_counts(
    pairs: Sequence[PairProfile],
    frame: pl.DataFrame,
    inferred_types: Mapping[str, TypeInference],
    max_count: int = _MOST_PICTURES,
) -> tuple[PairProfile, ...]:
    """The pairs with pictures for the strongest that lie above their noise floor."""
    done = []
    for pair in pairs:
        if max_count > 0 and pair.association > pair.noise_level:
            counts = count_pair(
                frame.get_column(pair.x), inferred_types[pair.x], frame.get_column(pair.y), inferred_types[pair.y]
            )
            pair = replace(pair, chart_counts=counts)
            max_count -= 1
        done.append(pair)
    return tuple(done)
