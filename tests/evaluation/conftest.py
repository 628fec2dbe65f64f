"""Test rows with known true values, and models that are formulas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest

from tidynet.evaluation.evaluation_data import EvaluationData, predict_test_data

Scores = Callable[[pl.DataFrame], Any]


class Formula:
    """A model whose predictions are a formula."""

    def __init__(self, score: Scores) -> None:
        self.score = score

    def predict(self, frame: pl.DataFrame) -> Any:
        return np.asarray(self.score(frame), dtype=np.float64)


class FormulaClasses(Formula):
    """The same for two classes: the formula gives the log odds of the second."""

    classes_ = np.array(["no", "yes"])

    def predict_proba(self, frame: pl.DataFrame) -> Any:
        probability = 1 / (1 + np.exp(-super().predict(frame)))
        return np.column_stack([1 - probability, probability])


@pytest.fixture
def columns() -> Callable[[int, int], pl.DataFrame]:
    def drawn(rows: int, seed: int) -> pl.DataFrame:
        random = np.random.default_rng(seed)
        return pl.DataFrame(
            {
                "x": random.normal(size=rows),
                "z": random.normal(size=rows),
                "idle": random.normal(size=rows),
                "city": random.choice(["Oslo", "Bergen", "Hamar"], rows, p=[0.5, 0.3, 0.2]),
                "sex": random.choice(["f", "m"], rows),
            }
        )

    return drawn


@pytest.fixture
def of_numbers() -> Callable[..., EvaluationData]:
    """Rows whose target is the formula and normal noise."""

    def made(frame: pl.DataFrame, score: Scores, noise: Any, seed: int = 0) -> EvaluationData:
        truth = np.asarray(score(frame)) + noise * np.random.default_rng(seed + 1).normal(size=frame.height)
        return predict_test_data(Formula(score), frame, truth, "y")

    return made


@pytest.fixture
def of_classes() -> Callable[..., EvaluationData]:
    """Rows whose class follows the formula's log odds, but for a fraction that is flipped."""

    def made(frame: pl.DataFrame, score: Scores, flipped: Any = 0.0, seed: int = 0) -> EvaluationData:
        random = np.random.default_rng(seed + 1)
        truth = random.random(frame.height) < 1 / (1 + np.exp(-np.asarray(score(frame))))
        truth = np.where(random.random(frame.height) < flipped, ~truth, truth)
        return predict_test_data(FormulaClasses(score), frame, np.where(truth, "yes", "no"), "y")

    return made
