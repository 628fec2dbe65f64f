"""Rule: values that are missing more often where another column says so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tidynet.look.attention import thresholds as t
from tidynet.look.attention.rule import found
from tidynet.look.attention.seen import Seen
from tidynet.look.attention.words import columns_word, number, percent, quoted
from tidynet.look.chances import chi2_of_counts, mann_whitney
from tidynet.look.profile import Finding

__all__ = ["missing_in_one_class", "missing_not_at_random", "somers"]

Gaps = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Companion:
    """A column that tells where another is missing."""

    name: str
    effect: float
    chance: float
    high_where: str
    high: float
    low: float


def missing_not_at_random(seen: Seen) -> Iterator[Finding]:
    """Missingness that goes with another column, the strongest companion of each."""
    for names, gaps, tests in _patterns(seen):
        if seen.profile.target in names or _only_in_one_class(seen, gaps):
            continue
        best = _strongest(seen, names, gaps)
        if best is None or best.effect < t.MISSING_EFFECT or best.chance * tests > t.ALPHA:
            continue
        subject = f"{columns_word(names)} {'is' if len(names) == 1 else 'are'}"
        exactly = best.high >= 0.995 and best.low <= 0.005
        often = "missing exactly" if exactly else "missing more often"
        sentence = f"{subject} {often} {best.high_where}"
        sentence += "" if exactly else f": in {percent(best.high)} of those rows, else in {percent(best.low)}"
        evidence: dict[str, float | str] = {
            "effect": best.effect,
            "companion": best.name,
            "share there": best.high,
            "share elsewhere": best.low,
        }
        weight = 0.45 + 0.1 * best.effect + (0.15 if best.name == seen.profile.target else 0)
        evidence |= {"p": min(best.chance * tests, 1.0), "rows": len(gaps)}
        yield found("missing-not-at-random", weight, names, sentence, evidence)


def missing_in_one_class(seen: Seen) -> Iterator[Finding]:
    """Columns that are missing, or known, for one class of the target alone."""
    for names, gaps, _ in _patterns(seen):
        found_class = _only_in_one_class(seen, gaps)
        if seen.profile.target in names or found_class is None:
            continue
        level, word = found_class
        sentence = f"{columns_word(names)} {'is' if len(names) == 1 else 'are'} {word} only where "
        sentence += f"{quoted(seen.profile.target)} is {quoted(level)}: the gaps tell the answer"
        evidence: dict[str, float | str] = {"missing": int(gaps.sum()), "rows": len(gaps), "class": level}
        yield found("leak-missing", 0.9, names, sentence, evidence)


def _patterns(seen: Seen) -> list[tuple[list[str], Gaps, int]]:
    """Columns with the same gaps together, their gaps, and how many tests are made in all."""
    groups: dict[bytes, list[str]] = {}
    for name, gaps in seen.gaps.items():
        if name in seen.columns and t.MISSING_TO_TEST <= int(gaps.sum()) <= len(gaps) - t.MISSING_TO_TEST:
            groups.setdefault(np.packbits(gaps).tobytes(), []).append(name)
    most = sorted(groups.values(), key=lambda names: (-len(names), -int(seen.gaps[names[0]].sum())))
    most = most[: t.TESTED_MISSING]
    tests = max(1, len(most) * (len(seen.ordered) + len(seen.coded) + 1))
    return [(names, seen.gaps[names[0]], tests) for names in most]


def _only_in_one_class(seen: Seen, gaps: Gaps) -> tuple[str, str] | None:
    codes = seen.coded.get(seen.profile.target or "")
    if codes is None:
        return None
    known = codes >= 0
    classes = int(codes.max()) + 1
    rows = np.bincount(codes[known], minlength=classes)
    for word, cells in (("missing", gaps), ("known", ~gaps)):
        inside = np.bincount(codes[known & cells], minlength=classes)
        alone = np.flatnonzero(inside)
        # By chance all of them would fall into this class with probability (its share)^(their number).
        if len(alone) == 1 and inside.sum() >= t.MISSING_TO_TEST:
            share = rows[alone[0]] / rows.sum()
            if inside.sum() * np.log(share) < np.log(t.ALPHA / len(seen.columns)):
                return seen.level_names(seen.profile.target or "")[alone[0]], word
    return None


def _strongest(seen: Seen, names: list[str], gaps: Gaps) -> _Companion | None:
    return max(
        (one for one in (_best_ordered(seen, names, gaps), _best_levels(seen, names, gaps)) if one),
        key=lambda one: one.effect,
        default=None,
    )


def _best_ordered(seen: Seen, names: list[str], gaps: Gaps) -> _Companion | None:
    """The quantitative column whose ranks differ most where the gaps are, found by one product, then tested."""
    share = float(gaps.mean())
    if not seen.ordered:
        return None
    centred = (gaps - share) / np.sqrt(len(gaps) * share * (1 - share))
    agreement = np.abs(centred.astype(np.float32) @ seen.ranks)
    # The correlation of a 0-1 variable with ranks is D · √(3 s (1 − s)); gaps of the companion lower it.
    least = 0.7 * t.MISSING_EFFECT * np.sqrt(3 * share * (1 - share))
    for place in np.argsort(-agreement)[:3]:
        name = seen.ordered[place]
        # A column of 0 and 1 is better said by its levels.
        if agreement[place] < least or name in names or name in seen.coded:
            continue
        known = ~seen.gaps[name] if name in seen.gaps else np.ones(len(gaps), np.bool_)
        ranks = seen.ranks[:, place]
        if min(int((known & gaps).sum()), int((known & ~gaps).sum())) >= t.MISSING_TO_TEST:
            return _halves(seen, name, gaps, ranks, known)
    return None


def _halves(seen: Seen, name: str, gaps: Gaps, ranks: npt.NDArray[np.float32], known: Gaps) -> _Companion:
    """Where gaps are frequent: in the upper or the lower half of a quantitative column."""
    effect, chance = somers(ranks[known & gaps], ranks[known & ~gaps])
    middle = float(np.median(ranks[known]))
    above = ranks > middle
    half = above if effect > 0 else ~above
    column = seen.tested.get_column(name).alias("values")
    if column.dtype.is_temporal():
        shown = "late" if effect > 0 else "early"
    else:
        # The median of an even number of rows may lie between two values.
        value = column.to_physical().cast(float).median()
        shown = f"{'above' if effect > 0 else 'at most'} {number(float(value))}"  # type: ignore[arg-type]
    high, low = (_rate(gaps, known & rows) for rows in (half, ~half))
    return _Companion(name, abs(effect), chance, f"where {quoted(name)} is {shown}", high, low)


def _rate(gaps: Gaps, rows: Gaps) -> float:
    return float(gaps[rows].mean()) if rows.any() else 0.0


def somers(there: npt.NDArray[np.floating], elsewhere: npt.NDArray[np.floating]) -> tuple[float, float]:
    """Somers' D of two groups, ``2 · P(there > elsewhere) − 1`` with ties halved, and its two-sided p-value.

    Examples
    --------
    >>> somers(np.array([4.0, 5.0, 6.0]), np.array([1.0, 2.0, 3.0]))[0]
    1.0
    """
    share, chance = mann_whitney(there, elsewhere)
    return 2 * share - 1, chance


def _best_levels(seen: Seen, names: list[str], gaps: Gaps) -> _Companion | None:
    """The qualitative column whose levels differ most in their share of gaps."""
    columns = seen.coded_starts
    if not columns:
        return None
    missing = seen.one_hot.T @ gaps.astype(np.float64)
    effects = _cramer(seen.one_hot_rows, missing, np.array(list(columns.values())))
    for place in np.argsort(-effects):
        name = list(columns)[place]
        if effects[place] < t.MISSING_EFFECT:
            return None
        if name not in names:
            start = columns[name]
            stop = start + int(seen.coded[name].max()) + 1
            table = np.column_stack([seen.one_hot_rows[start:stop] - missing[start:stop], missing[start:stop]])
            return _level(seen, name, float(effects[place]), table)
    return None


def _cramer(rows: Floats, missing: Floats, starts: npt.NDArray[np.int64]) -> Floats:
    """Bias-corrected Cramér's V of gaps with each of many columns, whose levels stand one after another."""
    n, gaps = np.add.reduceat(rows, starts), np.add.reduceat(missing, starts)
    levels = np.diff(np.append(starts, len(rows)))
    share = np.repeat(gaps / np.maximum(n, 1), levels)
    spread = np.where((share > 0) & (share < 1) & (rows > 0), share * (1 - share), np.inf)
    chi2 = np.add.reduceat((missing - share * rows) ** 2 / np.maximum(rows, 1) / spread, starts)
    phi2: Floats = chi2 / np.maximum(n, 1) - (levels - 1) / np.maximum(n - 1, 1)
    return np.sqrt(np.maximum(phi2, 0.0))


def _level(seen: Seen, name: str, effect: float, table: Floats) -> _Companion | None:
    """The level, of a table of rows without and with a gap, that differs most from all others."""
    table, levels = table[table.sum(1) > 0], np.array(seen.level_names(name))[table.sum(1) > 0]
    if len(table) < 2 or not table.sum(0).all():
        return None
    chance = chi2_of_counts(table)
    rates = table[:, 1] / table.sum(1)
    others = table.sum(0) - table
    elsewhere = others[:, 1] / np.maximum(others.sum(1), 1)
    large = np.minimum(table.sum(1), others.sum(1)) >= t.MISSING_TO_TEST
    if not large.any():
        return None
    place = int(np.where(large, np.abs(rates - elsewhere), -1).argmax())
    high, low, word = float(rates[place]), float(elsewhere[place]), "is"
    if high < low:
        high, low, word = low, high, "is not"
    return _Companion(name, effect, chance, f"where {quoted(name)} {word} {quoted(levels[place])}", high, low)
