"""Checks for data leakage: columns, duplicates and splits that make a score too good or empty.

Checks of a table's columns are those of `profiling.findings`; here are those of the split and of the model's columns.
"""

from __future__ import annotations

import math
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import special

from tidynet.core.text import drop_call, format_number, format_percent, pluralize
from tidynet.evaluation.train_test_duplicates import MIN_DUPLICATES, count_train_test_duplicates
from tidynet.profiling.findings import missingness_rules as missingness
from tidynet.profiling.findings import row_order_rules as order
from tidynet.profiling.findings import target_rules as about_target
from tidynet.profiling.findings.arithmetic_rules import target_arithmetic
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

Rows = npt.NDArray[np.int64]

_MAX_ROWS = 25_000  # for associations with the target
_FEW_TEST_ROWS = 50  # an accuracy of 80% has the 95% CI 66 to 90%
_DISTINCT = 0.999
_DENSE = 1.5  # whole numbers that fill their range like this number the rows
_FEW_DUPLICATES = 0.01  # fraction of test rows that does not change a score
_MIN_GROUPS, _MIN_ROWS_PER_GROUP = 5, 1.2
_MIN_GROUPS_BY_NAME = 20  # fewer numbers in a column of such a name can be amounts
_SPLIT_GROUPS = 0.1  # fraction of test rows whose group is in the training rows
_ACTION = {rule.code: rule.action for rule in RULES}


@dataclass(frozen=True, eq=False)
class _LeakageContext:
    """A table, its split, and the columns of the model."""

    table: Table
    target: str
    training: Rows | None
    test: Rows
    used: frozenset[str]
    at_random: bool
    accuracy: float | None

    @cached_property
    def findings_context(self) -> FindingContext:
        """The table as input of the checks of `profiling.findings`."""
        frame, inferred_types = self.table.frame, self.table.inferred_types
        columns = tuple(
            ColumnProfile(name, str(inferred_types[name].variable_type), inferred_types[name].reason, len(frame), nulls)
            for name, nulls in zip(frame.columns, frame.null_count().row(0), strict=True)
        )
        profile = Profile(
            self.table.name, "", frame.height, columns, target=self.target, target_associations=self.target_associations
        )
        return FindingContext(profile, frame, inferred_types)

    @cached_property
    def target_associations(self) -> tuple[TargetAssociation, ...]:
        """The association of each column of the model with the target, the strongest first."""
        result = profile_target_association(
            evenly_spaced_rows(self.table.frame, _MAX_ROWS), self.table.inferred_types, self.target
        )
        return tuple(item for item in result if item.column in self.used)

    def scalar_features(self) -> Iterator[tuple[str, VariableType]]:
        """The columns with one value in each cell but the target, with their types."""
        for name, variable_type in self.findings_context.variable_types.items():
            if name != self.target and self.findings_context.is_scalar_column(name):
                yield name, variable_type


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
    """Findings on a table, its split and its columns, the highest priority first."""
    context = _LeakageContext(
        table=table,
        target=target,
        training=None if training is None else np.asarray(training, dtype=np.int64),
        test=np.arange(table.height) if test is None else np.asarray(test, dtype=np.int64),
        used=frozenset((name for name in table.columns if name != target) if used is None else used),
        at_random=at_random,
        accuracy=accuracy,
    )
    if not len(context.test):
        return ()
    findings = [item for rule in _LEAKAGE_RULES for item in rule(context)]
    return tuple(sorted(findings, key=lambda item: -item.priority))


def _informative_columns(context: _LeakageContext) -> Iterator[Finding]:
    """Columns that alone predict the target, and columns that are missing, or known, for one class only."""
    reckoned: set[str] = set()
    for item in target_arithmetic(context.findings_context):
        if set(item.columns) <= context.used:
            reckoned |= set(item.columns)
            yield replace(item, action=_ACTION["target-arithmetic"])
    for item in about_target.target_leakage(context.findings_context):
        if set(item.columns) <= context.used - reckoned:
            yield replace(item, action=item.action or _ACTION["target-leakage"])
    for item in missingness.missingness_depends_on_target(context.findings_context):
        if set(item.columns) & context.used:
            yield replace(item, action=_ACTION["missingness-predicts-target"])


