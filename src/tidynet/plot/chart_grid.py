"""Unlike charts side by side in one figure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tidynet.core.errors import InputError
from tidynet.plot.draw_plot import plot
from tidynet.plot.options import shown
from tidynet.plot.pyplot_figures import register_if_used
from tidynet.plot.sources import is_counts
from tidynet.plot.style import choose_style
from tidynet.plot.theme import FONT_SIZE, INK, new_figure
from tidynet.table.read import read

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_PANEL = (4.6, 3.4)  # inches


def grid(
    data: Any, charts: Sequence[Any], *, columns: int | None = None, title: str = "",
    figsize: tuple[float, float] | None = None, theme: str = "auto",
) -> Figure:  # fmt: skip
    """Draw several charts of any kinds in one figure.

    Parameters
    ----------
    data : table
        What `plot` takes; None if each chart brings its own.
    charts : sequence
        For each chart the arguments of `plot` as a dict, a column, or the columns x and y as a tuple.
    columns : int, optional
        Charts in a row; by default at most three.
    title : str
        Above all charts.
    figsize : tuple of float, optional
        Width and height in inches.
    theme : {"auto", "light", "dark"}
        As for `plot`.

    Examples
    --------
    >>> import tidynet as tn
    >>> figure = tn.plot.grid("penguins", ["species", ("island", "body_mass_g"), {"x": "year", "kind": "bar"}])
    >>> len(figure.axes)
    3
    """
    requests = [_arguments(chart) for chart in charts]
    if not requests:
        raise InputError("charts has 0 charts, expected 1 or more", "give a column for each")
    if columns is not None and (isinstance(columns, bool) or not isinstance(columns, int) or columns < 1):
        raise InputError(f"columns is {shown(columns)}, expected 1 or more", "remove columns")
    wide = min(columns or (len(requests) if len(requests) <= 3 else 2 if len(requests) == 4 else 3), len(requests))
    tall = math.ceil(len(requests) / wide)
    style = choose_style(theme)
    figure: Any = new_figure(*(figsize or (_PANEL[0] * wide, _PANEL[1] * tall)))
    table = data if data is None or is_counts(data) or not _is_table(data) else read(data)
    parts = np.atleast_1d(figure.subfigures(tall, wide, squeeze=False)).ravel()
    for part, request in zip(parts, requests, strict=False):
        part.set_facecolor("none" if style.paper is None else style.paper)
        plot(request.pop("data", table), ax=part, theme=theme, **request)
    heading = figure.suptitle(title, x=0.01, ha="left", fontsize=FONT_SIZE + 3, color=INK, parse_math=False)
    figure.set_style(style, only=[heading])
    figure.alt = "; ".join(text for part in parts if (text := part.get_suptitle()))
    register_if_used(figure)
    return figure


def _arguments(chart: Any) -> dict[str, Any]:
    if isinstance(chart, str):
        return {"x": chart}
    if isinstance(chart, Mapping):
        if "ax" in chart or "theme" in chart:
            name = "ax" if "ax" in chart else "theme"
            raise InputError(f"a chart of the grid has the option '{name}'", f"remove {name}")
        return dict(chart)
    if isinstance(chart, tuple) and len(chart) == 2:
        return {"x": chart[0], "y": chart[1]}
    raise InputError(f"a chart of the grid is {shown(chart)}, expected a dict, a column or (x, y)", "write {'x': …}")


def _is_table(data: Any) -> bool:
    from tidynet.plot.sources import counts_of_mapping, is_vector

    return not is_vector(data) and counts_of_mapping(data) is None
