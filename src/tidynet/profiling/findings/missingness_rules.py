"""Rules for missing values that depend on another column."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tidynet.core.text import format_number, format_percent, pluralize, shorten
from tidynet.profiling.findings import thresholds as t
from tidynet.profiling.findings.context import FindingContext
from tidynet.profiling.findings.rule import make_finding
from tidynet.profiling.hypothesis_tests import chi2_test, mann_whitney_test
from tidynet.profiling.profile import Finding

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _MissingnessPredictor:
    """A column that predicts where another is missing."""

    name: str
    effect: float
    p: float
    condition: str
    high: float
    low: float


def missingness_depends_on_column(context: FindingContext) -> Iterator[Finding]:
    """Columns whose missingness depends on another column, each with its strongest predictor."""
    for names, mask, tests in _patterns(context):
        if context.profile.target in names or _only_class(context, mask):
            continue
        best = _best_predictor(context, names, mask)
        if best is None or best.effect < t.MISSING_EFFECT or best.p * tests > t.ALPHA:
            continue
        fact = f"missing in {format_percent(best.high)} of rows where {best.condition}, "
        fact += f"in {format_percent(best.low)} of other rows"
        evidence: dict[str, float | str] = {
            "effect": best.effect,
            "predictor": best.name,
            "missing fraction there": best.high,
            "missing fraction elsewhere": best.low,
            "p": min(best.p * tests, 1.0),
            "rows": len(mask),
        }
        priority = 0.45 + 0.1 * best.effect + (0.15 if best.name == context.profile.target else 0)
        proof = context.first_rows(context.series[names[0]].is_null())
        yield make_finding("missingness-depends-on-column", priority, names, fact, evidence, rows=proof)


def missingness_depends_on_target(context: FindingContext) -> Iterator[Finding]:
    """Columns that are missing, or present, in rows of a single class of the target."""
    for names, mask, _ in _patterns(context):
        only = _only_class(context, mask)
        if context.profile.target in names or only is None:
            continue
        category, missing = only
        rows = int((mask if missing else ~mask).sum())
        word = "missing" if missing else "present"
        where = f"{shorten(context.profile.target or '')} = {shorten(category)}"
        fact = f"{word} only where {where} ({pluralize(rows, 'row')})"
        evidence: dict[str, float | str] = {"missing": int(mask.sum()), "rows": len(mask), "class": category}
        proof = context.first_rows(context.series[names[0]].is_null())
        yield make_finding("missingness-predicts-target", 0.9, names, fact, evidence, rows=proof)


def _patterns(context: FindingContext) -> list[tuple[list[str], Mask, int]]:
    """Groups of columns that are missing in the same rows, the rows, and the number of all tests."""
    groups: dict[bytes, list[str]] = {}
    for name, mask in context.missing_mask.items():
        if name in context.columns and t.MISSING_TO_TEST <= int(mask.sum()) <= len(mask) - t.MISSING_TO_TEST:
            groups.setdefault(np.packbits(mask).tobytes(), []).append(name)
    largest = sorted(groups.values(), key=lambda names: (-len(names), -int(context.missing_mask[names[0]].sum())))
    largest = largest[: t.TESTED_MISSING]
    tests = max(1, len(largest) * (len(context.ranked_columns) + len(context.category_codes) + 1))
    return [(names, context.missing_mask[names[0]], tests) for names in largest]


def _only_class(context: FindingContext, mask: Mask) -> tuple[str, bool] | None:
    """The only class with missing values and True, or the only one with known values and False."""
    codes = context.category_codes.get(context.profile.target or "")
    if codes is None:
        return None
    known = codes >= 0
    classes = int(codes.max()) + 1
    rows = np.bincount(codes[known], minlength=classes)
    for missing, cells in ((True, mask), (False, ~mask)):
        inside = np.bincount(codes[known & cells], minlength=classes)
        alone = np.flatnonzero(inside)
        # If independent, all of them are in this class with probability (its fraction)^(their number).
        if len(alone) == 1 and inside.sum() >= t.MISSING_TO_TEST:
            fraction = rows[alone[0]] / rows.sum()
            if inside.sum() * np.log(fraction) < np.log(t.ALPHA / len(context.columns)):
                return context.category_names(context.profile.target or "")[alone[0]], missing
    return None


def _best_predictor(context: FindingContext, names: list[str], mask: Mask) -> _MissingnessPredictor | None:
    return max(
        (item for item in (_best_numeric(context, names, mask), _best_category(context, names, mask)) if item),
        key=lambda item: item.effect,
        default=None,
    )


def _best_numeric(context: FindingContext, names: list[str], mask: Mask) -> _MissingnessPredictor | None:
    """The numeric column whose ranks differ most where values are missing: screened by one product, then tested."""
    fraction = float(mask.mean())
    if not context.ranked_columns:
        return None
    centered = (mask - fraction) / np.sqrt(len(mask) * fraction * (1 - fraction))
    agreement = np.abs(centered.astype(np.float32) @ context.value_ranks)
    # The correlation of a 0-1 variable with ranks is D · √(3 f (1 − f)); missing values of the predictor lower it.
    threshold = 0.7 * t.MISSING_EFFECT * np.sqrt(3 * fraction * (1 - fraction))
    for index in np.argsort(-agreement)[:3]:
        name = context.ranked_columns[index]
        # A column of 0 and 1 is tested as categories.
        if agreement[index] < threshold or name in names or name in context.category_codes:
            continue
        known = ~context.missing_mask[name] if name in context.missing_mask else np.ones(len(mask), np.bool_)
        ranks = context.value_ranks[:, index]
        if min(int((known & mask).sum()), int((known & ~mask).sum())) >= t.MISSING_TO_TEST:
            return _split_at_median(context, name, mask, ranks, known)
    return None


def _split_at_median(
    context: FindingContext, name: str, mask: Mask, ranks: npt.NDArray[np.float32], known: Mask
) -> _MissingnessPredictor:
    """Whether values are missing more often in the upper or the lower half of a numeric column."""
    effect, p = somers_d(ranks[known & mask], ranks[known & ~mask])
    middle = float(np.median(ranks[known]))
    above = ranks > middle
    half = above if effect > 0 else ~above
    column = context.tested_rows.get_column(name).alias("values")
    if column.dtype.is_temporal():
        condition = f"{shorten(name)} is {'after' if effect > 0 else 'not after'} its median"
    else:
        # The median of an even number of rows may lie between two values.
        value = column.to_physical().cast(float).median()
        condition = f"{shorten(name)} {'>' if effect > 0 else '≤'} {format_number(float(value))}"  # type: ignore[arg-type]
    high, low = (_missing_rate(mask, known & rows) for rows in (half, ~half))
    return _MissingnessPredictor(name, abs(effect), p, condition, high, low)


def _missing_rate(mask: Mask, rows: Mask) -> float:
    return float(mask[rows].mean()) if rows.any() else 0.0


def somers_d(there: npt.NDArray[np.floating], elsewhere: npt.NDArray[np.floating]) -> tuple[float, float]:
    """Somers' D of two groups, ``2 · P(there > elsewhere) − 1`` with ties halved, and its two-sided p-value."""
    fraction, p = mann_whitney_test(there, elsewhere)
    return 2 * fraction - 1, p


