"""Pictures: plain data in, matplotlib figures or small SVG out. Nothing here knows a network.

The room can be called: ``tidynet.plot(table, x, y)`` draws the chart that suits the variables, see
`tidynet.plot.picture.plot`; ``tidynet.plot.explain(table, x, y)`` says which and why.
"""

from __future__ import annotations

import inspect
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

from tidynet.look.counts import Bars, Histogram, counted
from tidynet.plot.leaning import column_effect, importances, pair_of_columns, row_contributions, subgroup_losses
from tidynet.plot.picture import explain, pair_picture, plot
from tidynet.plot.results import confusion_matrix, predicted_against_true, score_intervals
from tidynet.plot.small import small_picture
from tidynet.plot.small_pair import small_pair
from tidynet.plot.theme import svg, write_svg
from tidynet.plot.training import training_curve
from tidynet.plot.univariate import bars, column_picture, histogram

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "Bars",
    "Histogram",
    "bars",
    "column_effect",
    "column_picture",
    "confusion_matrix",
    "counted",
    "explain",
    "histogram",
    "importances",
    "pair_of_columns",
    "pair_picture",
    "predicted_against_true",
    "row_contributions",
    "score_intervals",
    "small_pair",
    "small_picture",
    "subgroup_losses",
    "svg",
    "training_curve",
    "write_svg",
]


class _Room(ModuleType):
    # Whoever imports a submodule first binds `tidynet.plot` to this module: only a module that can be
    # called is both a room and a function in any order of imports.
    def __call__(self, *args: Any, **options: Any) -> Figure:
        return plot(*args, **options)


__signature__ = inspect.signature(plot)  # what editors and `inspect` show of the call
sys.modules[__name__].__class__ = _Room
