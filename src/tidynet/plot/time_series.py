"""Time: a line with its band, seasons over each other, a calendar of shaded days."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from tidynet.plot.axis import dress, dress_counts
from tidynet.plot.scatter import lines, shade_legend
from tidynet.plot.scene import PlotData, color_groups
from tidynet.plot.theme import BASE, FONT_SIZE, INK, MUTED, PAPER, escape_mathtext, finish_figure
from tidynet.plot.variables import NumericVariable
from tidynet.plot.weighted_statistics import MeanInterval, mean_interval
from tidynet.profiling import axis_scales as scales

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["calendar_heatmap", "season", "seasons", "time_line"]

Floats = npt.NDArray[np.float64]
Moments = npt.NDArray[np.datetime64]

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DAY = 86_400_000_000
_MOST_YEARS = 8


def time_line(axes: Axes, scene: PlotData) -> None:
    """The mean of y (or the number of rows) along time, with its 95% interval."""
    if scene.y is not None:
        lines(axes, scene)
        return
    time = _time(scene)
    for _, color, part in color_groups(scene):
        rows = np.histogram(_time(part).values, time.edges, weights=part.weights)[0]
        middles = (time.edges[:-1] + time.edges[1:]) / 2
        axes.plot(middles, rows, color=color, linewidth=1.8, marker="o", markersize=4)
    axes.margins(y=0.1)
    axes.set_ylim(bottom=0)
    dress(axes, "x", time)
    axes.set_xlim(time.edges[0], time.edges[-1])
    dress_counts(axes, "y", label="rows in each step")
    finish_figure(axes)


class SeasonalCycle(NamedTuple):
    """What repeats: the place of each row within its cycle, the cycle that it belongs to, and names."""

    name: str
    place: npt.NDArray[np.int64]
    cycle: npt.NDArray[np.int64]
    labels: tuple[str, ...]


def seasons(axes: Axes, scene: PlotData) -> None:
    """The cycles over each other as faint lines, and their mean with its 95% interval."""
    result = _cycle(_time(scene).values)
    y, label = _measured_values(scene)
    for item in np.unique(result.cycle)[-40:]:
        rows = result.cycle == item
        indices, values = _means(result.place[rows], y, scene.weights, rows, counted=scene.y is None)
        axes.plot(indices, values, color=MUTED, alpha=0.35, linewidth=0.9)
    drawn = _season_means(scene, result)
    along = [int(index) for index, _ in drawn]
    axes.fill_between(along, [m.low for _, m in drawn], [m.high for _, m in drawn], color=BASE, alpha=0.2, linewidth=0)
    axes.plot(along, [m.value for _, m in drawn], color=BASE, linewidth=2.2, marker="o", markersize=4)
    axes.set_xlim(-0.4, len(result.labels) - 0.6)
    display_text = range(0, len(result.labels), 1 if len(result.labels) <= 12 else 3)
    axes.set_xticks(display_text, [result.labels[i] for i in display_text])
    axes.set_xlabel(f"{result.name}, by {escape_mathtext(scene.x.name if scene.x else '', 40)}", parse_math=False)
    low, high = axes.get_ylim()
    ticks = scales.linear_ticks(low, high, 5)
    axes.set_yticks(ticks, scales.natural_labels(ticks))
    axes.set_ylim(low, high)
    axes.set_ylabel(label, parse_math=False)
    finish_figure(axes)


def season(scene: PlotData) -> str:
    """When y is highest and lowest, as a title; that there is no season where the intervals of both meet."""
    result = _cycle(_time(scene).values)
    means = _season_means(scene, result)
    if len(means) < 2:
        return ""
    (top, highest), (bottom, lowest) = max(means, key=lambda m: m[1].value), min(means, key=lambda m: m[1].value)
    if highest.low <= lowest.high:
        return "no season beyond chance"
    return f"highest in {result.labels[top]}, lowest in {result.labels[bottom]}"


def _season_means(scene: PlotData, result: SeasonalCycle) -> list[tuple[int, MeanInterval]]:
    y, _ = _measured_values(scene)
    means = []
    for index in np.unique(result.place):
        rows = result.place == index
        if scene.y is None:
            # Rows are counted cycle by cycle, and it is the counts whose mean is taken.
            _, within = np.unique(result.cycle[rows], return_inverse=True)
            counts = np.bincount(within, scene.weights[rows]).astype(np.float64)
            means.append((int(index), mean_interval(counts, np.ones(len(counts)))))
        else:
            means.append((int(index), mean_interval(y[rows], scene.weights[rows])))
    return means


def _cycle(moments: Floats) -> SeasonalCycle:
    stamps = moments.astype(np.int64).astype("datetime64[us]")
    span = (moments.max() - moments.min()) / _DAY if len(moments) else 0
    months = stamps.astype("datetime64[M]").astype(np.int64)
    if span > 500 or (span > 60 and len(np.unique(months)) > 5):
        return SeasonalCycle("month", months % 12, months // 12, _MONTHS)
    days = stamps.astype("datetime64[D]").astype(np.int64)
    if span > 10:
        # 1970-01-01 was a Thursday.
        return SeasonalCycle("weekday", (days + 3) % 7, (days + 3) // 7, _DAYS)
    hours = stamps.astype("datetime64[h]").astype(np.int64)
    return SeasonalCycle("hour", hours % 24, hours // 24, tuple(f"{hour}:00" for hour in range(24)))


def calendar_heatmap(axes: Axes, scene: PlotData) -> None:
    """Each day a square: weeks along x, weekdays down, years below each other; months where years are many."""
    stamps = _time(scene).values.astype(np.int64).astype("datetime64[us]")
    years = stamps.astype("datetime64[Y]").astype(np.int64) + 1970
    display_text = np.unique(years)
    by_month = len(display_text) > _MOST_YEARS
    if by_month:
        columns = stamps.astype("datetime64[M]").astype(np.int64) % 12
        rows = years - display_text[0]
        names = [str(year) for year in range(display_text[0], display_text[-1] + 1)]
        stride = max(1, len(names) // 12)
        axes.set_yticks(range(0, len(names), stride), names[::stride])
        axes.set_xticks(range(12), _MONTHS)
    else:
        days = stamps.astype("datetime64[D]").astype(np.int64)
        first = (years - 1970).astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64)
        columns = (days - first + (first + 3) % 7) // 7
        rows = (days + 3) % 7 + 8 * np.searchsorted(display_text, years)
        _name_days(axes, display_text)
    indices, cell = np.unique(np.column_stack([columns, rows]), axis=0, return_inverse=True)
    y, label = _measured_values(scene)
    totals = np.bincount(cell.ravel(), scene.weights).astype(np.float64)
    values: Floats = totals if scene.y is None else np.bincount(cell.ravel(), scene.weights * y) / totals
    shade = NumericVariable(label, values, np.array([0.0, 1.0]))
    table = np.full((int(rows.max()) + 1, 12 if by_month else 54), np.nan)
    table[indices[:, 1], indices[:, 0]] = values
    across, down = (np.arange(size + 1) - 0.5 for size in table.shape[::-1])
    drawn = axes.pcolormesh(
        across, down, np.ma.masked_invalid(table), cmap="viridis_r", edgecolors=PAPER, linewidth=0.7
    )
    if not scene.panel:
        shade_legend(axes, drawn, shade)
    axes.set_xlim(-0.6, table.shape[1] - 0.4)
    axes.set_ylim(table.shape[0] - 0.4, -0.6)
    axes.set_xlabel(escape_mathtext(scene.x.name if scene.x else "", 40), parse_math=False)
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


def _measured_values(scene: PlotData) -> tuple[Floats, str]:
    if scene.y is None:
        return np.ones(len(scene.weights)), "rows"
    assert isinstance(scene.y, NumericVariable)
    return scene.y.values, f"mean {scene.y.label}"


def _means(
    indices: npt.NDArray[np.int64], y: Floats, weights: Floats, rows: npt.NDArray[np.bool_], *, counted: bool
) -> tuple[npt.NDArray[np.int64], Floats]:
    distinct, cell = np.unique(indices, return_inverse=True)
    totals = np.bincount(cell, weights[rows]).astype(np.float64)
    return distinct, totals if counted else np.bincount(cell, (weights * y)[rows]) / totals


def _time(scene: PlotData) -> NumericVariable:
    assert isinstance(scene.x, NumericVariable)
    return scene.x
