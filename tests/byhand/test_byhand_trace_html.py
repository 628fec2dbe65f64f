"""A trace in a page: small ones open, large ones folded by row and by layer."""

from __future__ import annotations

import re

import numpy as np

from tidynet import trace
from tidynet.byhand import manual_network


def of(inputs: int, hidden: int, rows: int) -> str:
    rng = np.random.default_rng(0)
    weights = [rng.normal(size=(inputs, hidden)), rng.normal(size=(hidden, 1))]
    net = manual_network([one.tolist() for one in weights])
    return trace(net, rng.normal(size=(rows, inputs)), np.linspace(0, 1, rows))._repr_html_()


def test_a_small_trace_is_open() -> None:
    page = of(2, 2, 1)
    assert "<details open>" in page
    assert "<details>" not in page
    assert "the new weights" in page


def test_a_large_trace_is_folded_and_says_what_is_inside() -> None:
    page = of(30, 40, 3)
    rows = re.findall(r"<details( open)?><summary><h3>Row (\d) of 3</h3><span>→ [^<]*, E = [\d.]+</span>", page)
    assert rows == [(" open", "1"), ("", "2"), ("", "3")]
    assert page.count("<details open>") == 1
    assert page.count("<details") == page.count("</details>") == 3 + 3 * 6 + 3  # rows, their sections, and the step
    assert "row 1 of 3" not in page.split("<pre")[0]
    assert "details-content" in page  # what is folded is printed
    assert len(page) < 80_000


def test_of_a_large_matrix_the_corner_is_shown() -> None:
    page = of(30, 40, 1)
    assert "the corner of 30 × 40 new weights; all in <code>.step.layers[0].weights.after</code>" in page
    assert page.count("<th scope=row>") == 8
