"""Findings about a table: run all rules, drop what another finding explains, merge and sort the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

import polars as pl

from tidynet.core.text import drop_call, list_columns, pluralize, printable, quote, shorten
from tidynet.profiling.findings.context import FindingContext
from tidynet.profiling.findings.registry import OVERRULED, RULES
from tidynet.profiling.findings.rule import FindingRule
from tidynet.profiling.findings.thresholds import EXAMPLE_ROWS
from tidynet.profiling.profile import Finding, Profile
from tidynet.table.tidiness import TidinessIssue
from tidynet.table.variable_type import TypeInference

__all__ = ["RULES", "find_findings"]

_MAX_LISTED = 5  # columns of a merged finding
_MAX_SHOWN = 4  # columns of the example rows
_MERGE_FROM = 4  # columns with the same finding


def find_findings(
    profile: Profile,
    sample: pl.DataFrame,
    inferred_types: Mapping[str, TypeInference],
    tidiness_issues: Sequence[TidinessIssue] = (),
) -> tuple[Finding, ...]:
    """The findings about a table, highest priority first."""
    if profile.rows == 0 or sample.height == 0:
        return ()
    context = FindingContext(profile, sample, inferred_types, tidiness_issues)
    findings = {
        rule.code: [_add_examples(rule, _fill_defaults(rule, item, context), context) for item in rule.check(context)]
        for rule in RULES
    }
    remaining = _drop_overridden(findings)
    merged = [item for rule in RULES for item in _merge_similar(rule, remaining[rule.code])]
    position = {name: index for index, name in enumerate(sample.columns)}
    return tuple(
        sorted(merged, key=lambda item: (-item.priority, position.get(item.columns[0], 0) if item.columns else -1))
    )


def _add_examples(rule: FindingRule, finding: Finding, context: FindingContext) -> Finding:
    """The finding with the cells of its first rows; without their numbers where these are numbers of a sample."""
    if not finding.rows:
        return finding
    rows = list(finding.rows[:EXAMPLE_ROWS])
    names = [name for name in finding.columns or context.sample.columns if context.is_scalar_column(name)][:_MAX_SHOWN]
    examples = {name: tuple(_cell(value) for value in context.series[name].gather(rows)) for name in names}
    return replace(
        finding, rows=() if context.is_sample else finding.rows, examples={} if rule.is_private else examples
    )


def _cell(value: object) -> str:
    """A cell as text, on one line."""
    return "" if value is None else shorten(printable(str(value)))


def _fill_defaults(rule: FindingRule, finding: Finding, context: FindingContext) -> Finding:
    """The finding with the action of its rule, and with the number of rows that were read if they are not all."""
    frame = context.tested_rows if rule.basis == "tested" else context.sample
    rows = context.profile.rows if rule.basis == "all" else frame.height
    if rows < context.profile.rows:
        note = f" ({rows:,} of {pluralize(context.profile.rows, 'row')} read)"
        finding = replace(finding, sentence=finding.sentence + note, evidence={**finding.evidence, "rows read": rows})
    return finding if finding.action else replace(finding, action=rule.action)


def _drop_overridden(findings: Mapping[str, Sequence[Finding]]) -> dict[str, list[Finding]]:
    """Without findings that another finding about the same columns explains."""
    explained: dict[str, set[str]] = {code: set() for code in findings}
    all_findings = [item for of_rule in findings.values() for item in of_rule]
    for code, overruled in OVERRULED.items():
        names = {name for item in all_findings if code in (item.code, _rule_code(item.code)) for name in item.columns}
        for other in overruled:
            explained[other] |= names
    return {
        code: [item for item in of_rule if not item.columns or not set(item.columns) <= explained[code]]
        for code, of_rule in findings.items()
    }


def _rule_code(code: str) -> str:
    """The code of the rule: each tidiness issue has its own."""
    return "untidy-layout" if code.startswith("untidy-layout") else code


def _merge_similar(rule: FindingRule, findings: Sequence[Finding]) -> Iterable[Finding]:
    if len(findings) < _MERGE_FROM or not rule.merged_fact:
        return findings
    ranked = sorted(findings, key=lambda item: -item.priority)
    columns = tuple(dict.fromkeys(name for item in ranked for name in item.columns))
    listed = list_columns(columns) if rule.detail is None else _list_with_details(ranked, *rule.detail)
    first = ranked[0]
    evidence = _merge_evidence(ranked, columns)
    call = drop_call(columns) if rule.code == "constant-column" else ""
    sentence = rule.merged_fact.format(columns=listed)
    rows_read = first.evidence.get("rows read")
    if isinstance(rows_read, int | float):
        sentence += f" ({rows_read:,} rows read)"
    return [replace(first, columns=columns, sentence=sentence, evidence=evidence, action=rule.action, call=call)]


def _merge_evidence(findings: Sequence[Finding], columns: Sequence[str]) -> dict[str, float | str]:
    """The number of columns, the first finding, and the range of each number that the findings have in common."""
    evidence: dict[str, float | str] = {"columns": len(columns), "findings": len(findings)}
    evidence["first"] = findings[0].statement
    for key, value in findings[0].evidence.items():
        others = [item.evidence.get(key) for item in findings]
        numbers = [number for number in others if isinstance(number, int | float)]
        if len(numbers) < len(findings):
            continue
        if min(numbers) == max(numbers):
            evidence[key] = value
        else:
            evidence |= {f"lowest {key}": min(numbers), f"highest {key}": max(numbers)}
    return evidence


def _list_with_details(findings: Sequence[Finding], key: str, format_detail: Callable[[float], str]) -> str:
    """The first columns, each with a number of its evidence."""
    listed = [
        f"{quote(item.columns[0])} ({format_detail(float(item.evidence[key]))})" for item in findings[:_MAX_LISTED]
    ]
    more = f" and {len(findings) - _MAX_LISTED:,} more" if len(findings) > _MAX_LISTED else ""
    return ", ".join(listed) + more
