"""Charts: plain data in, matplotlib figures or small SVG out; no networks.

The package is callable: ``tidynet.plot(table, x, y)`` draws the chart that fits the variables, see
`tidynet.plot.draw_plot.plot`; ``tidynet.plot.explain_choice(table, x, y)`` returns which chart and why.
"""

from __future__ import annotations

import inspect
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

from tidynet.plot.chart_grid import grid
from tidynet.plot.draw_plot import explain_choice, plot, plot_pair
from tidynet.plot.evaluation import plot_confusion_matrix, plot_predicted_vs_actual, plot_scores
from tidynet.plot.feature_effects import (
    plot_contributions,
    plot_effect,
    plot_importance,
    plot_pair_effect,
    plot_subgroups,
)
from tidynet.plot.single_column import bars, histogram, plot_column
from tidynet.plot.svg_column import column_svg
from tidynet.plot.svg_pair import pair_svg
from tidynet.plot.theme import svg, write_svg
from tidynet.plot.training_curve import plot_training_curve
from tidynet.profiling.counts import Bars, Histogram, count_column

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "Bars",
    "Histogram",
    "bars",
    "column_svg",
    "count_column",
    "explain_choice",
    "grid",
    "histogram",
    "pair_svg",
    "plot_column",
    "plot_confusion_matrix",
    "plot_contributions",
    "plot_effect",
    "plot_importance",
    "plot_pair",
    "plot_pair_effect",
    "plot_predicted_vs_actual",
    "plot_scores",
    "plot_subgroups",
    "plot_training_curve",
    "svg",
    "write_svg",
]


class _CallableModule(ModuleType):
    # The import of a submodule binds `tidynet.plot` to this module: a callable module is both package and
    # function in any order of imports.
    def __call__(self, *args: Any, **options: Any) -> Figure:
        return plot(*args, **options)


__signature__ = inspect.signature(plot)  # what editors and `inspect` show of the call
sys.modules[__name__].__class__ = _CallableModule
