"""Rules for two columns: near-duplicates and Simpson's paradox."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from tidynet.core.text import drop_call, format_number, shorten
from tidynet.profiling.findings import thresholds as t
from tidynet.profiling.findings.context import FindingContext
from tidynet.profiling.findings.rule import make_finding
from tidynet.profiling.hypothesis_tests import pearson_correlation, spearman_correlation, t_p_value
from tidynet.profiling.profile import Finding
from tidynet.table.variable_type import VariableType

Matrix = npt.NDArray[np.float32]


def near_duplicate_columns(context: FindingContext) -> Iterator[Finding]:
    """Columns with one-to-one categories, or with a correlation near 1."""
    if context.tested_rows.height < t.ROWS_TO_TEST:
        return
    target = context.profile.target
    code = "near-duplicate-columns"
    for group in _one_to_one_categories(context):
        # A copy of the target is target leakage.
        names = [name for name in group if name != target]
        if len(names) > 1:
            categories = len(context.category_counts(names[0]))
            fact = f"{categories:,} categories match one to one"
            yield make_finding(code, 0.5, names, fact, {"categories": categories}, call=drop_call(names[1:]))
    for names, value in _correlated_numbers(context):
        fact = f"correlation {format_correlation(value)}"
        evidence = {"correlation": value, "rows": context.tested_rows.height}
        yield make_finding(code, 0.45, names, fact, evidence, call=drop_call(names[1:]))


def _one_to_one_categories(context: FindingContext) -> Iterator[list[str]]:
    """Groups of categorical columns whose categories match one to one."""
    groups: dict[bytes, list[str]] = {}
    for name, codes in {**context.category_codes, **context.fine_category_codes}.items():
        if codes.max() < 1 or int(np.bincount(codes + 1)[1:].max()) > len(codes) - t.RARE_ROWS:
            continue
        # Categories numbered by first occurrence: equal for columns that differ in names alone; at most 20,000 of them.
        present, first, index = np.unique(codes, return_index=True, return_inverse=True)
        order = np.argsort(np.argsort(first))
        signature = order[index].astype(np.int16)
        signature[codes < 0] = -1
        groups.setdefault(signature.tobytes() + bytes([len(present) % 256]), []).append(name)
    yield from (names for names in groups.values() if len(names) > 1)


def _correlated_numbers(context: FindingContext) -> Iterator[tuple[list[str], float]]:
    names = [name for name in context.numeric_columns if name != context.profile.target]
    indices = {name: index for index, name in enumerate(context.ranked_columns)}
    if len(names) < 2:
        return
    ranks = context.value_ranks[:, [indices[name] for name in names]]
    by_rank = np.abs(ranks.T @ ranks)
    np.fill_diagonal(by_rank, 0)
    # Imputed missing values lower a correlation, so candidates may lie a little below the threshold.
    candidates = np.argwhere(np.triu(by_rank > t.NEAR_DUPLICATE_CORRELATION - 0.05))
    taken: set[str] = set()
    close: dict[str, list[tuple[str, float]]] = {}
    for i, j in candidates:
        first, second = names[i], names[j]
        if second in taken:
            continue
        value = largest_correlation(context, first, second)
        if value >= t.NEAR_DUPLICATE_CORRELATION:
            close.setdefault(first, []).append((second, value))
            taken.add(second)
    for first, others in close.items():
        if first not in taken:
            yield [first, *(name for name, _ in others)], min(value for _, value in others)


def largest_correlation(context: FindingContext, first: str, second: str) -> float:
    """The larger of |Pearson| and |Spearman| on rows with both values; 0 for few rows or few distinct values."""
    values = [
        context.tested_rows.get_column(name).alias("values").cast(float).fill_null(np.nan).to_numpy()
        for name in (first, second)
    ]
    known = np.isfinite(values[0]) & np.isfinite(values[1])
    x, y = (_scaled(item[known]) for item in values)
    # Few distinct values correlate easily; one outlier makes Pearson's correlation 1.
    if len(x) < t.ROWS_TO_TEST or min(len(np.unique(x)), len(np.unique(y))) < 10:
        return 0.0
    if _has_trend(x) and _has_trend(y):
        x, y = np.diff(x), np.diff(y)  # trends over the rows correlate; copies have equal steps too
    by_rank, by_value = abs(spearman_correlation(x, y)), abs(pearson_correlation(x, y))
    return by_rank if by_value < t.NEAR_DUPLICATE_CORRELATION else max(by_rank, by_value if by_rank > 0.95 else 0.0)


def _scaled(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    largest = np.abs(values).max(initial=0.0)
    return values / largest if largest > 0 else values


def _has_trend(values: npt.NDArray[np.float64]) -> bool:
    return abs(spearman_correlation(values, np.arange(len(values)))) > 0.9


def simpsons_paradox(context: FindingContext) -> Iterator[Finding]:
    """Correlations whose sign reverses within the categories of a third column."""
    groups = _groups(context)
    names = _numeric_columns(context)
    if context.tested_rows.height < t.ROWS_TO_TEST or not groups or len(names) < 2:
        return
    indices = [context.ranked_columns.index(name) for name in names]
    ranks = context.value_ranks[:, indices]
    overall = ranks.T @ ranks
    tests = len(groups) * len(names) * (len(names) - 1) / 2
    reversed_pairs: set[tuple[int, int]] = set()
    for group in groups:
        codes = context.category_codes[group]
        within = _within_group_correlation(ranks, codes)
        reversed_sign = (np.sign(within) != np.sign(overall)) & (
            np.minimum(np.abs(within), np.abs(overall)) >= t.REVERSAL_EFFECT
        )
        association = np.minimum(np.abs(within), np.abs(overall)) * np.triu(reversed_sign, 1)
        for i, j in np.argwhere(association > 0)[np.argsort(-association[association > 0])]:
            if (i, j) in reversed_pairs or group in (names[i], names[j]):
                continue
            evidence = _test_reversal(context, (names[i], names[j]), codes, tests)
            if evidence:
                reversed_pairs.add((int(i), int(j)))
                yield _simpsons_finding(names[i], names[j], group, evidence)


def _simpsons_finding(x: str, y: str, group: str, evidence: dict[str, Any]) -> Finding:
    overall, within = evidence["overall"], evidence["within"]
    fact = f"Simpson's paradox, rank correlation {format_number(overall)} over all rows, "
    fact += f"{format_number(within)} within {shorten(group)}"
    priority = 0.45 + 0.2 * min(abs(overall), abs(within))
    call = f"tn.plot(frame, x={x!r}, y={y!r}, color={group!r})"
    return make_finding("simpsons-paradox", priority, [x, y, group], fact, evidence, call=call)


def _groups(context: FindingContext) -> list[str]:
    """Categorical columns with few categories, the target first, then the most balanced."""
    sizes = {}
    for name, codes in context.category_codes.items():
        counts = np.bincount(codes[codes >= 0])
        if 2 <= len(counts) <= t.MAX_GROUPS and (counts >= 10).sum() >= 2:
            sizes[name] = (name != context.profile.target, float(counts.max() / counts.sum()))
    return sorted(sizes, key=sizes.__getitem__)[: t.TESTED_GROUPS]


def _numeric_columns(context: FindingContext) -> list[str]:
    target = context.profile.target
    explained = {item.column: -item.explained_share for item in context.profile.target_associations}
    requested = [name for name in context.ranked_columns if context.variable_types[name] is not VariableType.BOOLEAN]
    requested = [name for name in requested if name in context.numeric_columns]
    return sorted(requested, key=lambda name: (name != target, explained.get(name, 0.0)))[: t.TESTED_NUMERIC]


def _within_group_correlation(ranks: Matrix, codes: npt.NDArray[np.int64]) -> Matrix:
    """Pooled correlations of ranks within groups: each group's mean is subtracted."""
    known = codes >= 0
    ranks, codes = ranks[known], codes[known]
    order = np.argsort(codes, kind="stable")
    starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
    sizes = np.diff(np.append(starts, len(codes)))
    means = np.add.reduceat(ranks[order], starts, axis=0) / sizes[:, None]
    centered = ranks[order] - np.repeat(means, sizes, axis=0)
    length = np.linalg.norm(centered, axis=0)
    centered = (centered / np.where(length > 0, length, 1)).astype(np.float32)
    return centered.T @ centered


