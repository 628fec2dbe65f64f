"""Rules for the target: leakage, imbalance, missing values."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse

from tidynet.core.text import drop_call, format_percent, pluralize, quote, shorten
from tidynet.profiling.findings import thresholds as t
from tidynet.profiling.findings.context import FindingContext
from tidynet.profiling.findings.pair_rules import format_correlation, largest_correlation
from tidynet.profiling.findings.rule import make_finding
from tidynet.profiling.profile import Finding, TargetAssociation
from tidynet.table.variable_type import VariableType

_GROUPED = "keep all rows of one value on one side of the split (--group-column), or drop the column"

_Leak = tuple[str, str, dict[str, float | str]]


def target_leakage(context: FindingContext) -> Iterator[Finding]:
    """Columns that alone predict the target almost perfectly."""
    target = context.profile.target
    if target not in context.columns or context.tested_rows.height < t.ROWS_TO_TEST:
        return
    priority = 0.95
    leaks = [*_ordering_columns(context, target), *_predictive_categories(context, target)]
    if not leaks:
        priority, leaks = 0.7, list(_dominant_column(context, target))
    first: dict[str, _Leak] = {}
    for leak in leaks:
        first.setdefault(leak[0], leak)
    for name, fact, evidence in first.values():
        yield make_finding("target-leakage", priority, [name], fact, evidence, call=drop_call([name]))
    for name, fact, evidence in _determining_columns(context, target):
        if name not in first:
            yield make_finding("target-leakage", 0.7, [name], fact, evidence, action=_GROUPED, call=drop_call([name]))


def _ordering_columns(context: FindingContext, target: str) -> Iterator[_Leak]:
    """Columns of numbers and times whose order is that of the target."""
    codes, rows = context.category_codes.get(target), context.tested_rows.height
    for index, name in enumerate(context.ranked_columns):
        if name == target:
            continue
        if codes is not None:
            agreement = class_agreement(context.value_ranks[:, index], codes, context.missing_mask.get(name))
            if agreement >= t.LEAK_AGREEMENT:
                fact = f"separates the classes of {shorten(target)}: class agreement {format_percent(agreement)}"
                yield name, fact, {"class agreement": agreement, "rows": rows}
        elif name in context.numeric_columns and target in context.numeric_columns:
            value = largest_correlation(context, name, target)
            if value >= t.LEAK_CORRELATION:
                fact = f"correlation {format_correlation(value)} with the target {shorten(target)}"
                yield name, fact, {"correlation": value, "rows": rows}


def _predictive_categories(context: FindingContext, target: str) -> Iterator[_Leak]:
    """Categorical columns that predict the target on out-of-fold rows."""
    enough = t.LEAK_CLASSES if _is_categorical(context) else t.LEAK_NUMBER
    for item in context.profile.target_associations:
        categorical = item.column in context.categorical_columns and item.column != target
        if categorical and item.rows >= t.ROWS_TO_TEST and _explains(item, enough):
            fact = f"explains {format_percent(item.explained_share)} of the target {shorten(target)}"
            yield item.column, fact, _explained_evidence(item)


def _dominant_column(context: FindingContext, target: str) -> Iterator[_Leak]:
    """The best column, if it explains most of the target and far more than any other."""
    associations = [item for item in context.profile.target_associations if item.column != target]
    if len(associations) < 2 or associations[0].rows < t.ROWS_TO_TEST:
        return
    best, second = associations[:2]
    if not _is_categorical(context):
        enough = t.LEAK_NUMBER_FAR_AHEAD
    elif best.column in context.categorical_columns:
        enough = t.LEAK_CATEGORIES_FAR_AHEAD
    else:
        enough = t.LEAK_CLASSES_FAR_AHEAD
    if _explains(best, enough) and second.explained_share <= t.LEAK_RUNNER_UP_SHARE * best.explained_share:
        fact = f"explains {format_percent(best.explained_share)} of the target {shorten(target)}; "
        fact += f"the next column, {shorten(second.column)}, explains {format_percent(second.explained_share)}"
        yield best.column, fact, {**_explained_evidence(best), "explained share of next column": second.explained_share}


def _determining_columns(context: FindingContext, target: str) -> Iterator[_Leak]:
    """Columns whose repeated values always go with one value of the target, far more than by chance."""
    if not context.is_scalar_column(target):
        return
    goal = context.series[target]
    values = goal.drop_nulls().value_counts()["count"].to_numpy()
    agreement = float(((values / max(values.sum(), 1)) ** 2).sum())
    for name in context.columns:
        if name == target or not context.is_scalar_column(name) or not 0 < agreement < 1:
            continue
        pairs = pl.DataFrame({"x": context.series[name], "y": goal}).drop_nulls()
        distinct = pairs["x"].n_unique()
        repeats = pairs.height - distinct
        # If independent, a repeated value has the target of the row before with this probability.
        if distinct < 2 or repeats * np.log(agreement) > np.log(t.ALPHA / len(context.columns)):
            continue
        if repeats < max(t.ROWS_TO_TEST, distinct) or pairs.n_unique() != distinct:
            continue
        if not _is_copied(context, name, distinct):
            fact = f"each of its {distinct:,} values has one value of the target {shorten(target)}"
            yield name, fact, {"distinct": distinct, "rows": pairs.height}


def _is_copied(context: FindingContext, name: str, distinct: int) -> bool:
    """Whether the values of a column repeat because whole rows do."""
    hashes = context.sample.hash_rows()
    rows = pl.DataFrame({"x": context.series[name], "row": hashes}).unique("row").drop_nulls("x")
    return rows.height < 2 * distinct


def _explains(item: TargetAssociation, enough: float) -> bool:
    return item.explained_share >= enough and item.ci_low >= enough - 0.1


def _explained_evidence(item: TargetAssociation) -> dict[str, float | str]:
    return {
        "explained share": item.explained_share,
        "explained share, CI low": item.ci_low,
        "explained share, CI high": item.ci_high,
        "rows": item.rows,
    }


def class_agreement(
    ranks: npt.NDArray[np.float32], codes: npt.NDArray[np.int64], missing_mask: npt.NDArray[np.bool_] | None
) -> float:
    """How well an order separates classes: ``1 − (fraction of unlike neighbors) / (that of a random order)``."""
    known = codes >= 0
    if missing_mask is not None:
        known = known & ~missing_mask
    ranks, codes = ranks[known], codes[known]
    if len(codes) < t.ROWS_TO_TEST:
        return 0.0
    counts = np.bincount(codes)
    mixed = 1 - float(((counts / len(codes)) ** 2).sum())
    # Perfectly separated classes have one border each.
    differing = _expected_borders(ranks, codes, len(counts)) - (int((counts > 0).sum()) - 1)
    return 1 - max(differing, 0.0) / (len(codes) - 1) / mixed if mixed > 0 else 0.0


def _expected_borders(ranks: npt.NDArray[np.float32], codes: npt.NDArray[np.int64], classes: int) -> float:
    """The expected number of unlike neighbors in the order of ranks, over all orders of equal ranks."""
    group = np.unique(ranks, return_inverse=True)[1]
    sizes = np.bincount(group).astype(np.float64)
    cells = sparse.csr_matrix((np.ones(len(codes)), (group, codes)), shape=(len(sizes), classes))
    like = np.asarray(cells.multiply(cells).sum(axis=1)).ravel() - sizes
    like_next = np.asarray(cells[:-1].multiply(cells[1:]).sum(axis=1)).ravel()
    # Each of the m − 1 neighbors inside a group of m rows is a random pair of its rows.
    inside = (sizes - 1) - np.divide(like, sizes, out=np.zeros_like(sizes), where=sizes > 0)
    return float(inside.sum() + (1 - like_next / (sizes[:-1] * sizes[1:])).sum())


def class_imbalance(context: FindingContext) -> Iterator[Finding]:
    """A target with a rare class."""
    target, classes = context.profile.target or "", _classes(context)
    if not classes or _balance(classes) >= t.RARE_CLASS:
        return
    known = sum(classes.values())
    rarest, rarest_rows = list(classes.items())[-1]
    most_frequent, top_rows = next(iter(classes.items()))
    rows, baseline = _rows_in_table(context, rarest, rarest_rows, known), top_rows / known
    priority = 0.72 if rows < t.FEW_IN_CLASS else 0.7 if _balance(classes) < t.VERY_RARE_CLASS else 0.5
    about = "about " if context.is_sample and rarest not in dict(context.columns[target].categories) else ""
    fact = (
        f"class {quote(rarest)} in {format_percent(rarest_rows / known)} of {context.whole(target)} ({about}{rows:,}); "
    )
    fact += f"always predicting {quote(most_frequent)} has accuracy {format_percent(baseline)}"
    evidence = {
        "fraction of rarest class": rarest_rows / known,
        "rows of rarest class": rows,
        "fraction of most frequent class": baseline,
        "classes": len(classes),
    }
    proof = context.rows_with(target, [rarest])
    yield make_finding("class-imbalance", priority, [target], fact, evidence, rows=proof)


def few_rows_in_class(context: FindingContext) -> Iterator[Finding]:
    """A target with balanced classes of few rows each."""
    classes = _classes(context)
    if not classes or _balance(classes) < t.RARE_CLASS:
        return
    target, known = context.profile.target or "", sum(classes.values())
    small = [item for item, rows in classes.items() if _rows_in_table(context, item, rows, known) < t.FEW_IN_CLASS]
    if not small:
        return
    fewest = _rows_in_table(context, small[-1], classes[small[-1]], known)
    fact = f"{len(small):,} of {pluralize(len(classes), 'class', 'classes')} with fewer than {t.FEW_IN_CLASS} rows; "
    fact += f"{quote(small[-1])} has {fewest:,}"
    evidence = {"fewest rows": fewest, "small classes": len(small), "classes": len(classes), "rows": known}
    yield make_finding("few-rows-in-class", 0.6, [target], fact, evidence)


def _classes(context: FindingContext) -> dict[str, int]:
    """The classes of the target with their rows, most frequent first; empty if they cannot be tested."""
    if context.profile.target not in context.columns or not _is_categorical(context):
        return {}
    classes = context.category_counts(context.profile.target)
    return classes if len(classes) >= 2 and sum(classes.values()) >= t.ROWS_TO_TEST else {}


def _balance(classes: dict[str, int]) -> float:
    """Half the ratio of the rarest class's rows to those of balanced classes: its fraction, of two classes."""
    return min(classes.values()) / sum(classes.values()) * len(classes) / 2


