"""How far to believe a network: scores, baselines and comparisons on rows it has never seen."""

from tidynet.trust.baselines import Baseline
from tidynet.trust.calibration import Calibration, calibration, reliability_diagram
from tidynet.trust.comparison import Comparison
from tidynet.trust.conformal import (
    Coverage,
    coverage_by_class,
    coverage_by_part,
    coverage_of_intervals,
    coverage_of_sets,
)
from tidynet.trust.doubt import Doubt, doubt_of
from tidynet.trust.evaluation import Evaluation, evaluate_predictions
from tidynet.trust.rivals import fit_rivals, restore, store
from tidynet.trust.scores import Score, scores
from tidynet.trust.section import Section
from tidynet.trust.sections import PARTS
from tidynet.trust.table_evaluation import evaluate

__all__ = [
    "PARTS",
    "Baseline",
    "Calibration",
    "Comparison",
    "Coverage",
    "Doubt",
    "Evaluation",
    "Score",
    "Section",
    "calibration",
    "coverage_by_class",
    "coverage_by_part",
    "coverage_of_intervals",
    "coverage_of_sets",
    "doubt_of",
    "evaluate",
    "evaluate_predictions",
    "fit_rivals",
    "reliability_diagram",
    "restore",
    "scores",
    "store",
]
