"""Calibration of probabilities: expected calibration error, Brier score decomposition, reliability diagram."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from tidynet.core.errors import InputError
from tidynet.evaluation.coverage import binomial_interval

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Array = npt.NDArray[Any]

BINS = 10
N_SIMULATIONS = 2_000  # of outcomes with exactly the predicted probabilities


@dataclass(frozen=True)
class CalibrationBin:
    """Rows with a probability from `low` to `high`; `least` to `most` is the exact 95% CI of the frequency."""

    low: float
    high: float
    count: int
    predicted_probability: float
    observed_frequency: float
    least: float
    most: float


@dataclass(frozen=True)
class CalibrationResult:
    """Predicted probabilities beside observed frequencies; plain data."""

    predicted_event: str
    rows: int
    bins: tuple[CalibrationBin, ...]
    expected_calibration_error: float
    brier: float
    reliability: float
    resolution: float
    uncertainty: float
    within_bins: float

    def to_dict(self) -> dict[str, Any]:
        """Plain data, for JSON."""
        return asdict(self)

    @cached_property
    def error_of_exact_probabilities(self) -> float:
        """The 95% quantile of the ECE of exact probabilities (Bröcker and Smith, 2007): few rows never give 0."""
        counts = np.array([item.count for item in self.bins])
        probability = np.array([item.predicted_probability for item in self.bins])
        drawn = np.random.default_rng(0).binomial(counts, np.clip(probability, 0, 1), (N_SIMULATIONS, len(counts)))
        return float(np.quantile(np.abs(drawn - counts * probability).sum(axis=1) / self.rows, 0.95))

    @property
    def is_significant(self) -> bool:
        """Whether the error is larger than that of exact probabilities."""
        return self.expected_calibration_error > self.error_of_exact_probabilities + 1e-9


def calibration(
    codes: npt.ArrayLike, probabilities: npt.ArrayLike, bins: int = BINS, predicted_event: str = ""
) -> CalibrationResult:
    """Compare probabilities with outcomes: of the second of two classes, or of the predicted class of several."""
    known = np.asarray(codes) >= 0
    true, p = np.asarray(codes)[known], np.asarray(probabilities, dtype=np.float64)[known]
    if not len(true):
        raise InputError("0 rows have a class of the model, expected at least 1", "give rows of known classes")
    binary = p.shape[1] == 2
    predicted = p[:, 1] if binary else p.max(axis=1)
    outcome = (true == (1 if binary else p.argmax(axis=1))).astype(np.float64)
    index = np.clip((predicted * bins).astype(np.int64), 0, bins - 1)
    result = [_bin(predicted[index == item], outcome[index == item], item, bins) for item in np.unique(index)]
    base = float(outcome.mean())
    fractions = np.array([item.count for item in result]) / len(true)
    observed = np.array([item.observed_frequency for item in result])
    differences = np.array([item.predicted_probability for item in result]) - observed
    reliability, resolution = float(fractions @ differences**2), float(fractions @ (observed - base) ** 2)
    brier, uncertainty = float(((predicted - outcome) ** 2).mean()), base * (1 - base)
    return CalibrationResult(
        predicted_event=predicted_event or ("the second class" if binary else "the predicted class"),
        rows=len(true),
        bins=tuple(result),
        expected_calibration_error=float(fractions @ np.abs(differences)),
        brier=brier,
        reliability=reliability,
        resolution=resolution,
        uncertainty=uncertainty,
        within_bins=brier - (reliability - resolution + uncertainty),
    )


def calibration_from(fields: Mapping[str, Any]) -> CalibrationResult:
    """The calibration of which `CalibrationResult.to_dict` gave the fields."""
    return CalibrationResult(**{**fields, "bins": tuple(CalibrationBin(**item) for item in fields["bins"])})


def _bin(predicted: Array, outcome: Array, index: int, bins: int) -> CalibrationBin:
    count, hits = len(predicted), int(outcome.sum())
    limits = binomial_interval(hits, count)
    return CalibrationBin(index / bins, (index + 1) / bins, count, float(predicted.mean()), hits / count, *limits)


def reliability_diagram(after: CalibrationResult, before: CalibrationResult | None = None) -> Figure:
    """Observed frequency by predicted probability with exact 95% CIs, and the rows of each bin below."""
    from tidynet.plot.theme import BASE, MUTED, SECOND, finish_figure, legend, new_figure

    figure = new_figure(height=5.0)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(4, 1))
    upper.plot([0, 1], [0, 1], color=MUTED, linewidth=1, linestyle="--", label="perfect calibration")
    if before is not None:
        upper.plot(*_points(before), "o-", color=SECOND, linewidth=1, markersize=4, label="before calibration")
    errors = [
        [item.observed_frequency - item.least for item in after.bins],
        [item.most - item.observed_frequency for item in after.bins],
    ]
    label = "network" if before is None else "after calibration"
    upper.errorbar(
        *_points(after), yerr=errors, fmt="o-", color=BASE, markersize=5, capsize=2, label=label, clip_on=False
    )
    upper.set(xlim=(0, 1), ylim=(0, 1), ylabel="observed frequency")
    centers = [(item.low + item.high) / 2 for item in after.bins]
    widths = [0.94 * (item.high - item.low) for item in after.bins]
    lower.bar(centers, [item.count for item in after.bins], width=widths, color=BASE)
    for center, item in zip(centers, after.bins, strict=True):
        style = {"textcoords": "offset points", "ha": "center", "color": MUTED, "fontsize": 8}
        lower.annotate(f"{item.count:,}", (center, item.count), (0, 2), **style)
    lower.set(xlabel=f"predicted probability of {after.predicted_event}", ylabel="rows")
    lower.margins(y=0.3)
    finish_figure(upper, grid="both")
    finish_figure(lower, grid="")
    lower.set_yticks([])
    legend(upper)
    return figure


def _points(result: CalibrationResult) -> tuple[list[float], list[float]]:
    return [item.predicted_probability for item in result.bins], [item.observed_frequency for item in result.bins]
