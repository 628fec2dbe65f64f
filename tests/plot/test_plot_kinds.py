"""Every chart by kind of variable: its structure follows the rules, on rows and on counts alike."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import polars as pl
import pytest
from matplotlib import rcParams
from matplotlib.figure import Figure

import tidynet as tn
from tidynet.plot.chart_registry import CHART_NAMES, CHARTS
from tidynet.profiling.counts import Bars, Histogram, count_values
from tidynet.profiling.profile import ColumnProfile, PairCounts, PairProfile

RANDOM = np.random.default_rng(0)
ROWS = 120
TABLE = pl.DataFrame(
    {
        "level": [("low", "high", "middle")[i % 3] for i in range(ROWS)],
        "other": [("u", "v", "u", "w")[i % 4] for i in range(ROWS)],
        "value": [float(i % 3) * 2 + float(RANDOM.normal()) for i in range(ROWS)],
        "income": (10 ** RANDOM.normal(4, 0.7, ROWS)).tolist(),
        "rank": [i % 4 + 1 for i in range(ROWS)],
        "day": pl.date_range(pl.date(2023, 1, 1), pl.date(2023, 1, 1) + pl.duration(days=ROWS - 1), eager=True),
        "partial": [None if i % 10 == 0 else float(RANDOM.normal()) for i in range(ROWS)],
    }
)
# What each chart is asked to draw from the table above.
VARIABLES: dict[str, dict[str, str]] = {
    **{key: {"x": "level"} for key in ("bar", "pie", "donut", "waffle")},
    **{key: {"x": "value"} for key in ("histogram", "density", "zoom")},
    **{key: {"x": "level", "y": "value"} for key in ("box", "violin", "mean", "strip", "ridgeline")},
    **{key: {"x": "income", "y": "value"} for key in ("scatter", "regression", "hist2d", "hexagon", "line")},
    **{key: {"x": "level", "y": "other"} for key in ("clustered", "stacked", "heat")},
    **{key: {"x": "day", "y": "value"} for key in ("time", "seasons", "calendar")},
    "pairs": {},
    "correlation": {},
}


def drawn(figure: Figure) -> Any:
    figure.draw_without_rendering()  # lays everything out: warnings are errors here
    return figure.axes[0]


def labels(axes: Any, axis: str) -> list[str]:
    return [label.get_text() for label in getattr(axes, f"get_{axis}ticklabels")()]


def note(figure: Figure) -> str:
    return figure.get_supxlabel()


def test_every_chart_is_tried() -> None:
    assert set(VARIABLES) == set(CHART_NAMES)


@pytest.mark.parametrize("kind", CHART_NAMES)
def test_every_chart_is_drawn_and_leaves_the_global_style_alone(kind: str) -> None:
    before = dict(rcParams)
    axes = drawn(tn.plot(TABLE, **VARIABLES[kind], kind=kind))
    assert axes.has_data()
    assert dict(rcParams) == before


@pytest.mark.parametrize("kind", [kind for kind, takes in CHARTS.items() if "level" in VARIABLES[kind].values()])
def test_charts_of_levels_name_every_level(kind: str) -> None:
    figure = tn.plot(TABLE, **VARIABLES[kind], kind=kind)
    axes = drawn(figure)
    texts = {text.get_text().split("\n")[0].split("  ")[0] for text in axes.texts}
    assert {"low", "high", "middle"} <= set(labels(axes, "x")) | set(labels(axes, "y")) | texts


def counts_of(kind: str) -> Any:
    values = count_values(TABLE["value"])
    days = count_values(TABLE["day"])
    incomes = count_values(TABLE["income"])
    assert values is not None and days is not None and incomes is not None  # noqa: PT018
    levels, others = Bars(("low", "high", "middle"), (40, 40, 40)), Bars(("u", "v", "w"), (60, 30, 30))
    by_name: dict[str, Bars | Histogram] = {
        "level": levels,
        "other": others,
        "value": values,
        "income": incomes,
        "day": days,
    }
    x, y = (by_name.get(VARIABLES[kind].get(place, "")) for place in "xy")
    if y is None:
        return x
    assert x is not None
    cells = [[1 + (i + j) % 3 for j in range(len(y.counts))] for i in range(len(x.counts))]
    return PairCounts(x, y, tuple(map(tuple, cells)))


@pytest.mark.parametrize("kind", CHARTS)
def test_every_chart_is_drawn_from_counts_alone(kind: str) -> None:
    axes = drawn(tn.plot(counts_of(kind), "x", None if len(VARIABLES[kind]) == 1 else "y", kind=kind))
    assert axes.has_data()


def test_a_profile_brings_its_own_names() -> None:
    column = ColumnProfile("level", "nominal", "", 120, 0, chart_counts=Bars(("a", "b"), (80, 40), missing=3))
    figure = tn.plot(column)
    assert (drawn(figure).get_xlabel(), note(figure)) == ("level", "3 missing")
    pair = PairProfile("level", "other", {}, 0.5, 0.1, 120, counts_of("heat"))
    assert drawn(tn.plot(pair)).get_ylabel() == "other" or drawn(tn.plot(pair)).get_xlabel() == "level"


def test_bars_are_ordered_by_frequency_and_ordinals_by_their_own_order() -> None:
    axes = drawn(tn.plot({"fruit": ["fig", "pear", "pear", "kiwi", "pear", "fig"] * 3}, "fruit"))
    assert labels(axes, "x") == ["pear", "fig", "kiwi"]
    assert [bar.get_height() for bar in axes.patches] == [9, 6, 3]
    axes = drawn(tn.plot({"size": ["small", "large", "medium", "large"] * 3}, "size"))
    assert labels(axes, "x") == ["small", "medium", "large"]


def test_fractions_are_labeled_in_percent() -> None:
    axes = drawn(tn.plot({"answer": ["yes"] * 3 + ["no"]}, "answer", kind="bar", normalize=True))
    assert [text.get_text() for text in axes.texts] == ["75%", "25%"]
    assert axes.get_ylabel() == "percentage of rows"


def test_bars_with_a_color_are_clustered() -> None:
    axes = drawn(tn.plot(TABLE, "level", kind="bar", color="other"))
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["u", "v", "w"]
    assert len(axes.patches) == 9


def test_a_waffle_has_a_hundred_squares() -> None:
    axes = drawn(tn.plot(TABLE, "level", kind="waffle"))
    assert len(axes.patches) == 100


def test_pie_slices_carry_their_shares() -> None:
    axes = drawn(tn.plot({"answer": ["yes"] * 3 + ["no"]}, "answer", kind="pie"))
    assert [text.get_text() for text in axes.texts if text.get_text()] == ["yes\n75%", "no\n25%"]


def test_many_slices_are_refused_with_the_reason() -> None:
    with pytest.raises(tn.InputError) as caught:
        tn.plot({"letter": list("abcdefgh") * 2}, "letter", kind="pie")
    assert str(caught.value) == (
        "the pie of 'letter' has 8 slices, expected at most 6; use kind='bar' or max_categories=6"
    )
    assert drawn(tn.plot({"letter": list("abcdefgh") * 2}, "letter", kind="pie", max_categories=6)).has_data()


def test_whole_numbers_lie_in_the_middle_of_their_bins() -> None:
    axes = drawn(tn.plot({"goals": [1, 2, 2, 3] * 5, "y": range(20)}, "goals", kind="histogram"))
    assert [bar.get_x() for bar in axes.patches] == [0.5, 1.5, 2.5]


def test_skewed_numbers_get_a_log_axis_with_natural_labels() -> None:
    axes = drawn(tn.plot(TABLE, "income"))
    assert axes.get_xscale() == "log"
    assert {"1000", "10k"} <= set(labels(axes, "x"))
    assert tn.plot(TABLE, "income", x_scale="linear").axes[0].get_xscale() == "linear"


def test_a_square_root_axis_has_round_labels_from_zero() -> None:
    axes = drawn(tn.plot({"n": [0, 1, 4, 9, 100, 400, 900]}, "n", kind="histogram", x_scale="sqrt"))
    assert labels(axes, "x")[0] == "0"
    assert axes.get_xscale() == "function"


def test_a_log_axis_of_zeros_is_refused() -> None:
    with pytest.raises(tn.InputError) as caught:
        tn.plot({"n": [0.0, 1.5, 2.5]}, "n", x_scale="log")
    assert str(caught.value) == ("'n' has 1 value ≤ 0, which a log axis cannot show; use the scale 'sqrt' or 'linear'")


def test_zoom_shows_the_bulk_beside_the_whole() -> None:
    values = [*np.linspace(0, 10, 99).tolist(), 1000.0]
    figure = tn.plot({"x": values}, "x", kind="zoom")
    left, right = figure.axes
    assert left.get_xlim()[1] >= 1000
    assert right.get_xlim()[1] < 20
    assert right.get_title(loc="left") == "central 99% of rows"


def test_points_of_few_values_are_moved_apart_and_stay_within_the_axes() -> None:
    table = {"a": [i % 3 for i in range(90)], "b": [float(i) for i in range(90)]}
    axes = drawn(tn.plot(table, "a", "b", kind="scatter"))
    spots = np.asarray(axes.collections[0].get_offsets())
    assert len(np.unique(spots[:, 0])) > 3
    assert np.abs(spots[:, 0] - np.rint(spots[:, 0])).max() <= 0.25
    assert axes.get_xlim()[0] <= spots[:, 0].min() <= spots[:, 0].max() <= axes.get_xlim()[1]
    assert axes.collections[0].get_alpha() < 1


def test_too_many_points_are_counted_by_themselves() -> None:
    many = {"a": RANDOM.normal(size=6000), "b": RANDOM.normal(size=6000)}
    assert tn.plot.explain_choice(many, "a", "b").startswith("hist2d: ")
    axes = drawn(tn.plot(many, "a", "b"))
    assert sum(int(text.get_text()) for text in axes.texts) == 6000
    assert "0" not in {text.get_text() for text in axes.texts}
    assert note(tn.plot(many, "a", "b", kind="scatter")) == "random sample of 5,000 of 6,000 rows"


def test_a_regression_is_fitted_on_the_axes_as_drawn() -> None:
    x = 10.0 ** np.linspace(0, 4, 60)
    axes = drawn(tn.plot({"x": x, "y": x**2}, "x", "y", kind="regression", x_scale="log", y_scale="log"))
    line = axes.lines[0]
    assert np.allclose(np.asarray(line.get_ydata()), np.asarray(line.get_xdata()) ** 2)


def test_boxes_have_the_quartiles_of_pandas() -> None:
    axes = drawn(tn.plot(TABLE, "level", "value", kind="box"))
    box = axes.patches[labels(axes, "x").index("low")]
    first, third = TABLE.to_pandas().query("level == 'low'")["value"].quantile([0.25, 0.75])
    assert math.isclose(box.get_y(), first)
    assert math.isclose(box.get_y() + box.get_height(), third)


def test_long_names_make_any_chart_of_levels_lie_down() -> None:
    table = {"name": ["a rather long name", "b"] * 30, "value": [float(i) for i in range(60)]}
    for kind in ("violin", "box", "mean", "strip"):
        axes = drawn(tn.plot(table, "name", "value", kind=kind))
        assert set(labels(axes, "y")) == {"a rather long name", "b"}, kind


def test_color_has_a_legend_and_one_color_means_nothing_else() -> None:
    axes = drawn(tn.plot(TABLE, "income", "value", color="level"))
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["low", "middle", "high"]
    axes = drawn(tn.plot(TABLE, "level", "value", kind="violin"))
    assert len({tuple(shape.get_facecolor()[0]) for shape in axes.collections}) == 1
    assert axes.get_legend() is None


def test_facets_share_their_axes_and_name_their_levels() -> None:
    figure = tn.plot(TABLE, "income", "value", row="level", column="other")
    figure.draw_without_rendering()
    assert len(figure.axes) == 9
    assert len({(axes.get_xlim(), axes.get_ylim()) for axes in figure.axes}) == 1
    figure.axes[0].set_xlim(1, 10)
    assert figure.axes[-1].get_xlim() == (1, 10)
    assert [axes.get_title(loc="left") for axes in figure.axes[:3]] == ["u", "v", "w"]
    assert [axes.get_xlabel() for axes in figure.axes].count("income") == 3


def test_a_faceted_histogram_counts_over_the_same_bins_and_heights() -> None:
    figure = tn.plot(TABLE, "value", "level", kind="histogram")
    panels = figure.axes
    assert len(panels) == 3
    assert len({tuple(bar.get_x() for bar in axes.patches) for axes in panels}) == 1
    assert len({axes.get_ylim() for axes in panels}) == 1
    assert sum(bar.get_height() for axes in panels for bar in axes.patches) == ROWS


def test_missing_values_are_left_out_and_said() -> None:
    assert note(tn.plot(TABLE, "partial")) == "12 missing"
    assert note(tn.plot(TABLE, "value", "partial")) == "missing: partial 12"
    assert note(tn.plot(TABLE, "value", facet="partial")) == "missing: partial 12"
    assert note(tn.plot(TABLE, "value")) == ""


def test_a_column_without_values_is_said_in_words() -> None:
    figure = tn.plot(TABLE.with_columns(nothing=pl.lit(None, pl.Float64)), "nothing")
    assert [text.get_text() for text in drawn(figure).texts] == ["no complete rows"]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"x": "valu"}, "there is no column 'valu' among 'level', 'other', 'value', 'income', 'rank', 'day', 'partial'; did you mean 'value'?"),
        ({"x": "value", "kind": "voilin"}, "; did you mean 'violin'?"),
        ({"x": "value", "kind": "hist"}, "; did you mean 'histogram'?"),
        ({"x": "level", "kind": "histogram"}, "the chart 'histogram' needs one numeric variable, or one numeric and one categorical variable; 'level' is ordinal; use kind='auto'"),
        ({"x": "level", "y": "other", "kind": "scatter"}, "the chart 'scatter' needs two numeric variables; 'level' is ordinal and 'other' is nominal; use kind='auto'"),
        ({"x": "value", "size": "level", "y": "partial"}, "size is 'level', which is ordinal, expected a numeric column; give it as color"),
        ({"x": "value", "x_scale": "cubic"}, "the scale is 'cubic', expected 'auto', 'linear', 'log' or 'sqrt'"),
        ({"x": "value", "facet": "level", "row": "other"}, "facet is given with row or column; give facet alone, or row and column"),
        ({"x": "level", "color": "other", "kind": "pie"}, "color is 'other', but the chart 'pie' has no further variable; give it as facet"),
        ({"x": "level", "y": "value", "size": "partial", "kind": "violin"}, "size is 'partial', but the chart 'violin' has no points; use kind='scatter'"),
        ({"x": "level", "max_categories": 1}, "max_categories is 1, expected 2 or more"),
        ({"kind": "violin"}, "the chart 'violin' needs a variable; x and y are missing; give the column as x"),
        ({"x": ["level", "value"], "kind": "pairs"}, "'level' is ordinal, expected a numeric column; remove it"),
    ],
)  # fmt: skip
def test_refusals(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(tn.InputError) as caught:
        tn.plot(TABLE, **options)
    assert str(caught.value).endswith(sentence)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("income",), "histogram with a log axis: `income` is continuous with skewness"),
        (("level",), "bar: `level` is ordinal with 3 categories; rows per category"),
        (("level", "value"), "violin: `level` is ordinal with 3 categories, `value` is continuous with skewness"),
        (("income", "value"), "scatter with a log x axis: "),
        (("day", "value"), "time: `day` is datetime, "),
        (("level", "other"), "clustered: "),
    ],
)
def test_the_choice_is_explained(arguments: tuple[str, ...], sentence: str) -> None:
    assert tn.plot.explain_choice(TABLE, *arguments).startswith(sentence)


def test_titles_say_the_finding_or_what_was_asked() -> None:
    assert tn.plot(TABLE, "level", "value").get_suptitle().startswith("highest median in ‘middle’ (")
    assert tn.plot(TABLE, "value", title="my title").get_suptitle() == "my title"
    assert tn.plot(TABLE, "value", title="").get_suptitle() == ""


@pytest.mark.parametrize("kind", ["auto", *(kind for kind in CHARTS if kind not in ("time", "seasons", "calendar"))])
@pytest.mark.parametrize(
    "table",
    [
        pl.DataFrame({"level": ["a"], "other": ["b"], "value": [1.5], "income": [3.5]}),
        pl.DataFrame({"level": ["a"] * 9, "other": ["b"] * 9, "value": [5.0] * 9, "income": [5.0] * 9}),
        pl.DataFrame({"level": ["🍎", "محمد علي", "$x^2$"] * 9, "other": ["", "a " * 40, "東京"] * 9, "value": [1e100, -1e100, 0.0] * 9, "income": [1e-310, 2e-310, 1e-300] * 9}),
        pl.DataFrame({"level": ["a", "b", None] * 9, "other": ["b", None, "c"] * 9, "value": [math.inf, 1.0, math.nan] * 9, "income": [None, 1.0, 2.0] * 9}),
    ],
    ids=["one row", "all equal", "odd text and numbers", "missing"],
)  # fmt: skip
def test_odd_tables_are_drawn(kind: str, table: pl.DataFrame) -> None:
    variables = VARIABLES.get(kind, {"x": "level", "y": "value"})
    assert drawn(tn.plot(table, **variables, kind=kind)) is not None


def test_numbers_too_large_to_square_are_refused_but_counted() -> None:
    table = {"a": [1e300, -1e300, 0.0], "b": [1.0, 2.0, 3.5]}
    with pytest.raises(tn.InputError, match=r"'a' has the value 1e\+300, expected at most 1e\+140"):
        tn.plot(table, "a", "b")
    assert drawn(tn.plot(table, "a")).has_data()


def test_no_rows_are_refused() -> None:
    with pytest.raises(tn.InputError, match="the table has 0 rows, expected 1 or more"):
        tn.plot(TABLE.clear(), "value")
