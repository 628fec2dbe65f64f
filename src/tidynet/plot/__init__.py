"""Pictures: plain data in, matplotlib figures or small SVG out. Nothing here knows a network."""

from tidynet.look.counts import Bars, Histogram, counted
from tidynet.plot.results import confusion_matrix, predicted_against_true, score_intervals
from tidynet.plot.small import small_picture
from tidynet.plot.theme import svg, write_svg
from tidynet.plot.training import training_curve
from tidynet.plot.univariate import bars, column_picture, histogram

__all__ = [
    "Bars",
    "Histogram",
    "bars",
    "column_picture",
    "confusion_matrix",
    "counted",
    "histogram",
    "predicted_against_true",
    "score_intervals",
    "small_picture",
    "svg",
    "training_curve",
    "write_svg",
]
