"""Rules about the table as a whole: repeated rows, too few rows, not tidy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tidynet.look.attention import thresholds as t
from tidynet.look.attention.rule import found
from tidynet.look.attention.seen import Seen
from tidynet.look.attention.words import percent, rows_word
from tidynet.look.profile import Finding
from tidynet.table.kind import Kind

_NEVER = 0.001  # duplicates
_UNTIDY = 0.55

__all__ = ["beyond_chance", "by_chance", "duplicates", "few_rows", "not_tidy"]


def duplicates(seen: Seen) -> Iterator[Finding]:
    """Rows that repeat an earlier row, where chance does not explain them."""
    count, rows = seen.profile.duplicates, seen.profile.rows
    if not count or rows < 2:
        return
    expected = by_chance(seen)
    share = count / rows
    if not beyond_chance(count, expected):
        return
    repeat = "repeats an earlier row" if count == 1 else "repeat an earlier row"
    sentence = f"{rows_word(count)} ({percent(share)}) {repeat} in every column"
    evidence = {"duplicates": count, "rows": rows, "expected by chance": expected}
    weight = 0.3 if share < 0.001 else 0.45 + 0.4 * min(share, 1.0)
    weight = 0.25 if count <= 2 else weight
    yield found("duplicates", weight, [], sentence, evidence, call="tn.tidy.deduplicate(frame)")


def beyond_chance(count: int, expected: float) -> bool:
    """Whether so many equal rows are twice what is expected, and so many hardly ever come by chance (Poisson).

    Examples
    --------
    >>> beyond_chance(1, 0.46), beyond_chance(1, 1e-6), beyond_chance(20, 5.0)
    (False, True, True)
    """
    from scipy.stats import poisson

    return bool(expected <= t.DUPLICATES_BY_CHANCE * count and poisson.sf(count - 1, expected) < t.ALPHA)


def by_chance(seen: Seen) -> float:
    """Duplicates that independent columns with these values would make.

    Two rows agree in a column with probability Σ pₖ², in all columns with the product; there are
    n (n − 1) / 2 pairs of rows.
    """
    log_chance = 0.0
    rows = seen.profile.rows
    cheap_first = [*seen.numeric, *seen.qualitative, *(n for n in seen.columns if n not in seen.numeric)]
    for name in dict.fromkeys(cheap_first):
        if seen.kinds[name] is Kind.IDENTIFIER or not seen.is_plain(name):
            continue
        if log_chance + 2 * np.log(rows) < np.log(_NEVER):
            return 0.0
        length = len(seen.series[name])
        if name in seen.numeric:
            values = seen.finite(name)
            counts = np.diff(np.flatnonzero(values[1:] != values[:-1]) + 1, prepend=0, append=len(values))
        else:
            counts = np.array(list(seen.levels(name).values()))
        counts = np.append(counts, length - counts.sum()).astype(np.float64)
        pairs, agreeing = length * (length - 1), float((counts * (counts - 1)).sum())
        # A column without repeats would still repeat once in a larger table.
        log_chance += np.log(max(agreeing, 2.0) / max(pairs, 2.0))
    return float(min(np.exp(log_chance + np.log(rows * (rows - 1) / 2)), rows))


def few_rows(seen: Seen) -> Iterator[Finding]:
    """Tables too small for what is asked of them."""
    rows, target = seen.profile.rows, seen.profile.target
    useful = [n for n, kind in seen.kinds.items() if kind not in (Kind.CONSTANT, Kind.IDENTIFIER) and n != target]
    if rows < t.FEW_ROWS:
        weight = 0.72 if target and rows < t.ROWS_TO_JUDGE else 0.5 if target else 0.2
        sentence = f"The table has only {rows_word(rows)}"
        sentence += ": a score on its test set would be a matter of luck" if target else ": what it shows may be chance"
        yield found("few-rows", weight, [], sentence, {"rows": rows, "columns": len(useful)})
    elif target and rows < t.ROWS_PER_COLUMN * len(useful):
        sentence = f"{rows:,} rows for {len(useful):,} columns to learn from: fewer than {t.ROWS_PER_COLUMN} each"
        weight = 0.6 if rows < len(useful) else 0.42
        yield found("few-rows", weight, [], sentence, {"rows": rows, "columns": len(useful)})


def not_tidy(seen: Seen) -> Iterator[Finding]:
    """What the table's room found not tidy, with the call that mends it."""
    for one in seen.untidy:
        code = f"not-tidy-{one.what.replace(' ', '-')}"
        yield found(code, _UNTIDY, one.columns, one.sentence, _as_words(one.evidence), call=one.call)


def _as_words(evidence: Mapping[str, Any]) -> dict[str, float | str]:
    return {key: value if isinstance(value, float | int | str) else str(value) for key, value in evidence.items()}