def _train_test_duplicates(context: _LeakageContext) -> Iterator[Finding]:
    """Test rows that equal training rows, more than expected by chance."""
    if context.training is None or not len(context.training):
        return
    table = context.findings_context
    names = [
        name
        for name, variable_type in table.variable_types.items()
        if variable_type is not VariableType.IDENTIFIER and table.is_scalar_column(name)
    ]
    if len(names) < 2:
        return
    columns, ordered = [table.series[name] for name in names], [_in_order(table, name) for name in names]
    duplicates = count_train_test_duplicates(columns, ordered, context.training, context.test)
    count, rows = len(duplicates.rows), table.profile.rows
    independent = expected_duplicates(table) / max(rows * (rows - 1) / 2, 1) * len(context.training) * len(context.test)
    expected = max(duplicates.expected, independent)
    if count < MIN_DUPLICATES or not exceeds_expected(count, expected):
        return
    fraction = count / len(context.test)
    first = context.test[duplicates.rows[0]] + 1
    sentence = (
        f"{pluralize(count, 'test row')} ({format_percent(fraction)}) are also training rows, such as row {first:,}"
    )
    evidence = {
        "rows": count,
        "test rows": len(context.test),
        "fraction of test rows": fraction,
        "expected if independent": expected,
    }
    few = fraction < _FEW_DUPLICATES
    action = "drop duplicate rows before splitting (tidynet tidy --drop-duplicates all)"
    action += "; so few hardly change a score" if few else "; they inflate the score"
    priority = 0.3 if few else 0.45 + 0.5 * min(1.0, 5 * fraction)
    yield make_finding(
        "train-test-duplicates", priority, [], sentence, evidence, action=action, call="tn.tidy.drop_duplicates(frame)"
    )


def _in_order(table: FindingContext, name: str) -> bool:
    return name in table.numeric_columns or table.series[name].dtype.is_temporal()


def _groups_in_both_splits(context: _LeakageContext) -> Iterator[Finding]:
    """A person, or another unit, with rows in both the training and the test set."""
    if context.training is None or not len(context.training):
        return
    for name, variable_type in context.scalar_features():
        if variable_type is not VariableType.IDENTIFIER and not is_unit_name(name) and not is_identifier_name(name):
            continue
        values = context.table[name].alias("values")
        codes = values.rank("dense").fill_null(0).to_numpy().astype(np.int64)
        groups, known = int(codes.max()), int((codes > 0).sum())
        min_groups = _MIN_GROUPS if variable_type is VariableType.IDENTIFIER else _MIN_GROUPS_BY_NAME
        if groups < min_groups or known < _MIN_ROWS_PER_GROUP * groups:
            continue
        tested = codes[context.test]
        both = np.isin(tested, codes[context.training]) & (tested > 0)
        fraction = float(both.mean())
        if fraction < _SPLIT_GROUPS:
            continue
        sentence = f"{format_percent(fraction)} of test rows share a value with training rows "
        sentence += f"({groups:,} values, {known / groups:.3g} rows each on average)"
        evidence = {
            "fraction of test rows": fraction,
            "groups": groups,
            "rows per group": known / groups,
            "test rows": len(context.test),
        }
        action = f"use a grouped split (--group-column {shlex.quote(name)}); the score is then that of unseen values"
        yield make_finding("groups-in-both-splits", 0.6 + 0.3 * fraction, [name], sentence, evidence, action=action)


def _identifiers(context: _LeakageContext) -> Iterator[Finding]:
    """Columns that identify or count the rows."""
    for name, variable_type in context.scalar_features():
        reason = (
            context.findings_context.columns[name].type_reason
            if variable_type is VariableType.IDENTIFIER
            else _row_counter_reason(context.findings_context, name, variable_type)
        )
        if not reason:
            continue
        is_used = name in context.used
        if not is_used and _is_group_number(context.table[name]):
            continue
        end = "the network uses it as a feature" if is_used else "excluded from training"
        distinct = context.table[name].n_unique()
        repeats = variable_type is VariableType.IDENTIFIER and distinct < context.table[name].len()
        sentence = f"{'an identifier that repeats values' if repeats else 'identifies the rows'} ({reason}); {end}"
        action = (
            f"drop the column (--drop {shlex.quote(name)}): it has no meaning on new rows" if is_used else "none needed"
        )
        priority = 0.7 if is_used else 0.15
        evidence = {"rows": context.table.height, "distinct": distinct}
        yield make_finding(
            "identifier-column",
            priority,
            [name],
            sentence,
            evidence,
            action=action,
            call=drop_call([name]) if is_used else "",
        )


