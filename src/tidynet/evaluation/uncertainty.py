"""The uncertainty of a model on test rows: calibration, coverage of sets and intervals, novelty and abstention."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from tidynet.core.errors import InputError
from tidynet.estimators.fitted_model import FittedClassifier, FittedModel, FittedRegressor, is_classifier, is_regressor
from tidynet.estimators.novelty import NOVELTY_THRESHOLD
from tidynet.estimators.probability_calibration import log_losses
from tidynet.evaluation.abstention import Abstention, compute_abstention, is_novel
from tidynet.evaluation.calibration import CalibrationResult, calibration, calibration_from
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
from tidynet.evaluation.labels import label_codes

Array = npt.NDArray[Any]

EXPECTED_NOVEL = 1 - NOVELTY_THRESHOLD  # the fraction of novel rows among rows from the same source
ALPHA = 0.05
MAX_REASONS = 40


@dataclass(frozen=True)
class UncertaintyReport:
    """Plain data on the uncertainty of a model."""

    coverage: CoverageResult | None = None  # None with too few calibration rows; see `note`
    parts: tuple[SliceCoverage, ...] = ()  # by category and quarter of each column, the lowest first
    classes: tuple[SliceCoverage, ...] = ()
    uncalibrated: CalibrationResult | None = None  # None for numbers
    calibrated: CalibrationResult | None = None
    scaling: str = ""  # the effect of calibration on the calibration rows
    abstention: Abstention | None = None
    novel_fraction: float | None = None  # of rows with novelty ≥ 0.99
    has_novel_rows: bool = False  # significantly more than expected
    reasons: tuple[tuple[str, int], ...] = ()
    losses: tuple[float, float] | None = None  # log loss before and after calibration
    note: str = ""
    per_class: bool = False  # whether a coverage within each class is possible
    rows: int = 0
    n_unknown_class: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Plain data, as JSON gives it back."""
        plain: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return plain

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> UncertaintyReport:
        """The report of which `to_dict` gave the fields; others are ignored."""
        restored: dict[str, Any] = {name: fields[name] for name in cls.__dataclass_fields__}
        for name, make in _RESTORED.items():
            restored[name] = None if fields[name] is None else make(fields[name])
        return cls(**restored)


def _restore_slices(items: Sequence[Mapping[str, Any]]) -> tuple[SliceCoverage, ...]:
    return tuple(SliceCoverage(**{**item, "coverage": CoverageResult(**item["coverage"])}) for item in items)


_RESTORED: dict[str, Callable[[Any], Any]] = {
    "coverage": lambda item: CoverageResult(**item),
    "parts": _restore_slices,
    "classes": _restore_slices,
    "uncalibrated": calibration_from,
    "calibrated": calibration_from,
    "abstention": lambda item: Abstention(**item),
    "reasons": lambda items: tuple(tuple(item) for item in items),
    "losses": tuple,
}


def worst_undercovered(whole: CoverageResult | None, slices: Sequence[SliceCoverage]) -> SliceCoverage | None:
    """The slice that most significantly lacks coverage, of the target or of all rows where that is lower."""
    from scipy.stats import binom

    if whole is None:
        return None
    reference = min(whole.target_coverage, whole.coverage)
    lower = [item for item in slices if item.coverage.coverage < reference]
    p_values = [float(binom.cdf(item.coverage.n_covered, item.coverage.rows, reference)) for item in lower]
    # Bonferroni: the lowest of many slices is low by chance.
    if not lower or min(p_values) * len(slices) >= ALPHA:
        return None
    return lower[int(np.argmin(p_values))]


