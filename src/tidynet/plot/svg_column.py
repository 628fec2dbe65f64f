"""Small SVG figures of one column, and of one column in two tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tidynet.core.text import format_percent, pluralize
from tidynet.plot.labels import fit_labels
from tidynet.plot.svg_parts import (
    CHARACTER,
    REMARK,
    SVG_WIDTH,
    axis_fraction,
    css_color,
    remark_lines,
    svg_element,
    svg_fill,
    svg_text,
    value_axis,
)
from tidynet.plot.theme import escape_svg, fit_width
from tidynet.profiling import axis_scales as scales
from tidynet.profiling.counts import SCALE_NAMES, Bars, Histogram

_BAR, _BAR_PAIR = 17, 22  # height of a bar, and of a pair of bars, with the space between
_LABELS, _LETTERS = 98, 13.5  # width of the category labels, in units and in letters
_GUTTER, _SPIKE = 34, 14  # width of the place for a value that is drawn apart, and of its bar
_TOP, _BOTTOM, _HEIGHT = 17, 80, 98  # of a histogram
_MAX_CATEGORIES = 8


def column_svg(counts: Bars | Histogram, name: str) -> str:
    """The small figure of a column's counts as one ``<svg …>`` element.

    Parameters
    ----------
    counts : Bars or Histogram
    name : str
        The column, for the alternative text; escaped here.

    Examples
    --------
    >>> column_svg(Bars(("yes", "no"), (3, 1)), "admit")[:53]
    '<svg class="small" viewBox="0 0 240 36" role="img" ar'
    """
    return bars_svg(counts, name) if isinstance(counts, Bars) else _histogram_svg(counts, name)


def bars_svg(counts: Bars, name: str) -> str:
    """Horizontal bars with labels on the left and rows on the right."""
    rows = [(category, count, "base") for category, count in zip(counts.categories, counts.counts, strict=True)]
    if counts.other_categories:
        rows.append((pluralize(counts.other_categories, "other"), counts.other_rows, "muted"))
    largest = max((count for _, count, _ in rows), default=0) or 1
    width = SVG_WIDTH - _LABELS - 8 - CHARACTER * len(f"{largest:,}")
    body = []
    labels = fit_labels([category for category, _, _ in rows], _LETTERS)
    for index, (category, count, tone) in enumerate(rows):
        y, length = index * _BAR + 1, max(0.75, width * count / largest)
        title = f"{fit_width(category, 120)}: {pluralize(count, 'row')}, {count / counts.rows:.1%}"
        body.append(
            f"<g><title>{escape_svg(title)}</title>{svg_text(_LABELS - 5, y + 11.5, labels[index], 'end', 'ink')}"
            f'<rect x="{_LABELS}" y="{y + 1}" width="{length:.4g}" height="{_BAR - 4}" style="{svg_fill(tone)}"/>'
            f"{svg_text(_LABELS + length + 4, y + 11.5, f'{count:,}')}</g>"
        )
    return svg_element(body, len(rows) * _BAR + 2, counts.description(name))


def _histogram_svg(counts: Histogram, name: str) -> str:
    """Bars over an axis; a line shows how many rows the full height stands for."""
    top = scales.round_top(max(counts.counts))
    left = 0 if counts.spike is None else _GUTTER
    edges = _edge_positions(counts, left)
    body = [*_top_line(pluralize(top, "row"), left), *_spike(counts), f'<g style="{svg_fill("base")}">']
    for index, count in enumerate(counts.counts):
        if count:
            width = max(edges[index + 1] - edges[index] - 0.8, 0.8)
            height = max((_BOTTOM - _TOP) * count / top, 0.75)
            body.append(
                f'<rect x="{edges[index] + 0.4:.4g}" y="{_BOTTOM - height:.4g}" width="{width:.4g}"'
                f' height="{height:.4g}"><title>{counts.interval(index)}: {pluralize(count, "row")}</title></rect>'
            )
    body.append(f"</g>{_base_line(left)}")
    if counts.unit:
        body.append(svg_text(SVG_WIDTH, _TOP - 5, f"in {counts.unit}", "end"))
    body += value_axis(counts, _BOTTOM, left=left + 2)
    remarks = _remarks(counts)
    height = _HEIGHT + REMARK * len(remarks)
    return svg_element([*body, *remark_lines(remarks, _HEIGHT - 2)], height, counts.description(name))


def _remarks(counts: Histogram) -> list[str]:
    axis = [SCALE_NAMES[counts.scale]] if counts.scale in SCALE_NAMES else []
    return [*axis, *counts.remarks()]


def _spike(counts: Histogram) -> Iterator[str]:
    """The value that is drawn apart: a bar of full height, which has no scale in common with the others."""
    if counts.spike is None:
        return
    (label,) = scales.natural_labels([counts.spike])
    share = format_percent(counts.spike_rows / max(1, counts.rows))
    x = (_GUTTER - _SPIKE) / 2 - 2
    yield (
        f"<g><title>{label}: {pluralize(counts.spike_rows, 'row')}, {share}</title>"
        f'<rect x="{x:.4g}" y="{_TOP}" width="{_SPIKE}" height="{_BOTTOM - _TOP}" style="{svg_fill("second")}"/>'
        f"{svg_text(x + _SPIKE / 2, _BOTTOM + 14, fit_width(label, 5), 'middle')}"
        f'<path d="M0 {_BOTTOM}H{_GUTTER - 6}" style="stroke:{css_color("muted")}"/></g>'
    )


def shift_svg(first: Histogram | Bars, second: Histogram | Bars, name: str) -> str:
    """The fractions of the first table in gray and of the second in color, as one ``<svg …>`` element."""
    alt = f"First table: {first.description(name)} Second table: {second.description(name)}"
    if isinstance(first, Histogram) and isinstance(second, Histogram):
        remarks = _shift_remarks(first, second)
        body = [*_two_histograms(first, second), *remark_lines(remarks, _HEIGHT - 2)]
        return svg_element(body, _HEIGHT + REMARK * len(remarks), alt)
    assert isinstance(first, Bars) and isinstance(second, Bars)  # noqa: PT018
    rows = _largest_changes(first, second)
    return svg_element(_bar_pairs(rows), len(rows) * _BAR_PAIR + 2, alt)


def _shift_remarks(first: Histogram, second: Histogram) -> list[str]:
    """The scale of the axis, and the shares of rows beyond it."""
    axis = [SCALE_NAMES[first.scale]] if first.scale in SCALE_NAMES else []
    beyond = [(item.below + item.above) / max(1, item.rows) for item in (first, second)]
    if any(beyond):
        axis.append(f"off the axis: {format_percent(beyond[0])} of rows, then {format_percent(beyond[1])}")
    return axis


def _two_histograms(first: Histogram, second: Histogram) -> Iterator[str]:
    """Filled bars for the first table, an outline for the second."""
    fractions = [[count / max(1, item.rows) for count in item.counts] for item in (first, second)]
    top = max(max(part, default=0) for part in fractions) or 1.0
    edges = _edge_positions(first)
    scale = (_BOTTOM - _TOP) / top
    yield from _top_line(f"{100 * top:.3g}% of the rows")
    for index, (before, after) in enumerate(zip(*fractions, strict=False)):
        left, right = edges[index : index + 2]
        yield (
            f"<g><title>{escape_svg(first.interval(index))}: {before:.1%}, then {after:.1%}</title>"
            f'<rect x="{left:.4g}" y="{_BOTTOM - scale * before:.4g}" width="{max(right - left - 0.6, 0.6):.4g}"'
            f' height="{scale * before:.4g}" style="{svg_fill("muted")};opacity:.45"/></g>'
        )
    steps = "".join(
        f"V{_BOTTOM - scale * after:.4g}H{right:.4g}" for right, after in zip(edges[1:], fractions[1], strict=False)
    )
    outline = f"fill:none;stroke:{css_color('base')};stroke-width:2"
    yield f'<path d="M{edges[0]:.4g} {_BOTTOM}{steps}V{_BOTTOM}" style="{outline}"/>{_base_line()}'
    # The labels cover the range of both tables.
    both = replace(first, low=min(first.low, second.low), high=max(first.high, second.high))
    yield from value_axis(both, _BOTTOM)


def _edge_positions(counts: Histogram, left: int = 0) -> list[float]:
    return [left + 2 + (SVG_WIDTH - left - 4) * axis_fraction(counts, edge) for edge in counts.edges]


def _top_line(label: str, left: int = 0) -> Iterator[str]:
    yield f'<path d="M{left} {_TOP}H{SVG_WIDTH}" style="stroke:{css_color("grid")}"/>'
    yield svg_text(left, _TOP - 5, label)


def _base_line(left: int = 0) -> str:
    return f'<path d="M{left} {_BOTTOM}H{SVG_WIDTH}" style="stroke:{css_color("muted")}"/>'


def _largest_changes(first: Bars, second: Bars) -> list[tuple[str, float, float]]:
    """The categories whose fractions differ most, in the order of the bars, with both fractions."""
    counts = [dict(zip(item.categories, item.counts, strict=True)) for item in (first, second)]
    rows = [max(1, first.rows), max(1, second.rows)]
    categories = dict.fromkeys((*first.categories, *second.categories))
    pairs = [(name, counts[0].get(name, 0) / rows[0], counts[1].get(name, 0) / rows[1]) for name in categories]
    largest = sorted(pairs, key=lambda pair: -abs(pair[1] - pair[2]))[:_MAX_CATEGORIES]
    return [pair for pair in pairs if pair in largest]


def _bar_pairs(rows: list[tuple[str, float, float]]) -> Iterator[str]:
    top = max((max(before, after) for _, before, after in rows), default=0) or 1.0
    width = SVG_WIDTH - _LABELS - 48
    labels = fit_labels([category for category, _, _ in rows], _LETTERS)
    for index, (category, before, after) in enumerate(rows):
        y = index * _BAR_PAIR + 2
        lengths = [max(0.75, width * fraction / top) for fraction in (before, after)]
        yield (
            f"<g><title>{escape_svg(fit_width(category, 120))}: {before:.1%}, then {after:.1%}</title>"
            f"{svg_text(_LABELS - 5, y + 13, labels[index], 'end', 'ink')}"
            f'<rect x="{_LABELS}" y="{y + 1}" width="{lengths[0]:.4g}" height="8" '
            f'style="{svg_fill("muted")};opacity:.45"/>'
            f'<rect x="{_LABELS}" y="{y + 10}" width="{lengths[1]:.4g}" height="8" style="{svg_fill("base")}"/>'
            f"{svg_text(_LABELS + lengths[1] + 4, y + 18, f'{after:.1%}')}</g>"
        )
