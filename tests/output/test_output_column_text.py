"""Sentences on columns and pairs, and the chart code of a notebook."""

from __future__ import annotations

import re

import numpy as np
import polars as pl
import pytest

import tidynet as tn
from tidynet.core.text import format_percent
from tidynet.output.notebook.chart_code import column_chart, pair_chart, small_multiples
from tidynet.output.report.explore_text import describe_column, describe_correlations, describe_target_association
from tidynet.profiling.counts import Bars
from tidynet.profiling.profile import PairCounts, PairProfile, Profile, TargetAssociation


@pytest.fixture(scope="module")
def frame() -> pl.DataFrame:
    rng = np.random.default_rng(0)
    rank = rng.choice([1, 2, 3, 4], 200, p=[0.1, 0.5, 0.3, 0.1])
    size = np.array(["small", "medium", "large"])[rng.choice(3, 200, p=[0.2, 0.2, 0.6])]
    return pl.DataFrame(
        {
            "pay": np.round(np.exp(rng.normal(7, 1.4, 200)), 1),
            "rank": [None, *rank[1:]],
            "size": size,
            "left": rng.random(200) < 0.25,
            "visits": np.where(rng.random(200) < 0.3, 0, rng.integers(0, 30, 200)),
            "price_$_us_$": rng.normal(10, 1, 200).round(2),
            "day": pl.datetime_range(pl.datetime(2030, 1, 1), pl.datetime(2030, 7, 19), "1d", eager=True),
        }
    )


@pytest.fixture(scope="module")
def profile(frame: pl.DataFrame) -> Profile:
    return tn.explore(frame, target="left").profile


def test_each_variable_type_has_its_description(frame: pl.DataFrame, profile: Profile) -> None:
    false = format_percent(1 - frame["left"].mean())
    assert describe_column(profile["left"]).startswith(f"false {false}, true ")
    rank = describe_column(profile["rank"])
    assert rank.startswith("4 categories from 1 to 4; most frequent: 2 (")
    assert rank.endswith(" 1 missing value (0.5%).")
    assert describe_column(profile["size"]).startswith("3 categories from small to large; most frequent: large (")
    pay = describe_column(profile["pay"])
    assert re.fullmatch(
        r"range .* to .*; middle half .* to .*; median .*; mean .*; skewed to the right \(skew .*\)\.", pay
    )
    assert describe_column(profile["day"]).startswith("range 2030-01-01 to 2030-07-19; middle half 2030-")
    zeros = int((frame["visits"] == 0).sum())
    assert f" {zeros} zeros (" in describe_column(profile["visits"])


def test_a_column_without_values_has_one_sentence() -> None:
    seen = tn.explore({"a": [1.5, 2.5] * 20, "b": [None] * 40}).profile
    assert describe_column(seen["b"]) == "all values are missing."


def test_the_strongest_correlation_is_named_with_its_value() -> None:
    pairs = [
        PairProfile("a", "b", {"Pearson": 0.4}, 0.4, 0.1, 90),
        PairProfile("b", "c", {"Pearson": -0.83}, 0.8, 0.1, 90),
        PairProfile("c", "d", {"Pearson": 0.99}, 0.9, 0.1, 90),
    ]
    assert (
        describe_correlations(["a", "b", "c"], pairs)
        == "Pearson correlation of 3 numeric columns; strongest: b and c, −0.83."
    )
    assert describe_correlations(["a", "d"], pairs) == "Pearson correlation of 2 numeric columns; none is significant."


@pytest.mark.parametrize(("name", "order"), [("rank", ["1", "2", "3", "4"]), ("size", ["small", "medium", "large"])])
def test_bars_of_an_ordinal_are_in_its_order(
    frame: pl.DataFrame, profile: Profile, name: str, order: list[str]
) -> None:
    code = column_chart(profile[name])
    known = {"frame": frame.to_pandas()}
    exec(code.partition("\n")[0], known)
    assert [str(one) for one in known["categories"].index] == order
    assert known["categories"].sum() == frame[name].count()


def test_skewed_columns_are_drawn_on_a_log_axis(profile: Profile) -> None:
    assert "log_scale=True" in column_chart(profile["pay"])
    assert "log_scale=True" in small_multiples([profile["pay"]])
    assert "log" not in column_chart(profile["visits"])


def test_whole_numbers_have_a_bar_each(profile: Profile) -> None:
    assert "discrete=True" in column_chart(profile["visits"])
    assert "discrete=True" in small_multiples([profile["visits"]])


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:vert. bool was deprecated")  # seaborn gives it
def test_every_chart_draws_and_its_tick_labels_are_no_formulas(frame: pl.DataFrame, profile: Profile) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt
    import pandas as pd
    import seaborn as sns

    known = {"frame": frame.to_pandas(), "pd": pd, "sns": sns, "plt": plt}
    with mpl.rc_context({"text.parse_math": False}):
        for x in profile.columns:
            for code in (column_chart(x), small_multiples([x]), *(pair_chart(x, y, 200) for y in profile.columns)):
                exec(code.replace("plt.show()", "plt.gcf().canvas.draw()"), dict(known))
                ticks = [one.get_text() for axes in plt.gcf().axes for one in axes.get_xticklabels(which="both")]
                assert not [one for one in ticks if "mathdefault" in one]
                plt.close()


def test_where_a_class_of_the_target_is_most_frequent() -> None:
    wide = pl.DataFrame({"x": range(400), "y": ["yes" if n >= 200 else "no" for n in range(400)]})
    (association,) = tn.explore(wide, target="y").profile.target_associations
    text = describe_target_association(association)
    result = re.fullmatch(r"yes: (\d+)% of the rows with x ≥ (\d+), (\d+)% with x < \2\.", text)
    assert result is not None, text
    above, below = wide.filter(pl.col("x") >= int(result[2])), wide.filter(pl.col("x") < int(result[2]))
    assert [int(result[1]), int(result[3])] == [round(100 * (rows["y"] == "yes").mean()) for rows in (above, below)]
    counts = PairCounts(Bars(("a", "b"), (40, 5)), Bars(("p", "q", "r"), (20, 20, 5)), ((20, 20, 0), (0, 0, 5)))
    few = TargetAssociation("x", 0.1, 0.1, 0.1, 45, counts)  # 5 rows are too few to compare
    assert describe_target_association(few) == ""
    assert describe_target_association(TargetAssociation("x", 0.1, 0.1, 0.1, 45)) == ""
