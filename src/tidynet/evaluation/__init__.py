"""How far to believe a network: scores, baselines and comparisons on rows it has never seen."""

from tidynet.evaluation.all_baselines import baselines_from_arrays, baselines_to_arrays, fit_all_baselines
from tidynet.evaluation.baseline_comparison import BaselineComparison
from tidynet.evaluation.baselines import Baseline
from tidynet.evaluation.calibration import CalibrationResult, calibration, reliability_diagram
from tidynet.evaluation.coverage import (
    CoverageResult,
    coverage_by_class,
    coverage_by_slice,
    coverage_of_intervals,
    coverage_of_sets,
)
from tidynet.evaluation.evaluate import evaluate
from tidynet.evaluation.result import Evaluation, evaluate_predictions
from tidynet.evaluation.scores import Score, scores
from tidynet.evaluation.section import EvaluationSection
from tidynet.evaluation.sections import SECTIONS
from tidynet.evaluation.uncertainty import UncertaintyReport, evaluate_uncertainty

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