def _rows_in_table(context: FindingContext, category: str, rows: int, known: int) -> int:
    """The rows of a class in the table: those that the profile counted, else estimated from the sample."""
    if not context.is_sample:
        return rows
    column = context.columns[context.profile.target or ""]
    return dict(column.categories).get(category, round(rows / known * (column.rows - column.missing)))


def missing_target(context: FindingContext) -> Iterator[Finding]:
    """Rows without a target."""
    column = context.columns.get(context.profile.target or "")
    if column is not None and column.missing:
        fraction = column.missing / column.rows
        fact = f"target missing in {pluralize(column.missing, 'row')} ({format_percent(fraction)})"
        evidence = {"missing": column.missing, "rows": column.rows}
        proof = context.first_rows(context.series[column.name].is_null())
        yield make_finding("missing-target", 0.5 + 0.4 * fraction, [column.name], fact, evidence, rows=proof)


def no_informative_column(context: FindingContext) -> Iterator[Finding]:
    """A target that no single column explains significantly."""
    associations = context.profile.target_associations
    if (
        len(associations) < 2
        or context.profile.rows < t.NO_INFORMATION_MIN_ROWS
        or any(item.ci_low > 0 or item.explained_share > 0.02 for item in associations)
    ):
        return
    best = max(associations, key=lambda item: item.explained_share)
    fact = f"none of {pluralize(len(associations), 'column')} alone explains the target significantly "
    fact += f"(best: {shorten(best.column)}, {format_percent(best.explained_share)})"
    evidence: dict[str, float | str] = {
        "largest explained share": best.explained_share,
        "column": best.column,
        "columns": len(associations),
        "rows": best.rows,
    }
    yield make_finding("no-informative-column", 0.5, [context.profile.target or ""], fact, evidence)


def _is_categorical(context: FindingContext) -> bool:
    variable_type = context.variable_types.get(context.profile.target or "")
    return variable_type is not None and (variable_type.is_categorical or variable_type is VariableType.IDENTIFIER)
