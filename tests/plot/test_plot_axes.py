"""Charts in axes of the user, unlike charts in one figure, axes of dates, values of any kind as data."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path
from typing import Any

import matplotlib.dates as mdates
import numpy as np
import pandas as pd
import polars as pl
import pytest
from matplotlib.figure import Figure
from PIL import Image

import tidynet as tn

RANDOM = np.random.default_rng(1)
ROWS = 90
FRAME = pl.DataFrame(
    {
        "v": RANDOM.normal(10, 3, ROWS),
        "w": RANDOM.normal(0, 1, ROWS),
        "k": ["a", "b", "c"] * (ROWS // 3),
        "day": pl.date_range(pl.date(2007, 12, 1), pl.date(2007, 12, 1) + pl.duration(days=ROWS - 1), eager=True),
        "part": [None if i % 9 == 0 else i / 7 for i in range(ROWS)],
    }
)
ONE_PANEL = {
    "bar": {"x": "k"}, "donut": {"x": "k"}, "histogram": {"x": "v"}, "density": {"x": "v"},
    "box": {"x": "k", "y": "v"}, "violin": {"x": "k", "y": "v"}, "strip": {"x": "k", "y": "v"},
    "scatter": {"x": "v", "y": "w"}, "hexagon": {"x": "v", "y": "w"}, "heat": {"x": "k", "y": "k"},
    "time": {"x": "day", "y": "v"}, "calendar": {"x": "day"}, "correlation": {"x": ["v", "w"]},
}  # fmt: skip


def axes_of_user(count: int = 1) -> tuple[Figure, Any]:
    figure = Figure(figsize=(5 * count, 4), layout="constrained")
    return figure, figure.subplots(1, count)


@pytest.mark.parametrize("kind", ONE_PANEL)
def test_a_chart_is_drawn_into_given_axes_and_leaves_the_others_alone(kind: str) -> None:
    figure, (left, right) = axes_of_user(2)
    right.plot([0, 1], [0, 1])
    before = len(right.get_children())
    assert tn.plot(FRAME, kind=kind, title="left", ax=left, **ONE_PANEL[kind]) is figure
    figure.draw_without_rendering()
    assert left.has_data()
    assert left.get_title(loc="left") == "left"
    assert len(right.get_children()) == before
    assert figure.get_suptitle() == ""


def test_notes_stand_below_given_axes_and_further_charts_widen_the_limits() -> None:
    _, axes = axes_of_user()
    tn.plot(FRAME, "part", ax=axes)
    assert axes.get_xlabel() == "part"
    assert [text.get_text() for text in axes.texts] == ["10 missing"]
    _, axes = axes_of_user()
    axes.plot([-100, 100], [50, 60])
    tn.plot(FRAME, "v", "w", kind="scatter", ax=axes)
    assert axes.get_xlim()[0] <= -100
    assert axes.get_ylim()[1] >= 60
    assert max(axes.get_xticks()) > 20


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"ax": 3}, "ax is 3, expected matplotlib Axes or a SubFigure; create axes with plt.subplots()"),
        ({"ax": axes_of_user(2)[1]}, "ax is several axes, expected matplotlib Axes or a SubFigure; give one of them"),
        ({"ax": axes_of_user()[1], "figsize": (3, 3)}, "figsize is [3.0, 3.0], but ax has a size; remove figsize"),
        ({"ax": axes_of_user()[1], "theme": "dark"}, "theme is 'dark', but ax has the background of its figure; remove theme"),
        ({"ax": axes_of_user()[1], "kind": "zoom"}, "ax is one pair of axes, but the chart 'zoom' has several panels; give a SubFigure of matplotlib, or remove ax"),
        ({"ax": axes_of_user()[1], "facet": "k"}, "ax is one pair of axes, but the chart 'histogram' has several panels; give a SubFigure of matplotlib, or remove ax"),
        ({"ax": Figure().add_subplot(projection="polar")}, "ax has a polar projection, expected plain axes; create axes with plt.subplots()"),
    ],
)  # fmt: skip
def test_axes_that_cannot_hold_the_chart_are_refused(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(tn.InputError) as caught:
        tn.plot(FRAME, "v", **options)
    assert str(caught.value) == sentence


def test_a_subfigure_holds_charts_of_several_panels() -> None:
    figure = Figure(figsize=(9, 4), layout="constrained")
    left, right = figure.subfigures(1, 2)
    tn.plot(FRAME, "v", kind="zoom", ax=left)
    tn.plot(FRAME, "v", facet="k", ax=right)
    figure.draw_without_rendering()
    assert (len(left.axes), len(right.axes)) == (2, 3)
    assert right.get_suptitle()


def test_unlike_charts_stand_in_one_grid() -> None:
    charts = ["k", ("v", "w"), {"x": "v", "kind": "zoom"}, {"data": {"n": [1, 2, 3]}, "x": "n"}]
    figure = tn.plot.grid(FRAME, charts, title="all of it", columns=2)
    figure.draw_without_rendering()
    assert len(figure.axes) == 5
    assert figure.get_suptitle() == "all of it"
    assert {axes.get_xlabel() for axes in figure.axes} == {"k", "v", "n"}
    for wrong, sentence in (
        ([], "charts has 0 charts, expected 1 or more; give a column for each"),
        ([3], "a chart of the grid is 3, expected a dict, a column or (x, y); write {'x': …}"),
        ([{"x": "v", "ax": None}], "a chart of the grid has the option 'ax'; remove ax"),
    ):
        with pytest.raises(tn.InputError) as caught:
            tn.plot.grid(FRAME, wrong)
        assert str(caught.value) == sentence


OVER_DATES: dict[str, tuple[dict[str, Any], str]] = {
    "time": ({"x": "day", "y": "v"}, "x"), "time of rows": ({"x": "day"}, "x"),
    "histogram": ({"x": "day", "kind": "histogram"}, "x"), "density": ({"x": "day", "kind": "density"}, "x"),
    "scatter": ({"x": "day", "y": "v", "kind": "scatter"}, "x"), "line": ({"x": "day", "y": "v", "kind": "line"}, "x"),
    "regression": ({"x": "day", "y": "v", "kind": "regression"}, "x"),
    "hist2d": ({"x": "day", "y": "v", "kind": "hist2d"}, "x"), "hexagon": ({"x": "v", "y": "day", "kind": "hexagon"}, "y"),
    "box": ({"x": "day", "kind": "box"}, "x"), "violin": ({"x": "k", "y": "day", "kind": "violin"}, "y"),
    "ridgeline": ({"x": "day", "y": "k"}, "x"), "facets": ({"x": "day", "y": "v", "facet": "k"}, "x"),
}  # fmt: skip


@pytest.mark.parametrize("name", OVER_DATES)
def test_axes_of_dates_are_those_of_matplotlib(name: str) -> None:
    options, which = OVER_DATES[name]
    figure = tn.plot(FRAME, **options)
    axes = figure.axes[0]
    low, high = axes.get_xlim() if which == "x" else axes.get_ylim()
    assert dt.date(2007, 9, 1) < mdates.num2date(low).date() <= dt.date(2007, 12, 2)
    assert dt.date(2008, 2, 27) <= mdates.num2date(high).date() < dt.date(2008, 6, 1)
    line = (axes.axvline if which == "x" else axes.axhline)(dt.date(2008, 1, 1))
    place = (line.get_xdata() if which == "x" else line.get_ydata())[0]
    assert mdates.date2num(place) == mdates.date2num(dt.date(2008, 1, 1)) == 13879
    axis = axes.xaxis if which == "x" else axes.yaxis
    assert isinstance(axis.get_major_locator(), mdates.DateLocator)
    texts = [label.get_text() for label in axis.get_ticklabels()]
    assert any(text.startswith(("2007-12", "2008-0")) for text in texts)
    axis.set_major_locator(mdates.MonthLocator())
    axis.set_major_formatter(mdates.DateFormatter("%b %Y"))
    figure.draw_without_rendering()
    assert "Jan 2008" in [label.get_text() for label in axis.get_ticklabels()]


def test_ticks_of_dates_follow_the_view_and_hours_stay_whole() -> None:
    axes = tn.plot(FRAME, "day", "v").axes[0]
    axes.set_xlim(dt.date(2008, 1, 1), dt.date(2008, 1, 9))
    assert next(label.get_text() for label in axes.get_xticklabels()).startswith("2008-01-0")
    hours = {"at": [dt.datetime(2024, 3, 1) + dt.timedelta(hours=h) for h in range(48)], "n": range(48)}
    texts = [label.get_text() for label in tn.plot(hours, "at", "n").axes[0].get_xticklabels()]
    assert all(text.endswith(":00") for text in texts)


SERIES = [
    pl.Series("v", [1.5, 2.5, 2.5, 9.0]), pd.Series([1.5, 2.5, 2.5, 9.0], name="v"), {"v": [1.5, 2.5, 2.5, 9.0]},
    pl.DataFrame({"v": [1.5, 2.5, 2.5, 9.0]}),
]  # fmt: skip


@pytest.mark.parametrize("data", [*SERIES, np.array([1.5, 2.5, 2.5, 9.0]), [1.5, 2.5, 2.5, 9.0], (1.5, 2.5, 2.5, 9.0)])
def test_one_column_is_a_series_an_array_or_a_list(data: Any) -> None:
    name = "v" if isinstance(data, dict | pl.DataFrame) else None
    axes = tn.plot(data, name, bins=2).axes[0]
    assert [bar.get_height() for bar in axes.patches] == [3, 1]
    assert axes.get_xlabel() == ("x" if isinstance(data, np.ndarray | list | tuple) else "v")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (["a", "b", "a"], ["a", "b"]),
        ([True, False, True], ["true", "false"]),
        (Counter("aab"), ["a", "b"]),
        ({"x": 3, "y": 1}, ["x", "y"]),
        (pd.Series(["u", None, "v", "u"]), ["u", "v"]),
        (pl.Series(["q", "q", "r"], dtype=pl.Categorical), ["q", "r"]),
    ],
)
def test_categories_are_lists_or_counts(data: Any, expected: list[str]) -> None:
    assert [label.get_text() for label in tn.plot(data).axes[0].get_xticklabels()] == expected


def test_values_stand_for_columns() -> None:
    x, y = np.linspace(0, 5, 40), np.linspace(3, 9, 40) ** 2
    for figure in (
        tn.plot(x=x, y=y),
        tn.plot(x, y),
        tn.plot(x=pd.Series(x), y=pl.Series(y)),
        tn.plot(x=list(x), y=tuple(y)),
    ):
        assert np.allclose(np.asarray(figure.axes[0].collections[0].get_offsets()), np.column_stack([x, y]))
    named = tn.plot(x=pl.Series("speed", x), y=pd.Series(y, name="way"), color=["a", "b"] * 20).axes[0]
    assert (named.get_xlabel(), named.get_ylabel()) == ("speed", "way")
    assert [text.get_text() for text in named.get_legend().get_texts()] == ["a", "b"]
    assert tn.plot(FRAME, "v", "w", color=np.arange(ROWS)).axes[1].get_ylabel() == "color"
    assert tn.plot.explain_choice([1, 2, 3]).startswith("histogram: `x` is ")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({}, "no data is given, expected a table or values as x; write plot(table) or plot(x=…)"),
        ({"data": FRAME, "x": [1, 2]}, "'x' has 2 values, expected 90; give one for each row of the table"),
        ({"data": {"a": -1}}, "the count of 'a' is -1, expected 0 or more; give counts"),
        ({"data": [1, 2], "x": [1, 2], "y": [1, 2]}, "data, x and y are all values, expected a table or two of them; write plot(x=…, y=…)"),
        ({"data": {"a": 3}, "facet": "a"}, "facet is 'a', but counts have no further variable; give the table"),
        ({"data": {"a": 3}, "x_scale": "log"}, "x_scale is 'log', but counts have the scale of their bins; give the table"),
    ],
)  # fmt: skip
def test_values_that_make_no_table_are_refused(arguments: dict[str, Any], sentence: str) -> None:
    with pytest.raises(tn.InputError) as caught:
        tn.plot(**arguments)
    assert str(caught.value) == sentence


def test_a_saved_figure_has_its_alternative_text(tmp_path: Path) -> None:
    figure: Any = tn.plot(FRAME, "v", title="speeds")
    assert figure.alt == "histogram of v: speeds"
    figure.save(tmp_path / "a.png")
    figure.save(tmp_path / "b.svg", alt="my <text>")
    figure.savefig(tmp_path / "c.svg")
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.info["Description"] == "histogram of v: speeds"
    assert 'aria-label="my &lt;text&gt;"' in (tmp_path / "b.svg").read_text("utf-8")
    assert "histogram of v: speeds" in (tmp_path / "c.svg").read_text("utf-8")
    assert figure.ax is figure.axes[0]
