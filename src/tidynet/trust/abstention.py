"""Rows that are better left blank: for which of two reasons, and what the others gain by it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from tidynet.errors import InputError
from tidynet.model.unfamiliarity import RARE
from tidynet.trust.truth import align_labels, has_value

__all__ = ["SEVERAL", "Abstention", "abstention_of", "merits_of", "unlike_training"]

Array = npt.NDArray[Any]

SEVERAL = "several classes are possible"
UNLIKE = "unlike the training rows"


@dataclass(frozen=True)
class Abstention:
    """How many rows are left blank, why, and what the rest gains; adds up over parts of a table.

    Attributes
    ----------
    rows : int
    unsure : int
        Rows left blank because the network is in doubt: `doubt` says how.
    unlike : int
        Further rows left blank because their unfamiliarity is at least 0.99, however sure the network is.
    labelled, kept : int
        Rows whose truth is known, and those of them that are not left blank.
    merit, merit_kept : float
        Over these rows, how many are right, or the sum of squared errors.
    score : "accuracy" | "RMSE"
    doubt : str
    compared : bool
        Whether the model keeps training rows to compare with.
    """

    rows: int
    unsure: int
    unlike: int = 0
    labelled: int = 0
    kept: int = 0
    merit: float = 0.0
    merit_kept: float = 0.0
    score: str = "accuracy"
    doubt: str = SEVERAL
    compared: bool = True

    @property
    def blank(self) -> int:
        """Rows left blank."""
        return self.unsure + self.unlike

    @property
    def of_all(self) -> float:
        """The score of all rows whose truth is known; NaN if none is."""
        return self._scored(self.merit, self.labelled)

    @property
    def of_rest(self) -> float:
        """The score of those that are not left blank; NaN if none is left."""
        return self._scored(self.merit_kept, self.kept)

    def __add__(self, other: Abstention) -> Abstention:
        return Abstention(
            self.rows + other.rows,
            self.unsure + other.unsure,
            self.unlike + other.unlike,
            self.labelled + other.labelled,
            self.kept + other.kept,
            self.merit + other.merit,
            self.merit_kept + other.merit_kept,
            other.score,
            other.doubt,
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
        why = f" ({reasons})" if self.unsure and self.unlike else f" {reasons}"
        if self.blank == self.rows:
            return f"{'the only row' if self.rows == 1 else f'all {self.rows:,} rows'} would be left blank{why}"
        return f"with {self.blank:,} of {self.rows:,} rows left blank{why}, {self.gain()}"

    def reasons(self) -> str:
        """Why rows are left blank, counted where there are two reasons.

        Examples
        --------
        >>> Abstention(200, 48, 2).reasons()
        '48 because several classes are possible, 2 because unlike the training rows'
        >>> Abstention(200, 0, 2).reasons()
        'because unlike the training rows'
        """
        both = bool(self.unsure and self.unlike)
        counted = [(count, words) for count, words in ((self.unsure, self.doubt), (self.unlike, UNLIKE)) if count]
        return ", ".join(f"{count:,} because {words}" if both else f"because {words}" for count, words in counted)

    def gain(self, tense: str = "is") -> str:
        """The score of the rest beside that of all rows.

        Examples
        --------
        >>> Abstention(20, 5, 0, 20, 15, 80.0, 15.0, "RMSE").gain()
        'the RMSE of the rest is 1 in place of 2'
        >>> Abstention(180, 0, 58, 180, 122, 174, 118).gain()
        'the accuracy of the rest is 96.7%, no other than that of all'
        """
        if not self.kept:
            return "no row is left"
        number = "{:.1%}" if self.score == "accuracy" else "{:.4g}"
        rest, whole = number.format(self.of_rest), number.format(self.of_all)
        if rest == whole:
            return f"the {self.score} of the rest {tense} {rest}, no other than that of all"
        return f"the {self.score} of the rest {tense} {rest} in place of {whole}"

    def _scored(self, merit: float, rows: int) -> float:
        mean = merit / rows if rows else math.nan
        return mean if self.score == "accuracy" else math.sqrt(mean)


def abstention_of(
    unsure: Array, unlike: Array | None, merits: Array, score: str = "accuracy", doubt: str = SEVERAL
) -> Abstention:
    """Count the rows to leave blank and what the others are worth.

    Parameters
    ----------
    unsure : array of bool, shape (rows,)
    unlike : array of bool, shape (rows,), or None
        As `unlike_training` tells.
    merits : float array of shape (rows,)
        1 for a right row and 0 for a wrong one, or its squared error; NaN where the truth is not known.
    score : "accuracy" | "RMSE"
    doubt : str
        What makes a row unsure, in words.

    Examples
    --------
    >>> unsure, unlike = np.array([True, False, False]), np.array([True, True, False])
    >>> found = abstention_of(unsure, unlike, np.array([0.0, 1.0, 1.0]))
    >>> found.unsure, found.unlike, found.of_rest
    (1, 1, 1.0)
    """
    strange = np.zeros(len(unsure), dtype=bool) if unlike is None else unlike & ~unsure
    labelled = np.isfinite(merits)
    kept = labelled & ~unsure & ~strange
    return Abstention(
        len(unsure),
        int(unsure.sum()),
        int(strange.sum()),
        int(labelled.sum()),
        int(kept.sum()),
        float(merits[labelled].sum()),
        float(merits[kept].sum()),
        score,
        doubt,
        unlike is not None,
    )


def merits_of(model: Any, prediction: Array, truth: pl.Series | None) -> tuple[Array, str]:
    """What each prediction is worth beside a column of the table, and the score that this makes.

    Parameters
    ----------
    model : MLPClassifier or MLPRegressor
    prediction : array of shape (rows,)
    truth : polars Series of those rows, or None
        The target, which may have gaps and values that the model does not know.

    Returns
    -------
    tuple of (float array of shape (rows,), str)
        As `abstention_of` takes them.
    """
    classes = hasattr(model, "classes_")
    merits = np.full(len(prediction), np.nan)
    if truth is not None and classes:
        known = set(model.classes_.tolist())
        labels = align_labels(truth.to_list(), model.classes_.tolist())
        told = has_value(truth).to_numpy() & np.array([label in known for label in labels], dtype=bool)
        merits[told] = labels[told] == prediction[told]
    elif truth is not None:
        numbers = truth.cast(pl.Float64, strict=False).fill_null(math.nan).to_numpy()
        merits = np.where(np.isfinite(numbers), (numbers - prediction) ** 2, np.nan)
    return merits, "accuracy" if classes else "RMSE"


def unlike_training(model: Any, frame: pl.DataFrame) -> Array | None:
    """Whether each row's unfamiliarity is at least 0.99; None if the model keeps no rows to compare with."""
    try:
        return np.asarray(model.unfamiliarity(frame) >= RARE)
    except InputError:
        return None
