"""What deserves a person's attention, how much, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

import polars as pl

from tidynet.core.text import drop_call, list_columns, quote
from tidynet.profiling.findings.context import FindingContext
from tidynet.profiling.findings.registry import OVERRULED, RULES
from tidynet.profiling.findings.rule import FindingRule
from tidynet.profiling.profile import Finding, Profile
from tidynet.table.tidiness import TidinessIssue
from tidynet.table.variable_type import TypeInference

__all__ = ["RULES", "find_findings"]

_SHOWN = 5
_TOGETHER_FROM = 4  # from so many columns on, one sentence for all says more than one for each


def find_findings(
    profile: Profile,
    sample: pl.DataFrame,
    inferred_types: Mapping[str, TypeInference],
    tidiness_issues: Sequence[TidinessIssue] = (),
) -> tuple[Finding, ...]:
    """Judge what about a table deserves attention.

    Examples
    --------
    >>> from tidynet.profiling.profile import ColumnProfile
    >>> frame = pl.DataFrame({"source": ["crm"] * 3})
    >>> column = ColumnProfile("source", "constant", "every known value is 'crm'", rows=3, missing=0)
    >>> [one.sentence for one in find_findings(Profile("t", "", 3, (column,)), frame, {}) if one.code == "constant-column"]
    ["'source' holds the same value in every row"]
    """
    if profile.rows == 0 or sample.height == 0:
        return ()
    context = FindingContext(profile, sample, inferred_types, tidiness_issues)
    all_found = {rule.code: [_fill_defaults(rule, item, context) for item in rule.check(context)] for rule in RULES}
    kept = _drop_overridden(all_found)
    ranked = [item for rule in RULES for item in _merge_similar(rule, kept[rule.code])]
    place = {name: index for index, name in enumerate(sample.columns)}
    return tuple(
        sorted(ranked, key=lambda item: (-item.priority, place.get(item.columns[0], 0) if item.columns else -1))
    )


def _fill_defaults(rule: FindingRule, finding: Finding, seen: FindingContext) -> Finding:
    if seen.is_sample:
        finding = replace(finding, evidence={**finding.evidence, "rows looked at": seen.sample.height})
    return finding if finding.action else replace(finding, action=rule.action)


def _drop_overridden(all_found: Mapping[str, Sequence[Finding]]) -> dict[str, list[Finding]]:
    """Without findings of which another says more about the same columns."""
    text: dict[str, set[str]] = {code: set() for code in all_found}
    everything = [item for result in all_found.values() for item in result]
    for code, weaker in OVERRULED.items():
        names = {name for item in everything if code in (item.code, _finding_group(item.code)) for name in item.columns}
        for item in weaker:
            text[item] |= names
    return {
        code: [item for item in findings if not item.columns or not set(item.columns) <= text[code]]
        for code, findings in all_found.items()
    }


def _finding_group(code: str) -> str:
    """The rule's code of what is not tidy, each kind of which has a code of its own."""
    return "untidy-layout" if code.startswith("untidy-layout") else code


def _merge_similar(rule: FindingRule, findings: Sequence[Finding]) -> Iterable[Finding]:
    if len(findings) < _TOGETHER_FROM or not rule.plural_message:
        return findings
    ranked = sorted(findings, key=lambda item: -item.priority)
    columns = tuple(dict.fromkeys(name for item in ranked for name in item.columns))
    display_text = list_columns(columns) if rule.details is None else _with_details(ranked, *rule.details)
    sentence = rule.plural_message.format(count=len(findings), columns=display_text)
    max_count = ranked[0]
    evidence: dict[str, float | str] = {"columns": len(columns), "most": max_count.sentence, **max_count.evidence}
    call = drop_call(columns) if rule.code == "constant-column" else ""
    return [replace(max_count, columns=columns, sentence=sentence, evidence=evidence, action=rule.action, call=call)]


def _with_details(findings: Sequence[Finding], key: str, written: Callable[[float], str]) -> str:
    """The first columns, each with the number that matters about it."""
    display_text = [f"{quote(item.columns[0])} ({written(float(item.evidence[key]))})" for item in findings[:_SHOWN]]
    more = f" and {len(findings) - _SHOWN:,} more" if len(findings) > _SHOWN else ""
    return ", ".join(display_text) + more
