"""Small pictures of two columns, written straight as SVG from the counts of their cells.

Two quantities: shaded cells. A quantity beside levels: a small histogram for each level, over one axis.
Two sets of levels: shaded cells with their counts. A page may hold hundreds of them.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from tidynet.plot.rebin import cell_array, labels_of, rebin
from tidynet.plot.shading import BEHIND_TEXT, SHADES, by_logarithm, shades
from tidynet.plot.svg_column import share_of_axis
from tidynet.plot.theme import BASE, GRID, INK, MUTED, SECOND, escaped, shorten
from tidynet.profiling.counts import Bars, Histogram
from tidynet.profiling.profile import PairCounts

__all__ = ["pair_svg"]

Floats = npt.NDArray[np.float64]

_WIDTH = 240
_COLUMN = 6.2  # width of a character at the small size
_LEVELS = 8  # rows or columns of levels at most; a report keeps fewer
_LEFT, _TOP, _FOOT = 40, 17, 125  # the cells of two quantities
_NAMES, _RIDGE = 84, 24  # room for the names of levels, height of a level's histogram


def pair_svg(pair: PairCounts, x_name: str, y_name: str) -> str:
    """The small picture of two columns as one ``<svg …>`` element.

    Parameters
    ----------
    pair : PairCounts
        Rows in each cell.
    x_name, y_name : str
        The columns; escaped here.

    Returns
    -------
    str
        One to four kilobytes; its description stands in for the picture.

    Examples
    --------
    >>> levels = Bars(("yes", "no"), (3, 1))
    >>> pair_svg(PairCounts(levels, levels, ((3, 0), (0, 1))), "admit", "went")[:54]
    '<svg class="small" viewBox="0 0 240 54" role="img" ari'
    """
    pair = rebin(pair, 24, 16)
    x, y, cells = pair.x, pair.y, cell_array(pair)
    if isinstance(x, Histogram) and isinstance(y, Histogram):
        body, height = list(_squares(x, y, cells, x_name, y_name)), _FOOT + 29.0
    elif isinstance(x, Bars) and isinstance(y, Bars):
        body, height = list(_table(x, y, cells)), 18.0 + 18 * min(len(cells), _LEVELS)
    else:
        levels, values = (x, y) if isinstance(x, Bars) else (y, x)
        by_level = cells if isinstance(x, Bars) else cells.T
        assert isinstance(levels, Bars) and isinstance(values, Histogram)  # noqa: PT018
        name = y_name if isinstance(x, Bars) else x_name
        body = list(_ridgeline_paths(levels, values, by_level, name))
        height = _RIDGE * min(len(by_level), _LEVELS) + 33.0
    rows = int(cells.sum())
    alt = f"{shorten(y_name, 80)} against {shorten(x_name, 80)}, {rows:,} rows."
    return (
        f'<svg class="small" viewBox="0 0 {_WIDTH} {height:g}" role="img" aria-label="{escaped(alt)}"'
        f' font-size="11">{"".join(body)}</svg>'
    )


def _squares(x: Histogram, y: Histogram, cells: Floats, x_name: str, y_name: str) -> Iterator[str]:
    across = [_LEFT + (_WIDTH - _LEFT - 2) * share_of_axis(x, edge) for edge in x.edges]
    down = [_FOOT - (_FOOT - _TOP) * share_of_axis(y, edge) for edge in y.edges]
    level = shades(by_logarithm(cells))
    for shade, opacity in enumerate(SHADES, start=1):
        runs = "".join(
            f"M{across[i]:.4g} {down[j]:.4g}V{down[end]:.4g}H{across[i + 1]:.4g}V{down[j]:.4g}z"
            for i in range(len(cells))
            for j, end in _runs(level[i] == shade)
        )
        if runs:
            yield f'<path d="{runs}" style="{_fill(BASE, "base")};fill-opacity:{opacity}"/>'
    yield f'<path d="M{_LEFT} {_FOOT}H{_WIDTH}" style="stroke:{_var(MUTED, "muted")}"/>'
    yield f'<text x="0" y="10" style="{_fill(INK, "ink")}">{escaped(shorten(y_name, 34))}</text>'
    for value, label in y.ticks(3):
        height = _FOOT - (_FOOT - _TOP) * share_of_axis(y, value)
        yield _text(_LEFT - 4, min(max(height + 4, _TOP + 8), _FOOT), label, "end")
    yield from _axis(x, _LEFT, _FOOT)
    middle = (_LEFT + _WIDTH) / 2
    label = escaped(shorten(x_name, 30))
    yield f'<text x="{middle}" y="{_FOOT + 27}" text-anchor="middle" style="{_fill(INK, "ink")}">{label}</text>'


def _ridgeline_paths(levels: Bars, values: Histogram, cells: Floats, name: str) -> Iterator[str]:
    names = labels_of(levels, len(cells))
    across = [_NAMES + (_WIDTH - _NAMES - 2) * share_of_axis(values, edge) for edge in values.edges]
    middles = [(remaining + right) / 2 for remaining, right in itertools.pairwise(across)]
    footer = 2
    for label, rows in list(zip(names, cells, strict=True))[:_LEVELS]:
        footer += _RIDGE
        total = int(rows.sum())
        title = f"{shorten(label, 120)}: {total:,} rows"
        yield f"<g><title>{escaped(title)}</title>"
        yield (
            f'<text x="{_NAMES - 5}" y="{footer - 5}" text-anchor="end" style="{_fill(INK, "ink")}">'
            f"{escaped(shorten(label, 12))}</text>"
        )
        # Each level by its own tallest bin: what is compared is where its rows lie, not how many they are.
        heights = (_RIDGE - 4) * rows / max(rows.max(initial=0), 1)
        if total:
            steps = "".join(f"V{footer - h:.4g}H{right:.4g}" for h, right in zip(heights, across[1:], strict=True))
            outline = f"M{across[0]:.4g} {footer}{steps}V{footer}z"
            yield f'<path d="{outline}" style="{_fill(BASE, "base")};fill-opacity:.75"/>'
            half = middles[int(np.searchsorted(np.cumsum(rows), total / 2))]
            yield f'<path d="M{half:.4g} {footer}v{4 - _RIDGE}" style="stroke:{_var(SECOND, "second")};stroke-width:2"/>'
        yield f'<path d="M{_NAMES} {footer}H{_WIDTH}" style="stroke:{_var(GRID, "grid")}"/></g>'
    yield from _axis(values, _NAMES, footer)
    unit = f" ({values.unit})" if values.unit else ""
    label = escaped(shorten(f"{name}{unit}", 24))
    middle = (_NAMES + _WIDTH) / 2
    yield f'<text x="{middle}" y="{footer + 27}" text-anchor="middle" style="{_fill(INK, "ink")}">{label}</text>'


def _table(x: Bars, y: Bars, cells: Floats) -> Iterator[str]:
    rows, columns = labels_of(x, len(cells))[:_LEVELS], labels_of(y, cells.shape[1])[:_LEVELS]
    # By the share of a row, so that levels with few rows can be compared with levels of many.
    level = shades(cells / np.maximum(cells.sum(axis=1, keepdims=True), 1))
    wide = (_WIDTH - _NAMES) / max(len(columns), 1)
    for j, label in enumerate(columns):
        yield _text(_NAMES + wide * (j + 0.5), 11, shorten(label, max(2, int(wide / _COLUMN))), "middle")
    for i, label in enumerate(rows):
        top = 16 + 18 * i
        yield (
            f'<text x="{_NAMES - 5}" y="{top + 13}" text-anchor="end" style="{_fill(INK, "ink")}">'
            f"{escaped(shorten(label, 12))}</text>"
        )
        for j, other in enumerate(columns):
            count = int(cells[i, j])
            if not count:
                continue
            opacity = SHADES[level[i, j] - 1] * BEHIND_TEXT
            remaining = _NAMES + wide * j
            title = f"{shorten(label, 60)}, {shorten(other, 60)}: {count:,} rows"
            number = f"{count:,}" if _COLUMN * len(f"{count:,}") < wide else ""
            yield (
                f'<g><title>{escaped(title)}</title><rect x="{remaining + 0.5:.4g}" y="{top}" width="{wide - 1:.4g}"'
                f' height="17" style="{_fill(BASE, "base")};fill-opacity:{opacity:.2g}"/>'
                f'<text x="{remaining + wide / 2:.4g}" y="{top + 13}" text-anchor="middle"'
                f' style="{_fill(INK, "ink")}">{number}</text></g>'
            )


def _axis(values: Histogram, remaining: float, footer: float) -> Iterator[str]:
    used_to = remaining - 20.0
    room = _WIDTH - remaining - 2
    for value, label in values.ticks(3 if values.scale == "time" else 4):
        width = _COLUMN * len(label)
        x = remaining + room * share_of_axis(values, value)
        start = min(max(x - width / 2, remaining - 16), _WIDTH - width)
        if start >= used_to + 4:
            used_to = start + width
            yield f'<path d="M{x:.4g} {footer}v3" style="stroke:{_var(MUTED, "muted")}"/>'
            yield _text(start + width / 2, footer + 14, label, "middle")


def _runs(chosen: npt.NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Where neighbouring cells are chosen: first, and one past the last."""
    changes = np.flatnonzero(np.diff(np.concatenate(([0], chosen.astype(np.int8), [0]))))
    yield from zip(changes[::2].tolist(), changes[1::2].tolist(), strict=True)


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return (
        f'<text x="{x:.4g}" y="{y:.4g}" text-anchor="{anchor}" style="{_fill(MUTED, "muted")}">{escaped(text)}</text>'
    )


def _var(light: str, tone: str) -> str:
    return f"var(--{tone},{light})"


def _fill(light: str, tone: str) -> str:
    return f"fill:{_var(light, tone)}"
