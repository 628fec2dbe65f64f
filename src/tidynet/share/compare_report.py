"""The comparison of two tables as one HTML file: what moved first, each shift with both tables in one picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tidynet.look.compare import Comparison
from tidynet.look.shifts import Shift
from tidynet.share.explore_words import moment_words, number_words
from tidynet.share.page import our_markup, percentage, rendered

if TYPE_CHECKING:
    from markupsafe import Markup

__all__ = ["comparison_lines", "render_comparison"]


def comparison_lines(comparison: Comparison) -> tuple[str, ...]:
    """The comparison in a few lines: rows, columns, kinds, shifts, rows in both.

    Examples
    --------
    >>> from tidynet.look.compare import compare
    >>> for line in comparison_lines(compare({"a": [1, 2]}, {"a": [1, 2], "b": [3, 4]})):
    ...     print(line)
    table (first): 2 rows, table (second): 2 rows; 1 column compared
    1 added ('b'), none dropped, none of another kind
    none of them moved beyond noise
    2 rows of the second stand in the first too (100%)
    """
    moved = sum(shift.beyond_noise for shift in comparison.shifts)
    first, second = comparison.rows
    shared = len(comparison.shifts)
    return (
        f"{comparison.first}: {_rows(first)}, {comparison.second}: {_rows(second)}; {_columns(shared)} compared",
        f"{_some(comparison.added)} added{_named(comparison.added)}, "
        f"{_some(comparison.dropped)} dropped{_named(comparison.dropped)}, {_some(comparison.kinds)} of another kind",
        f"{_some([0] * moved)} of them moved beyond noise" if shared else "nothing to compare",
        _overlap(comparison),
    )


def _rows(count: int) -> str:
    return f"{count:,} {'row' if count == 1 else 'rows'}"


def _columns(count: int) -> str:
    return f"{count:,} {'column' if count == 1 else 'columns'}"


def _some(things: Any) -> str:
    return f"{len(things):,}" if things else "none"


def _named(columns: tuple[str, ...]) -> str:
    from tidynet.errors import listed

    return f" ({listed(columns, 4)})" if columns else ""


def _overlap(comparison: Comparison) -> str:
    if comparison.rows_in_both is None:
        return "rows in both were not counted"
    if not comparison.rows_in_both:
        return "no row of the second stands in the first"
    share = percentage(comparison.rows_in_both / max(1, comparison.rows[1]))
    verb = "stands" if comparison.rows_in_both == 1 else "stand"
    return f"{_rows(comparison.rows_in_both)} of the second {verb} in the first too ({share})"


def render_comparison(comparison: Comparison, made: Mapping[str, Any] | None = None) -> str:
    """The page of a comparison.

    Parameters
    ----------
    comparison : Comparison
    made : mapping, optional
        How it was made: version, command, date.

    Returns
    -------
    str
        A whole HTML document; every text of the user's is escaped.
    """
    return rendered(
        "compare.html.jinja",
        "look.css",
        "explore.css",
        "compare.css",
        script="page.js",
        comparison=comparison,
        made=made or {},
        lines=comparison_lines(comparison),
        shifts=[_shift(one, comparison) for one in comparison.shifts],
    )


def _shift(shift: Shift, comparison: Comparison) -> dict[str, Any]:
    return {
        "shift": shift,
        "picture": shift_picture(shift),
        "numbers": _both(shift),
        "severity": ("high" if shift.distance >= 0.3 else "medium") if shift.beyond_noise else "low",
        "word": "moved" if shift.beyond_noise else "noise",
        "of": (comparison.first, comparison.second),
    }


def shift_picture(shift: Shift) -> Markup | None:
    """Both tables in one small picture, or None where there is nothing to draw."""
    from tidynet.plot.small_shift import small_shift

    if shift.pictures is None:
        return None
    first, second = shift.pictures
    return our_markup(small_shift(first, second, shift.column))


def _both(shift: Shift) -> list[tuple[str, str, str]]:
    """What both tables have a number for: its name and the two values."""
    timely = shift.pictures is not None and getattr(shift.pictures[0], "scale", "") == "time"
    names = [name.removeprefix("first ") for name in shift.numbers if name.startswith("first ")]
    names = [name for name in names if name != "deviation" or not timely]
    say = moment_words if timely else number_words
    found = [(name, say(shift.numbers[f"first {name}"]), say(shift.numbers[f"second {name}"])) for name in names]
    gaps = [("missing", percentage(shift.missing[0]), percentage(shift.missing[1]))] if any(shift.missing) else []
    return found + gaps
