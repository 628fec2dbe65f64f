"""Pearson correlations over all rows of a lazy frame, from sums of products in one pass."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

import narwhals as nw

from tidynet.profiling.lazy_backends import collect
from tidynet.profiling.profile import PairProfile

MAX_COLUMNS = 16
"""With more columns, correlations are of a sample."""


def lazy_correlations(
    frame: nw.LazyFrame[Any], values: Mapping[str, nw.Expr], complete: Sequence[str]
) -> dict[tuple[str, str], float]:
    """Pearson correlation of every two columns over the rows with both."""
    names = list(values)
    index = {name: number for number, name in enumerate(names)}
    # Separate columns, so that an engine computes each only once.
    parts: list[nw.Expr] = []
    for name, value in values.items():
        filled = value if name in complete else nw.when(value.is_null()).then(nw.lit(0.0)).otherwise(value)
        parts += [filled.alias(f"sum {index[name]}"), (filled * filled).alias(f"square {index[name]}")]
        is_known = nw.when(value.is_null()).then(nw.lit(0.0)).otherwise(nw.lit(1.0))
        parts.append(is_known.alias(f"rows {index[name]}"))
    staged = frame.select(*parts)
    sums: dict[str, nw.Expr] = {}

    def sum_of(what: str, x: str, y: str) -> str:
        """The key of a sum over the rows with both; if y is complete it depends on x alone."""
        key = f"{what} {index[x]} {index[y] if y not in complete else ''}"
        if key not in sums:
            part = nw.col(f"{what} {index[x]}")
            sums[key] = (part if y in complete else part * nw.col(f"rows {index[y]}")).sum().alias(key)
        return key

    keys = {}
    for x, y in combinations(names, 2):
        product = f"product {index[x]} {index[y]}"
        sums[product] = (nw.col(f"sum {index[x]}") * nw.col(f"sum {index[y]}")).sum().alias(product)
        ends = [(sum_of("sum", item, other), sum_of("square", item, other)) for item, other in ((x, y), (y, x))]
        keys[x, y] = (sum_of("rows", x, y), product, *ends[0], *ends[1])
    if not keys:
        return {}
    totals = collect(staged.select(*sums.values())).row(0, named=True)
    result = {}
    for (x, y), pair_keys in keys.items():
        correlation = _correlation(*(float(totals[key] or 0.0) for key in pair_keys))
        if math.isfinite(correlation):
            result[x, y] = result[y, x] = correlation
    return result


def _correlation(rows: float, product: float, x: float, xx: float, y: float, yy: float) -> float:
    spread_x, spread_y = xx - x * x / max(rows, 1), yy - y * y / max(rows, 1)
    if rows < 2 or not min(spread_x, spread_y) > 1e-12 * rows:
        return math.nan
    return min(1.0, max(-1.0, (product - x * y / rows) / math.sqrt(spread_x * spread_y)))


def with_correlations(
    pairs: Sequence[PairProfile], result: Mapping[tuple[str, str], float], order: Callable[[PairProfile], Any]
) -> list[PairProfile]:
    """The pairs with the Pearson correlation over all rows instead of the sample, sorted again."""
    updated = []
    for pair in pairs:
        value = result.get((pair.x, pair.y))
        if value is not None and "Pearson" in pair.measures:
            measures = {**pair.measures, "Pearson": value}
            largest = max(abs(value), abs(measures.get("Spearman", 0.0)), measures.get("ξ", 0.0))
            pair = replace(pair, measures=measures, association=min(1.0, largest))
        updated.append(pair)
    return sorted(updated, key=order)
