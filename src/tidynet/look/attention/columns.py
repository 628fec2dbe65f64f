"""Rules about one column alone: missing, constant, identifying and infinite values."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from tidynet.look.attention import thresholds as t
from tidynet.look.attention.rule import found
from tidynet.look.attention.seen import Seen
from tidynet.look.attention.words import drop, number, percent, quoted, rows_word
from tidynet.look.profile import Finding
from tidynet.table.kind import Kind

__all__ = [
    "codes_as_numbers",
    "constant",
    "few_complete_rows",
    "identifier",
    "infinite",
    "missing",
    "nearly_constant",
]


def missing(seen: Seen) -> Iterator[Finding]:
    """Columns with many missing values."""
    for name, column in seen.columns.items():
        share = column.missing / column.rows if column.rows else 0.0
        if share < t.MISSING or column.missing == column.rows or name == seen.profile.target:
            continue
        sentence = f"{quoted(name)} is missing in {percent(share)} of the rows ({column.missing:,} of {column.rows:,})"
        evidence = {"missing": column.missing, "rows": column.rows, "share": share}
        if share > t.MUCH_MISSING:
            advice = "Ask why it was not noted; leave the column out, or keep only whether it is known."
            yield found("missing", 0.55 + 0.15 * share, [name], sentence, evidence, advice=advice)
        else:
            yield found("missing", 0.28 + 0.4 * share, [name], sentence, evidence)


def few_complete_rows(seen: Seen) -> Iterator[Finding]:
    """Tables of which little is left when rows with gaps are dropped."""
    partly = [name for name, column in seen.columns.items() if 0 < column.missing < column.rows]
    if len(partly) < 2 or not seen.sample.height:
        return
    complete = pl.DataFrame({str(i): seen.series[name].is_not_null() for i, name in enumerate(partly)})
    share = float(complete.select(pl.all_horizontal(pl.all())).to_series().mean() or 0.0)  # type: ignore[arg-type]
    # Where one column alone has most of the gaps, its own finding says so.
    worst = max(seen.columns[name].missing / seen.columns[name].rows for name in partly)
    if share < t.COMPLETE_ROWS and 1 - share > 1.5 * worst:
        few = f"Only {percent(share)} of the rows are" if share else "None of the rows is"
        sentence = f"{few} complete, though no column lacks more than {percent(worst)}"
        evidence = {"share of complete rows": share, "columns with gaps": len(partly), "rows": seen.sample.height}
        yield found("few-complete-rows", 0.55, [], sentence, evidence)


def constant(seen: Seen) -> Iterator[Finding]:
    """Columns with one value, or none."""
    for name, kind in seen.kinds.items():
        column = seen.columns[name]
        if kind is not Kind.CONSTANT or seen.profile.rows < 2:
            continue
        gaps = percent(column.missing / column.rows)
        if column.missing == column.rows:
            sentence = f"{quoted(name)} has no values at all"
        elif column.missing:
            sentence = (
                f"{quoted(name)} holds one single value in {percent(1 - column.missing / column.rows)} of the rows"
            )
            sentence += f" and nothing in the other {gaps}"
        else:
            sentence = f"{quoted(name)} holds the same value in every row"
        weight = 0.3 if 0 < column.missing < column.rows else 0.38
        evidence = {"rows": column.rows, "missing": column.missing}
        yield found("constant", weight, [name], sentence, evidence, call=drop([name]))


def nearly_constant(seen: Seen) -> Iterator[Finding]:
    """Columns in which nearly every row has one value."""
    for name in (*seen.numeric, *seen.qualitative):
        column = seen.columns[name]
        known = seen.sample.height - seen.series[name].null_count()
        if known < t.DRIFT_ROWS or name == seen.profile.target:
            continue
        if name in seen.numeric:
            values = seen.finite(name)
            # What 99% of the values are is also their median.
            value = float(values[len(values) // 2]) if len(values) else 0.0
            rows = int(np.searchsorted(values, value, "right") - np.searchsorted(values, value, "left"))
            shown = number(value)
        else:
            level, rows = next(iter(seen.levels(name).items()))
            shown = quoted(level)
        share = rows / known
        if share >= t.NEARLY_CONSTANT:
            differ = "differs" if known - rows == 1 else "differ"
            sentence = (
                f"{quoted(name)} is {shown} in {percent(share)} of its rows; only {rows_word(known - rows)} {differ}"
            )
            evidence = {"share": share, "rows": known, "different rows": known - rows, "missing": column.missing}
            yield found("nearly-constant", 0.25, [name], sentence, evidence)


def identifier(seen: Seen) -> Iterator[Finding]:
    """Columns that only name the rows."""
    for name, kind in seen.kinds.items():
        if kind is not Kind.IDENTIFIER:
            continue
        column = seen.columns[name]
        sentence = f"{quoted(name)} names the rows and does not describe them: {column.reason}"
        evidence = {"rows": column.rows, **({"distinct": column.distinct} if column.distinct is not None else {})}
        weight = 0.18 if seen.profile.target else 0.12
        if name == seen.profile.target:
            sentence = f"The target {quoted(name)} is an identifier, which cannot be predicted: {column.reason}"
            weight = 0.95
        yield found("identifier", weight, [name], sentence, evidence)


def infinite(seen: Seen) -> Iterator[Finding]:
    """Columns with infinite numbers."""
    for name in seen.numeric:
        if not seen.series[name].dtype.is_float():
            continue
        count = int(np.isinf(seen.known(name)).sum())
        count = max(count, int(seen.columns[name].numbers.get("infinities", 0)))
        if count:
            sentence = f"{quoted(name)} is infinite in {rows_word(count)}"
            evidence = {"infinite": count, "rows": seen.profile.rows}
            yield found("infinite", 0.65, [name], sentence, evidence)


def codes_as_numbers(seen: Seen) -> Iterator[Finding]:
    """Numbers that name levels."""
    for name, kind in seen.kinds.items():
        if kind is Kind.NOMINAL and seen.series[name].dtype.is_numeric() and len(seen.levels(name)) > 2:
            column = seen.columns[name]
            sentence = f"The numbers in {quoted(name)} are codes, not amounts: {column.reason}"
            evidence = {"distinct": len(seen.levels(name)), "rows": column.rows}
            yield found("codes-as-numbers", 0.2, [name], sentence, evidence)