def _best_category(context: FindingContext, names: list[str], mask: Mask) -> _MissingnessPredictor | None:
    """The categorical column whose categories differ most in their fraction of missing values."""
    columns = context.one_hot_starts
    if not columns:
        return None
    missing = context.one_hot.T @ mask.astype(np.float64)
    effects = _cramer(context.one_hot_rows, missing, np.array(list(columns.values())))
    for index in np.argsort(-effects):
        name = list(columns)[index]
        if effects[index] < t.MISSING_EFFECT:
            return None
        if name not in names:
            start = columns[name]
            stop = start + int(context.category_codes[name].max()) + 1
            table = np.column_stack([context.one_hot_rows[start:stop] - missing[start:stop], missing[start:stop]])
            return _most_different_category(context, name, float(effects[index]), table)
    return None


def _cramer(rows: Floats, missing: Floats, starts: npt.NDArray[np.int64]) -> Floats:
    """Bias-corrected Cramér's V of missingness with each of many columns, whose categories are concatenated."""
    n, n_missing = np.add.reduceat(rows, starts), np.add.reduceat(missing, starts)
    n_categories = np.diff(np.append(starts, len(rows)))
    fraction = np.repeat(n_missing / np.maximum(n, 1), n_categories)
    spread = np.where((fraction > 0) & (fraction < 1) & (rows > 0), fraction * (1 - fraction), np.inf)
    chi2 = np.add.reduceat((missing - fraction * rows) ** 2 / np.maximum(rows, 1) / spread, starts)
    phi2: Floats = chi2 / np.maximum(n, 1) - (n_categories - 1) / np.maximum(n - 1, 1)
    return np.sqrt(np.maximum(phi2, 0.0))


def _most_different_category(
    context: FindingContext, name: str, effect: float, table: Floats
) -> _MissingnessPredictor | None:
    """The category that differs most from all others; the table counts known and missing rows of each."""
    table, categories = table[table.sum(1) > 0], np.array(context.category_names(name))[table.sum(1) > 0]
    if len(table) < 2 or not table.sum(0).all():
        return None
    p = chi2_test(table)
    rates = table[:, 1] / table.sum(1)
    others = table.sum(0) - table
    elsewhere = others[:, 1] / np.maximum(others.sum(1), 1)
    large = np.minimum(table.sum(1), others.sum(1)) >= t.MISSING_TO_TEST
    if not large.any():
        return None
    index = int(np.where(large, np.abs(rates - elsewhere), -1).argmax())
    high, low, relation = float(rates[index]), float(elsewhere[index]), "="
    if high < low:
        high, low, relation = low, high, "≠"
    return _MissingnessPredictor(name, effect, p, f"{shorten(name)} {relation} {shorten(categories[index])}", high, low)
