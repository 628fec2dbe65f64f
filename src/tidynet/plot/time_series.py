"""Time: a mean line, seasonal cycles, a calendar heat map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tidynet.plot.axis import format_axis, format_count_axis
from tidynet.plot.days import to_moments
from tidynet.plot.plot_data import PlotData, color_groups
from tidynet.plot.scatter import mean_lines, shade_legend
from tidynet.plot.theme import FONT_SIZE, INK, MUTED, PAPER, finish_figure, fit_width
from tidynet.plot.variables import NumericVariable
from tidynet.plot.weighted_statistics import MeanInterval, mean_interval
from tidynet.profiling import axis_scales as scales

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = npt.NDArray[np.float64]

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MAX_YEARS = 8


def time_line(axes: Axes, data: PlotData) -> None:
    """The mean of y with its 95% interval, or the number of rows, over time."""
    if data.y is not None:
        mean_lines(axes, data)
        return
    time = _time(data)
    for _, color, part in color_groups(data):
        rows = np.histogram(_time(part).values, time.edges, weights=part.weights)[0]
        middles = (time.edges[:-1] + time.edges[1:]) / 2
        axes.plot(middles, rows, color=color, alpha=data.marks.opacity, linewidth=1.8, marker="o", markersize=4)
    axes.margins(y=0.1)
    axes.set_ylim(bottom=0)
    format_axis(axes, "x", time)
    axes.set_xlim(time.edges[0], time.edges[-1])
    format_count_axis(axes, "y", label="rows per step")
    finish_figure(axes)


class SeasonalCycle(NamedTuple):
    """A seasonal cycle: position of each row within it, number of its cycle, labels of the positions."""

    name: str
    position: npt.NDArray[np.int64]
    number: npt.NDArray[np.int64]
    labels: tuple[str, ...]


def seasons(axes: Axes, data: PlotData) -> None:
    """Each cycle as a faint line, and the mean of all with its 95% interval."""
    cycle = _seasonal_cycle(_time(data).values)
    y, label = _measured_values(data)
    for number in np.unique(cycle.number)[-40:]:
        rows = cycle.number == number
        line = _means(cycle.position[rows], y, data.weights, rows, counted=data.y is None)
        axes.plot(*line, color=MUTED, alpha=0.35, linewidth=0.9)
    means = _season_means(data, cycle)
    positions = [index for index, _ in means]
    low, high = [m.low for _, m in means], [m.high for _, m in means]
    style: Any = {"color": data.marks.color, "linewidth": 2.2, "marker": "o", "markersize": 4}
    axes.fill_between(positions, low, high, color=data.marks.color, alpha=0.2 * data.marks.alpha(1.0), linewidth=0)
    axes.plot(positions, [m.value for _, m in means], alpha=data.marks.opacity, **style)
    axes.set_xlim(-0.4, len(cycle.labels) - 0.6)
    ticks = range(0, len(cycle.labels), 1 if len(cycle.labels) <= 12 else 3)
    axes.set_xticks(ticks, [cycle.labels[i] for i in ticks])
    axes.set_xlabel(f"{cycle.name} ({fit_width(data.x.name if data.x else '', 40)})", parse_math=False)
    bottom, top = axes.get_ylim()
    y_ticks = scales.linear_ticks(bottom, top, 5)
    axes.set_yticks(y_ticks, scales.natural_labels(y_ticks))
    axes.set_ylim(bottom, top)
    axes.set_ylabel(label, parse_math=False)
    finish_figure(axes)


def season_title(data: PlotData) -> str:
    """The positions of the highest and lowest mean; not significant where their intervals overlap."""
    cycle = _seasonal_cycle(_time(data).values)
    means = _season_means(data, cycle)
    if len(means) < 2:
        return ""
    (top, highest), (bottom, lowest) = max(means, key=lambda m: m[1].value), min(means, key=lambda m: m[1].value)
    if highest.low <= lowest.high:
        return "no significant season (95% intervals of highest and lowest overlap)"
    return f"highest mean in {cycle.labels[top]}, lowest in {cycle.labels[bottom]}"


def _season_means(data: PlotData, cycle: SeasonalCycle) -> list[tuple[int, MeanInterval]]:
    y, _ = _measured_values(data)
    means = []
    for index in np.unique(cycle.position):
        rows = cycle.position == index
        if data.y is None:
            # The mean of the counts per cycle.
            _, within = np.unique(cycle.number[rows], return_inverse=True)
            counts = np.bincount(within, data.weights[rows]).astype(np.float64)
            means.append((int(index), mean_interval(counts, np.ones(len(counts)))))
        else:
            means.append((int(index), mean_interval(y[rows], data.weights[rows])))
    return means


def _seasonal_cycle(moments: Floats) -> SeasonalCycle:
    stamps = to_moments(moments)
    span = moments.max() - moments.min() if len(moments) else 0
    months = stamps.astype("datetime64[M]").astype(np.int64)
    if span > 500 or (span > 60 and len(np.unique(months)) > 5):
        return SeasonalCycle("month", months % 12, months // 12, _MONTHS)
    days = stamps.astype("datetime64[D]").astype(np.int64)
    if span > 10:
        # 1970-01-01 was a Thursday.
        return SeasonalCycle("weekday", (days + 3) % 7, (days + 3) // 7, _DAYS)
    hours = stamps.astype("datetime64[h]").astype(np.int64)
    return SeasonalCycle("hour", hours % 24, hours // 24, tuple(f"{hour}:00" for hour in range(24)))


def calendar_heatmap(axes: Axes, data: PlotData) -> None:
    """One square per day: weeks along x, weekdays along y, years below each other; months for many years."""
    stamps = to_moments(_time(data).values)
    years = stamps.astype("datetime64[Y]").astype(np.int64) + 1970
    shown_years = np.unique(years)
    by_month = len(shown_years) > _MAX_YEARS
    if by_month:
        columns = stamps.astype("datetime64[M]").astype(np.int64) % 12
        rows = years - shown_years[0]
        names = [str(year) for year in range(shown_years[0], shown_years[-1] + 1)]
        stride = max(1, len(names) // 12)
        axes.set_yticks(range(0, len(names), stride), names[::stride])
        axes.set_xticks(range(12), _MONTHS)
    else:
        days = stamps.astype("datetime64[D]").astype(np.int64)
        first = (years - 1970).astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64)
        columns = (days - first + (first + 3) % 7) // 7
        rows = (days + 3) % 7 + 8 * np.searchsorted(shown_years, years)
        _name_days(axes, shown_years)
    cells, cell = np.unique(np.column_stack([columns, rows]), axis=0, return_inverse=True)
    y, label = _measured_values(data)
    totals = np.bincount(cell.ravel(), data.weights).astype(np.float64)
    values: Floats = totals if data.y is None else np.bincount(cell.ravel(), data.weights * y) / totals
    shade = NumericVariable(label, values, np.array([0.0, 1.0]))
    table = np.full((int(rows.max()) + 1, 12 if by_month else 54), np.nan)
    table[cells[:, 1], cells[:, 0]] = values
    across, down = (np.arange(size + 1) - 0.5 for size in table.shape[::-1])
    style: Any = {"cmap": data.marks.shading(), "alpha": data.marks.opacity, "edgecolors": PAPER, "linewidth": 0.7}
    mesh = axes.pcolormesh(across, down, np.ma.masked_invalid(table), **style)
    if not data.panel:
        shade_legend(axes, mesh, shade)
    axes.set_xlim(-0.6, table.shape[1] - 0.4)
    axes.set_ylim(table.shape[0] - 0.4, -0.6)
    axes.set_xlabel(fit_width(data.x.name if data.x else "", 40), parse_math=False)
    finish_figure(axes, grid="")
    axes.spines["bottom"].set_visible(False)


def _name_days(axes: Axes, years: npt.NDArray[np.int64]) -> None:
    ticks, labels = [], []
    for index, year in enumerate(years):
        for day in (0, 2, 4):
            ticks.append(8 * index + day)
            labels.append(f"{year}  {_DAYS[day]}" if day == 2 else _DAYS[day])
    axes.set_yticks(ticks, labels, fontsize=FONT_SIZE - 2)
    axes.set_xticks([2 + 4.35 * month for month in range(12)], _MONTHS, color=INK)


def _measured_values(data: PlotData) -> tuple[Floats, str]:
    if data.y is None:
        return np.ones(len(data.weights)), "rows"
    assert isinstance(data.y, NumericVariable)
    return data.y.values, f"mean {data.y.label}"


def _means(
    positions: npt.NDArray[np.int64], y: Floats, weights: Floats, rows: npt.NDArray[np.bool_], *, counted: bool
) -> tuple[npt.NDArray[np.int64], Floats]:
    distinct, cell = np.unique(positions, return_inverse=True)
    totals = np.bincount(cell, weights[rows]).astype(np.float64)
    return distinct, totals if counted else np.bincount(cell, (weights * y)[rows]) / totals


def _time(data: PlotData) -> NumericVariable:
    assert isinstance(data.x, NumericVariable)
    return data.x
