"""What a model is unsure of, read on test rows: calibration, the promise of its sets and intervals, abstention."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from tidynet.core.errors import InputError
from tidynet.core.text import change_text
from tidynet.estimators.novelty import NOVELTY_THRESHOLD
from tidynet.estimators.probability_calibration import log_losses
from tidynet.evaluation.abstention import Abstention, compute_abstention, is_novel
from tidynet.evaluation.calibration import CalibrationResult, calibration
from tidynet.evaluation.coverage import (
    CoverageResult,
    SliceCoverage,
    coverage_by_class,
    coverage_by_slice,
    coverage_of_intervals,
    coverage_of_sets,
    covered_by_intervals,
    covered_by_sets,
)

__all__ = ["UncertaintyReport", "evaluate_uncertainty"]

Array = npt.NDArray[Any]

UNLIKE = 1 - NOVELTY_THRESHOLD  # share of rows from the same source that are unlike all others
CANNOT_TELL = "whether its probabilities and sets can be believed cannot be told"
PER_CLASS = "`per_class=True` of `predict_set`, in a terminal `--per-class`, keeps the promise within each class"
TOO_RARE = "too few rows of a class were set aside to keep the promise within each"
SURPRISING = 0.05  # chance below which more of them are worth a word
FEWEST_TO_TELL = 10  # rows; parts of a score of fewer are accidents
MOST_REASONS, MOST_KEPT = 4, 40
OFTEN = 0.02  # share of rows from which on a further reason is told


@dataclass(frozen=True)
class UncertaintyReport:
    """Plain data on how far a model's doubt can be believed.

    Attributes
    ----------
    coverage : Coverage or None
        None if too few rows were set aside; `note` says so.
    parts : tuple of Part
        The same over levels of columns and quarters of numbers, the worst first.
    classes : tuple of Part
        The same over true classes, the worst first; empty for numbers.
    uncalibrated, calibrated : Calibration or None
        Without and with scaling; None for numbers.
    scaling : str
        What scaling did on the rows set aside, in words.
    abstention : Abstention or None
    novel_fraction : float or None
        Share of test rows whose unfamiliarity is at least 0.99.
    reasons : tuple of (str, int)
        What is unlike in them, in words, and in how many of them; the commonest.
    losses : tuple of float, or None
        The log loss of the test rows without and with scaling.
    note : str
    per_class : bool
        Whether enough rows of each class were set aside to promise the coverage within each.
    rows, n_unknown_class : int
        Test rows, and how many of them are of a class that training never saw: only unfamiliarity is of these too.
    """

    coverage: CoverageResult | None
    parts: tuple[SliceCoverage, ...] = ()
    classes: tuple[SliceCoverage, ...] = ()
    uncalibrated: CalibrationResult | None = None
    calibrated: CalibrationResult | None = None
    scaling: str = ""
    abstention: Abstention | None = None
    novel_fraction: float | None = None
    reasons: tuple[tuple[str, int], ...] = ()
    losses: tuple[float, float] | None = None
    note: str = ""
    per_class: bool = False
    rows: int = 0
    n_unknown_class: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Plain data, just as JSON gives it back."""
        return json.loads(json.dumps(asdict(self) | {"drift": self.drift_note()}))

    def drift_note(self) -> str:
        """How many rows are unlike the training rows and why, in words; nothing where chance brings as many."""
        fraction = self.novel_fraction
        return "" if fraction is None or not _is_significant(fraction, self.rows) else self._novelty_note(fraction)

    def _novelty_note(self, fraction: float) -> str:
        whole = "the only row is" if self.rows == 1 else f"all {self.rows:,} rows are"
        part = f"{fraction:.1%} of the rows are"
        text = f"{whole if fraction == 1 else part} unlike the training rows, where 1% was to be expected"
        if not self.reasons or not fraction:
            return text
        # a value just beyond the range seen comes by chance too
        unlike = round(fraction * self.rows)
        (words, rows), *others = (
            item for item in self.reasons if item[1] > max(1, OFTEN * unlike) or item == self.reasons[0]
        )
        more = [f"{item} in {rows:,}" for item, rows in others[: MOST_REASONS - 1]]
        remaining = len(others) - len(more)
        of = f"{unlike:,} rows" if fraction == 1 else f"these {unlike:,}"
        return "; ".join(
            [f"{text}: {words} in {rows:,} of {of}", *more, *([f"and {remaining} more"] if remaining else [])]
        )

    def sentences(self) -> list[str]:
        """What there is to say, in order of weight."""
        result = [self._n_unknown_class()] if self.n_unknown_class else []
        drift = self.drift_note()
        result += [item for item in (drift, self.note) if item]
        if self.coverage is not None:
            result.append(f"prediction {'sets' if self.coverage.sizes else 'intervals'}: {self.coverage.sentence()}")
            rare = _is_undercovered(self.coverage, self.classes)
            if rare:
                result.append(f"{rare}: {PER_CLASS if self.per_class else TOO_RARE}")
            short = _is_undercovered(self.coverage, self.parts)
            if short:
                result.append(short)
        result += self._calibrated()
        strange = bool(drift)
        # the one row in a hundred that is unlike the others by chance is no gain worth a word
        if self.abstention is not None and (self.abstention.is_uncertain or (self.abstention.is_novel and strange)):
            result.append(self.abstention.sentence())
        return result

    def _calibrated(self) -> list[str]:
        """What probabilities are worth on these rows, and what scaling did on the rows set aside and here."""
        if self.calibrated is None:
            return [self.scaling] if self.scaling else []
        few = self.calibrated.rows < FEWEST_TO_TELL
        result = (
            [self.calibrated.sentence()] if few else [self.calibrated.sentence(), self.calibrated.brier_decomposition()]
        )
        if self.scaling:
            result.append(self.scaling)
        if self.uncalibrated is not None and self.losses is not None and not few:
            loss = change_text("log loss", *self.losses)
            error = change_text(
                "calibration error",
                100 * self.uncalibrated.expected_calibration_error,
                100 * self.calibrated.expected_calibration_error,
                1,
                " points",
            )
            result.append(f"on the {self.calibrated.rows:,} test rows scaling {loss}, and {error}")
        return result

    def _n_unknown_class(self) -> str:
        remaining = self.rows - self.n_unknown_class
        if not remaining:
            what = "the only row is of a class" if self.rows == 1 else f"all {self.rows:,} rows are of classes"
            return f"{what} that training never saw, so {CANNOT_TELL}"
        return (
            f"{self.n_unknown_class:,} of {self.rows:,} rows {'is' if self.n_unknown_class == 1 else 'are'} of a class that training "
            f"never saw and no prediction can name: probabilities and sets are judged by the other {remaining:,}"
        )


