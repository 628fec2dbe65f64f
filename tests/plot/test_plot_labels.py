"""Labels stay different when they are shortened; titles state the statistics of the values."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import stats

import tidynet as tn
from tidynet.plot.labels import fit_labels, text_width

SIZES = ("SMALL", "MEDIUM", "LARGE", "VERY LARGE", "SIZE NOT KNOWN")


@pytest.mark.parametrize("width", [10, 13.5, 24])
@pytest.mark.parametrize(
    "labels",
    [
        [f"UNKNOWN BIRD OR BAT - {size}" for size in SIZES],
        [f"North Western Regional Road number {n:02} (eastbound)" for n in range(1, 13)],
        [f"{'a' * 40}{n}" for n in range(12)],
        [f"{'a' * 20}{n}{'b' * 20}" for n in range(12)],
        ["UNKNOWN BIRD", "UNKNOWN BIRD - SMALL", "UNKNOWN BIRD - LARGE"],
        ["東京都港区芝公園四丁目二番八号", "東京都港区芝公園四丁目三番八号", "東京都港区芝公園"],
        ["red", "red ", "red\u00a0", "red\u200b"],
        ["", " ", "(empty)"],
        ["القاهرة الكبرى والجيزة", "القاهرة الكبرى وحلوان"],
    ],
    ids=range(9),
)
def test_labels_stay_different_and_within_their_width(labels: list[str], width: float) -> None:
    fitted = fit_labels(labels, width)
    assert len(set(fitted)) == len(labels)
    assert all(text_width(text) <= width + 1e-9 for text in fitted)


def test_the_part_that_differs_is_kept() -> None:
    assert fit_labels([f"UNKNOWN BIRD OR BAT - {size}" for size in SIZES[:2]], 13.5) == ["UNKNO…SMALL", "UNKN…MEDIUM"]
    assert fit_labels(["short", "a label that is long"], 13.5) == ["short", "a label that is…"]


def skewed() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    x = np.exp(rng.normal(4, 1.4, 400))
    return pd.DataFrame({"x": x, "y": x * np.exp(rng.normal(0, 1, 400)), "k": np.where(x > 60, "high", "low")})


def test_r_is_of_the_values_or_says_that_it_is_of_logarithms() -> None:
    frame = skewed()
    both = tn.plot(frame, "x", "y").get_suptitle()
    assert f"r of logarithms = {np.corrcoef(np.log(frame['x']), np.log(frame['y']))[0, 1]:.2f}" in both
    assert f"(r = {frame['x'].corr(frame['y']):.2f})" in tn.plot(frame, "x", "y", x_scale="linear").get_suptitle()
    pair = next(item for item in tn.explore(frame).profile.pairs if {item.x, item.y} == {"x", "y"})
    assert f"(r = {frame['x'].corr(frame['y']):.2f})" in tn.plot(pair).get_suptitle().replace("\n", " ")


@pytest.mark.parametrize("seed", range(5))
def test_medians_from_counts_are_those_of_the_values(seed: int) -> None:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"g": rng.choice(["a", "b", "c"], 300)})
    frame["v"] = rng.gamma(1, 100, 300) + frame["g"].map({"a": 0, "b": 40, "c": 300})
    pair = next(item for item in tn.explore(frame).profile.pairs if {item.x, item.y} == {"g", "v"})
    assert pair.chart_counts is not None
    medians = frame.groupby("g")["v"].median()
    categories = pair.chart_counts.x if pair.x == "g" else pair.chart_counts.y
    drawn = [item.median for item in pair.chart_counts.summaries if item is not None]
    assert drawn == pytest.approx([medians[name] for name in categories.categories])
    assert f"highest median in ‘c’ ({medians['c']:.3g}), lowest in ‘a’ ({medians['a']:.3g})" in " ".join(
        tn.plot(pair).get_suptitle().split()
    )


def test_the_test_of_a_title_is_that_of_scipy() -> None:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"g": rng.choice(["a", "b", "c"], 200), "v": rng.normal(size=200)})
    p = stats.f_oneway(*[part for _, part in frame.groupby("g")["v"]]).pvalue
    assert tn.plot(frame, "g", "v").get_suptitle() == (
        f"no significant difference between categories (ANOVA p = {p:.2f})"
    )


def test_equal_medians_are_named_together() -> None:
    frame = {"g": ["a", "b", "c"] * 40, "v": [1.0, 1.0, 2.0, 3.0, 3.0, 9.0] * 20}
    title = " ".join(tn.plot(frame, "g", "v").get_suptitle().split())
    assert title == "highest median in ‘c’ (5.5), lowest in ‘a’ and ‘b’ (2)"


@pytest.mark.parametrize("name", ["id", "code", "key", "number", "row_id"])
def test_numbers_that_are_called_codes_stay_numbers_beside_numbers(name: str) -> None:
    frame = pd.DataFrame({name: range(200), "neg": [-float(n) for n in range(200)]})
    assert tn.plot(frame, name, "neg").get_suptitle() == f"neg falls with {name} (r = −1.00)"


def test_titles_say_what_the_axis_leaves_out() -> None:
    values = np.append(np.random.default_rng(0).normal(50, 8, 400), 999.0)
    title = tn.plot({"v": values}, "v").get_suptitle()
    assert title.endswith("maximum 999 (1 row off the axis)")
    zeros = np.append(np.zeros(300), np.exp(np.random.default_rng(1).normal(5, 1.5, 100)))
    assert tn.plot({"v": zeros}, "v").get_suptitle().startswith("75% of values are 0; median 0, maximum ")


def test_repeated_columns_are_drawn_once_in_the_order_of_the_printed_association() -> None:
    rng = np.random.default_rng(0)
    number = rng.integers(0, 4, 300)
    frame = pl.DataFrame({
        "code": [f"C{n}" for n in number],
        "name": [["north", "south", "east", "west"][n] for n in number],
        "size": number * 2.0 + rng.normal(0, 1, 300),
        "other": rng.normal(size=300) + number,
    })  # fmt: skip
    profile = tn.explore(frame).profile
    drawn = [pair for pair in profile.pairs if pair.chart_counts is not None]
    assert all("name" not in (pair.x, pair.y) for pair in drawn)
    assert [pair.association for pair in drawn] == sorted((pair.association for pair in drawn), reverse=True)
    assert [{pair.x, pair.y} for pair in profile.pairs if pair.equivalent] == [{"code", "name"}]
