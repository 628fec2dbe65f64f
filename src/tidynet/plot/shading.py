"""Shaded cells: six opacities of one color, readable on light and dark pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from tidynet.plot.marks import Marks
from tidynet.plot.tones import INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = npt.NDArray[np.float64]

SHADES: Final = (0.12, 0.24, 0.38, 0.54, 0.74, 1.0)
BEHIND_TEXT: Final = 0.55  # the darkest shade behind readable text


def shades(fractions: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """The index of the shade of each fraction, from 1; 0 for empty cells, which are left blank."""
    return np.ceil(np.clip(fractions, 0, 1) * len(SHADES)).astype(np.int64)


def by_logarithm(counts: npt.ArrayLike) -> Floats:
    """Counts as fractions of the largest, on a log scale."""
    rows = np.asarray(counts, dtype=np.float64)
    return np.log1p(rows) / np.log1p(max(rows.max(initial=0), 1))


def shade_cells(
    axes: Axes, fractions: Floats, x_edges: Floats, y_edges: Floats, marks: Marks, *, darkest: float = 1.0,
    color: str | None = None,
) -> None:  # fmt: skip
    """Fill cells by their fraction; one path for all cells of a shade keeps the SVG small."""
    if marks.cmap is not None:
        shown = np.ma.masked_less_equal(fractions, 0)
        axes.pcolormesh(x_edges, y_edges, shown, cmap=marks.cmap, vmin=0, vmax=1, alpha=marks.opacity)
        return
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    shade_of = shades(fractions)
    for shade, opacity in enumerate(SHADES, start=1):
        cells = [
            Path(_corners(x_edges[j], x_edges[j + 1], y_edges[i], y_edges[i + 1]), closed=True)
            for i, j in zip(*np.nonzero(shade_of == shade), strict=True)
        ]
        if cells:
            shape = Path.make_compound_path(*cells)
            axes.add_patch(
                PathPatch(
                    shape, facecolor=color or marks.color, alpha=opacity * darkest * marks.alpha(1.0), linewidth=0
                )
            )


def text_color(marks: Marks, fraction: float) -> str:
    """The tone of a number on a cell: cells without a color map are never too dark for ink."""
    return INK if marks.cmap is None else marks.style.text_on(marks.cmap(fraction)[:3])


def _corners(left: Any, right: Any, low: Any, high: Any) -> list[tuple[float, float]]:
    return [(left, low), (right, low), (right, high), (left, high), (left, low)]