def _is_significant(fraction: float, rows: int) -> bool:
    """Whether more rows are unlike the training rows than chance brings."""
    from scipy.stats import binom

    return fraction > 2 * UNLIKE and float(binom.sf(round(fraction * rows) - 1, rows, UNLIKE)) < SURPRISING


def _is_undercovered(whole: CoverageResult, parts: tuple[SliceCoverage, ...]) -> str:
    """The part that falls short of the promise beyond chance, in words, if one does.

    Where the whole misses the promise, every part may: then a part is held against the whole's share.
    """
    from scipy.stats import binom

    fraction = min(whole.target_coverage, whole.coverage)
    worse = [item for item in parts if item.coverage.coverage < fraction]
    chances = [float(binom.cdf(item.coverage.n_covered, item.coverage.rows, fraction)) for item in worse]
    # the worst of many parts falls short by chance alone: corrected after Bonferroni
    if not worse or min(chances) * len(parts) >= 0.05:
        return ""
    worst = worse[int(np.argmin(chances))]
    return f"where {worst.description} they hold only {worst.coverage.coverage:.1%} of {worst.coverage.rows:,} rows"


def evaluate_uncertainty(
    model: Any, features: pl.DataFrame, y_true: npt.ArrayLike, coverage: float = 0.9
) -> UncertaintyReport:
    """Read a model's doubt on labelled rows that it has not learnt from; nothing is fitted on them.

    Parameters
    ----------
    model : MLPClassifier or MLPRegressor
        Fitted.
    features : polars DataFrame of rows
        Without the target.
    y_true : array of shape (rows,)
        Labels as in `classes_`, or numbers.
    coverage : float
        The promise to check.

    Returns
    -------
    Doubt

    Examples
    --------
    >>> import tidynet as tn
    >>> table = tn.read("penguins")
    >>> rows = table.drop(target="species")
    >>> model = tn.MLPClassifier(random_state=0, effort="fast").fit(rows, table["species"])
    >>> evaluate_uncertainty(model, rows.frame, table["species"].to_list()).coverage.coverage > 0.9
    True
    """
    known = np.asarray(y_true)
    unlike = is_novel(model, features)
    reported: dict[str, Any] = {"rows": len(known), "novel_fraction": None if unlike is None else float(unlike.mean())}
    if unlike is not None and _is_significant(reported["novel_fraction"], len(known)):
        reported["reasons"] = tuple(model.novelty_summary(features, unlike)[:MOST_KEPT])
    if not hasattr(model, "classes_"):
        if known.ndim > 1:
            return UncertaintyReport(None, note="the intervals of several targets are not checked together", **reported)
        return _evaluate_numbers(model, features, known, coverage, unlike, reported)
    indices = {label: index for index, label in enumerate(np.asarray(model.classes_).tolist())}
    codes = np.array([indices.get(label, -1) for label in known.tolist()], dtype=np.int64)
    seen = codes >= 0
    reported["n_unknown_class"] = int((~seen).sum())
    if not seen.any():
        return UncertaintyReport(None, **reported)
    if reported["n_unknown_class"]:
        features, codes, unlike = (
            features.filter(pl.Series(seen)),
            codes[seen],
            None if unlike is None else unlike[seen],
        )
    return _evaluate_classes(model, features, codes, coverage, unlike, reported)


