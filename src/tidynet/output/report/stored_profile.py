"""What a report keeps of a profile: all that the page shows, and no more, so that it fits into a model file."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tidynet.output.report.profile_sections import FINDINGS, PAIRS, RELATIONS, RELATIONS_WITH_PICTURES
from tidynet.profiling.counts import count_column
from tidynet.profiling.profile import ColumnProfile, Profile

if TYPE_CHECKING:
    from tidynet.table.table import Table

__all__ = ["compact_profile"]

_LEVELS = 20  # of a column
_PATTERNS = 20  # of missing cells
_DIGITS = 10  # of a number: more than any page shows, also of times in microseconds


def compact_profile(table: Table, target: str, profile: Profile | None = None) -> dict[str, Any]:
    """A profile as plain data, cut to what a page shows."""
    seen = profile or _count_columns(table, target)
    if seen.rows < table.height:
        seen = replace(seen, columns=tuple(_extend_to_all_rows(item, table) for item in seen.columns))
    display_text = replace(
        seen,
        columns=tuple(replace(item, categories=item.categories[:_LEVELS]) for item in seen.columns),
        pairs=seen.pairs[:PAIRS],
        target_associations=tuple(
            replace(item, chart_counts=item.chart_counts if index < RELATIONS_WITH_PICTURES else None)
            for index, item in enumerate(seen.target_associations[:RELATIONS])
        ),
        findings=seen.findings[:FINDINGS],
        missing_patterns=seen.missing_patterns[:_PATTERNS],
        seconds=0.0,  # the same training gives the same page
    )
    stored: dict[str, Any] = _rounded(display_text.to_dict())
    return stored


def _count_columns(table: Table, target: str) -> Profile:
    columns = tuple(
        ColumnProfile(
            name,
            inferred_type.variable_type.value,
            inferred_type.reason,
            table.height,
            table.missing[name],
            chart_counts=count_column(table[name], inferred_type),
        )
        for name, inferred_type in table.inferred_types.items()
    )
    known = target if target in table.columns else None
    return Profile(table.name, table.source, table.height, columns, target=known, notes=table.notes)


def _extend_to_all_rows(column: ColumnProfile, table: Table) -> ColumnProfile:
    series = table[column.name]
    figure = count_column(series, table.inferred_types[column.name])
    return replace(column, rows=table.height, missing=table.missing[column.name], chart_counts=figure)


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    return float(f"{value:.{_DIGITS}g}") if isinstance(value, float) and math.isfinite(value) else value
