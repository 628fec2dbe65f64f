"""Evaluation of a network on test rows: scores, baselines, and sections from data leakage to the largest errors."""

from tidynet.evaluation.evaluate import evaluate
from tidynet.evaluation.evaluate_predictions import evaluate_predictions
from tidynet.evaluation.result import Evaluation
from tidynet.evaluation.scores import Score, scores
from tidynet.evaluation.section import EvaluationSection
from tidynet.evaluation.sections import SECTIONS

__all__ = ["SECTIONS", "Evaluation", "EvaluationSection", "Score", "evaluate", "evaluate_predictions", "scores"]
