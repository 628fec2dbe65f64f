"""Rules about the target: leaks, classes out of balance, gaps."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from tidynet.core.text import drop_call, format_percent, pluralize, quote
from tidynet.profiling.findings import thresholds as t
from tidynet.profiling.findings.context import FindingContext
from tidynet.profiling.findings.pair_rules import correlation, format_pair
from tidynet.profiling.findings.rule import make_finding
from tidynet.profiling.profile import Finding
from tidynet.table.variable_type import VariableType

__all__ = [
    "class_agreement",
    "class_imbalance",
    "few_rows_in_class",
    "missing_target",
    "no_informative_column",
    "target_leakage",
]

_Leak = tuple[str, str, dict[str, float | str]]


def target_leakage(context: FindingContext) -> Iterator[Finding]:
    """Columns that alone tell nearly all of the target."""
    target = context.profile.target
    if target not in context.columns or context.tested_rows.height < t.ROWS_TO_JUDGE:
        return
    weight, text = 0.95, set()
    for name, sentence, evidence in (
        *_columns_ordering_target(context, target),
        *_levels_predicting_target(context, target),
    ):
        if name not in text:
            text.add(name)
            yield make_finding("target-leakage", weight, [name], sentence, evidence, call=drop_call([name]))
    if not text:
        for name, sentence, evidence in _is_dominant_predictor(context, target):
            yield make_finding("target-leakage", 0.7, [name], sentence, evidence, call=drop_call([name]))


def _columns_ordering_target(context: FindingContext, target: str) -> Iterator[_Leak]:
    """Columns of numbers and times that the target follows."""
    codes = context.category_codes.get(target)
    for name in context.ranked_columns:
        if name == target:
            continue
        if codes is not None:
            fraction = class_agreement(
                context.value_ranks[:, context.ranked_columns.index(name)], codes, context.missing_mask.get(name)
            )
            if fraction >= t.LEAK_AGREEMENT:
                sentence = f"{quote(name)} alone tells the target {quote(target)}: "
                sentence += "its values hardly overlap between the classes"
                yield name, sentence, {"order explained": fraction, "rows": context.tested_rows.height}
        elif name in context.numeric_columns and target in context.numeric_columns:
            value = correlation(context, name, target)
            if value >= t.LEAK_CORRELATION:
                sentence = f"{quote(name)} alone tells the target {quote(target)} (correlation {format_pair(value)})"
                yield name, sentence, {"correlation": value, "rows": context.tested_rows.height}


def _levels_predicting_target(context: FindingContext, target: str) -> Iterator[_Leak]:
    """Columns of levels that tell the target on rows left out."""
    enough = t.LEAK_CLASSES if _is_qualitative(context) else t.LEAK_NUMBER
    for item in context.profile.target_associations:
        qualitative = item.column in context.categorical_columns and item.column != target
        if (
            qualitative
            and item.rows >= t.ROWS_TO_JUDGE
            and item.explained_share >= enough
            and item.ci_low >= enough - 0.1
        ):
            sentence = (
                f"{quote(item.column)} alone tells {format_percent(item.explained_share)} of the target {quote(target)}"
            )
            yield (
                item.column,
                sentence,
                {"share": item.explained_share, "low": item.ci_low, "high": item.ci_high, "rows": item.rows},
            )


def _is_dominant_predictor(context: FindingContext, target: str) -> Iterator[_Leak]:
    """A column that tells more than an honest one is likely to, and far more than any other."""
    relations = [item for item in context.profile.target_associations if item.column != target]
    if len(relations) < 2 or relations[0].rows < t.ROWS_TO_JUDGE:
        return
    best, second = relations[:2]
    if not _is_qualitative(context):
        enough = t.LEAK_NUMBER_FAR_AHEAD
    elif best.column in context.categorical_columns:
        enough = t.LEAK_LEVELS_FAR_AHEAD
    else:
        enough = t.LEAK_CLASSES_FAR_AHEAD
    if (
        best.explained_share >= enough
        and best.ci_low >= enough - 0.1
        and second.explained_share <= t.LEAK_RUNNER_UP_SHARE * best.explained_share
    ):
        sentence = (
            f"{quote(best.column)} alone tells {format_percent(best.explained_share)} of the target {quote(target)}; "
        )
        sentence += f"the next column, {quote(second.column)}, tells {format_percent(second.explained_share)}"
        yield (
            best.column,
            sentence,
            {
                "share": best.explained_share,
                "low": best.ci_low,
                "high": best.ci_high,
                "next": second.explained_share,
                "rows": best.rows,
            },
        )


def class_agreement(
    ranks: npt.NDArray[np.float32], codes: npt.NDArray[np.int64], missing_mask: npt.NDArray[np.bool_] | None
) -> float:
    """How far classes stand together in the order of a column: 1 − (share of neighbours that differ) / (by chance).

    Examples
    --------
    >>> codes = np.repeat([0, 1], 50)
    >>> class_agreement(np.arange(100, dtype=np.float32), codes, None) > 0.95
    True
    """
    non_missing = codes >= 0
    if missing_mask is not None:
        non_missing = non_missing & ~missing_mask
    ranks, codes = ranks[non_missing], codes[non_missing]
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


def class_imbalance(context: FindingContext) -> Iterator[Finding]:
    """A target with a rare class."""
    target, levels = context.profile.target or "", _classes(context)
    if not levels or _imbalance_ratio(levels) >= t.RARE_CLASS:
        return
    level, rows = list(levels.items())[-1]
    non_missing = sum(levels.values())
    fraction = rows / non_missing
    top, max_count = next(iter(levels.items()))
    total = _in_table(context, rows, non_missing)
    weight = 0.72 if total < t.FEW_IN_CLASS else 0.7 if _imbalance_ratio(levels) < t.VERY_RARE_CLASS else 0.5
    sentence = f"{quote(target)} is {quote(level)} in only {format_percent(fraction)} of its rows ({total:,}); "
    sentence += f"a model that always says {quote(top)} would be right in {format_percent(max_count / non_missing)}"
    evidence = {
        "rarest share": fraction,
        "rarest rows": total,
        "commonest share": max_count / non_missing,
        "classes": len(levels),
    }
    yield make_finding("class-imbalance", weight, [target], sentence, evidence)


def few_rows_in_class(context: FindingContext) -> Iterator[Finding]:
    """A target of even classes that have few rows each."""
    levels = _classes(context)
    if not levels or _imbalance_ratio(levels) < t.RARE_CLASS:
        return
    target, non_missing = context.profile.target or "", sum(levels.values())
    small = [level for level, rows in levels.items() if _in_table(context, rows, non_missing) < t.FEW_IN_CLASS]
    if not small:
        return
    fewest = _in_table(context, levels[small[-1]], non_missing)
    which = f"{len(levels):,} classes" if len(small) == len(levels) else f"{len(small):,} of {len(levels):,} classes"
    sentence = f"{which} of {quote(target)} have fewer than {t.FEW_IN_CLASS} rows each, "
    sentence += f"such as {quote(small[-1])} with {fewest}"
    sentence = (
        sentence if len(small) > 1 else f"{quote(target)} is {quote(small[0])} in only {pluralize(fewest, 'row')}"
    )
    evidence = {"fewest rows": fewest, "small classes": len(small), "classes": len(levels), "rows": non_missing}
    yield make_finding("few-rows-in-class", 0.6, [target], sentence, evidence)


def _classes(context: FindingContext) -> dict[str, int]:
    """The classes of the target with their rows, commonest first; empty where there is nothing to judge."""
    if context.profile.target not in context.columns or not _is_qualitative(context):
        return {}
    levels = context.category_counts(context.profile.target)
    return levels if len(levels) >= 2 and sum(levels.values()) >= t.ROWS_TO_JUDGE else {}


def _imbalance_ratio(levels: dict[str, int]) -> float:
    """Half of the rarest class's rows over its fair share: of many classes each is rare."""
    return min(levels.values()) / sum(levels.values()) * len(levels) / 2


