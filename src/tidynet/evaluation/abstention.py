"""Rows that are better left blank: for which of two reasons, and what the others gain by it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from tidynet.core.errors import InputError
from tidynet.estimators.novelty import NOVELTY_THRESHOLD
from tidynet.evaluation.labels import align_labels, is_labeled

__all__ = ["SEVERAL", "Abstention", "compute_abstention", "is_novel", "row_scores"]

Array = npt.NDArray[Any]

SEVERAL = "several classes are possible"
UNLIKE = "unlike the training rows"


@dataclass(frozen=True)
class Abstention:
    """How many rows are left blank, why, and what the rest gains; adds up over parts of a table.

    Attributes
    ----------
    rows : int
    is_uncertain : int
        Rows left blank because the network is in doubt: `uncertainty_reason` says how.
    is_novel : int
        Further rows left blank because their unfamiliarity is at least 0.99, however sure the network is.
    labelled, kept : int
        Rows whose truth is known, and those of them that are not left blank.
    row_score, row_score_of_kept : float
        Over these rows, how many are right, or the sum of squared errors.
    score : "accuracy" | "RMSE"
    uncertainty_reason : str
    compared : bool
        Whether the model keeps training rows to compare with.
    """

    rows: int
    is_uncertain: int
    is_novel: int = 0
    labelled: int = 0
    kept: int = 0
    row_score: float = 0.0
    row_score_of_kept: float = 0.0
    score: str = "accuracy"
    uncertainty_reason: str = SEVERAL
    compared: bool = True

    @property
    def is_abstained(self) -> int:
        """Rows left blank."""
        return self.is_uncertain + self.is_novel

    @property
    def score_of_all(self) -> float:
        """The score of all rows whose truth is known; NaN if none is."""
        return self._scored(self.row_score, self.labelled)

    @property
    def score_of_kept(self) -> float:
        """The score of those that are not left blank; NaN if none is left."""
        return self._scored(self.row_score_of_kept, self.kept)

    def __add__(self, other: Abstention) -> Abstention:
        return Abstention(
            self.rows + other.rows,
            self.is_uncertain + other.is_uncertain,
            self.is_novel + other.is_novel,
            self.labelled + other.labelled,
            self.kept + other.kept,
            self.row_score + other.row_score,
            self.row_score_of_kept + other.row_score_of_kept,
            other.score,
            other.uncertainty_reason,
            other.compared,
        )

    def sentence(self) -> str:
        """The gain in words.

        Examples
        --------
        >>> Abstention(200, 48, 2, 200, 150, 160, 135).sentence()  # doctest: +NORMALIZE_WHITESPACE
        'with 50 of 200 rows left blank (48 because several classes are possible, 2 because unlike the training
        rows), the accuracy of the rest is 90.0% in place of 80.0%'
        """
        reasons = self.reasons()
        why = f" ({reasons})" if self.is_uncertain and self.is_novel else f" {reasons}"
        if self.is_abstained == self.rows:
            return f"{'the only row' if self.rows == 1 else f'all {self.rows:,} rows'} would be left blank{why}"
        return f"with {self.is_abstained:,} of {self.rows:,} rows left blank{why}, {self.improvement()}"

    def reasons(self) -> str:
        """Why rows are left blank, counted where there are two reasons.

        Examples
        --------
        >>> Abstention(200, 48, 2).reasons()
        '48 because several classes are possible, 2 because unlike the training rows'
        >>> Abstention(200, 0, 2).reasons()
        'because unlike the training rows'
        """
        both = bool(self.is_uncertain and self.is_novel)
        counted = [
            (count, text)
            for count, text in ((self.is_uncertain, self.uncertainty_reason), (self.is_novel, UNLIKE))
            if count
        ]
        return ", ".join(f"{count:,} because {text}" if both else f"because {text}" for count, text in counted)

    def improvement(self, tense: str = "is") -> str:
        """The score of the rest beside that of all rows.

        Examples
        --------
        >>> Abstention(20, 5, 0, 20, 15, 80.0, 15.0, "RMSE").improvement()
        'the RMSE of the rest is 1 in place of 2'
        >>> Abstention(180, 0, 58, 180, 122, 174, 118).improvement()
        'the accuracy of the rest is 96.7%, no other than that of all'
        """
        if not self.kept:
            return "no row is left"
        number = "{:.1%}" if self.score == "accuracy" else "{:.4g}"
        rest, whole = number.format(self.score_of_kept), number.format(self.score_of_all)
        if rest == whole:
            return f"the {self.score} of the rest {tense} {rest}, no other than that of all"
        return f"the {self.score} of the rest {tense} {rest} in place of {whole}"

    def _scored(self, row_score: float, rows: int) -> float:
        mean = row_score / rows if rows else math.nan
        return mean if self.score == "accuracy" else math.sqrt(mean)


def compute_abstention(
    is_uncertain: Array,
    is_novel: Array | None,
    merits: Array,
    score: str = "accuracy",
    uncertainty_reason: str = SEVERAL,
) -> Abstention:
    """Count the rows to leave blank and what the others are worth.

    Examples
    --------
    >>> is_uncertain, is_novel = np.array([True, False, False]), np.array([True, True, False])
    >>> found = compute_abstention(is_uncertain, is_novel, np.array([0.0, 1.0, 1.0]))
    >>> found.is_uncertain, found.is_novel, found.score_of_kept
    (1, 1, 1.0)
    """
    strange = np.zeros(len(is_uncertain), dtype=bool) if is_novel is None else is_novel & ~is_uncertain
    labeled = np.isfinite(merits)
    kept = labeled & ~is_uncertain & ~strange
    return Abstention(
        len(is_uncertain),
        int(is_uncertain.sum()),
        int(strange.sum()),
        int(labeled.sum()),
        int(kept.sum()),
        float(merits[labeled].sum()),
        float(merits[kept].sum()),
        score,
        uncertainty_reason,
        is_novel is not None,
    )


def row_scores(model: Any, prediction: Array, y_true: pl.Series | None) -> tuple[Array, str]:
    """What each prediction is worth beside a column of the table, and the score that this makes."""
    classes = hasattr(model, "classes_")
    merits = np.full(len(prediction), np.nan)
    if y_true is not None and classes:
        known = set(model.classes_.tolist())
        labels = align_labels(y_true.to_list(), model.classes_.tolist())
        text = is_labeled(y_true).to_numpy() & np.array([label in known for label in labels], dtype=bool)
        merits[text] = labels[text] == prediction[text]
    elif y_true is not None:
        numbers = y_true.cast(pl.Float64, strict=False).fill_null(math.nan).to_numpy()
        merits = np.where(np.isfinite(numbers), (numbers - prediction) ** 2, np.nan)
    return merits, "accuracy" if classes else "RMSE"


def is_novel(model: Any, frame: pl.DataFrame) -> Array | None:
    """Whether each row's unfamiliarity is at least 0.99; None if the model keeps no rows to compare with."""
    try:
        return np.asarray(model.novelty(frame) >= NOVELTY_THRESHOLD)
    except InputError:
        return None
