"""Rule: values that are missing more often where another column says so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tidynet.core.text import format_number, format_percent, list_columns, quote
from tidynet.profiling.findings import thresholds as t
from tidynet.profiling.findings.context import FindingContext
from tidynet.profiling.findings.rule import make_finding
from tidynet.profiling.hypothesis_tests import chi2_test, mann_whitney_test
from tidynet.profiling.profile import Finding

__all__ = ["missingness_depends_on_column", "missingness_depends_on_target", "somers"]

Gaps = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _MissingnessPredictor:
    """A column that tells where another is missing."""

    name: str
    effect: float
    chance: float
    high_where: str
    high: float
    low: float


def missingness_depends_on_column(context: FindingContext) -> Iterator[Finding]:
    """Missingness that goes with another column, the strongest companion of each."""
    for names, missing_mask, tests in _patterns(context):
        if context.profile.target in names or _only_in_one_class(context, missing_mask):
            continue
        best = _strongest(context, names, missing_mask)
        if best is None or best.effect < t.MISSING_EFFECT or best.chance * tests > t.ALPHA:
            continue
        subject = f"{list_columns(names)} {'is' if len(names) == 1 else 'are'}"
        exactly = best.high >= 0.995 and best.low <= 0.005
        often = "missing exactly" if exactly else "missing more often"
        sentence = f"{subject} {often} {best.high_where}"
        sentence += (
            "" if exactly else f": in {format_percent(best.high)} of those rows, else in {format_percent(best.low)}"
        )
        evidence: dict[str, float | str] = {
            "effect": best.effect,
            "companion": best.name,
            "share there": best.high,
            "share elsewhere": best.low,
        }
        weight = 0.45 + 0.1 * best.effect + (0.15 if best.name == context.profile.target else 0)
        evidence |= {"p": min(best.chance * tests, 1.0), "rows": len(missing_mask)}
        yield make_finding("missingness-depends-on-column", weight, names, sentence, evidence)


def missingness_depends_on_target(context: FindingContext) -> Iterator[Finding]:
    """Columns that are missing, or known, for one class of the target alone."""
    for names, missing_mask, _ in _patterns(context):
        found_class = _only_in_one_class(context, missing_mask)
        if context.profile.target in names or found_class is None:
            continue
        level, word = found_class
        sentence = f"{list_columns(names)} {'is' if len(names) == 1 else 'are'} {word} only where "
        sentence += f"{quote(context.profile.target)} is {quote(level)}: the gaps tell the answer"
        evidence: dict[str, float | str] = {
            "missing": int(missing_mask.sum()),
            "rows": len(missing_mask),
            "class": level,
        }
        yield make_finding("missingness-predicts-target", 0.9, names, sentence, evidence)


def _patterns(context: FindingContext) -> list[tuple[list[str], Gaps, int]]:
    """Columns with the same gaps together, their gaps, and how many tests are made in all."""
    groups: dict[bytes, list[str]] = {}
    for name, missing_mask in context.missing_mask.items():
        if (
            name in context.columns
            and t.MISSING_TO_TEST <= int(missing_mask.sum()) <= len(missing_mask) - t.MISSING_TO_TEST
        ):
            groups.setdefault(np.packbits(missing_mask).tobytes(), []).append(name)
    max_count = sorted(groups.values(), key=lambda names: (-len(names), -int(context.missing_mask[names[0]].sum())))
    max_count = max_count[: t.TESTED_MISSING]
    tests = max(1, len(max_count) * (len(context.ranked_columns) + len(context.category_codes) + 1))
    return [(names, context.missing_mask[names[0]], tests) for names in max_count]


def _only_in_one_class(context: FindingContext, missing_mask: Gaps) -> tuple[str, str] | None:
    codes = context.category_codes.get(context.profile.target or "")
    if codes is None:
        return None
    non_missing = codes >= 0
    classes = int(codes.max()) + 1
    rows = np.bincount(codes[non_missing], minlength=classes)
    for word, cells in (("missing", missing_mask), ("known", ~missing_mask)):
        inside = np.bincount(codes[non_missing & cells], minlength=classes)
        alone = np.flatnonzero(inside)
        # By chance all of them would fall into this class with probability (its share)^(their number).
        if len(alone) == 1 and inside.sum() >= t.MISSING_TO_TEST:
            fraction = rows[alone[0]] / rows.sum()
            if inside.sum() * np.log(fraction) < np.log(t.ALPHA / len(context.columns)):
                return context.level_names(context.profile.target or "")[alone[0]], word
    return None


def _strongest(context: FindingContext, names: list[str], missing_mask: Gaps) -> _MissingnessPredictor | None:
    return max(
        (
            item
            for item in (_best_ordered(context, names, missing_mask), _best_levels(context, names, missing_mask))
            if item
        ),
        key=lambda item: item.effect,
        default=None,
    )


def _best_ordered(context: FindingContext, names: list[str], missing_mask: Gaps) -> _MissingnessPredictor | None:
    """The quantitative column whose ranks differ most where the gaps are, found by one product, then tested."""
    fraction = float(missing_mask.mean())
    if not context.ranked_columns:
        return None
    centred = (missing_mask - fraction) / np.sqrt(len(missing_mask) * fraction * (1 - fraction))
    agreement = np.abs(centred.astype(np.float32) @ context.value_ranks)
    # The correlation of a 0-1 variable with ranks is D · √(3 s (1 − s)); gaps of the companion lower it.
    min_count = 0.7 * t.MISSING_EFFECT * np.sqrt(3 * fraction * (1 - fraction))
    for index in np.argsort(-agreement)[:3]:
        name = context.ranked_columns[index]
        # A column of 0 and 1 is better said by its levels.
        if agreement[index] < min_count or name in names or name in context.category_codes:
            continue
        non_missing = (
            ~context.missing_mask[name] if name in context.missing_mask else np.ones(len(missing_mask), np.bool_)
        )
        ranks = context.value_ranks[:, index]
        if min(int((non_missing & missing_mask).sum()), int((non_missing & ~missing_mask).sum())) >= t.MISSING_TO_TEST:
            return _split_at_median(context, name, missing_mask, ranks, non_missing)
    return None


def _split_at_median(
    context: FindingContext, name: str, missing_mask: Gaps, ranks: npt.NDArray[np.float32], non_missing: Gaps
) -> _MissingnessPredictor:
    """Where gaps are frequent: in the upper or the lower half of a quantitative column."""
    effect, chance = somers(ranks[non_missing & missing_mask], ranks[non_missing & ~missing_mask])
    middle = float(np.median(ranks[non_missing]))
    above = ranks > middle
    half = above if effect > 0 else ~above
    column = context.tested_rows.get_column(name).alias("values")
    if column.dtype.is_temporal():
        display_text = "late" if effect > 0 else "early"
    else:
        # The median of an even number of rows may lie between two values.
        value = column.to_physical().cast(float).median()
        display_text = f"{'above' if effect > 0 else 'at most'} {format_number(float(value))}"  # type: ignore[arg-type]
    high, low = (_missing_rate(missing_mask, non_missing & rows) for rows in (half, ~half))
    return _MissingnessPredictor(name, abs(effect), chance, f"where {quote(name)} is {display_text}", high, low)


def _missing_rate(missing_mask: Gaps, rows: Gaps) -> float:
    return float(missing_mask[rows].mean()) if rows.any() else 0.0


def somers(there: npt.NDArray[np.floating], elsewhere: npt.NDArray[np.floating]) -> tuple[float, float]:
    """Somers' D of two groups, ``2 · P(there > elsewhere) − 1`` with ties halved, and its two-sided p-value.

    Examples
    --------
    >>> somers(np.array([4.0, 5.0, 6.0]), np.array([1.0, 2.0, 3.0]))[0]
    1.0
    """
    fraction, chance = mann_whitney_test(there, elsewhere)
    return 2 * fraction - 1, chance


def _best_levels(context: FindingContext, names: list[str], missing_mask: Gaps) -> _MissingnessPredictor | None:
    """The qualitative column whose levels differ most in their share of gaps."""
    columns = context.coded_starts
    if not columns:
        return None
    missing = context.one_hot.T @ missing_mask.astype(np.float64)
    effects = _cramer(context.one_hot_rows, missing, np.array(list(columns.values())))
    for index in np.argsort(-effects):
        name = list(columns)[index]
        if effects[index] < t.MISSING_EFFECT:
            return None
        if name not in names:
            start = columns[name]
            stop = start + int(context.category_codes[name].max()) + 1
            table = np.column_stack([context.one_hot_rows[start:stop] - missing[start:stop], missing[start:stop]])
            return _level(context, name, float(effects[index]), table)
    return None


def _cramer(rows: Floats, missing: Floats, starts: npt.NDArray[np.int64]) -> Floats:
    """Bias-corrected Cramér's V of gaps with each of many columns, whose levels stand one after another."""
    n, missing_mask = np.add.reduceat(rows, starts), np.add.reduceat(missing, starts)
    levels = np.diff(np.append(starts, len(rows)))
    fraction = np.repeat(missing_mask / np.maximum(n, 1), levels)
    spread = np.where((fraction > 0) & (fraction < 1) & (rows > 0), fraction * (1 - fraction), np.inf)
    chi2 = np.add.reduceat((missing - fraction * rows) ** 2 / np.maximum(rows, 1) / spread, starts)
    phi2: Floats = chi2 / np.maximum(n, 1) - (levels - 1) / np.maximum(n - 1, 1)
    return np.sqrt(np.maximum(phi2, 0.0))


def _level(context: FindingContext, name: str, effect: float, table: Floats) -> _MissingnessPredictor | None:
    """The level, of a table of rows without and with a gap, that differs most from all others."""
    table, levels = table[table.sum(1) > 0], np.array(context.level_names(name))[table.sum(1) > 0]
    if len(table) < 2 or not table.sum(0).all():
        return None
    chance = chi2_test(table)
    rates = table[:, 1] / table.sum(1)
    others = table.sum(0) - table
    elsewhere = others[:, 1] / np.maximum(others.sum(1), 1)
    large = np.minimum(table.sum(1), others.sum(1)) >= t.MISSING_TO_TEST
    if not large.any():
        return None
    index = int(np.where(large, np.abs(rates - elsewhere), -1).argmax())
    high, low, word = float(rates[index]), float(elsewhere[index]), "is"
    if high < low:
        high, low, word = low, high, "is not"
    return _MissingnessPredictor(name, effect, chance, f"where {quote(name)} {word} {quote(levels[index])}", high, low)
