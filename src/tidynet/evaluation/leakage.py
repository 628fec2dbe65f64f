"""Leaks and traps: what makes a score too good, or mean less than it seems to.

Rules about a table's columns are those of the room `look` (`look/attention`), told once for exploring and
for testing; here are those about how the rows were split, and what the model was given to read.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from tidynet.core.text import drop_call, format_number, format_percent, pluralize
from tidynet.evaluation.train_test_duplicates import count_train_test_duplicates
from tidynet.evaluation.training_row_overlap import HANDFUL
from tidynet.profiling.findings import missingness_rules as missingness
from tidynet.profiling.findings import row_order_rules as order
from tidynet.profiling.findings import target_rules as about_target
from tidynet.profiling.findings.context import FindingContext, evenly_spaced_rows
from tidynet.profiling.findings.registry import RULES
from tidynet.profiling.findings.rule import make_finding
from tidynet.profiling.findings.table_rules import exceeds_expected, expected_duplicates
from tidynet.profiling.findings.thresholds import ROWS_TO_TEST
from tidynet.profiling.profile import ColumnProfile, Finding, Profile, TargetAssociation
from tidynet.profiling.target_association import profile_target_association
from tidynet.table.infer_number_type import is_identifier_name, is_unit_name
from tidynet.table.table import Table
from tidynet.table.variable_type import VariableType

__all__ = ["find_leakage"]

Rows = npt.NDArray[np.int64]

_LOOKED_AT = 25_000
_FEW_TEST_ROWS = 50  # an accuracy of 80% means there 66 to 90%
_DISTINCT = 0.999
_DENSE = 1.5  # whole numbers that fill their range like this number the rows
_FEW_TWINS = 0.01  # share of test rows that no score feels
_FEWEST_GROUPS, _ROWS_PER_GROUP = 5, 1.2
_GROUPS_BY_NAME = 20  # fewer numbers in a column that is so called may be amounts
_GROUPS_SPLIT = 0.1  # share of test rows whose group was trained on
_ADVICE = {rule.code: rule.action for rule in RULES}


@dataclass(frozen=True)
class _LeakageContext:
    """A table, how it was split, and what the model reads."""

    table: Table
    target: str
    training: Rows | None
    test: Rows
    used: frozenset[str]
    at_random: bool
    accuracy: float | None

    @cached_property
    def seen(self) -> FindingContext:
        """The table as the rules of exploring see it."""
        frame, inferred_types = self.table.frame, self.table.inferred_types
        columns = tuple(
            ColumnProfile(
                item.name,
                str(inferred_types[item.name].variable_type),
                inferred_types[item.name].reason,
                len(item),
                nulls,
            )
            for item, nulls in zip(frame.get_columns(), frame.null_count().row(0), strict=True)
        )
        profile = Profile(
            self.table.name, "", frame.height, columns, target=self.target, target_associations=self.relations
        )
        return FindingContext(profile, frame, inferred_types)

    @cached_property
    def relations(self) -> tuple[TargetAssociation, ...]:
        """What each column that the model reads tells alone about the target, most first."""
        result = profile_target_association(
            evenly_spaced_rows(self.table.frame, _LOOKED_AT), self.table.inferred_types, self.target
        )
        return tuple(item for item in result if item.column in self.used)


def find_leakage(
    table: Table,
    target: str,
    *,
    training: npt.ArrayLike | None = None,
    test: npt.ArrayLike | None = None,
    used: tuple[str, ...] | None = None,
    at_random: bool = True,
    accuracy: float | None = None,
) -> tuple[Finding, ...]:
    """What about a table, its split and its columns makes test scores too good or empty.

    Examples
    --------
    >>> from tidynet.table.read import read
    >>> numbers = np.random.default_rng(0).normal(size=200)
    >>> table = read({"x": numbers, "copy": 3 * numbers + 1, "y": numbers})
    >>> [(one.code, one.columns) for one in find_leakage(table, "y")]
    [('target-leakage', ('x',)), ('target-leakage', ('copy',))]
    """
    case = _LeakageContext(
        table=table,
        target=target,
        training=None if training is None else np.asarray(training, dtype=np.int64),
        test=np.arange(table.height) if test is None else np.asarray(test, dtype=np.int64),
        used=frozenset(set(table.columns) - {target} if used is None else used),
        at_random=at_random,
        accuracy=accuracy,
    )
    if not len(case.test):
        return ()
    findings = [item for rule in _LEAKAGE_RULES for item in rule(case)]
    return tuple(sorted(findings, key=lambda item: -item.priority))


def _leaks(case: _LeakageContext) -> Iterator[Finding]:
    """Columns that tell the target alone, or nearly so."""
    for item in about_target.target_leakage(case.seen):
        if set(item.columns) <= case.used:
            yield replace(item, action=_ADVICE["target-leakage"])


def _known_only_after_target(case: _LeakageContext) -> Iterator[Finding]:
    """Columns that are missing, or known, for one class alone."""
    for item in missingness.missingness_depends_on_target(case.seen):
        if set(item.columns) & case.used:
            yield replace(item, action=_ADVICE["missingness-predicts-target"])


def _train_test_duplicates(case: _LeakageContext) -> Iterator[Finding]:
    """Test rows that were trained on, where chance does not explain them."""
    if case.training is None or not len(case.training):
        return
    seen = case.seen
    kept = [
        name
        for name, kind in seen.variable_types.items()
        if kind is not VariableType.IDENTIFIER and seen.is_scalar_column(name)
    ]
    if len(kept) < 2:
        return
    twins = count_train_test_duplicates(
        [seen.series[name] for name in kept], [_in_order(seen, name) for name in kept], case.training, case.test
    )
    count, rows = len(twins.rows), seen.profile.rows
    independent = expected_duplicates(seen) / max(rows * (rows - 1) / 2, 1) * len(case.training) * len(case.test)
    expected = max(twins.expected, independent)
    if count < HANDFUL or not exceeds_expected(count, expected):
        return
    fraction = count / len(case.test)
    first = case.test[twins.rows[0]] + 1
    sentence = (
        f"{pluralize(count, 'test row')} ({format_percent(fraction)}) are also training rows, such as row {first:,}"
    )
    evidence = {
        "rows": count,
        "test rows": len(case.test),
        "fraction of test rows": fraction,
        "expected if independent": expected,
    }
    few = fraction < _FEW_TWINS
    action = "drop duplicate rows before splitting (tidynet tidy --drop-duplicates all)"
    action += "; so few hardly change a score" if few else "; they inflate the score"
    weight = 0.3 if few else 0.45 + 0.5 * min(1.0, 5 * fraction)
    yield make_finding(
        "rows-in-both", weight, [], sentence, evidence, action=action, call="tn.tidy.drop_duplicates(frame)"
    )


def _in_order(seen: FindingContext, name: str) -> bool:
    return name in seen.numeric_columns or seen.series[name].dtype.is_temporal()


def _groups_in_both_splits(case: _LeakageContext) -> Iterator[Finding]:
    """One person, or another unit, with rows on both sides of the split."""
    if case.training is None or not len(case.training):
        return
    for name, kind in case.seen.variable_types.items():
        named = is_unit_name(name) or is_identifier_name(name)
        if (
            name == case.target
            or not (kind is VariableType.IDENTIFIER or named)
            or not case.seen.is_scalar_column(name)
        ):
            continue
        values = case.table[name].alias("values")
        codes = values.rank("dense").fill_null(0).to_numpy().astype(np.int64)
        groups, known = int(codes.max()), int((codes > 0).sum())
        fewest = _FEWEST_GROUPS if kind is VariableType.IDENTIFIER else _GROUPS_BY_NAME
        if groups < fewest or known < _ROWS_PER_GROUP * groups:
            continue
        tested = codes[case.test]
        both = np.isin(tested, codes[case.training]) & (tested > 0)
        fraction = float(both.mean())
        if fraction < _GROUPS_SPLIT:
            continue
        sentence = f"{format_percent(fraction)} of test rows share a value with training rows "
        sentence += f"({groups:,} values, {known / groups:.3g} rows each on average)"
        evidence = {
            "fraction of test rows": fraction,
            "groups": groups,
            "rows per group": known / groups,
            "test rows": len(case.test),
        }
        action = f"use a grouped split (--group-column {shlex.quote(name)}); the score is then that of unseen values"
        yield make_finding("groups-split", 0.6 + 0.3 * fraction, [name], sentence, evidence, action=action)


def _identifiers(case: _LeakageContext) -> Iterator[Finding]:
    """Columns that only name or count the rows, and are read as if they described them."""
    for name, kind in case.seen.variable_types.items():
        if name == case.target or not case.seen.is_scalar_column(name):
            continue
        reason = (
            case.seen.columns[name].type_reason
            if kind is VariableType.IDENTIFIER
            else _row_counter_reason(case, name, kind)
        )
        if not reason:
            continue
        reads = name in case.used
        if not reads and _is_group_number(case.table[name]):
            continue
        end = "the network uses it as a feature" if reads else "excluded from training"
        sentence = f"identifies the rows ({reason}); {end}"
        action = (
            f"drop the column (--drop {shlex.quote(name)}): it has no meaning on new rows" if reads else "none needed"
        )
        weight = 0.7 if reads else 0.15
        evidence = {"rows": case.table.height, "distinct": case.table[name].n_unique()}
        yield make_finding(
            "identifier-column",
            weight,
            [name],
            sentence,
            evidence,
            action=action,
            call=drop_call([name]) if reads else "",
        )


def _is_group_number(column: pl.Series) -> bool:
    """Whether several rows have one value each: it names no row, and `_groups_split` says what there is to say."""
    return (len(column) - column.null_count()) >= _ROWS_PER_GROUP * column.alias("values").n_unique()


def _row_counter_reason(case: _LeakageContext, name: str, kind: VariableType) -> str:
    """Why a column of numbers counts the rows; empty if it does not."""
    if name not in case.seen.numeric_columns or kind is VariableType.DATETIME or order.is_time_name(name):
        return ""
    values = case.seen.known_values(name).astype(np.float64)
    if len(values) < ROWS_TO_TEST or not np.isfinite(values).all() or (values != np.round(values)).any():
        return ""
    if len(np.unique(values)) < _DISTINCT * len(values):
        return ""
    steps = np.diff(values)
    one_way = max(float((steps > 0).mean()), float((steps < 0).mean()))
    if one_way >= _DISTINCT:
        return "whole numbers, all different, in the order of the rows"
    if values.max() - values.min() + 1 <= _DENSE * len(values):
        low, high = format_number(float(values.min())), format_number(float(values.max()))
        return f"whole numbers, all different, that fill {low} to {high}"
    return ""


def _time_column_random_split(case: _LeakageContext) -> Iterator[Finding]:
    """Rows in the order of time, split at random."""
    if case.training is None or not case.at_random:
        return
    for item in order.time_ordered_rows(case.seen):
        sentence = f"{item.sentence}, but the split is random: the score estimates interpolation, not forecasting"
        action = f"to forecast, test on the last rows (--time-column {shlex.quote(item.columns[0])})"
        yield replace(item, sentence=sentence, action=action)


def _few_test_rows(case: _LeakageContext) -> Iterator[Finding]:
    """A test too small to tell anything."""
    from scipy.stats import binomtest

    rows = len(case.test)
    if rows >= _FEW_TEST_ROWS:
        return
    right = round((0.8 if case.accuracy is None else case.accuracy) * rows)
    interval = binomtest(right, rows).proportion_ci(0.95, method="wilson")
    accuracy = f"an accuracy of {format_percent(right / rows)} has the 95% CI "
    accuracy += f"{format_percent(interval.low)} to {format_percent(interval.high)}"
    sentence = f"only {pluralize(rows, 'test row')}: {accuracy}"
    evidence = {"test rows": rows, "accuracy, CI low": float(interval.low), "accuracy, CI high": float(interval.high)}
    action = "use cross-validation (--folds 5 --repeats 2), or collect more rows"
    yield make_finding(
        "few-test-rows", 0.75 if rows < _FEW_TEST_ROWS // 2 else 0.5, [], sentence, evidence, action=action
    )


def _class_imbalance(case: _LeakageContext) -> Iterator[Finding]:
    """Classes so uneven that accuracy misleads."""
    for item in about_target.class_imbalance(case.seen):
        if case.accuracy is None:
            yield replace(item, action=_ADVICE["class-imbalance"])
            continue
        sentence = f"{item.sentence}, the network {format_percent(case.accuracy)}"
        evidence = {**item.evidence, "accuracy": case.accuracy}
        yield replace(item, sentence=sentence, evidence=evidence, action=_ADVICE["class-imbalance"])


def _small_classes(case: _LeakageContext) -> Iterator[Finding]:
    """Even classes, each of too few rows to be scored by itself."""
    for item in about_target.few_rows_in_class(case.seen):
        yield replace(item, action=_ADVICE["few-rows-in-class"])


_LEAKAGE_RULES: tuple[Callable[[_LeakageContext], Any], ...] = (
    _leaks,
    _known_only_after_target,
    _train_test_duplicates,
    _groups_in_both_splits,
    _identifiers,
    _time_column_random_split,
    _few_test_rows,
    _class_imbalance,
    _small_classes,
)
