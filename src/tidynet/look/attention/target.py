"""Rules about the target: leaks, classes out of balance, gaps."""

from __future__ import annotations

from collections.abc import Iterator

from tidynet.look.attention import thresholds as t
from tidynet.look.attention.rule import found
from tidynet.look.attention.seen import Seen
from tidynet.look.attention.words import call_on, percent, quoted, rows_word
from tidynet.look.profile import Finding
from tidynet.table.kind import Kind

__all__ = ["imbalance", "leak", "nothing_tells", "target_missing"]


def leak(seen: Seen) -> Iterator[Finding]:
    """Columns that alone tell nearly all of the target."""
    target = seen.profile.target
    enough = t.LEAK_CLASSES if _is_qualitative(seen) else t.LEAK_NUMBER
    for one in seen.profile.relations:
        if one.column == target or one.rows < t.ROWS_TO_JUDGE or one.share < enough or one.low < enough - 0.1:
            continue
        sentence = f"{quoted(one.column)} alone tells {percent(one.share)} of {quoted(target)}"
        evidence = {"share": one.share, "low": one.low, "high": one.high, "rows": one.rows}
        yield found("leak", 0.95, [one.column], sentence, evidence, call=call_on("table.drop", one.column))


def imbalance(seen: Seen) -> Iterator[Finding]:
    """A target with a rare class."""
    target = seen.profile.target
    if target not in seen.columns or not _is_qualitative(seen):
        return
    levels = seen.levels(target)
    known = sum(levels.values())
    if len(levels) < 2 or known < t.ROWS_TO_JUDGE:
        return
    level, rows = list(levels.items())[-1]
    share = rows / known
    top, most = next(iter(levels.items()))
    fair = share * len(levels) / 2  # of many classes each is rare; what counts is how far below its fair share
    total = rows if not seen.is_sample else round(share * seen.profile.rows)
    if total < t.FEW_IN_CLASS:
        weight = 0.72
    elif fair < t.VERY_RARE_CLASS:
        weight = 0.7
    elif fair < t.RARE_CLASS:
        weight = 0.5
    else:
        return
    sentence = f"{quoted(target)} is {quoted(level)} in only {percent(share)} of its rows ({total:,}); "
    sentence += f"a model that always says {quoted(top)} would be right in {percent(most / known)}"
    evidence = {"rarest share": share, "rarest rows": total, "commonest share": most / known, "classes": len(levels)}
    yield found("imbalance", weight, [target], sentence, evidence)


def target_missing(seen: Seen) -> Iterator[Finding]:
    """Rows without a target."""
    column = seen.columns.get(seen.profile.target or "")
    if column is not None and column.missing:
        share = column.missing / column.rows
        sentence = f"The target {quoted(column.name)} is missing in {rows_word(column.missing)} ({percent(share)})"
        evidence = {"missing": column.missing, "rows": column.rows}
        yield found("target-missing", 0.5 + 0.4 * share, [column.name], sentence, evidence)


def nothing_tells(seen: Seen) -> Iterator[Finding]:
    """A target about which no column alone tells anything."""
    relations = seen.profile.relations
    if len(relations) < 2 or seen.profile.rows < t.NOTHING_ROWS or any(one.low > 0 or one.share > 0.02 for one in relations):
        return
    best = max(relations, key=lambda one: one.share)
    sentence = f"No column alone tells anything about {quoted(seen.profile.target)}"
    evidence = {"most by one column": best.share, "column": best.column, "columns": len(relations), "rows": best.rows}
    yield found("nothing-tells", 0.5, [seen.profile.target or ""], sentence, evidence)


def _is_qualitative(seen: Seen) -> bool:
    kind = seen.kinds.get(seen.profile.target or "")
    return kind is not None and (kind.is_qualitative or kind is Kind.IDENTIFIER)
