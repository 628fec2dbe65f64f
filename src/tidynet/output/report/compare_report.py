"""The comparison of two tables as one HTML file: the largest shifts first, both tables in each chart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tidynet.core.text import format_number, format_percent, join_names, pluralize
from tidynet.output.report.explore_text import format_microseconds
from tidynet.output.report.html_page import render_template, trusted_markup
from tidynet.profiling.compare import TableComparison
from tidynet.profiling.counts import Histogram
from tidynet.profiling.distribution_shift import DistributionShift

if TYPE_CHECKING:
    from markupsafe import Markup

_HIGH_DISTANCE = 0.3


def comparison_lines(comparison: TableComparison) -> tuple[str, ...]:
    """The comparison in four lines: rows, columns, significant shifts, shared rows."""
    first, second = (pluralize(rows, "row") for rows in comparison.rows)
    shifts = sum(shift.is_significant for shift in comparison.shifts)
    return (
        f"{comparison.first}: {first}; {comparison.second}: {second}; "
        f"{pluralize(len(comparison.shifts), 'column')} compared",
        f"{_column_count(comparison.added)} added{_names(comparison.added)}, "
        f"{_column_count(comparison.dropped)} dropped{_names(comparison.dropped)}, "
        f"{pluralize(len(comparison.type_changes), 'variable type')} changed",
        pluralize(shifts, "significant distribution shift") if comparison.shifts else "no column to compare",
        _shared_rows_line(comparison),
    )


def _column_count(columns: Sequence[str]) -> str:
    return pluralize(len(columns), "column")


def _names(columns: Sequence[str]) -> str:
    return f" ({join_names(columns, 4)})" if columns else ""


def _shared_rows_line(comparison: TableComparison) -> str:
    if comparison.shared_rows is None:
        return "shared rows were not counted"
    fraction = format_percent(comparison.shared_rows / max(1, comparison.rows[1]))
    verb = "is" if comparison.shared_rows == 1 else "are"
    return f"{pluralize(comparison.shared_rows, 'row')} of the second table {verb} in the first ({fraction})"


def render_comparison(comparison: TableComparison, provenance: Mapping[str, Any] | None = None) -> str:
    """The page of a comparison."""
    return render_template(
        "compare.html.jinja",
        "profile.css",
        "explore.css",
        "compare.css",
        script="page.js",
        first=comparison.first,
        second=comparison.second,
        added=comparison.added,
        dropped=comparison.dropped,
        type_changes=[(item.column, item.first, item.second) for item in comparison.type_changes],
        notes=comparison.notes,
        provenance=provenance or {},
        lines=comparison_lines(comparison),
        shifts=[_shift(item) for item in comparison.shifts],
    )


def _shift(shift: DistributionShift) -> dict[str, Any]:
    severity = "high" if shift.distance >= _HIGH_DISTANCE else "medium"
    return {
        "column": shift.column,
        "variable_type": shift.variable_type,
        "is_significant": shift.is_significant,
        "severity": severity if shift.is_significant else "low",
        "status": "significant" if shift.is_significant else "not significant",
        "sentence": shift.sentence,
        "measure": shift.measure,
        "distance": shift.distance,
        "noise_level": shift.noise_level,
        "missing_difference": shift.missing[1] - shift.missing[0],
        "figure": _shift_figure(shift),
        "statistics": _statistics_of_both(shift),
        "changed_categories": [
            (label, categories[:8], len(categories) - 8)
            for label, categories in (
                ("new categories", shift.new_categories),
                ("dropped categories", shift.dropped_categories),
            )
            if categories
        ],
    }


def _shift_figure(shift: DistributionShift) -> Markup | None:
    """Both tables in one small chart; None where there is nothing to draw."""
    from tidynet.plot.svg_column import shift_svg

    if shift.chart_counts is None:
        return None
    first, second = shift.chart_counts
    return trusted_markup(shift_svg(first, second, shift.column))


def _statistics_of_both(shift: DistributionShift) -> list[tuple[str, str, str]]:
    """Each statistic that both tables have: its name and the two values."""
    counts = shift.chart_counts[0] if shift.chart_counts else None
    is_time = isinstance(counts, Histogram) and counts.scale == "time"
    write = format_microseconds if is_time else format_number
    lines = [
        (name, write(first), write(second))
        for name, (first, second) in shift.statistics.items()
        if name != "std" or not is_time
    ]
    if any(shift.missing):
        lines.append(("missing", format_percent(shift.missing[0]), format_percent(shift.missing[1])))
    return lines
