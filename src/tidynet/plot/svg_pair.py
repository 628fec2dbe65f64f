"""Small SVG figures of two columns from the counts of their cells.

Two numeric columns: shaded cells. A numeric and a categorical column: a histogram for each category over one axis.
Two categorical columns: shaded cells with counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from tidynet.core.text import format_percent, pluralize
from tidynet.plot.labels import fit_labels, text_width
from tidynet.plot.rebin import cell_array, labels_of, rebin
from tidynet.plot.shading import BEHIND_TEXT, SHADES, by_logarithm, shades
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
from tidynet.profiling.axis_choice import from_scale, to_scale
from tidynet.profiling.axis_scales import format_tick
from tidynet.profiling.counts import SCALE_NAMES, Bars, CategorySummary, Histogram
from tidynet.profiling.profile import PairCounts

Floats = npt.NDArray[np.float64]

_MAX_CATEGORIES = 8
_TOP, _BOTTOM = 17, 125  # of the cells of two numeric columns
_LABELS, _LETTERS = 90, 12.3  # width of the labels, in units and in letters
_GUTTER = 36  # width of the shares of a value that stands apart
_RIDGE, _CELL = 24, 18  # height of a histogram, height of a cell


def pair_svg(pair: PairCounts, x_name: str, y_name: str) -> str:
    """The small figure of two columns as one ``<svg …>`` element.

    Parameters
    ----------
    pair : PairCounts
        Rows in each cell.
    x_name, y_name : str
        The columns; escaped here.

    Examples
    --------
    >>> answers = Bars(("yes", "no"), (3, 1))
    >>> pair_svg(PairCounts(answers, answers, ((3, 0), (0, 1))), "admit", "went")[:54]
    '<svg class="small" viewBox="0 0 240 68" role="img" ari'
    """
    pair = rebin(pair, 24, 16)
    x, y, cells = pair.x, pair.y, cell_array(pair)
    alt = f"{fit_width(y_name, 80)} against {fit_width(x_name, 80)}, {pluralize(cells.sum(), 'row')}."
    if isinstance(x, Histogram) and isinstance(y, Histogram):
        remarks = [*_remarks(x, x_name), *_remarks(y, y_name)]
        return _with_remarks(_squares(x, y, cells, x_name, y_name), _BOTTOM + 29, remarks, alt)
    if isinstance(x, Bars) and isinstance(y, Bars):
        return _crosstab_svg(x, y, cells, alt)
    if isinstance(x, Histogram):
        x, y, cells, y_name = y, x, cells.T, x_name
    assert isinstance(x, Bars) and isinstance(y, Histogram)  # noqa: PT018
    height = _RIDGE * min(len(cells), _MAX_CATEGORIES) + 33
    remarks = [*_ridge_remarks(y), *_more_categories(len(cells)), *_remarks(y, y_name)]
    return _with_remarks(_ridgelines(x, y, cells, pair.summaries, y_name), height, remarks, alt)


def _with_remarks(body: Iterable[str], height: float, remarks: list[str], alt: str) -> str:
    full_alt = " ".join([alt, *(f"{remark[0].upper()}{remark[1:]}." for remark in remarks)])
    return svg_element([*body, *remark_lines(remarks, height - 1)], height + REMARK * len(remarks), full_alt)


def _ridge_remarks(counts: Histogram) -> Iterator[str]:
    if counts.spike is not None:
        value = format_tick(counts.spike)
        yield f"percentages: rows that are {value}"
        yield f"line: median of all, if not {value}"
    else:
        yield "line: median"


def _remarks(counts: Histogram, name: str) -> Iterator[str]:
    """The scale of an axis, and the rows beyond it."""
    subject = fit_width(name, 14)
    if counts.scale in SCALE_NAMES:
        yield f"{subject}: {SCALE_NAMES[counts.scale]}"
    if beyond := counts.below + counts.above:
        yield f"{subject}: end bins hold {pluralize(beyond, 'row')} beyond"


def _more_categories(number: int) -> Iterator[str]:
    if number > _MAX_CATEGORIES:
        yield f"{number - _MAX_CATEGORIES} more categories not shown"


def _squares(x: Histogram, y: Histogram, cells: Floats, x_name: str, y_name: str) -> Iterator[str]:
    ticks = y.ticks(3)
    left = 8 + CHARACTER * max(3.0, *(text_width(label) for _, label in ticks))
    across = [left + (SVG_WIDTH - left - 2) * axis_fraction(x, edge) for edge in x.edges]
    down = [_BOTTOM - (_BOTTOM - _TOP) * axis_fraction(y, edge) for edge in y.edges]
    shade_of = shades(by_logarithm(cells))
    for shade, opacity in enumerate(SHADES, start=1):
        runs = "".join(
            f"M{across[i]:.4g} {down[j]:.4g}V{down[end]:.4g}H{across[i + 1]:.4g}V{down[j]:.4g}z"
            for i in range(len(cells))
            for j, end in _runs(shade_of[i] == shade)
        )
        if runs:
            yield f'<path d="{runs}" style="{svg_fill("base")};fill-opacity:{opacity}"/>'
    yield f'<path d="M{left:.4g} {_BOTTOM}H{SVG_WIDTH}" style="stroke:{css_color("muted")}"/>'
    yield svg_text(0, 10, fit_width(y_name, 34), tone="ink")
    for value, label in ticks:
        height = _BOTTOM - (_BOTTOM - _TOP) * axis_fraction(y, value)
        yield svg_text(left - 4, min(max(height + 4, _TOP + 8), _BOTTOM), label, "end")
    yield from _named_axis(x, left, _BOTTOM, x_name)


def _named_axis(counts: Histogram, left: float, y: int, name: str) -> Iterator[str]:
    yield from value_axis(counts, y, left=left, overhang=16, max_count=4)
    (label,) = fit_labels([name], (SVG_WIDTH - left) / CHARACTER)
    yield svg_text((left + SVG_WIDTH) / 2, y + 27, label, "middle", "ink")


def _ridgelines(
    categories: Bars, values: Histogram, cells: Floats, summaries: Sequence[CategorySummary | None], name: str
) -> Iterator[str]:
    start = _LABELS + (0 if values.spike is None else _GUTTER)
    width = SVG_WIDTH - start - 2
    across = [start + width * axis_fraction(values, edge) for edge in values.edges]
    bins, apart = cells[:, : len(values.counts)], cells[:, len(values.counts) :].sum(axis=1)
    bottom = 2
    labels = labels_of(categories, len(cells))[:_MAX_CATEGORIES]
    for index, (label, fitted) in enumerate(zip(labels, fit_labels(labels, _LETTERS), strict=True)):
        rows, total = bins[index], int(cells[index].sum())
        bottom += _RIDGE
        title = f"{fit_width(label, 120)}: {pluralize(total, 'row')}"
        yield f"<g><title>{escape_svg(title)}</title>"
        yield svg_text(_LABELS - 5, bottom - 5, fitted, "end", "ink")
        # Each histogram has its own scale: positions are compared, not counts.
        heights = (_RIDGE - 4) * rows / max(rows.max(initial=0), 1)
        if rows.any():
            steps = "".join(f"V{bottom - h:.4g}H{right:.4g}" for h, right in zip(heights, across[1:], strict=True))
            outline = f"M{across[0]:.4g} {bottom}{steps}V{bottom}z"
            yield f'<path d="{outline}" style="{svg_fill("base")};fill-opacity:.75"/>'
        if values.spike is not None and total:
            yield svg_text(start - 6, bottom - 5, _short_percent(apart[index] / total), "end", "second")
        median = _median(values, rows, apart[index], summaries[index] if index < len(summaries) else None)
        if median is not None and (values.spike is None or median != values.spike):
            x = start + width * axis_fraction(values, median)
            yield f'<path d="M{x:.4g} {bottom}v{4 - _RIDGE}" style="stroke:{css_color("second")};stroke-width:2"/>'
        yield f'<path d="M{start} {bottom}H{SVG_WIDTH}" style="stroke:{css_color("grid")}"/></g>'
    unit = f" ({values.unit})" if values.unit else ""
    yield from _named_axis(values, start, bottom, f"{name}{unit}")


def _short_percent(share: float) -> str:
    """A whole percentage; 0% and 100% are exact."""
    if 0 < share < 0.01 or 0.99 < share < 1:
        return "<1%" if share < 0.5 else ">99%"
    return f"{share:.0%}"


def _median(values: Histogram, rows: Floats, apart: float, summary: CategorySummary | None) -> float | None:
    """The median of a category; from bins if its values are not known."""
    if summary is not None:
        return summary.median
    if not rows.any() or apart:
        return None
    first = int(np.searchsorted(np.cumsum(rows), rows.sum() / 2))
    low, high = to_scale(values.edges[first : first + 2], values.scale)
    return float(from_scale((low + high) / 2, values.scale))


def _crosstab_svg(x: Bars, y: Bars, cells: Floats, alt: str) -> str:
    """Shaded cells with counts; long names of columns are turned."""
    rows, columns = labels_of(x, len(cells))[:_MAX_CATEGORIES], labels_of(y, cells.shape[1])[:_MAX_CATEGORIES]
    # Fractions of the row, so that rare and frequent categories can be compared.
    fractions = (cells / np.maximum(cells.sum(axis=1, keepdims=True), 1))[: len(rows), : len(columns)]
    largest = float(fractions.max(initial=0.0))
    heads = fit_labels(columns, _LETTERS)
    width = (SVG_WIDTH - _LABELS) / max(len(columns), 1)
    longest = CHARACTER * max(map(text_width, heads), default=0.0)
    turned = longest > width - 6
    top = longest + 6 if turned else 16.0
    body = [
        *_heads(heads, width, top, turned=turned),
        *_shaded_rows(rows, columns, cells, fractions / (largest or 1), top),
    ]
    n_hidden = max(len(cells), cells.shape[1]) - _MAX_CATEGORIES
    remarks = [
        f"shade: share of the row, up to {format_percent(largest)}",
        *_more_categories(n_hidden + _MAX_CATEGORIES),
    ]
    return _with_remarks(body, top + 2 + _CELL * len(rows), remarks, alt)


def _heads(heads: Sequence[str], width: float, top: float, *, turned: bool) -> Iterator[str]:
    for j, head in enumerate(heads):
        middle = _LABELS + width * (j + 0.5)
        yield svg_text(middle + 4, top - 4, head, turned=True) if turned else svg_text(middle, top - 5, head, "middle")


def _shaded_rows(
    rows: Sequence[str], columns: Sequence[str], cells: Floats, fractions: Floats, start: float
) -> Iterator[str]:
    width = (SVG_WIDTH - _LABELS) / max(len(columns), 1)
    shade_of = shades(fractions)
    for i, (label, fitted) in enumerate(zip(rows, fit_labels(rows, _LETTERS), strict=True)):
        top = start + _CELL * i
        yield svg_text(_LABELS - 5, top + 13, fitted, "end", "ink")
        for j in np.flatnonzero(cells[i, : len(columns)]).tolist():
            left = _LABELS + width * j
            title = f"{fit_width(label, 60)}, {fit_width(columns[j], 60)}: {pluralize(cells[i, j], 'row')}"
            opacity = SHADES[shade_of[i, j] - 1] * BEHIND_TEXT
            yield (
                f'<g><title>{escape_svg(title)}</title><rect x="{left + 0.5:.4g}" y="{top:.4g}" width="{width - 1:.4g}"'
                f' height="17" style="{svg_fill("base")};fill-opacity:{opacity:.2g}"/>'
                f"{svg_text(left + width / 2, top + 13, _cell_number(cells[i, j], width), 'middle', 'ink')}</g>"
            )


def _cell_number(count: float, width: float) -> str:
    """The count, or a rounded one, if it fits into a cell; else nothing."""
    texts = (f"{count:,.0f}", format_tick(float(f"{count:.2g}")) if count >= 10_000 else "")
    return next((text for text in texts if CHARACTER * len(text) < width - 4), "")


def _runs(selected: npt.NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """The runs of adjacent selected cells: first, and one past the last."""
    changes = np.flatnonzero(np.diff(np.concatenate(([0], selected.astype(np.int8), [0]))))
    yield from zip(changes[::2].tolist(), changes[1::2].tolist(), strict=True)
