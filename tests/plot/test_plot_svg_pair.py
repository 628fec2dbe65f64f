"""Small figures of two columns: the right form, its cells, and nothing that breaks a page."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from tidynet.core.errors import InputError
from tidynet.plot import pair_svg, plot_pair
from tidynet.profiling.counts import Bars, Histogram
from tidynet.profiling.profile import PairCounts

NUMBERS = Histogram((0.0, 1.0, 2.0, 3.0), (3, 1, 2), "linear", 0.0, 3.0)
LEVELS = Bars(("a <b>", "🍎 محمد"), (4, 2))


def parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def texts(svg: str) -> list[str]:
    return ["".join(node.itertext()) for node in parsed(svg).iter("text")]


def test_two_quantities_are_shaded_cells_on_both_axes() -> None:
    svg = pair_svg(PairCounts(NUMBERS, NUMBERS, ((3, 0, 0), (0, 1, 0), (0, 0, 2))), "size", "price")
    cells = [node for node in parsed(svg).iter("path") if "fill-opacity" in node.get("style", "")]
    assert sum(node.get("d", "").count("z") for node in cells) == 3
    assert {"size", "price"} <= set(texts(svg))
    assert 'aria-label="price against size, 6 rows."' in svg


@pytest.mark.parametrize("turned", [False, True])
def test_a_quantity_beside_levels_is_a_small_histogram_for_each_level(turned: bool) -> None:
    cells: tuple[tuple[int, ...], ...] = ((3, 1, 0), (0, 0, 2))
    if turned:
        pair, names = PairCounts(NUMBERS, LEVELS, tuple(zip(*cells, strict=True))), ("size", "group")
    else:
        pair, names = PairCounts(LEVELS, NUMBERS, cells), ("group", "size")
    svg = pair_svg(pair, *names)
    assert svg.count("fill-opacity:.75") == 2
    assert texts(svg)[:2] == ["a <b>", "🍎 محمد"]
    assert texts(svg)[-2:] == ["size", "line: median"]


def test_two_sets_of_levels_are_counts_in_cells_with_empty_ones_blank() -> None:
    pair = PairCounts(Bars(("x",), (4,), 3, 2), LEVELS, ((4, 0), (0, 1234)))
    found = texts(pair_svg(pair, "one", "two"))
    assert found.count("4") == 1
    assert "1,234" in found
    assert "0" not in found
    assert "3 others" in found


def test_fine_bins_are_merged_so_that_the_picture_stays_small() -> None:
    fine = Histogram(tuple(range(101)), (1,) * 100, "linear", 0.0, 100.0)
    cells = tuple(tuple(int(i == j) for j in range(100)) for i in range(100))
    assert len(pair_svg(PairCounts(fine, fine, cells), "x", "y")) < 6000


def test_cells_of_another_shape_are_refused() -> None:
    with pytest.raises(InputError, match=re.escape("the shape of the cells is 1 × 1, expected 2 × 3")):
        pair_svg(PairCounts(LEVELS, NUMBERS, ((1,),)), "x", "y")


@pytest.mark.parametrize(
    ("pair", "chart"),
    [
        (PairCounts(NUMBERS, NUMBERS, ((30, 0, 0), (0, 1, 0), (0, 0, 2))), "cells"),
        (PairCounts(LEVELS, NUMBERS, ((30, 10, 0), (0, 0, 20))), "violins"),
        (PairCounts(LEVELS, LEVELS, ((40, 0), (0, 20))), "cells"),
    ],
)  # fmt: skip
def test_the_large_picture_is_drawn_from_the_same_counts(pair: PairCounts, chart: str) -> None:
    figure = plot_pair(pair, "$x_1$", "price")
    figure.draw_without_rendering()
    axes = figure.axes[0]
    assert {axes.get_xlabel(), axes.get_ylabel()} >= {"$x_1$"}
    assert bool(axes.patches) == (chart == "cells")