def _test_reversal(
    context: FindingContext, pair: tuple[str, str], codes: npt.NDArray[np.int64], tests: float
) -> dict[str, Any] | None:
    """Evidence on rows with both values; None unless significant overall, within groups and in most of them."""
    x, y = (context.value_ranks[:, context.ranked_columns.index(name)] for name in pair)
    known = codes >= 0
    for name in pair:
        if name in context.missing_mask:
            known &= ~context.missing_mask[name]
    x, y, codes = x[known], y[known], codes[known]
    if len(x) < t.ROWS_TO_TEST or x.std() == 0 or y.std() == 0:
        return None
    overall = spearman_correlation(x, y)
    sizes = np.bincount(codes)
    large = np.flatnonzero(sizes >= 10).tolist()
    if not large:
        return None
    # Ranked anew in each group: with ranks of all rows, groups of large and small values would weigh differently.
    inside = [spearman_correlation(x[codes == level], y[codes == level]) for level in large]
    within = float(np.average(inside, weights=sizes[large]))
    agreeing = sum(np.sign(value) == -np.sign(overall) for value in inside)
    p = max(_p_value(overall, len(x)), _p_value(within, len(x) - len(large)))
    small = min(abs(overall), abs(within)) < t.REVERSAL_EFFECT
    if small or p * tests > t.ALPHA or len(large) < 2 or agreeing < t.REVERSAL_MIN_SHARE * len(large):
        return None
    if np.sign(overall) == np.sign(within):
        return None
    evidence = {"overall": overall, "within": within, "groups": len(large), "groups with reversed sign": int(agreeing)}
    return evidence | {"rows": len(x), "p": min(1.0, p * tests)}


def _p_value(correlation: float, rows: int) -> float:
    """The two-sided p-value of a correlation by Student's t."""
    freedom = max(rows - 2, 1)
    statistic = abs(correlation) * np.sqrt(freedom / max(1 - correlation**2, 1e-12))
    return t_p_value(statistic, freedom)


def format_correlation(value: float) -> str:
    """A correlation near 1 with enough digits to differ from 1."""
    if value > 0.9999:
        return "1" if value > 1 - 1e-12 else "over 0.9999"
    return f"{value:.4f}" if value > 0.999 else f"{value:.3f}"