def _evaluate_classes(
    model: Any, features: pl.DataFrame, codes: Array, coverage: float, unlike: Array | None, reported: dict[str, Any]
) -> UncertaintyReport:
    classes = np.asarray(model.classes_)
    probabilities = model.predict_proba(features)
    name = f"'{classes[1]}'" if len(classes) == 2 else "the predicted class"
    unscaled = model.predict_proba_uncalibrated(features) if model.calibration_["method"] != "none" else None
    if unscaled is not None:
        reported["losses"] = tuple(float(log_losses(item, codes).mean()) for item in (unscaled, probabilities))
    reported = reported | {
        "uncalibrated": None if unscaled is None else calibration(codes, unscaled, predicted_event=name),
        "calibrated": calibration(codes, probabilities, predicted_event=name),
        "scaling": model.calibration_["sentence"],
    }
    try:
        members = model.predict_set_mask(features, coverage)
    except InputError as error:
        return UncertaintyReport(None, note=str(error), **reported)
    y_true, sizes = classes[codes], members.sum(axis=1)
    result, test_data = coverage_of_sets(y_true, members, classes, coverage), covered_by_sets(y_true, members, classes)
    right = (probabilities.argmax(axis=1) == codes).astype(np.float64)
    parts = coverage_by_slice(test_data, sizes, coverage, _used(model, features), sets=True)
    each = coverage_by_class(y_true, members, classes, coverage)
    reported["per_class"] = _supports_class_coverage(model, features, coverage)
    return UncertaintyReport(result, parts, each, abstention=compute_abstention(sizes != 1, unlike, right), **reported)


def _supports_class_coverage(model: Any, features: pl.DataFrame, coverage: float) -> bool:
    try:
        model.predict_set_mask(features.head(1), coverage, True)
    except InputError:
        return False
    return True


def _evaluate_numbers(
    model: Any, features: pl.DataFrame, y_true: Array, coverage: float, unlike: Array | None, reported: dict[str, Any]
) -> UncertaintyReport:
    squares = (y_true.astype(np.float64) - model.predict_point(features)) ** 2
    reported = reported | {"abstention": compute_abstention(np.zeros(len(y_true), dtype=bool), unlike, squares, "RMSE")}
    try:
        ends = model.predict_interval(features, coverage)
    except InputError as error:
        return UncertaintyReport(None, note=str(error), **reported)
    result = coverage_of_intervals(y_true, ends, coverage)
    test_data, widths = covered_by_intervals(y_true, ends), ends[:, 1] - ends[:, 0]
    return UncertaintyReport(result, coverage_by_slice(test_data, widths, coverage, _used(model, features)), **reported)


def _used(model: Any, features: pl.DataFrame) -> list[pl.Series]:
    return [features.get_column(name) for name in model.recipe_.used_columns if name in features.columns]
