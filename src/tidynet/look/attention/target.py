"""Rules about the target: leaks, classes out of balance, gaps."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from tidynet.look.attention import thresholds as t
from tidynet.look.attention.pairs import correlation, shown
from tidynet.look.attention.rule import found
from tidynet.look.attention.seen import Seen
from tidynet.look.attention.words import drop, percent, quoted, rows_word
from tidynet.look.profile import Finding
from tidynet.table.kind import Kind

__all__ = ["agreement", "imbalance", "leak", "nothing_tells", "small_classes", "target_missing"]

_Leak = tuple[str, str, dict[str, float | str]]


def leak(seen: Seen) -> Iterator[Finding]:
    """Columns that alone tell nearly all of the target."""
    target = seen.profile.target
    if target not in seen.columns or seen.tested.height < t.ROWS_TO_JUDGE:
        return
    weight, told = 0.95, set()
    for name, sentence, evidence in (*_by_order(seen, target), *_by_levels(seen, target)):
        if name not in told:
            told.add(name)
            yield found("leak", weight, [name], sentence, evidence, call=drop([name]))
    if not told:
        for name, sentence, evidence in _almost_alone(seen, target):
            yield found("leak", 0.7, [name], sentence, evidence, call=drop([name]))


def _by_order(seen: Seen, target: str) -> Iterator[_Leak]:
    """Columns of numbers and times that the target follows."""
    codes = seen.coded.get(target)
    for name in seen.ordered:
        if name == target:
            continue
        if codes is not None:
            share = agreement(seen.ranks[:, seen.ordered.index(name)], codes, seen.gaps.get(name))
            if share >= t.LEAK_AGREEMENT:
                sentence = f"{quoted(name)} alone tells the target {quoted(target)}: "
                sentence += "its values hardly overlap between the classes"
                yield name, sentence, {"order explained": share, "rows": seen.tested.height}
        elif name in seen.numeric and target in seen.numeric:
            value = correlation(seen, name, target)
            if value >= t.LEAK_CORRELATION:
                sentence = f"{quoted(name)} alone tells the target {quoted(target)} (correlation {shown(value)})"
                yield name, sentence, {"correlation": value, "rows": seen.tested.height}


def _by_levels(seen: Seen, target: str) -> Iterator[_Leak]:
    """Columns of levels that tell the target on rows left out."""
    enough = t.LEAK_CLASSES if _is_qualitative(seen) else t.LEAK_NUMBER
    for one in seen.profile.relations:
        qualitative = one.column in seen.qualitative and one.column != target
        if qualitative and one.rows >= t.ROWS_TO_JUDGE and one.share >= enough and one.low >= enough - 0.1:
            sentence = f"{quoted(one.column)} alone tells {percent(one.share)} of the target {quoted(target)}"
            yield one.column, sentence, {"share": one.share, "low": one.low, "high": one.high, "rows": one.rows}


def _almost_alone(seen: Seen, target: str) -> Iterator[_Leak]:
    """A column that tells more than an honest one is likely to, and far more than any other."""
    relations = [one for one in seen.profile.relations if one.column != target]
    if len(relations) < 2 or relations[0].rows < t.ROWS_TO_JUDGE:
        return
    best, second = relations[:2]
    if not _is_qualitative(seen):
        enough = t.LEAK_NUMBER_FAR_AHEAD
    elif best.column in seen.qualitative:
        enough = t.LEAK_LEVELS_FAR_AHEAD
    else:
        enough = t.LEAK_CLASSES_FAR_AHEAD
    if best.share >= enough and best.low >= enough - 0.1 and second.share <= t.LEAK_NEXT * best.share:
        sentence = f"{quoted(best.column)} alone tells {percent(best.share)} of the target {quoted(target)}; "
        sentence += f"the next column, {quoted(second.column)}, tells {percent(second.share)}"
        yield (
            best.column,
            sentence,
            {"share": best.share, "low": best.low, "high": best.high, "next": second.share, "rows": best.rows},
        )


def agreement(
    ranks: npt.NDArray[np.float32], codes: npt.NDArray[np.int64], gaps: npt.NDArray[np.bool_] | None
) -> float:
    """How far classes stand together in the order of a column: 1 − (share of neighbours that differ) / (by chance).

    Examples
    --------
    >>> codes = np.repeat([0, 1], 50)
    >>> agreement(np.arange(100, dtype=np.float32), codes, None) > 0.95
    True
    """
    known = codes >= 0
    if gaps is not None:
        known = known & ~gaps
    ranks, codes = ranks[known], codes[known]
    if len(codes) < t.ROWS_TO_JUDGE:
        return 0.0
    counts = np.bincount(codes)
    mixed = 1 - float(((counts / len(codes)) ** 2).sum())
    # Equal values in the order of a fixed shuffle, so that the rows' own order tells nothing.
    shuffled = np.random.default_rng(0).permutation(len(codes))
    order = shuffled[np.argsort(ranks[shuffled], kind="stable")]
    # One border between classes that stand apart is no fault.
    differing = int((np.diff(codes[order]) != 0).sum()) - (int((counts > 0).sum()) - 1)
    return 1 - max(differing, 0) / (len(codes) - 1) / mixed if mixed > 0 else 0.0


def imbalance(seen: Seen) -> Iterator[Finding]:
    """A target with a rare class."""
    target, levels = seen.profile.target or "", _classes(seen)
    if not levels or _fair(levels) >= t.RARE_CLASS:
        return
    level, rows = list(levels.items())[-1]
    known = sum(levels.values())
    share = rows / known
    top, most = next(iter(levels.items()))
    total = _in_table(seen, rows, known)
    weight = 0.72 if total < t.FEW_IN_CLASS else 0.7 if _fair(levels) < t.VERY_RARE_CLASS else 0.5
    sentence = f"{quoted(target)} is {quoted(level)} in only {percent(share)} of its rows ({total:,}); "
    sentence += f"a model that always says {quoted(top)} would be right in {percent(most / known)}"
    evidence = {"rarest share": share, "rarest rows": total, "commonest share": most / known, "classes": len(levels)}
    yield found("imbalance", weight, [target], sentence, evidence)


def small_classes(seen: Seen) -> Iterator[Finding]:
    """A target of even classes that have few rows each."""
    levels = _classes(seen)
    if not levels or _fair(levels) < t.RARE_CLASS:
        return
    target, known = seen.profile.target or "", sum(levels.values())
    small = [level for level, rows in levels.items() if _in_table(seen, rows, known) < t.FEW_IN_CLASS]
    if not small:
        return
    fewest = _in_table(seen, levels[small[-1]], known)
    which = f"{len(levels):,} classes" if len(small) == len(levels) else f"{len(small):,} of {len(levels):,} classes"
    sentence = f"{which} of {quoted(target)} have fewer than {t.FEW_IN_CLASS} rows each, "
    sentence += f"such as {quoted(small[-1])} with {fewest}"
    sentence = sentence if len(small) > 1 else f"{quoted(target)} is {quoted(small[0])} in only {rows_word(fewest)}"
    evidence = {"fewest rows": fewest, "small classes": len(small), "classes": len(levels), "rows": known}
    yield found("small-classes", 0.6, [target], sentence, evidence)


def _classes(seen: Seen) -> dict[str, int]:
    """The classes of the target with their rows, commonest first; empty where there is nothing to judge."""
    if seen.profile.target not in seen.columns or not _is_qualitative(seen):
        return {}
    levels = seen.levels(seen.profile.target)
    return levels if len(levels) >= 2 and sum(levels.values()) >= t.ROWS_TO_JUDGE else {}


def _fair(levels: dict[str, int]) -> float:
    """Half of the rarest class's rows over its fair share: of many classes each is rare."""
    return min(levels.values()) / sum(levels.values()) * len(levels) / 2


def _in_table(seen: Seen, rows: int, known: int) -> int:
    return rows if not seen.is_sample else round(rows / known * seen.profile.rows)


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
    if (
        len(relations) < 2
        or seen.profile.rows < t.NOTHING_ROWS
        or any(one.low > 0 or one.share > 0.02 for one in relations)
    ):
        return
    best = max(relations, key=lambda one: one.share)
    sentence = f"No column alone tells anything about {quoted(seen.profile.target)}"
    evidence: dict[str, float | str] = {
        "most by one column": best.share,
        "column": best.column,
        "columns": len(relations),
        "rows": best.rows,
    }
    yield found("nothing-tells", 0.5, [seen.profile.target or ""], sentence, evidence)


def _is_qualitative(seen: Seen) -> bool:
    kind = seen.kinds.get(seen.profile.target or "")
    return kind is not None and (kind.is_qualitative or kind is Kind.IDENTIFIER)
