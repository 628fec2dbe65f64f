"""One column as a figure: bars for categorical variables, a histogram for numeric ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from tidynet.plot.days import DAY
from tidynet.plot.distribution import histogram_bars
from tidynet.plot.label_fit import fit_axis_labels
from tidynet.plot.plot_data import plot_data_from_bars
from tidynet.plot.proportions import bar
from tidynet.plot.theme import MUTED, WIDTH, finish_figure, fit_width, new_figure
from tidynet.plot.variables import CategoricalVariable
from tidynet.profiling.counts import Bars, Histogram, count_column

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from tidynet.table.variable_type import TypeInference

Size = tuple[float, float]


def plot_column(series: pl.Series, inferred_type: TypeInference, *, small: bool = True) -> Figure:
    """The chart that fits the variable type of a column, or a figure with one line of text if there is none.

    Parameters
    ----------
    series : polars.Series
        The column; its name is the axis label.
    inferred_type : TypeInference
        Its variable type.
    small : bool
        3.2 × 1.8 inches with at most 6 bars instead of 4.9 × 3.2 with at most 20.

    Examples
    --------
    >>> from tidynet.table.variable_type import TypeInference, VariableType
    >>> figure = plot_column(pl.Series("sex", ["f", "m", "m"]), TypeInference(VariableType.NOMINAL, ""))
    >>> [int(bar.get_height()) for bar in figure.axes[0].patches]
    [2, 1]
    """
    counts = count_column(series, inferred_type, max_levels=6 if small else 20)
    size = (3.2, 1.8) if small else (WIDTH, 3.2)
    if counts is None:
        return _text_figure(f"no chart for type {inferred_type.variable_type.value}", series.name, size)
    return (
        bars(counts, series.name, size=size) if isinstance(counts, Bars) else histogram(counts, series.name, size=size)
    )


def bars(counts: Bars, name: str, *, size: Size = (WIDTH, 3.2)) -> Figure:
    """A bar chart of rows per category; horizontal if labels are long or many.

    Parameters
    ----------
    counts : Bars
        Categories and rows.
    name : str
        The variable, for the axis.
    size : tuple of float
        Width and height in inches.
    """
    data = plot_data_from_bars(counts, name)
    assert isinstance(data.x, CategoricalVariable)
    figure = new_figure(size[0], max(size[1], 0.22 * len(data.x.labels) + 0.6))
    bar(figure.subplots(), data)
    fit_axis_labels(figure)
    return figure


def histogram(counts: Histogram, name: str, *, size: Size = (WIDTH, 3.2)) -> Figure:
    """A histogram on the scale of its counts.

    Parameters
    ----------
    counts : Histogram
        Edges and rows.
    name : str
        The variable, for the axis.
    size : tuple of float
        Width and height in inches.
    """
    figure = new_figure(*size)
    axes = figure.subplots()
    histogram_bars(axes, plot_data_from_bars(counts, name))
    ticks = counts.ticks(3 if counts.scale == "time" else 5)
    unit = DAY if counts.scale == "time" else 1
    axes.set_xticks([value / unit for value, _ in ticks], [label for _, label in ticks], parse_math=False)
    fit_axis_labels(figure)
    return figure


def _text_figure(text: str, name: str, size: Size) -> Figure:
    figure = new_figure(*size)
    axes = figure.subplots()
    axes.text(0.5, 0.5, text, ha="center", va="center", color=MUTED, fontsize=10, transform=axes.transAxes)
    axes.set_xlabel(fit_width(name), parse_math=False)
    finish_figure(axes, grid="")
    axes.set_xticks([])
    axes.set_yticks([])
    return figure
