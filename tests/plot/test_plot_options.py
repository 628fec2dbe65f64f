"""The options of `tn.plot`: each changes every chart that takes it, and is refused by all others."""

from __future__ import annotations

import datetime as dt
import functools
import io
from typing import Any

import matplotlib.dates as mdates
import numpy as np
import polars as pl
import pytest
from matplotlib.colors import to_hex, to_rgba
from matplotlib.figure import Figure

import tidynet as tn
from tidynet.plot.chart_registry import CHARTS, OF_MANY
from tidynet.plot.options import PARTS
from tidynet.profiling.counts import Bars

RANDOM = np.random.default_rng(0)
ROWS, SIZE = 120, (3.0, 2.2)
FRAME = pl.DataFrame(
    {
        "v": RANDOM.normal(10, 3, ROWS),
        "w": np.arange(ROWS) / 40 + RANDOM.normal(0, 1, ROWS),
        "k": [("a", "b", "c", "a")[i % 4] for i in range(ROWS)],
        "g": [("u", "v")[i // 5 % 2] for i in range(ROWS)],
        "day": pl.date_range(pl.date(2023, 1, 1), pl.date(2023, 1, 1) + pl.duration(days=ROWS - 1), eager=True),
    }
)
VARIABLES: dict[str, dict[str, Any]] = {
    **{kind: {"x": "k"} for kind in ("bar", "pie", "donut", "waffle")},
    **{kind: {"x": "v"} for kind in ("histogram", "density", "zoom")},
    **{kind: {"x": "k", "y": "v"} for kind in ("box", "violin", "mean", "strip", "ridgeline")},
    **{kind: {"x": "v", "y": "w"} for kind in ("scatter", "regression", "hist2d", "hexagon", "line")},
    **{kind: {"x": "k", "y": "g"} for kind in ("clustered", "stacked", "heat")},
    **{kind: {"x": "day", "y": "w"} for kind in ("time", "seasons", "calendar")},
    "pairs": {"x": ["v", "w"]},
    "correlation": {"x": ["v", "w"]},
}
COLORS = ["#aa1100", "#22bb44", "#3333cc"]
VALUES: dict[str, dict[str, Any]] = {
    "bins": {"bins": 4},
    "bin_width": {"bin_width": 2.5},
    "density": {"density": True},
    "order": {"order": ["c", "b", "a"]},
    "palette": {"palette": COLORS},
    "color": {"color": "#aa1100"},
    "cmap": {"cmap": "magma"},
    "alpha": {"alpha": 0.21},
    "jitter": {"jitter": 0.2},
    "width": {"width": 0.3},
    "normalize": {"normalize": True},
    "x_limits": {"x_limits": (2, 30)},
    "y_limits": {"y_limits": (0, 2)},
}
TAKEN = {kind: set(chart.options.split()) for kind, chart in CHARTS.items()} | {
    kind: set(options.split()) for kind, options in OF_MANY.items()
}


def values_of(kind: str, option: str) -> dict[str, Any] | None:
    """The option as a chart of the variables above takes it; None where its variables leave no place for it."""
    if option == "color_order":
        by = "g" if kind in ("clustered", "stacked") else "k"
        named = {} if kind in ("clustered", "stacked") else {"color": "k"}
        return {**named, "color_order": ["v", "u"] if by == "g" else ["c", "a", "b"]}
    if option == "cmap" and kind in ("scatter", "regression", "pairs"):
        return {"color": "w", "cmap": "magma"}
    if option == "x_limits" and VARIABLES[kind]["x"] == "k" and kind != "ridgeline":
        return None
    if kind == "ridgeline" and option == "x_limits":
        return None
    if option == "x_limits" and VARIABLES[kind]["x"] == "day":
        return {"x_limits": ("2023-02-01", dt.date(2023, 3, 1))}
    if option == "order" and VARIABLES[kind]["x"] != "k":
        return {"color": "k", "order": {"k": ["c", "b", "a"]}}
    if option == "bin_width" and VARIABLES[kind]["x"] == "day":
        return {"bin_width": dt.timedelta(days=20)}
    if option == "y_limits" and VARIABLES[kind].get("y") == "v":
        return {"y_limits": (4, 9)}
    return VALUES[option]


def pixels(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="raw", dpi=30)
    return buffer.getvalue()


@functools.cache
def plain_pixels(kind: str, by: str | None) -> bytes:
    named = {} if by is None else {"color": by}
    return pixels(tn.plot(FRAME, kind=kind, title="", figsize=SIZE, **{**VARIABLES[kind], **named}))


CASES = [
    (kind, option) for kind, taken in TAKEN.items() for option in sorted(taken) if values_of(kind, option) is not None
]


@pytest.mark.parametrize(("kind", "option"), CASES)
def test_an_option_changes_every_chart_that_takes_it(kind: str, option: str) -> None:
    values = values_of(kind, option) or {}
    by = values["color"] if "color" in values and option != "color" else None
    drawn = tn.plot(FRAME, kind=kind, title="", figsize=SIZE, **{**VARIABLES[kind], **values})
    assert pixels(drawn) != plain_pixels(kind, by)


@pytest.mark.parametrize("kind", TAKEN)
def test_an_option_is_refused_by_every_chart_that_does_not_take_it(kind: str) -> None:
    for option in sorted(set(VALUES) - TAKEN[kind]):
        with pytest.raises(tn.InputError, match=rf"^{option} is .*, but "):
            tn.plot(FRAME, kind=kind, **VARIABLES[kind], **VALUES[option])
    assert set(PARTS) == {*VALUES, "color_order"}


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"bin": 3}, "plot has no option 'bin'; did you mean 'bins'?"),
        ({"pallete": "Set2"}, "plot has no option 'pallete'; did you mean 'palette'?"),
        ({"hue": "k"}, "plot has no option 'hue'; did you mean 'color'?"),
        ({"binwidth": 2}, "plot has no option 'binwidth'; did you mean 'bin_width'?"),
        ({"xlim": (0, 1), "x_limits": (0, 1)}, "xlim and x_limits are both given, expected one of them; remove xlim"),
        ({"bins": 0}, "bins is 0, expected 1 to 10,000; try bins=20"),
        ({"bins": 2.5}, "bins is 2.5, expected a whole number or edges in order; try bins=20"),
        ({"bins": [3, 1]}, "bins is [3, 1], expected edges in increasing order; sort the edges"),
        ({"bins": [3]}, "bins has 1 edge, expected 2 or more; give the number of bins, or more edges"),
        ({"bins": [0, 5, 20], "density": True}, "density is True, but the bins have unequal widths; give the number of bins, or bin_width"),
        ({"bins": 5, "bin_width": 1}, "bins is 5 and bin_width is 1, expected one of them; remove bin_width"),
        ({"bin_width": 0}, "bin_width is 0, expected a number above 0; give it in the unit of the axis"),
        ({"bin_width": 1e-9}, "expected at most 10,000; try bins=20"),
        ({"x": "k", "bins": 3}, "bins is 3, but the chart 'bar' has no bins; use kind='histogram' or 'hist2d'"),
        ({"y": "w", "kind": "hexagon", "bins": [1, 2, 3]}, "bins is [1, 2, 3], expected 1 to 200 hexagons along an axis; use kind='hist2d' for edges"),
        ({"alpha": 3}, "alpha is 3, expected a number from 0 to 1; try 0.5"),
        ({"x": "k", "y": "v", "jitter": -1}, "jitter is -1, expected a number from 0 to 0.5; try 0.25"),
        ({"x": "k", "width": 0}, "width is 0, expected a number above 0, at most 1; try 0.5"),
        ({"palette": "Set22"}, "palette is 'Set22', expected a palette such as 'Set2', 'viridis' or 'colorblind'; did you mean 'Set2'?"),
        ({"palette": "red"}, "palette is 'red', expected a palette such as 'Set2', 'viridis' or 'colorblind'; use color for one color"),
        ({"color": "k", "palette": ["red"]}, "palette has 1 color, expected 3 for 'k'; add colors, or set max_categories"),
        ({"color": "k", "palette": {"a": "red", "b": "blue"}}, "palette has no color for 'c' of 'k'; add 'c'"),
        ({"color": "k", "palette": ["red", "bleu", "k"]}, "palette[1] is 'bleu', expected a color; give 'red', '#0b6fa8' or (r, g, b)"),
        ({"color": "red", "palette": "Set2"}, "color is 'red' and palette is 'Set2', expected one of them; remove color"),
        ({"color": "bleu"}, "color is 'bleu', expected a column ('v', 'w', 'k', 'g', 'day') or a color; did you mean 'blue'?"),
        ({"y": "w", "cmap": "virids"}, "cmap is 'virids', expected a color map of matplotlib, such as 'viridis'; did you mean 'viridis'?"),
        ({"x": "k", "order": ["a", "z"]}, "the order of 'k' names 'z', expected one of 'a', 'b', 'c'; remove it"),
        ({"x": "k", "order": ["a", "a"]}, "the order of 'k' names 'a' twice, expected once; remove one of them"),
        ({"x": "k", "order": "abc"}, "order is 'abc', expected a list of categories; write order=[…]"),
        ({"order": ["a"]}, "order is [a], but 'v' is continuous and drawn as numbers; remove order"),
        ({"order": {"k": ["a"]}}, "order names 'k', but the chart does not show it; give it as x, y, color or facet"),
        ({"x_limits": 5}, "x_limits is 5, expected two numbers; write x_limits=(0, 10)"),
        ({"x_limits": (5, 5)}, "x_limits is [5, 5], expected two different numbers; write x_limits=(0, 10)"),
        ({"x_limits": ("a", 2)}, "x_limits holds 'a', expected finite numbers; give numbers in the unit of the axis"),
        ({"x_limits": (-1, 5), "x_scale": "log"}, "x_limits holds -1, which a log axis cannot show; use x_scale='linear'"),
        ({"x": "k", "y": "v", "x_limits": (0, 1)}, "x_limits is [0, 1], but x is 'k', which is drawn as categories; use order"),
        ({"x": "k", "x_scale": "log"}, "x_scale is 'log', but x is 'k', which is drawn as categories; remove it"),
        ({"x": "day", "x_scale": "log"}, "x_scale is 'log', but x is 'day', which holds times; remove it"),
        ({"y": "w", "normalize": True}, "normalize is True, but the chart 'scatter' has no counts of rows; use kind='bar' or 'histogram'"),
        ({"y": "w", "max_categories": 3}, "max_categories is 3, but the chart 'scatter' has no categories; remove it"),
        ({"labels": {"vv": "V"}}, "labels names 'vv', expected one of 'v'; did you mean 'v'?"),
        ({"theme": "drak"}, "theme is 'drak', expected one of 'auto', 'light', 'dark'; did you mean 'dark'?"),
        ({"title": 3}, "title is 3, expected a text; write title='…'"),
        ({"x": "k", "max_categories": "x"}, "max_categories is 'x', expected 2 or more"),
        ({"x": "k", "normalize": "x"}, "normalize is 'x', expected True or False; write normalize=True"),
        ({"figsize": 3}, "figsize is 3, expected width and height in inches, above 0 and at most 100; try figsize=(6, 4)"),
        ({"x": None, "kind": "pairs", "facet": "k"}, "facet is 'k', but the chart 'pairs' shows numeric columns alone; give x and y"),
    ],
)  # fmt: skip
def test_refusals_name_value_and_fix(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(tn.InputError) as caught:
        tn.plot(FRAME, **{"x": "v", **options})
    assert str(caught.value).endswith(sentence)


def edges_of(figure: Figure) -> list[float]:
    return [round(bar.get_x(), 6) for bar in figure.axes[0].patches]


def test_bins_are_as_many_as_asked_or_have_the_edges_given() -> None:
    counts, edges = np.histogram(FRAME["v"], 7)
    bars = tn.plot(FRAME, "v", bins=7).axes[0].patches
    assert np.allclose([bar.get_x() for bar in bars], edges[:-1])
    assert [bar.get_height() for bar in bars] == counts.tolist()
    figure = tn.plot(FRAME, "v", bins=[4, 8, 10, 14])
    assert edges_of(figure) == [4, 8, 10]
    inside = FRAME.filter(pl.col("v").is_between(4, 14)).height
    assert sum(bar.get_height() for bar in figure.axes[0].patches) == inside
    assert f"{ROWS - inside} rows off the axis" in figure.get_suptitle()
    first, last = np.floor(FRAME["v"].min() / 5) * 5, np.floor(FRAME["v"].max() / 5) * 5
    assert edges_of(tn.plot(FRAME, "v", bin_width=5)) == np.arange(first, last + 1, 5).tolist()
    assert tn.plot(FRAME, "v", bins="auto").axes[0].get_xlim() == tn.plot(FRAME, "v").axes[0].get_xlim()


def test_bins_of_two_dimensions_are_a_pair() -> None:
    figure = tn.plot(FRAME, "v", "w", bins=([0, 10, 20], [-3, 0, 3, 6]))
    axes = figure.axes[0]
    assert (axes.get_xlim(), axes.get_ylim()) == ((0, 20), (-3, 6))
    counts = np.histogram2d(FRAME["v"], FRAME["w"], bins=[[0, 10, 20], [-3, 0, 3, 6]])[0]
    assert sorted(int(text.get_text()) for text in axes.texts) == sorted(int(n) for n in counts.ravel() if n)
    assert len(tn.plot(FRAME, "v", "w", kind="hist2d", bins=(1, 2)).axes[0].texts) == 2


def test_bins_of_dates_have_dates_as_edges_and_spans_as_width() -> None:
    axes = tn.plot(FRAME, "day", bins=["2023-01-01", dt.date(2023, 2, 1), np.datetime64("2023-03-01")]).axes[0]
    assert list(axes.lines[0].get_ydata()) == [31, 29]
    assert mdates.num2date(axes.get_xlim()[1]).date() == dt.date(2023, 3, 1)
    assert list(tn.plot(FRAME, "day", bin_width=dt.timedelta(days=30)).axes[0].lines[0].get_ydata()) == [30] * 4


def test_an_option_selects_a_chart_that_takes_it() -> None:
    assert len(tn.plot(FRAME, "v", color="k", bins=5).axes[0].get_xticks())
    assert tn.plot(FRAME, "v", "w", bins=4).axes[0].texts
    assert len(tn.plot(FRAME, "k", "v", jitter=0.1).axes[0].collections) == 3


def test_a_density_over_the_bars_has_their_area() -> None:
    axes = tn.plot(FRAME, "v", bins=np.linspace(0, 20, 11), density=True).axes[0]
    bars = sum(bar.get_height() * 2 for bar in axes.patches)
    assert np.trapezoid(axes.lines[0].get_ydata(), axes.lines[0].get_xdata()) == pytest.approx(bars, rel=0.05)
    assert len(tn.plot(FRAME, "v", color="k", bins=8, density=True).axes[0].lines) == 3


def labels(axes: Any, which: str = "x") -> list[str]:
    return [label.get_text() for label in getattr(axes, f"get_{which}ticklabels")()]


@pytest.mark.parametrize("kind", ["bar", "box", "violin", "mean", "strip", "clustered", "stacked", "heat"])
def test_categories_stand_in_the_order_given(kind: str) -> None:
    figure = tn.plot(FRAME, kind=kind, order=["c", "a"], **VARIABLES[kind])
    assert labels(figure.axes[0])[:2] == ["c", "a"]
    assert "30 rows of other categories left out" in figure.get_supxlabel()


def test_orders_of_several_columns_colors_and_panels() -> None:
    figure = tn.plot(FRAME, "k", "v", color="g", kind="box", color_order=["v", "u"], order=["b", "c", "a"])
    assert labels(figure.axes[0]) == ["b", "c", "a"]
    assert [text.get_text() for text in figure.axes[0].get_legend().get_texts()] == ["v", "u"]
    panels = tn.plot(FRAME, "v", facet="k", order={"k": ["c", "a", "b"]}).axes
    assert [axes.get_title(loc="left") for axes in panels] == ["c", "a", "b"]
    heat = tn.plot(FRAME, "k", "g", kind="heat", order={"g": ["v", "u"]}).axes[0]
    assert labels(heat, "y") == ["v", "u"]
    many = pl.DataFrame({"c": [f"c{i % 40:02}" for i in range(400)]})
    assert labels(tn.plot(many, "c", order=["c39", "c38"]).axes[0]) == ["c39", "c38"]
    codes = {"n": [1, 2, 3, 3] * 20}
    assert labels(tn.plot(codes, "n", kind="bar", order=[3, 1]).axes[0]) == ["3", "1"]
    flags = {"flag": [True, False, True] * 9}
    assert labels(tn.plot(flags, "flag", order=[False, True]).axes[0]) == ["false", "true"]
    counts = tn.plot(Bars(("a", "b"), (3, 9)), "k", order=["b", "a"]).axes[0]
    assert [bar.get_height() for bar in counts.patches] == [9, 3]


def faces(figure: Figure) -> list[str]:
    return [to_hex(shape.get_facecolor()[0]) for shape in figure.axes[0].collections if len(shape.get_offsets()) > 1]


@pytest.mark.parametrize(
    ("palette", "expected"),
    [
        (["red", "blue", "k"], ["#ff0000", "#0000ff", "#000000"]),
        ({"b": "lime", "a": "red", "c": "C0"}, ["#ff0000", "#00ff00", "#1f77b4"]),
        ("Set2", ["#66c2a5", "#fc8d62", "#8da0cb"]),
        ("tab10", ["#1f77b4", "#ff7f0e", "#2ca02c"]),
        ("colorblind", ["#0072b2", "#009e73", "#d55e00"]),
    ],
)
def test_a_palette_is_a_name_a_list_or_a_color_for_each_category(palette: Any, expected: list[str]) -> None:
    assert faces(tn.plot(FRAME, "v", "w", color="k", palette=palette)) == expected


def test_without_a_color_column_a_palette_colors_categories_or_gives_its_first_color() -> None:
    assert faces(tn.plot(FRAME, "v", "w", palette=["red", "blue"])) == ["#ff0000"]
    bars = tn.plot(FRAME, "k", palette=COLORS).axes[0].patches
    assert [to_hex(bar.get_facecolor()) for bar in bars] == COLORS
    boxes = tn.plot(FRAME, "k", "v", kind="box", palette=COLORS).axes[0].patches
    assert [to_hex(box.get_facecolor()) for box in boxes] == COLORS


def test_one_color_and_opacity_for_all_marks() -> None:
    bars = tn.plot(FRAME, "v", color="red", alpha=0.4).axes[0].patches
    assert {bar.get_facecolor() for bar in bars} == {to_rgba("red", 0.4)}
    points = tn.plot(FRAME, "v", "w", color=(0, 1, 0), alpha=0.3).axes[0].collections[0]
    assert tuple(points.get_facecolor()[0]) == to_rgba((0, 1, 0), 0.3)


def test_a_color_map_colors_cells_and_points() -> None:
    assert tn.plot(FRAME, "v", "w", kind="hist2d", cmap="magma").axes[0].collections[0].get_cmap().name == "magma"
    assert tn.plot(FRAME, "v", "w", color="w", cmap="plasma").axes[0].collections[0].get_cmap().name == "plasma"
    mesh = tn.plot(FRAME, x=["v", "w"], kind="correlation", cmap="coolwarm").axes[0].collections[0]
    assert mesh.get_cmap().name == "coolwarm"
    assert mesh.get_clim()[0] == -mesh.get_clim()[1]


def test_points_move_as_far_apart_as_asked() -> None:
    for jitter, most in ((0.1, 0.1), (False, 0.0), (True, 0.28)):
        points = tn.plot(FRAME, "k", "v", kind="strip", jitter=jitter).axes[0].collections
        spots = np.concatenate([np.asarray(part.get_offsets())[:, 0] for part in points])
        assert np.abs(spots - np.rint(spots)).max() == pytest.approx(most, abs=0.02)
    moved = np.asarray(tn.plot(FRAME, "v", "w", jitter=0.1).axes[0].collections[0].get_offsets())
    apart = np.abs(moved - FRAME[["v", "w"]].to_numpy()).max(axis=0)
    assert np.allclose(apart, 0.1 * np.ptp(FRAME[["v", "w"]].to_numpy(), axis=0), rtol=0.05)


def test_widths_of_bars_boxes_and_rings() -> None:
    assert {bar.get_width() for bar in tn.plot(FRAME, "k", width=0.3).axes[0].patches} == {0.3}
    boxes = tn.plot(FRAME, "k", "v", kind="box", width=0.3).axes[0].patches
    assert [box.get_width() for box in boxes] == pytest.approx([0.3] * 3)
    assert {wedge.width for wedge in tn.plot(FRAME, "k", kind="donut", width=0.2).axes[0].patches} == {0.2}


def test_limits_beyond_the_bulk_show_all_values_in_fine_bins() -> None:
    heavy = {"x": [*np.linspace(-3, 3, 400).tolist(), 500.0, -40.0, 39.0]}
    assert tn.plot(heavy, "x").axes[0].get_xlim()[1] < 30
    axes = tn.plot(heavy, "x", x_limits=(-50, 50)).axes[0]
    assert axes.get_xlim() == (-50, 50)
    assert sum(bar.get_height() for bar in axes.patches) == 402


def test_limits_have_ticks_within_and_count_the_rows_beyond() -> None:
    figure = tn.plot(FRAME, "v", "w", x_limits=(9, 10), ylim=(None, 1))
    axes = figure.axes[0]
    assert axes.get_xlim() == (9, 10)
    assert axes.get_ylim()[1] == 1
    assert len(axes.get_xticks()) >= 3
    assert all(9 <= tick <= 10 for tick in axes.get_xticks())
    beyond = FRAME.filter(~pl.col("v").is_between(9, 10)).height
    assert f"{beyond} rows off the x axis" in figure.get_suptitle()
    days = tn.plot(FRAME, "day", "w", x_limits=(dt.date(2023, 2, 1), "2023-02-10")).axes[0]
    assert [mdates.num2date(end).date() for end in days.get_xlim()] == [dt.date(2023, 2, 1), dt.date(2023, 2, 10)]
    assert len(days.get_xticks()) >= 2
    panels = tn.plot(FRAME, "v", facet="k", y_limits=(0, 50)).axes
    assert {axes.get_ylim() for axes in panels} == {(0, 50)}
    wide = tn.plot({"name": ["a rather long name", "b"] * 30, "value": range(60)}, "name", "value", y_limits=(0, 99))
    assert wide.axes[0].get_xlim() == (0, 99)


def test_counts_may_have_a_log_axis() -> None:
    axes = tn.plot(FRAME, "v", y_scale="log").axes[0]
    assert axes.get_yscale() == "log"
    assert axes.get_ylim()[0] < 1


def test_labels_stand_in_for_names_everywhere() -> None:
    figure = tn.plot(FRAME, "day", "w", labels={"w": "Way (m)", "day": "Date"})
    axes = figure.axes[0]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("Date", "Way (m)")
    assert figure.get_suptitle().startswith("Way (m) rises over time")
    assert tn.plot(FRAME, "v", labels={"rows": "days"}).axes[0].get_ylabel() == "days"
