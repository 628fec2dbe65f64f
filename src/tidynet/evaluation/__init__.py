"""Evaluation of a network on test rows: scores, baselines, and sections from data leakage to the largest errors."""

from tidynet.evaluation.all_baselines import baselines_from_arrays, baselines_to_arrays, fit_all_baselines
from tidynet.evaluation.baseline_comparison import BaselineComparison, Verdict
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
from tidynet.evaluation.evaluate_predictions import evaluate_predictions
from tidynet.evaluation.result import Evaluation, ScoreRow
from tidynet.evaluation.scores import Score, scores
from tidynet.evaluation.section import AttentionItem, EvaluationSection, SectionName, SectionSpec
from tidynet.evaluation.sections import SECTIONS, SPECS
from tidynet.evaluation.uncertainty import UncertaintyReport, evaluate_uncertainty

__all__ = [
    "SECTIONS",
    "SPECS",
    "AttentionItem",
    "Baseline",
    "BaselineComparison",
    "CalibrationResult",
    "CoverageResult",
    "Evaluation",
    "EvaluationSection",
    "Score",
    "ScoreRow",
    "SectionName",
    "SectionSpec",
    "UncertaintyReport",
    "Verdict",
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