def _in_table(context: FindingContext, rows: int, non_missing: int) -> int:
    return rows if not context.is_sample else round(rows / non_missing * context.profile.rows)


def missing_target(context: FindingContext) -> Iterator[Finding]:
    """Rows without a target."""
    column = context.columns.get(context.profile.target or "")
    if column is not None and column.missing:
        fraction = column.missing / column.rows
        sentence = f"The target {quote(column.name)} is missing in {pluralize(column.missing, 'row')} ({format_percent(fraction)})"
        evidence = {"missing": column.missing, "rows": column.rows}
        yield make_finding("missing-target", 0.5 + 0.4 * fraction, [column.name], sentence, evidence)


def no_informative_column(context: FindingContext) -> Iterator[Finding]:
    """A target about which no column alone tells anything."""
    relations = context.profile.target_associations
    if (
        len(relations) < 2
        or context.profile.rows < t.NO_INFORMATION_MIN_ROWS
        or any(item.ci_low > 0 or item.explained_share > 0.02 for item in relations)
    ):
        return
    best = max(relations, key=lambda item: item.explained_share)
    sentence = f"No column alone tells anything about {quote(context.profile.target)}"
    evidence: dict[str, float | str] = {
        "most by one column": best.explained_share,
        "column": best.column,
        "columns": len(relations),
        "rows": best.rows,
    }
    yield make_finding("no-informative-column", 0.5, [context.profile.target or ""], sentence, evidence)


def _is_qualitative(context: FindingContext) -> bool:
    kind = context.variable_types.get(context.profile.target or "")
    return kind is not None and (kind.is_categorical or kind is VariableType.IDENTIFIER)
