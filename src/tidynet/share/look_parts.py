"""What a page shows of a profile: findings, target, columns, pairs and gaps, with small pictures.

Both the explore report and the report of a training are made of these parts. Pictures are small SVG written
straight from the profile's counts, so that a thousand columns cost seconds and a few megabytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tidynet.look.counts import Bars
from tidynet.look.profile import ColumnProfile, Finding, PairCounts, PairProfile, Profile, TargetRelation
from tidynet.share.explore_words import column_number, evidence_words, key_numbers, number_words
from tidynet.share.page import our_markup, percentage

if TYPE_CHECKING:
    from markupsafe import Markup

__all__ = ["FINDINGS", "PAIRS", "PAIRS_OPEN", "RELATIONS", "RELATIONS_WITH_PICTURES", "column_picture", "look_parts"]

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


def look_parts(profile: Profile) -> dict[str, Any]:
    """The parts of a page that show a profile, by the names that the templates know them by.

    Parameters
    ----------
    profile : Profile
        What was seen of a table.
    """
    by_column = _findings_of_columns(profile.findings)
    told = {relation.column: relation.share for relation in profile.relations}
    pairs = [pair for pair in profile.pairs if pair.association > pair.noise_floor][:PAIRS]
    findings = [_finding(one, profile, picture=n < _FINDINGS_WITH_PICTURES) for n, one in enumerate(profile.findings)]
    return {
        "profile": profile,
        "place": {column.name: index for index, column in enumerate(profile.columns)},
        "shown": findings[:_FINDINGS_WITH_PICTURES],
        "listed": findings[_FINDINGS_WITH_PICTURES:FINDINGS],
        "left_out": max(0, len(findings) - FINDINGS),
        "about_target": _target(profile),
        "columns": [_column(one, by_column.get(one.name, []), told.get(one.name)) for one in profile.columns],
        "measured": [_measured(one, profile.rows) for one in profile.columns],
        "in_table": _IN_TABLE,
        "pairs": [_pair(pair) for pair in pairs],
        "pairs_open": PAIRS_OPEN,
        "more_pairs": len(profile.pairs) - len(pairs),
        "gaps": _gaps(profile),
        "approximate": _approximate(profile.columns),
    }


def _measured(column: ColumnProfile, rows: int) -> dict[str, Any]:
    """A column as one line of a table that sorts: each number in words beside its value."""
    level = column.levels[0] if column.levels else None
    return {
        "column": column,
        "numbers": [
            (column_number(column, name), column.numbers[name]) if name in column.numbers else None
            for name in _IN_TABLE
        ],
        "level": level and (level[0], percentage(level[1] / max(1, rows))),
    }


def _findings_of_columns(findings: Sequence[Finding]) -> dict[str, list[Finding]]:
    by_column: dict[str, list[Finding]] = {}
    for one in findings:
        for name in one.columns:
            by_column.setdefault(name, []).append(one)
    return by_column


def _finding(finding: Finding, profile: Profile, *, picture: bool) -> dict[str, Any]:
    return {
        "finding": finding,
        "evidence": evidence_words(finding.evidence),
        "picture": _finding_picture(finding, profile) if picture else None,
    }


def _finding_picture(finding: Finding, profile: Profile) -> Markup | None:
    """The picture of the first two columns of a finding where their cells were counted, else of the first alone."""
    if len(finding.columns) > 1 and "missing" in finding.code:
        return _missing_picture([one for one in profile.columns if one.name in finding.columns], 8)
    if len(finding.columns) in (2, 3):  # one fact about a pair, perhaps within groups; more are many facts in one
        both = set(finding.columns[:2])
        for pair in profile.pairs:
            if {pair.x, pair.y} == both and pair.picture is not None:
                return _pair_picture(pair.picture, pair.x, pair.y)
        for relation in profile.relations:
            if {relation.column, profile.target} == both and relation.picture is not None:
                return _pair_picture(relation.picture, relation.column, str(profile.target))
    known = [one for one in profile.columns if one.name in finding.columns[:1]]
    return column_picture(known[0]) if known else None


def _column(column: ColumnProfile, findings: Sequence[Finding], told: float | None) -> dict[str, Any]:
    return {
        "profile": column,
        "picture": column_picture(column),
        "key": key_numbers(column),
        "numbers": [(name, column_number(column, name)) for name in column.numbers],
        "findings": findings,
        "told": told,
        "seasons": [_season_picture(season, rows, column.name) for season, rows in column.seasons.items()],
    }


def _target(profile: Profile) -> dict[str, Any] | None:
    if profile.target is None:
        return None
    relations = profile.relations[:RELATIONS]
    span = (0.0, max([0.05, *(min(one.high, 1.0) for one in relations)]))
    return {
        "column": profile[profile.target],
        "picture": column_picture(profile[profile.target]),
        "relations": [
            {
                "relation": one,
                "interval": _interval(one, span),
                "picture": _pair_picture(one.picture, one.column, profile.target)
                if one.picture is not None and n < RELATIONS_WITH_PICTURES
                else None,
            }
            for n, one in enumerate(relations)
        ],
        "left_out": len(profile.relations) - len(relations),
    }


def _interval(relation: TargetRelation, span: tuple[float, float]) -> Markup:
    from tidynet.plot.intervals import small_interval

    share, low, high = (min(max(end, 0.0), span[1]) for end in (relation.share, relation.low, relation.high))
    return our_markup(small_interval(share, low, high, span, strong=relation.low > 0))


def _pair(pair: PairProfile) -> dict[str, Any]:
    return {
        "pair": pair,
        "measures": [(name, number_words(value)) for name, value in pair.measures.items()],
        "picture": None if pair.picture is None else _pair_picture(pair.picture, pair.x, pair.y),
    }


def _gaps(profile: Profile) -> dict[str, Any]:
    with_gaps = sorted((one for one in profile.columns if one.missing), key=lambda one: -one.missing)
    return {
        "columns": with_gaps,
        "picture": _missing_picture(with_gaps, _GAPS) if with_gaps else None,
        "more_columns": max(0, len(with_gaps) - _GAPS),
        "patterns": [(names, rows) for names, rows in profile.missing_patterns if names][:_GAPS],
        "more_patterns": max(0, len(profile.missing_patterns) - _GAPS),
    }


def _approximate(columns: Sequence[ColumnProfile]) -> list[tuple[str, str]]:
    """What was estimated, with its error, said once for all columns."""
    return sorted({(name, error) for one in columns for name, error in one.approximate.items()})


def column_picture(column: ColumnProfile) -> Markup | None:
    """The small picture of one column, or None where there is nothing to draw."""
    from tidynet.plot.small import small_picture

    counts = column.picture
    if counts is None:
        return None
    if isinstance(counts, Bars) and column.kind != "ordinal":
        counts = _first_bars(counts)
    return our_markup(small_picture(counts, column.name))


def _first_bars(counts: Bars) -> Bars:
    """The most frequent levels alone; the list of levels holds more of them."""
    if len(counts.levels) + bool(counts.other_levels) <= _BARS:
        return counts
    kept = _BARS - 1
    return replace(
        counts,
        levels=counts.levels[:kept],
        counts=counts.counts[:kept],
        other_levels=counts.other_levels + len(counts.levels) - kept,
        other_rows=counts.other_rows + sum(counts.counts[kept:]),
    )


def _season_picture(season: str, rows: Sequence[int], name: str) -> Markup:
    """Rows by weekday, month or hour, each under its name."""
    from tidynet.plot.small import small_bars

    labels = _SEASONS.get(season, [f"{place}:00" for place in range(len(rows))])
    return our_markup(small_bars(Bars(tuple(labels), tuple(rows)), f"{name} by {season}"))


def _missing_picture(columns: Sequence[ColumnProfile], most: int) -> Markup:
    from tidynet.plot.small import small_bars

    # No bar for all others together: it would dwarf the ones that have names.
    shown = sorted(columns, key=lambda one: -one.missing)[:most]
    counts = Bars(tuple(one.name for one in shown), tuple(one.missing for one in shown))
    return our_markup(small_bars(counts, "missing cells by column"))


def _pair_picture(counts: PairCounts, x: str, y: str) -> Markup:
    from tidynet.plot.small_pair import small_pair

    return our_markup(small_pair(counts, x, y))
