"""Small SVG figures of two columns from the counts of their cells.

Two numeric columns: shaded cells. A numeric and a categorical column: a histogram for each category over one axis.
Two categorical columns: shaded cells with counts.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from tidynet.core.text import pluralize
from tidynet.plot.rebin import cell_array, labels_of, rebin
from tidynet.plot.shading import BEHIND_TEXT, SHADES, by_logarithm, shades
from tidynet.plot.svg_parts import (
    CHARACTER,
    SVG_WIDTH,
    axis_fraction,
    category_label,
    css_color,
    svg_element,
    svg_fill,
    svg_text,
    value_axis,
)
from tidynet.plot.theme import escape_svg, fit_width
from tidynet.profiling.counts import Bars, Histogram
from tidynet.profiling.profile import PairCounts

Floats = npt.NDArray[np.float64]

_MAX_CATEGORIES = 8
_LEFT, _TOP, _BOTTOM = 40, 17, 125  # of the cells of two numeric columns
_LABELS, _RIDGE, _CELL = 84, 24, 18  # width of the labels, height of a histogram, height of a cell


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
    '<svg class="small" viewBox="0 0 240 54" role="img" ari'
    """
    pair = rebin(pair, 24, 16)
    x, y, cells = pair.x, pair.y, cell_array(pair)
    alt = f"{fit_width(y_name, 80)} against {fit_width(x_name, 80)}, {pluralize(cells.sum(), 'row')}."
    if isinstance(x, Histogram) and isinstance(y, Histogram):
        return svg_element(_squares(x, y, cells, x_name, y_name), _BOTTOM + 29, alt)
    if isinstance(x, Bars) and isinstance(y, Bars):
        return svg_element(_crosstab(x, y, cells), 18 + _CELL * min(len(cells), _MAX_CATEGORIES), alt)
    if isinstance(x, Histogram):
        x, y, cells, y_name = y, x, cells.T, x_name
    assert isinstance(x, Bars) and isinstance(y, Histogram)  # noqa: PT018
    return svg_element(_ridgelines(x, y, cells, y_name), _RIDGE * min(len(cells), _MAX_CATEGORIES) + 33, alt)


def _squares(x: Histogram, y: Histogram, cells: Floats, x_name: str, y_name: str) -> Iterator[str]:
    across = [_LEFT + (SVG_WIDTH - _LEFT - 2) * axis_fraction(x, edge) for edge in x.edges]
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
    yield f'<path d="M{_LEFT} {_BOTTOM}H{SVG_WIDTH}" style="stroke:{css_color("muted")}"/>'
    yield svg_text(0, 10, fit_width(y_name, 34), tone="ink")
    for value, label in y.ticks(3):
        height = _BOTTOM - (_BOTTOM - _TOP) * axis_fraction(y, value)
        yield svg_text(_LEFT - 4, min(max(height + 4, _TOP + 8), _BOTTOM), label, "end")
    yield from _named_axis(x, _LEFT, _BOTTOM, fit_width(x_name, 30))


def _named_axis(counts: Histogram, left: int, y: int, name: str) -> Iterator[str]:
    yield from value_axis(counts, y, left=left, overhang=16, max_count=4)
    yield svg_text((left + SVG_WIDTH) / 2, y + 27, name, "middle", "ink")


def _ridgelines(categories: Bars, values: Histogram, cells: Floats, name: str) -> Iterator[str]:
    across = [_LABELS + (SVG_WIDTH - _LABELS - 2) * axis_fraction(values, edge) for edge in values.edges]
    centers = [(left + right) / 2 for left, right in itertools.pairwise(across)]
    bottom = 2
    for label, rows in list(zip(labels_of(categories, len(cells)), cells, strict=True))[:_MAX_CATEGORIES]:
        bottom += _RIDGE
        total = int(rows.sum())
        title = f"{fit_width(label, 120)}: {pluralize(total, 'row')}"
        yield f"<g><title>{escape_svg(title)}</title>"
        yield category_label(_LABELS - 5, bottom - 5, label, 12)
        # Each histogram has its own scale: positions are compared, not counts.
        heights = (_RIDGE - 4) * rows / max(rows.max(initial=0), 1)
        if total:
            steps = "".join(f"V{bottom - h:.4g}H{right:.4g}" for h, right in zip(heights, across[1:], strict=True))
            outline = f"M{across[0]:.4g} {bottom}{steps}V{bottom}z"
            yield f'<path d="{outline}" style="{svg_fill("base")};fill-opacity:.75"/>'
            median = centers[int(np.searchsorted(np.cumsum(rows), total / 2))]
            line = f"stroke:{css_color('second')};stroke-width:2"
            yield f'<path d="M{median:.4g} {bottom}v{4 - _RIDGE}" style="{line}"/>'
        yield f'<path d="M{_LABELS} {bottom}H{SVG_WIDTH}" style="stroke:{css_color("grid")}"/></g>'
    unit = f" ({values.unit})" if values.unit else ""
    yield from _named_axis(values, _LABELS, bottom, fit_width(f"{name}{unit}", 24))


def _crosstab(x: Bars, y: Bars, cells: Floats) -> Iterator[str]:
    rows, columns = labels_of(x, len(cells))[:_MAX_CATEGORIES], labels_of(y, cells.shape[1])[:_MAX_CATEGORIES]
    # Fractions of the row, so that rare and frequent categories can be compared.
    shade_of = shades(cells / np.maximum(cells.sum(axis=1, keepdims=True), 1))
    width = (SVG_WIDTH - _LABELS) / max(len(columns), 1)
    for j, label in enumerate(columns):
        yield svg_text(_LABELS + width * (j + 0.5), 11, fit_width(label, max(2, int(width / CHARACTER))), "middle")
    for i, label in enumerate(rows):
        top = 16 + _CELL * i
        yield category_label(_LABELS - 5, top + 13, label, 12)
        for j in np.flatnonzero(cells[i, : len(columns)]).tolist():
            left, count = _LABELS + width * j, f"{cells[i, j]:,.0f}"
            title = f"{fit_width(label, 60)}, {fit_width(columns[j], 60)}: {pluralize(cells[i, j], 'row')}"
            opacity = SHADES[shade_of[i, j] - 1] * BEHIND_TEXT
            number = count if CHARACTER * len(count) < width else ""
            yield (
                f'<g><title>{escape_svg(title)}</title><rect x="{left + 0.5:.4g}" y="{top}" width="{width - 1:.4g}"'
                f' height="17" style="{svg_fill("base")};fill-opacity:{opacity:.2g}"/>'
                f"{svg_text(left + width / 2, top + 13, number, 'middle', 'ink')}</g>"
            )


def _runs(selected: npt.NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """The runs of adjacent selected cells: first, and one past the last."""
    changes = np.flatnonzero(np.diff(np.concatenate(([0], selected.astype(np.int8), [0]))))
    yield from zip(changes[::2].tolist(), changes[1::2].tolist(), strict=True)
