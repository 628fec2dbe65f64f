"""What a page shows of a profile: findings, target, columns, pairs and gaps, with small pictures.

Both the explore report and the report of a training are made of these parts. Pictures are small SVG written
straight from the profile's counts, so that a thousand columns cost seconds and a few megabytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tidynet.output.report.explore_text import format_evidence, format_number, format_statistic, key_statistics
from tidynet.output.report.html_page import format_percent, trusted_markup
from tidynet.profiling.counts import Bars
from tidynet.profiling.profile import ColumnProfile, Finding, PairCounts, PairProfile, Profile, TargetAssociation

if TYPE_CHECKING:
    from markupsafe import Markup

__all__ = [
    "FINDINGS",
    "PAIRS",
    "PAIRS_OPEN",
    "RELATIONS",
    "RELATIONS_WITH_PICTURES",
    "column_svg",
    "make_profile_sections",
]

_FINDINGS_WITH_PICTURES = 10  # the rest are a list, one click away
FINDINGS = 300
RELATIONS_WITH_PICTURES = 9
RELATIONS = 300
PAIRS, PAIRS_OPEN = 24, 6  # those beyond are folded
_SEASONS = {
    "weekday": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    "month": [
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ],
}
_BARS = 7  # of a column's picture
_GAPS = 20  # columns and patterns in the section on missing values
_IN_TABLE = ("min", "25%", "median", "mean", "75%", "max")


def make_profile_sections(profile: Profile) -> dict[str, Any]:
    """The parts of a page that show a profile, by the names that the templates know them by."""
    by_column = _findings_of_columns(profile.findings)
    finding_columns = {relation.column: relation.explained_share for relation in profile.target_associations}
    pairs = [pair for pair in profile.pairs if pair.association > pair.noise_level][:PAIRS]
    findings = [_finding(item, profile, figure=n < _FINDINGS_WITH_PICTURES) for n, item in enumerate(profile.findings)]
    return {
        "profile": profile,
        "place": {column.name: index for index, column in enumerate(profile.columns)},
        "shown": findings[:_FINDINGS_WITH_PICTURES],
        "listed": findings[_FINDINGS_WITH_PICTURES:FINDINGS],
        "left_out": max(0, len(findings) - FINDINGS),
        "about_target": _target(profile),
        "columns": [
            _column(item, by_column.get(item.name, []), finding_columns.get(item.name)) for item in profile.columns
        ],
        "measured": [_measured(item, profile.rows) for item in profile.columns],
        "in_table": _IN_TABLE,
        "pairs": [_pair(pair) for pair in pairs],
        "pairs_open": PAIRS_OPEN,
        "more_pairs": len(profile.pairs) - len(pairs),
        "gaps": _missing_section(profile),
        "approximate": _approximation_note(profile.columns),
    }


def _measured(column: ColumnProfile, rows: int) -> dict[str, Any]:
    """A column as one line of a table that sorts: each number in words beside its value."""
    level = column.categories[0] if column.categories else None
    return {
        "column": column,
        "numbers": [
            (format_statistic(column, name), column.statistics[name]) if name in column.statistics else None
            for name in _IN_TABLE
        ],
        "level": level and (level[0], format_percent(level[1] / max(1, rows))),
    }


def _findings_of_columns(findings: Sequence[Finding]) -> dict[str, list[Finding]]:
    by_column: dict[str, list[Finding]] = {}
    for item in findings:
        for name in item.columns:
            by_column.setdefault(name, []).append(item)
    return by_column


def _finding(finding: Finding, profile: Profile, *, figure: bool) -> dict[str, Any]:
    return {
        "finding": finding,
        "evidence": format_evidence(finding.evidence),
        "picture": _finding_picture(finding, profile) if figure else None,
    }


def _finding_picture(finding: Finding, profile: Profile) -> Markup | None:
    """The picture of the first two columns of a finding where their cells were counted, else of the first alone."""
    if len(finding.columns) > 1 and "missing" in finding.code:
        return _missing_picture([item for item in profile.columns if item.name in finding.columns], 8)
    if len(finding.columns) in (2, 3):  # one fact about a pair, perhaps within groups; more are many facts in one
        both = set(finding.columns[:2])
        for pair in profile.pairs:
            if {pair.x, pair.y} == both and pair.chart_counts is not None:
                return _pair_svg(pair.chart_counts, pair.x, pair.y)
        for relation in profile.target_associations:
            if {relation.column, profile.target} == both and relation.chart_counts is not None:
                return _pair_svg(relation.chart_counts, relation.column, str(profile.target))
    known = [item for item in profile.columns if item.name in finding.columns[:1]]
    return column_svg(known[0]) if known else None


def _column(column: ColumnProfile, findings: Sequence[Finding], finding_columns: float | None) -> dict[str, Any]:
    return {
        "profile": column,
        "picture": column_svg(column),
        "key": key_statistics(column),
        "numbers": [(name, format_statistic(column, name)) for name in column.statistics],
        "findings": findings,
        "told": finding_columns,
        "seasons": [_season_picture(season, rows, column.name) for season, rows in column.seasonal_counts.items()],
    }


def _target(profile: Profile) -> dict[str, Any] | None:
    if profile.target is None:
        return None
    relations = profile.target_associations[:RELATIONS]
    span = (0.0, max([0.05, *(min(item.ci_high, 1.0) for item in relations)]))
    return {
        "column": profile[profile.target],
        "picture": column_svg(profile[profile.target]),
        "relations": [
            {
                "relation": item,
                "interval": _interval(item, span),
                "picture": _pair_svg(item.chart_counts, item.column, profile.target)
                if item.chart_counts is not None and n < RELATIONS_WITH_PICTURES
                else None,
            }
            for n, item in enumerate(relations)
        ],
        "left_out": len(profile.target_associations) - len(relations),
    }


def _interval(relation: TargetAssociation, span: tuple[float, float]) -> Markup:
    from tidynet.plot.interval_svg import small_interval

    fraction, low, high = (
        min(max(end, 0.0), span[1]) for end in (relation.explained_share, relation.ci_low, relation.ci_high)
    )
    return trusted_markup(small_interval(fraction, low, high, span, strong=relation.ci_low > 0))


def _pair(pair: PairProfile) -> dict[str, Any]:
    return {
        "pair": pair,
        "measures": [(name, format_number(value)) for name, value in pair.measures.items()],
        "picture": None if pair.chart_counts is None else _pair_svg(pair.chart_counts, pair.x, pair.y),
    }


def _missing_section(profile: Profile) -> dict[str, Any]:
    with_gaps = sorted((item for item in profile.columns if item.missing), key=lambda item: -item.missing)
    return {
        "columns": with_gaps,
        "picture": _missing_picture(with_gaps, _GAPS) if with_gaps else None,
        "more_columns": max(0, len(with_gaps) - _GAPS),
        "patterns": [(names, rows) for names, rows in profile.missing_patterns if names][:_GAPS],
        "more_patterns": max(0, len(profile.missing_patterns) - _GAPS),
    }


def _approximation_note(columns: Sequence[ColumnProfile]) -> list[tuple[str, str]]:
    """What was estimated, with its error, said once for all columns."""
    return sorted({(name, error) for item in columns for name, error in item.approximation_errors.items()})


def column_svg(column: ColumnProfile) -> Markup | None:
    """The small picture of one column, or None where there is nothing to draw."""
    from tidynet.plot.svg_column import column_svg

    counts = column.chart_counts
    if counts is None:
        return None
    if isinstance(counts, Bars) and column.variable_type != "ordinal":
        counts = _first_bars(counts)
    return trusted_markup(column_svg(counts, column.name))


def _first_bars(counts: Bars) -> Bars:
    """The most frequent levels alone; the list of levels holds more of them."""
    if len(counts.categories) + bool(counts.other_categories) <= _BARS:
        return counts
    stored = _BARS - 1
    return replace(
        counts,
        categories=counts.categories[:stored],
        counts=counts.counts[:stored],
        other_categories=counts.other_categories + len(counts.categories) - stored,
        other_rows=counts.other_rows + sum(counts.counts[stored:]),
    )


def _season_picture(season: str, rows: Sequence[int], name: str) -> Markup:
    """Rows by weekday, month or hour, each under its name."""
    from tidynet.plot.svg_column import bars_svg

    labels = _SEASONS.get(season, [f"{index}:00" for index in range(len(rows))])
    return trusted_markup(bars_svg(Bars(tuple(labels), tuple(rows)), f"{name} by {season}"))


def _missing_picture(columns: Sequence[ColumnProfile], max_count: int) -> Markup:
    from tidynet.plot.svg_column import bars_svg

    # No bar for all others together: it would dwarf the ones that have names.
    display_text = sorted(columns, key=lambda item: -item.missing)[:max_count]
    counts = Bars(tuple(item.name for item in display_text), tuple(item.missing for item in display_text))
    return trusted_markup(bars_svg(counts, "missing cells by column"))


def _pair_svg(counts: PairCounts, x: str, y: str) -> Markup:
    from tidynet.plot.svg_pair import pair_svg

    return trusted_markup(pair_svg(counts, x, y))
