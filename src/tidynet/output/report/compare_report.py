"""The comparison of two tables as one HTML file: what moved first, each shift with both tables in one picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tidynet.output.report.explore_text import format_datetime, format_number
from tidynet.output.report.html_page import format_percent, render_template, trusted_markup
from tidynet.profiling.compare import TableComparison
from tidynet.profiling.distribution_shift import DistributionShift

if TYPE_CHECKING:
    from markupsafe import Markup

__all__ = ["comparison_lines", "render_comparison"]


def comparison_lines(comparison: TableComparison) -> tuple[str, ...]:
    """The comparison in a few lines: rows, columns, kinds, shifts, rows in both.

    Examples
    --------
    >>> from tidynet.profiling.compare import compare
    >>> for line in comparison_lines(compare({"a": [1, 2]}, {"a": [1, 2], "b": [3, 4]})):
    ...     print(line)
    table (first): 2 rows, table (second): 2 rows; 1 column compared
    1 added ('b'), none dropped, none of another kind
    none of them moved beyond noise
    2 rows of the second stand in the first too (100%)
    """
    moved = sum(shift.is_significant for shift in comparison.shifts)
    first, second = comparison.rows
    shared = len(comparison.shifts)
    return (
        f"{comparison.first}: {_rows(first)}, {comparison.second}: {_rows(second)}; {_columns(shared)} compared",
        f"{_count_text(comparison.added)} added{_column_list(comparison.added)}, "
        f"{_count_text(comparison.dropped)} dropped{_column_list(comparison.dropped)}, {_count_text(comparison.type_changes)} of another kind",
        f"{_count_text([0] * moved)} of them moved beyond noise" if shared else "nothing to compare",
        _overlap(comparison),
    )


def _rows(count: int) -> str:
    return f"{count:,} {'row' if count == 1 else 'rows'}"


def _columns(count: int) -> str:
    return f"{count:,} {'column' if count == 1 else 'columns'}"


def _count_text(things: Any) -> str:
    return f"{len(things):,}" if things else "none"


def _column_list(columns: tuple[str, ...]) -> str:
    from tidynet.core.text import join_names

    return f" ({join_names(columns, 4)})" if columns else ""


def _overlap(comparison: TableComparison) -> str:
    if comparison.shared_rows is None:
        return "rows in both were not counted"
    if not comparison.shared_rows:
        return "no row of the second stands in the first"
    fraction = format_percent(comparison.shared_rows / max(1, comparison.rows[1]))
    verb = "stands" if comparison.shared_rows == 1 else "stand"
    return f"{_rows(comparison.shared_rows)} of the second {verb} in the first too ({fraction})"


def render_comparison(comparison: TableComparison, provenance: Mapping[str, Any] | None = None) -> str:
    """The page of a comparison."""
    return render_template(
        "compare.html.jinja",
        "look.css",
        "explore.css",
        "compare.css",
        script="page.js",
        comparison=comparison,
        provenance=provenance or {},
        lines=comparison_lines(comparison),
        shifts=[_shift(item, comparison) for item in comparison.shifts],
    )


def _shift(shift: DistributionShift, comparison: TableComparison) -> dict[str, Any]:
    return {
        "shift": shift,
        "picture": shift_figure(shift),
        "numbers": _both_values(shift),
        "severity": ("high" if shift.distance >= 0.3 else "medium") if shift.is_significant else "low",
        "word": "moved" if shift.is_significant else "noise",
        "of": (comparison.first, comparison.second),
    }


def shift_figure(shift: DistributionShift) -> Markup | None:
    """Both tables in one small picture, or None where there is nothing to draw."""
    from tidynet.plot.svg_shift import shift_svg

    if shift.chart_counts is None:
        return None
    first, second = shift.chart_counts
    return trusted_markup(shift_svg(first, second, shift.column))


def _both_values(shift: DistributionShift) -> list[tuple[str, str, str]]:
    """What both tables have a number for: its name and the two values."""
    timely = shift.chart_counts is not None and getattr(shift.chart_counts[0], "scale", "") == "time"
    names = [name.removeprefix("first ") for name in shift.statistics if name.startswith("first ")]
    names = [name for name in names if name != "std" or not timely]
    say = format_datetime if timely else format_number
    result = [(name, say(shift.statistics[f"first {name}"]), say(shift.statistics[f"second {name}"])) for name in names]
    gaps = (
        [("missing", format_percent(shift.missing[0]), format_percent(shift.missing[1]))] if any(shift.missing) else []
    )
    return result + gaps
