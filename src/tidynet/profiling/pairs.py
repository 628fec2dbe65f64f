"""Association of pairs of columns: measures, significance and chart counts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

import numpy as np
import numpy.typing as npt
import polars as pl

from tidynet.profiling import association
from tidynet.profiling.association import Ranks, TiedGroups, rank
from tidynet.profiling.encoded_variables import EncodedVariable
from tidynet.profiling.equivalent_columns import is_equivalent, repeated_columns
from tidynet.profiling.pair_counts import count_pair
from tidynet.profiling.profile import PairProfile
from tidynet.table.variable_type import TypeInference

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

_MAX_PAIRS = 1_000
_MAX_CHARTS = 24
_SCREENED_ROWS = 4_000
_SCREENED_CODES = 4
_BLOCK = 400
_MIN_SPREAD_ROWS = 2  # for ξ


@dataclass(frozen=True, slots=True)
class _Cache:
    """What the pairs of a column have in common, by its name."""

    ranks: dict[str, Ranks] = field(default_factory=dict)
    ties: dict[str, TiedGroups] = field(default_factory=dict)
    spread: dict[str, float] = field(default_factory=dict)


def profile_pairs(variables: Sequence[EncodedVariable], max_pairs: int = _MAX_PAIRS) -> list[PairProfile]:
    """Every pair, or of many columns the candidates, strongest first."""
    pairs = len(variables) * (len(variables) - 1) // 2
    chosen = combinations(range(len(variables)), 2) if pairs <= max_pairs else candidate_pairs(variables, max_pairs)
    cache = _Cache()
    profiles = [profile_pair(variables[i], variables[j], cache) for i, j in chosen]
    result = [pair for pair in profiles if pair is not None]
    return sorted(result, key=sort_by_strength)


def sort_by_strength(pair: PairProfile) -> tuple[bool, float, str, str]:
    """The sort key: significant associations first, the largest first."""
    return not pair.is_significant, -pair.association, pair.x, pair.y


def candidate_pairs(variables: Sequence[EncodedVariable], max_pairs: int) -> list[tuple[int, int]]:
    """The pairs with the largest χ² between four categories or bins of each, by one matrix product.

    If A is the one-hot matrix with columns divided by the root of their rows, the φ² of two variables is the
    sum of squares of their block in AᵀA, minus 1. At most 4,000 rows are used; missing values have no column.
    """
    hot = _one_hot(variables)
    width = _SCREENED_CODES
    best: list[tuple[float, int, int]] = []
    threshold = 0.0
    for start in range(0, len(variables), _BLOCK):
        stop = min(start + _BLOCK, len(variables))
        product = hot[:, start * width : stop * width].T @ hot[:, start * width :]
        squares = (product**2).reshape(stop - start, width, -1, width).sum((1, 3))
        rows, columns = np.nonzero(np.triu(squares > threshold, 1))
        scores = squares[rows, columns].tolist()
        best += zip(scores, (rows + start).tolist(), (columns + start).tolist(), strict=True)
        best = sorted(best, key=lambda item: (-item[0], item[1:]))[:max_pairs]
        threshold = best[-1][0] if len(best) == max_pairs else 0.0
    return sorted((i, j) for _, i, j in best)


def _one_hot(variables: Sequence[EncodedVariable]) -> npt.NDArray[np.float32]:
    rows = len(variables[0].codes)
    taken = np.linspace(0, rows - 1, min(rows, _SCREENED_ROWS)).astype(np.int64)
    hot = np.zeros((len(taken), len(variables) * _SCREENED_CODES), np.float32)
    for index, variable in enumerate(variables):
        codes = _few_codes(variable, taken)
        known = np.flatnonzero(codes >= 0)
        counts = np.bincount(codes[known], minlength=_SCREENED_CODES)
        hot[known, index * _SCREENED_CODES + codes[known]] = (1 / np.sqrt(np.maximum(counts, 1)))[codes[known]]
    return hot


def _few_codes(variable: EncodedVariable, taken: Integers) -> Integers:
    codes = variable.codes[taken]
    if variable.n_codes <= _SCREENED_CODES:
        return codes
    if variable.values is not None:
        return np.where(codes >= 0, codes * _SCREENED_CODES // variable.n_codes, -1)
    frequent = np.argsort(-np.bincount(codes[codes >= 0], minlength=variable.n_codes), kind="stable")
    index = np.full(variable.n_codes + 1, _SCREENED_CODES - 1)
    index[frequent[: _SCREENED_CODES - 1]] = np.arange(_SCREENED_CODES - 1)
    index[-1] = -1
    return index[codes]


def profile_pair(x: EncodedVariable, y: EncodedVariable, cache: _Cache | None = None) -> PairProfile | None:
    """The measures of two columns over rows with both; None for fewer than three rows or a constant."""
    both = (x.codes >= 0) & (y.codes >= 0)
    rows = int(np.count_nonzero(both))
    if rows < 3:
        return None
    table = np.bincount(x.codes[both] * y.n_codes + y.codes[both], minlength=x.n_codes * y.n_codes)
    table = table.reshape(x.n_codes, y.n_codes)
    measures: dict[str, float] = {}
    ranks_of = cache if cache is not None else _Cache()
    levels: list[tuple[float, float]] = []  # strengths with their noise levels
    if x.values is not None and y.values is not None:
        levels = _ranked(x, y, both, ranks_of, measures)
    if x.is_numeric != y.is_numeric:
        numeric, categorical = (x, y) if x.is_numeric else (y, x)
        levels = _ratios(categorical, numeric, both, ranks_of, measures)
    elif not x.is_numeric:
        measures["Cramér's V"] = association.cramers_v(table)
        merged = _merge_table(table)
        noise_level = association.cramers_v_noise_level(merged.sum(1), merged.sum(0))
        levels = [(association.cramers_v(merged), noise_level)]
    measures["mutual information"] = association.mutual_information(table)
    levels = [item for item in levels if math.isfinite(item[0])]
    if not levels:
        return None
    largest, noise_level = max(levels, key=lambda item: item[0] - item[1])
    finite = {name: value for name, value in measures.items() if math.isfinite(value)}
    return PairProfile(x.name, y.name, finite, min(1.0, largest), noise_level, rows)


def _ranked(
    x: EncodedVariable, y: EncodedVariable, both: npt.NDArray[np.bool_], cache: _Cache, measures: dict[str, float]
) -> list[tuple[float, float]]:
    """Measures of two ordered columns; the strength and noise level of each, of numbers alone."""
    order_x, ranks_x = _ranks(x, both, cache)
    order_y, ranks_y = _ranks(y, both, cache)
    rows = len(order_x)
    measures["Spearman"] = association.correlation(ranks_x.average, ranks_y.average)
    whole = bool(both.all())
    of_y = _xi(x.name, order_x, ranks_x, ranks_y, cache if whole else None)
    of_x = _xi(y.name, order_y, ranks_y, ranks_x, cache if whole else None)
    measures["ξ"] = max((value for value in (of_x, of_y) if math.isfinite(value)), default=math.nan)
    if not (x.is_numeric and y.is_numeric):
        return []
    assert x.values is not None
    assert y.values is not None
    values_x, values_y = x.values[both], y.values[both]
    measures["Pearson"] = association.correlation(values_x, values_y)
    kept = cache if whole else _Cache()
    of_values = (_spread(x.name, values_x, order_x, kept), _spread(y.name, values_y, order_y, kept))
    of_ranks = (ranks_x.spread_rows, ranks_y.spread_rows)
    return [
        (abs(measures["Spearman"]), association.correlation_noise_level(rows, *of_ranks)),
        (abs(measures["Pearson"]), association.correlation_noise_level(rows, *of_values)),
        (max(measures["ξ"], 0.0), association.correlation_noise_level(rows)),
    ]


def _xi(name: str, order: Integers, x: Ranks, y: Ranks, cache: _Cache | None) -> float:
    """ξ of y on x; groups of tied rows are kept where all rows are known."""
    if not _is_spread(y):
        return math.nan
    if cache is None:
        return association.chatterjee_xi(order, x, y)
    if name not in cache.ties:
        cache.ties[name] = TiedGroups(x.lowest[order])
    return association.chatterjee_xi(order, x, y, cache.ties[name])


def _spread(name: str, values: Floats, order: Integers, cache: _Cache) -> float:
    if name not in cache.spread:
        cache.spread[name] = association.spread_rows(values, order)
    return cache.spread[name]


def _is_spread(ranks: Ranks) -> bool:
    """Whether ξ has a normal distribution: of few rare values, two are neighbors by chance."""
    return ranks.spread_rows >= max(_MIN_SPREAD_ROWS, math.sqrt(len(ranks.average)))


def _ranks(variable: EncodedVariable, both: npt.NDArray[np.bool_], cache: _Cache) -> tuple[Integers, Ranks]:
    assert variable.values is not None
    if both.all():
        if variable.name not in cache.ranks:
            cache.ranks[variable.name] = rank(variable.values, variable.order)
        return variable.order, cache.ranks[variable.name]
    index = np.cumsum(both) - 1
    order = index[variable.order[both[variable.order]]]
    return order, rank(variable.values[both], order)


def _ratios(
    categorical: EncodedVariable,
    numeric: EncodedVariable,
    both: npt.NDArray[np.bool_],
    cache: _Cache,
    measures: dict[str, float],
) -> list[tuple[float, float]]:
    """The correlation ratios of values and of ranks, each with its noise level; rare categories are merged."""
    assert numeric.values is not None
    codes, values = categorical.codes[both], numeric.values[both]
    measures["correlation ratio"] = association.correlation_ratio(codes, categorical.n_codes, values)
    order, ranks = _ranks(numeric, both, cache)
    counts = np.bincount(codes, minlength=categorical.n_codes)
    merge = association.merge_rare_categories(counts)
    is_merged = len(np.unique(merge)) < len(merge)
    codes = merge[codes]
    counts = np.bincount(codes)
    counts = counts[counts > 0]
    spread = _spread(numeric.name, values, order, cache if both.all() else _Cache())
    levels = []
    for item, rows in ((values, spread), (ranks.average, ranks.spread_rows)):
        is_known = item is values and not is_merged
        ratio = measures["correlation ratio"] if is_known else association.correlation_ratio(codes, len(merge), item)
        level = association.correlation_ratio_noise_level(len(codes), len(counts), float(counts.min()), rows)
        levels.append((ratio, level))
    return levels


def _merge_table(table: Integers) -> Integers:
    """A table of counts whose rare categories are merged in both directions."""
    for _ in range(2):
        codes = association.merge_rare_categories(table.sum(1))
        merged = np.zeros_like(table)
        np.add.at(merged, codes, table)
        table = merged.T
    return table


def with_chart_counts(
    pairs: Sequence[PairProfile],
    frame: pl.DataFrame,
    inferred_types: Mapping[str, TypeInference],
    max_charts: int = _MAX_CHARTS,
) -> tuple[PairProfile, ...]:
    """The pairs, with chart counts for the strongest significant ones of columns that repeat no other."""
    pairs = [
        replace(pair, equivalent=True) if pair.is_significant and is_equivalent(pair, frame) else pair for pair in pairs
    ]
    repeated = repeated_columns(pairs, frame.columns)
    updated = []
    for pair in pairs:
        if max_charts > 0 and pair.is_significant and not {pair.x, pair.y} & repeated.keys():
            counts = count_pair(
                frame.get_column(pair.x), inferred_types[pair.x], frame.get_column(pair.y), inferred_types[pair.y]
            )
            pair = replace(pair, chart_counts=counts)
            max_charts -= 1
        updated.append(pair)
    return tuple(updated)
