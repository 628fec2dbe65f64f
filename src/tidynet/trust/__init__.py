"""How far to believe a network: scores, baselines and comparisons on rows it has never seen."""

from tidynet.trust.baselines import Baseline
from tidynet.trust.calibration import CalibrationResult, calibration, reliability_diagram
from tidynet.trust.comparison import BaselineComparison
from tidynet.trust.conformal import (
    CoverageResult,
    coverage_by_class,
    coverage_by_slice,
    coverage_of_intervals,
    coverage_of_sets,
)
from tidynet.trust.doubt import UncertaintyReport, evaluate_uncertainty
from tidynet.trust.evaluation import Evaluation, evaluate_predictions
from tidynet.trust.rivals import baselines_from_arrays, baselines_to_arrays, fit_all_baselines
from tidynet.trust.scores import Score, scores
from tidynet.trust.section import EvaluationSection
from tidynet.trust.sections import SECTIONS
from tidynet.trust.table_evaluation import evaluate

__all__ = [
    "SECTIONS",
    "Baseline",
    "BaselineComparison",
    "CalibrationResult",
    "CoverageResult",
    "Evaluation",
    "EvaluationSection",
    "Score",
    "UncertaintyReport",
    "baselines_from_arrays",
    "baselines_to_arrays",
    "calibration",
    "coverage_by_class",
    "coverage_by_slice",
    "coverage_of_intervals",
    "coverage_of_sets",
    "evaluate",
    "evaluate_predictions",
    "evaluate_uncertainty",
    "fit_all_baselines",
    "reliability_diagram",
    "scores",
]
