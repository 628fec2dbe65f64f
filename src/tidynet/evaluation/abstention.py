"""Abstention: the rows without a prediction, the reasons, and the score of the other rows."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from tidynet.core.errors import InputError
from tidynet.core.text import pluralize
from tidynet.estimators.fitted_model import FittedModel, Predictor, predicts_classes
from tidynet.estimators.novelty import NOVELTY_THRESHOLD
from tidynet.evaluation.labels import align_labels, is_labeled

Array = npt.NDArray[Any]

SEVERAL = "several possible classes"


@dataclass(frozen=True)
class Abstention:
    """The rows without a prediction and the score of the others; adds up over parts of a table."""

    rows: int
    is_uncertain: int  # rows without a prediction because of `uncertainty_reason`
    is_novel: int = 0  # further rows without a prediction because their novelty is at least 0.99
    labeled: int = 0  # rows with a known true value
    kept: int = 0  # of these, rows with a prediction
    row_score: float = 0.0  # correct predictions, or the sum of squared errors
    row_score_of_kept: float = 0.0
    score: str = "accuracy"
    uncertainty_reason: str = SEVERAL
    compared: bool = True

    @property
    def is_abstained(self) -> int:
        """Rows without a prediction."""
        return self.is_uncertain + self.is_novel

    @property
    def score_of_all(self) -> float:
        """The score of all rows with a known true value; NaN if there is none."""
        return self._scored(self.row_score, self.labeled)

    @property
    def score_of_kept(self) -> float:
        """The score of those with a prediction; NaN if there is none."""
        return self._scored(self.row_score_of_kept, self.kept)

    def __add__(self, other: Abstention) -> Abstention:
        sums = ("rows", "is_uncertain", "is_novel", "labeled", "kept", "row_score", "row_score_of_kept")
        return replace(other, **{name: getattr(self, name) + getattr(other, name) for name in sums})

    def sentence(self) -> str:
        """The rows, the reasons and the scores."""
        text = f"abstention on {self.is_abstained:,} of {pluralize(self.rows, 'row')} ({self.reasons()})"
        return text if self.is_abstained == self.rows else f"{text}: {self.improvement()}"

    def reasons(self) -> str:
        """The reasons with their numbers of rows."""
        counts = ((self.is_uncertain, self.uncertainty_reason), (self.is_novel, "unlike the training rows"))
        return ", ".join(f"{count:,} {reason}" for count, reason in counts if count)

    def improvement(self) -> str:
        """The score of the rest beside that of all rows."""
        if not self.kept:
            return "no row has a prediction"
        rest, whole = self._score_text(self.score_of_kept), self._score_text(self.score_of_all)
        return f"{self.score} of the rest {rest}, of all rows {whole}"

    def _score_text(self, value: float) -> str:
        return f"{value:.1%}" if self.score == "accuracy" else f"{value:.4g}"

    def _scored(self, row_score: float, rows: int) -> float:
        mean = row_score / rows if rows else math.nan
        return mean if self.score == "accuracy" else math.sqrt(mean)


def compute_abstention(
    is_uncertain: Array,
    is_novel: Array | None,
    row_scores: Array,
    score: str = "accuracy",
    uncertainty_reason: str = SEVERAL,
) -> Abstention:
    """Count the rows without a prediction and score the others; `row_scores` are NaN where no true value is known."""
    only_novel = np.zeros(len(is_uncertain), dtype=bool) if is_novel is None else is_novel & ~is_uncertain
    labeled = np.isfinite(row_scores)
    kept = labeled & ~is_uncertain & ~only_novel
    return Abstention(
        len(is_uncertain),
        int(is_uncertain.sum()),
        int(only_novel.sum()),
        int(labeled.sum()),
        int(kept.sum()),
        float(row_scores[labeled].sum()),
        float(row_scores[kept].sum()),
        score,
        uncertainty_reason,
        is_novel is not None,
    )


def row_scores(model: Predictor, prediction: Array, y_true: pl.Series | None) -> tuple[Array, str]:
    """The score of each prediction against a column of the table, NaN without a true value, and the metric."""
    result = np.full(len(prediction), np.nan)
    if predicts_classes(model):
        if y_true is not None:
            known = set(model.classes_.tolist())
            labels = align_labels(y_true.to_list(), model.classes_.tolist())
            rows = is_labeled(y_true).to_numpy() & np.array([label in known for label in labels], dtype=bool)
            result[rows] = labels[rows] == prediction[rows]
        return result, "accuracy"
    if y_true is not None:
        numbers = y_true.cast(pl.Float64, strict=False).fill_null(math.nan).to_numpy()
        result = np.where(np.isfinite(numbers), (numbers - prediction) ** 2, np.nan)
    return result, "RMSE"


def is_novel(model: FittedModel, frame: pl.DataFrame) -> Array | None:
    """Whether each row's novelty is at least 0.99; None if the model stores no training rows."""
    try:
        return np.asarray(model.novelty(frame) >= NOVELTY_THRESHOLD)
    except InputError:
        return None