def _is_group_number(column: pl.Series) -> bool:
    """Whether each value has several rows: such a column is for `_groups_in_both_splits`."""
    return (len(column) - column.null_count()) >= _MIN_ROWS_PER_GROUP * column.alias("values").n_unique()


def _row_counter_reason(findings: FindingContext, name: str, variable_type: VariableType) -> str:
    """Why a column of numbers counts the rows; empty if it does not."""
    is_time = variable_type is VariableType.DATETIME or order.is_time_name(name)
    if is_time or name not in findings.numeric_columns:
        return ""
    values = findings.known_values(name).astype(np.float64)
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


def _time_column_random_split(context: _LeakageContext) -> Iterator[Finding]:
    """Rows in the order of time with a random split."""
    if context.training is None or not context.at_random:
        return
    for item in order.time_ordered_rows(context.findings_context):
        sentence = f"{item.sentence}, but the split is random: the score estimates interpolation, not forecasting"
        action = f"to forecast, test on the last rows (--time-column {shlex.quote(item.columns[0])})"
        yield replace(item, sentence=sentence, action=action)


def _few_test_rows(context: _LeakageContext) -> Iterator[Finding]:
    """A test set too small for a precise score."""
    from scipy.stats import binomtest

    rows = len(context.test)
    if rows >= _FEW_TEST_ROWS:
        return
    correct = round((0.8 if context.accuracy is None else context.accuracy) * rows)
    interval = binomtest(correct, rows).proportion_ci(0.95, method="wilson")
    accuracy = f"an accuracy of {format_percent(correct / rows)} has the 95% CI "
    accuracy += f"{format_percent(interval.low)} to {format_percent(interval.high)}"
    evidence = {"test rows": rows, "accuracy, CI low": float(interval.low), "accuracy, CI high": float(interval.high)}
    if context.table.inferred_types[context.target].variable_type in (VariableType.CONTINUOUS, VariableType.DISCRETE):
        # Σ error² / σ² has the χ² distribution with as many degrees of freedom as rows.
        low, high = (math.sqrt(rows / special.chdtri(rows, tail)) for tail in (0.025, 0.975))
        accuracy = f"the 95% CI of an RMSE is {format_percent(low)} to {format_percent(high)} of it (normal errors)"
        evidence = {"test rows": rows, "RMSE, CI low": low, "RMSE, CI high": high}
    sentence = f"only {pluralize(rows, 'test row')}: {accuracy}"
    action = "use cross-validation (--folds 5 --repeats 2), or collect more rows"
    yield make_finding(
        "few-test-rows", 0.75 if rows < _FEW_TEST_ROWS // 2 else 0.5, [], sentence, evidence, action=action
    )


def _class_frequencies(context: _LeakageContext) -> Iterator[Finding]:
    """Classes so imbalanced that the accuracy is misleading, and balanced classes with too few rows."""
    for item in about_target.class_imbalance(context.findings_context):
        finding = replace(item, action=_ACTION["class-imbalance"])
        if context.accuracy is not None:
            sentence = f"{item.sentence}, the network {format_percent(context.accuracy)}"
            finding = replace(finding, sentence=sentence, evidence={**item.evidence, "accuracy": context.accuracy})
        yield finding
    for item in about_target.few_rows_in_class(context.findings_context):
        yield replace(item, action=_ACTION["few-rows-in-class"])


_LEAKAGE_RULES: tuple[Callable[[_LeakageContext], Any], ...] = (
    _informative_columns,
    _train_test_duplicates,
    _groups_in_both_splits,
    _identifiers,
    _time_column_random_split,
    _few_test_rows,
    _class_frequencies,
)
