"""Small SVG figures: well formed for any text, small, and true to the counts."""

from __future__ import annotations

import itertools
from xml.etree import ElementTree

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidynet.plot.interval_svg import axis_range, small_axis, small_interval
from tidynet.plot.svg_column import column_svg
from tidynet.profiling.counts import Bars, count_categories, count_values

HOSTILE = "<script>alert(1)</script> & \"quoted\" 'single' \x00 $x_1$ ]]> -->"


def parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def rectangles(svg: str) -> list[ElementTree.Element]:
    return list(parsed(svg).iter("rect"))


@given(st.lists(st.tuples(st.text(max_size=30), st.integers(1, 10**9)), max_size=8), st.text(max_size=30))
def test_bars_of_any_levels_are_well_formed(levels: list[tuple[str, int]], name: str) -> None:
    bars = Bars(tuple(level for level, _ in levels), tuple(count for _, count in levels), 3, 5)
    assert len(rectangles(column_svg(bars, name))) == len(levels) + 1


def test_hostile_text_stays_text() -> None:
    svg = column_svg(count_categories(pl.Series([HOSTILE, "a"])), HOSTILE)
    root = parsed(svg)
    assert "<script" not in svg
    assert not list(root.iter("script"))
    assert root.attrib["aria-label"].startswith("Bar chart of <script>alert(1)</script> & \"quoted\" 'single'")
    assert "<script>alert(1)</script>" in "".join(root.itertext())


def test_long_levels_are_cut_in_the_label_and_whole_on_pointing() -> None:
    level = "a level whose name is rather long"
    texts = list(parsed(column_svg(Bars((level,), (3,)), "x")).itertext())
    assert texts == [f"{level}: 3 rows, 100.0%", "a level whose…", "3"]


def test_bars_are_as_long_as_their_counts() -> None:
    widths = [float(r.attrib["width"]) for r in rectangles(column_svg(Bars(("a", "b"), (100, 25)), "x"))]
    assert widths[1] == pytest.approx(widths[0] / 4, rel=1e-3)


def test_bars_of_a_histogram_stand_side_by_side_and_are_as_tall_as_their_counts() -> None:
    histogram = count_values(pl.Series([1] * 10 + [2] * 5))
    assert histogram is not None
    first, second = rectangles(column_svg(histogram, "x"))
    assert float(first.attrib["height"]) == pytest.approx(2 * float(second.attrib["height"]), rel=1e-3)
    assert float(first.attrib["x"]) + float(first.attrib["width"]) < float(second.attrib["x"])


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=50))
def test_a_histogram_of_any_numbers_stays_inside_its_frame(values: list[float]) -> None:
    histogram = count_values(pl.Series(values))
    assert histogram is not None
    for bar in rectangles(column_svg(histogram, "x")):
        left, width, top, height = (float(bar.attrib[key]) for key in ("x", "width", "y", "height"))
        assert left >= 0
        assert left + width <= 240.5
        assert top >= 16.9
        assert top + height == pytest.approx(80, abs=0.1)


def test_labels_of_ticks_do_not_overlap() -> None:
    histogram = count_values(pl.Series(np.linspace(123_456_789.0, 123_456_790.0, 50)))
    assert histogram is not None
    texts = [t for t in parsed(column_svg(histogram, "x")).iter("text") if t.attrib.get("text-anchor") == "middle"]
    places = [(float(text.attrib["x"]), len(text.text or "") * 6.2) for text in texts]
    for (x, width), (next_x, next_width) in itertools.pairwise(places):
        assert x + width / 2 <= next_x - next_width / 2


def test_a_hundred_pictures_are_small() -> None:
    histogram = count_values(pl.Series(np.random.default_rng(0).normal(size=10_000)))
    assert histogram is not None
    assert len(column_svg(histogram, "x")) < 6_000
    assert len(column_svg(count_categories(pl.Series([f"level {i}" for i in range(1000)])), "x")) < 4_000


def test_an_interval_lies_between_its_ends_and_reads_without_the_picture() -> None:
    svg = parsed(small_interval(0.9, 0.8, 1.0, axis_range([0.8, 1.0]), strong=True))
    (circle,) = svg.iter("circle")
    assert svg.attrib["aria-hidden"] == "true"
    assert float(circle.attrib["cx"]) == pytest.approx(100)


@given(st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=6))
def test_an_axis_of_any_scores_is_well_formed(ends: list[float]) -> None:
    span = axis_range(ends)
    assert span[0] < span[1]
    assert list(parsed(small_axis(span)).iter("text"))