def evaluate_uncertainty(
    model: FittedModel, features: pl.DataFrame, y_true: npt.ArrayLike, coverage: float = 0.9
) -> UncertaintyReport:
    """Measure a model's uncertainty on labeled rows outside its training set."""
    known = np.asarray(y_true)
    novel = is_novel(model, features)
    report = _novelty_report(model, features, novel)
    if is_classifier(model):
        codes = label_codes(known, model.classes_)
        seen = codes >= 0
        report = replace(report, n_unknown_class=int((~seen).sum()))
        if not seen.any():
            return report
        if report.n_unknown_class:
            features, codes = features.filter(pl.Series(seen)), codes[seen]
            novel = None if novel is None else novel[seen]
        return replace(report, **_evaluate_classes(model, features, codes, coverage, novel))
    if known.ndim > 1:
        return replace(report, note="intervals of several targets are not evaluated together")
    assert is_regressor(model)
    return replace(report, **_evaluate_numbers(model, features, known, coverage, novel))


def _novelty_report(model: FittedModel, features: pl.DataFrame, novel: Array | None) -> UncertaintyReport:
    """The part of the report on rows unlike the training rows."""
    from scipy.stats import binom

    rows = features.height
    if novel is None:
        return UncertaintyReport(rows=rows)
    fraction = float(novel.mean())
    p = float(binom.sf(round(fraction * rows) - 1, rows, EXPECTED_NOVEL))
    significant = fraction > 2 * EXPECTED_NOVEL and p < ALPHA
    reasons = tuple(model.novelty_summary(features, novel)[:MAX_REASONS]) if significant else ()
    return UncertaintyReport(rows=rows, novel_fraction=fraction, has_novel_rows=significant, reasons=reasons)


def _evaluate_classes(
    model: FittedClassifier, features: pl.DataFrame, codes: Array, coverage: float, novel: Array | None
) -> dict[str, Any]:
    """The fields of a report on classes."""
    classes, probabilities = np.asarray(model.classes_), model.predict_proba(features)
    event = f"'{classes[1]}'" if len(classes) == 2 else "the predicted class"
    calibrated = calibration(codes, probabilities, predicted_event=event)
    report: dict[str, Any] = {"calibrated": calibrated, "scaling": model.calibration_["sentence"]}
    if model.calibration_["method"] != "none":
        raw = model.predict_proba_uncalibrated(features)
        report["losses"] = tuple(float(log_losses(item, codes).mean()) for item in (raw, probabilities))
        report["uncalibrated"] = calibration(codes, raw, predicted_event=event)
    try:
        members = model.predict_set_mask(features, coverage)
    except InputError as error:
        return report | {"note": str(error)}
    y_true, sizes = classes[codes], members.sum(axis=1)
    correct = (probabilities.argmax(axis=1) == codes).astype(np.float64)
    covered = covered_by_sets(y_true, members, classes)
    return report | {
        "coverage": coverage_of_sets(y_true, members, classes, coverage),
        "parts": coverage_by_slice(covered, sizes, coverage, _used_columns(model, features), sets=True),
        "classes": coverage_by_class(y_true, members, classes, coverage),
        "per_class": _supports_class_coverage(model, features, coverage),
        "abstention": compute_abstention(sizes != 1, novel, correct),
    }


def _supports_class_coverage(model: FittedClassifier, features: pl.DataFrame, coverage: float) -> bool:
    try:
        model.predict_set_mask(features.head(1), coverage, True)
    except InputError:
        return False
    return True


def _evaluate_numbers(
    model: FittedRegressor, features: pl.DataFrame, y_true: Array, coverage: float, novel: Array | None
) -> dict[str, Any]:
    """The fields of a report on numbers."""
    squares = (y_true.astype(np.float64) - model.predict_point(features)) ** 2
    report = {"abstention": compute_abstention(np.zeros(len(y_true), dtype=bool), novel, squares, "RMSE")}
    try:
        limits = model.predict_interval(features, coverage)
    except InputError as error:
        return report | {"note": str(error)}
    covered, widths = covered_by_intervals(y_true, limits), limits[:, 1] - limits[:, 0]
    slices = coverage_by_slice(covered, widths, coverage, _used_columns(model, features))
    return report | {"coverage": coverage_of_intervals(y_true, limits, coverage), "parts": slices}


def _used_columns(model: FittedModel, features: pl.DataFrame) -> list[pl.Series]:
    return [features.get_column(name) for name in model.recipe_.used_columns if name in features.columns]
