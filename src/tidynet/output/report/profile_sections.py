"""The parts of a page that show a profile, as plain data for the templates.

Charts are small SVG drawn from the profile's counts, so that 1,000 columns take seconds and few megabytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tidynet.core.text import format_number, format_percent
from tidynet.output.report.explore_text import (
    format_evidence,
    format_statistic,
    key_statistics,
    uncertainty_measure_name,
)
from tidynet.output.report.html_page import trusted_markup
from tidynet.profiling.counts import Bars
from tidynet.profiling.equivalent_columns import repeated_columns
from tidynet.profiling.profile import ColumnProfile, Finding, PairCounts, PairProfile, Profile, TargetAssociation

if TYPE_CHECKING:
    from markupsafe import Markup

__all__ = [
    "MAX_ASSOCIATIONS",
    "MAX_ASSOCIATION_CHARTS",
    "MAX_FINDINGS",
    "MAX_PAIRS",
    "N_OPEN_PAIRS",
    "column_figure",
    "make_profile_sections",
]

_MAX_FINDING_CHARTS = 10  # further findings are a folded list
MAX_FINDINGS = MAX_ASSOCIATIONS = 300
MAX_ASSOCIATION_CHARTS = 9
MAX_PAIRS, N_OPEN_PAIRS = 24, 6  # further pairs are folded
_SEASONS = {
    "weekday": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "month": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
}
_MAX_BARS = 7  # of a column's chart
_MAX_MISSING = 20  # columns and patterns in the section on missing values
_TABLE_STATISTICS = ("min", "25%", "median", "mean", "75%", "max")


def make_profile_sections(profile: Profile) -> dict[str, Any]:
    """The parts of a page that show a profile, by the names that the templates use."""
    repeated = repeated_columns(profile.pairs, (column.name for column in profile.columns))
    different = [pair for pair in profile.pairs if not {pair.x, pair.y} & repeated.keys()]
    pairs = [pair for pair in different if pair.is_significant][:MAX_PAIRS]
    findings = [_finding(item, profile, figure=n < _MAX_FINDING_CHARTS) for n, item in enumerate(profile.findings)]
    return {
        "profile": profile,
        "column_index": {column.name: index for index, column in enumerate(profile.columns)},
        "findings": findings[:_MAX_FINDING_CHARTS],
        "folded_findings": findings[_MAX_FINDING_CHARTS:MAX_FINDINGS],
        "n_omitted_findings": max(0, len(findings) - MAX_FINDINGS),
        "target_profile": _target(profile, repeated),
        "columns": _columns(profile),
        "table_statistics": _TABLE_STATISTICS,
        "pairs": [_pair(pair) for pair in pairs],
        "n_open_pairs": N_OPEN_PAIRS,
        "n_weaker_pairs": len(different) - len(pairs),
        "repeated": list(repeated.items()),
        "missing": _missing(profile),
        "approximations": sorted({item for column in profile.columns for item in column.approximation_errors.items()}),
    }


def _finding(finding: Finding, profile: Profile, *, figure: bool) -> dict[str, Any]:
    return {
        "severity": finding.severity,
        "statement": finding.statement,
        "evidence": format_evidence(finding.evidence),
        "action": finding.action,
        "call": finding.call,
        "columns": finding.columns,
        "example_columns": list(finding.examples),
        "example_rows": [
            (finding.rows[index] + 1 if finding.rows else None, cells)
            for index, cells in enumerate(zip(*finding.examples.values(), strict=True))
        ],
        "figure": _finding_figure(finding, profile) if figure else None,
    }


def _finding_figure(finding: Finding, profile: Profile) -> Markup | None:
    """The chart of the first two columns of a finding where their cells were counted, else of the first alone."""
    if len(finding.columns) > 1 and "missing" in finding.code:
        return _missing_svg([item for item in profile.columns if item.name in finding.columns], 8)
    if len(finding.columns) in (2, 3):  # one fact about a pair, perhaps within groups; more are many facts in one
        both = set(finding.columns[:2])
        for pair in profile.pairs:
            if {pair.x, pair.y} == both and pair.chart_counts is not None:
                return _pair_svg(pair.chart_counts, pair.x, pair.y)
        for item in profile.target_associations:
            if {item.column, profile.target} == both and item.chart_counts is not None:
                return _pair_svg(item.chart_counts, item.column, str(profile.target))
    known = [item for item in profile.columns if item.name in finding.columns[:1]]
    return column_figure(known[0]) if known else None


def _columns(profile: Profile) -> list[dict[str, Any]]:
    findings: dict[str, list[Finding]] = {}
    for item in profile.findings:
        for name in item.columns:
            findings.setdefault(name, []).append(item)
    explained = {item.column: item.explained_share for item in profile.target_associations}
    return [_column(item, findings.get(item.name, ()), explained.get(item.name, 0.0)) for item in profile.columns]


def _column(column: ColumnProfile, findings: Sequence[Finding], explained: float) -> dict[str, Any]:
    known = [name if name in column.statistics else None for name in _TABLE_STATISTICS]
    return {
        "name": column.name,
        "variable_type": column.variable_type,
        "type_reason": column.type_reason,
        "rows": column.rows,
        "missing": column.missing,
        "distinct": column.distinct,
        "explained": explained,
        "categories": [(name, rows, format_percent(rows / max(1, column.rows))) for name, rows in column.categories],
        "properties": column.properties,
        "similar_spellings": column.similar_spellings,
        "figure": column_figure(column),
        "key_statistics": key_statistics(column),
        "statistics": [(name, format_statistic(column, name)) for name in column.statistics],
        "in_table": [name and (format_statistic(column, name), column.statistics[name]) for name in known],
        "findings": findings,
        "seasons": [_season_svg(season, rows, column.name) for season, rows in column.seasonal_counts.items()],
    }


def _target(profile: Profile, repeated: Mapping[str, str]) -> dict[str, Any] | None:
    if profile.target is None:
        return None
    column, shown = profile[profile.target], profile.target_associations[:MAX_ASSOCIATIONS]
    drawn = [item.column for item in shown if item.chart_counts is not None and item.column not in repeated]
    drawn = drawn[:MAX_ASSOCIATION_CHARTS]
    span = (0.0, max([0.05, *(min(item.ci_high, 1.0) for item in shown)]))
    return {
        "name": profile.target,
        "variable_type": column.variable_type,
        "type_reason": column.type_reason,
        "measure": uncertainty_measure_name(column),
        "figure": column_figure(column),
        "associations": [
            {
                "column": item.column,
                "explained": format_percent(max(item.explained_share, 0.0)),
                "interval": f"{format_percent(max(item.ci_low, 0.0))} to {format_percent(max(item.ci_high, 0.0))}",
                "interval_figure": _interval_svg(item, span),
                "figure": _pair_svg(item.chart_counts, item.column, profile.target)
                if item.chart_counts is not None and item.column in drawn
                else None,
            }
            for item in shown
        ],
    }


def _pair(pair: PairProfile) -> dict[str, Any]:
    return {
        "x": pair.x,
        "y": pair.y,
        "rows": pair.rows,
        "association": f"{pair.association:.2f}",
        "noise_level": f"{pair.noise_level:.2f}",
        "measures": [(name, format_number(value)) for name, value in pair.measures.items()],
        "figure": None if pair.chart_counts is None else _pair_svg(pair.chart_counts, pair.x, pair.y),
    }


def _missing(profile: Profile) -> dict[str, Any]:
    columns = [item for item in profile.columns if item.missing]
    patterns = [
        (rows, format_percent(rows / max(1, profile.rows)), names) for names, rows in profile.missing_patterns if names
    ]
    return {
        "figure": _missing_svg(columns, _MAX_MISSING) if columns else None,
        "n_more_columns": max(0, len(columns) - _MAX_MISSING),
        "patterns": patterns[:_MAX_MISSING],
        "n_more_patterns": max(0, len(profile.missing_patterns) - _MAX_MISSING),
    }


# Charts ----------------------------------------------------------------------------------------


def column_figure(column: ColumnProfile) -> Markup | None:
    """The small chart of one column; None where there is nothing to draw."""
    from tidynet.plot.svg_column import column_svg

    counts = column.chart_counts
    if counts is None:
        return None
    if isinstance(counts, Bars) and column.variable_type != "ordinal":
        counts = _first_bars(counts)
    return trusted_markup(column_svg(counts, column.name))


def _first_bars(counts: Bars) -> Bars:
    """The most frequent categories; the list of categories holds more of them."""
    if len(counts.categories) + bool(counts.other_categories) <= _MAX_BARS:
        return counts
    shown = _MAX_BARS - 1
    return replace(
        counts,
        categories=counts.categories[:shown],
        counts=counts.counts[:shown],
        other_categories=counts.other_categories + len(counts.categories) - shown,
        other_rows=counts.other_rows + sum(counts.counts[shown:]),
    )


def _season_svg(season: str, rows: Sequence[int], name: str) -> Markup:
    """Rows by weekday, month or hour."""
    from tidynet.plot.svg_column import bars_svg

    labels = _SEASONS.get(season) or tuple(f"{hour}:00" for hour in range(len(rows)))
    return trusted_markup(bars_svg(Bars(labels, tuple(rows)), f"{name} by {season}"))


def _missing_svg(columns: Sequence[ColumnProfile], limit: int) -> Markup:
    from tidynet.plot.svg_column import bars_svg

    # No bar for all others together: it would dwarf those with a name.
    most = sorted(columns, key=lambda item: -item.missing)[:limit]
    counts = Bars(tuple(item.name for item in most), tuple(item.missing for item in most))
    return trusted_markup(bars_svg(counts, "missing values by column"))


def _interval_svg(item: TargetAssociation, span: tuple[float, float]) -> Markup:
    from tidynet.plot.interval_svg import small_interval

    fraction, low, high = (min(max(end, 0.0), span[1]) for end in (item.explained_share, item.ci_low, item.ci_high))
    return trusted_markup(small_interval(fraction, low, high, span, strong=item.ci_low > 0))


def _pair_svg(counts: PairCounts, x: str, y: str) -> Markup:
    from tidynet.plot.svg_pair import pair_svg

    return trusted_markup(pair_svg(counts, x, y))
