"""Small figures of one column in two tables."""

import re

from tidynet.plot.svg_column import shift_svg
from tidynet.profiling.counts import Histogram


def test_the_axis_is_labeled_as_far_as_both_tables_reach() -> None:
    edges = (0.0, 200.0, 400.0, 600.0, 800.0)
    low = Histogram(edges, (5, 5, 0, 0), "linear", 0.0, 390.0)
    high = Histogram(edges, (0, 1, 0, 9), "linear", 250.0, 800.0)
    for first, second in ((low, high), (high, low)):
        labels = re.findall(r'text-anchor="middle"[^>]*>([^<]*)<', shift_svg(first, second, "tax"))
        assert labels[0] == "0"
        assert labels[-1] == "800"
