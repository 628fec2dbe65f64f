"""Whether probabilities are as often right as they say: the reliability diagram and the parts of the Brier score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from tidynet.core.errors import InputError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["CalibrationBin", "CalibrationResult", "calibration", "calibration_from", "reliability_diagram"]

Array = npt.NDArray[Any]

BINS = 10
DRAWS = 2_000  # of rows that come true as often as stated


@dataclass(frozen=True)
class CalibrationBin:
    """Rows whose probability lies between `low` and `high`.

    Attributes
    ----------
    low, high : float
    count : int
    predicted_probability : float
        Mean probability.
    observed_frequency : float
        Share of rows for which it came true.
    least, most : float
        Exact 95% interval of that share.
    """

    low: float
    high: float
    count: int
    predicted_probability: float
    observed_frequency: float
    least: float
    most: float


@dataclass(frozen=True)
class CalibrationResult:
    """How stated probabilities compare with what happened; plain data.

    Attributes
    ----------
    predicted_event : str
        What the probability is of: the second of two classes, or the predicted one of several.
    rows : int
    bins : tuple of Bin
        Bins that hold rows.
    expected_calibration_error : float
        Expected calibration error: mean over rows of |stated − observed| of their bin.
    brier : float
        Mean of (p − happened)².
    reliability, resolution, uncertainty : float
        Its parts over the bins (Murphy, 1973): reliability − resolution + uncertainty, and `within_noise`, what the
        bins hide.
    within_noise : float
    """

    predicted_event: str
    rows: int
    bins: tuple[CalibrationBin, ...]
    expected_calibration_error: float
    brier: float
    reliability: float
    resolution: float
    uncertainty: float
    within_noise: float

    def to_dict(self) -> dict[str, Any]:
        """Plain data, for JSON."""
        return asdict(self)

    def sentence(self) -> str:
        """The calibration in words.

        Examples
        --------
        >>> calibration([0, 1] * 50, [[0.1, 0.9]] * 100).sentence()
        'probabilities are off by 40.0 percentage points on the mean: too high'
        >>> calibration([0, 1, 1], [[0.1, 0.9]] * 3).sentence()
        'probabilities are off by 23.3 percentage points on the mean; on 3 rows chance alone can do that'
        """
        gap = sum(item.count * (item.predicted_probability - item.observed_frequency) for item in self.bins) / self.rows
        text = f"probabilities are off by {100 * self.expected_calibration_error:.1f} percentage points on the mean"
        if self.expected_calibration_error < 0.0005:  # 0.0 points are neither too high nor too low
            return text
        if self.expected_calibration_error <= self.error_expected_by_chance + 1e-9:
            return f"{text}; on {self.rows:,} {'row' if self.rows == 1 else 'rows'} chance alone can do that"
        return (
            text if abs(gap) < 0.5 * self.expected_calibration_error else f"{text}: too {'high' if gap > 0 else 'low'}"
        )

    def brier_decomposition(self) -> str:
        """The Brier score as the sum that it is, in words.

        Examples
        --------
        >>> calibration([1, 1, 0, 1], [[0.2, 0.8]] * 4, predicted_event="'yes'").brier_decomposition()  # doctest: +NORMALIZE_WHITESPACE
        "the Brier score of 'yes', 0.1900, is 0.0025 reliability (stated and true shares apart: 0 is best) −
        0.0000 resolution (shares that differ from bin to bin: the more the better) + 0.1875 uncertainty (of the
        classes, whatever is stated)"
        """
        terms = (
            ("", self.reliability, "reliability (stated and true shares apart: 0 is best)"),
            (" − ", self.resolution, "resolution (shares that differ from bin to bin: the more the better)"),
            (" + ", self.uncertainty, "uncertainty (of the classes, whatever is stated)"),
            (" + " if self.within_noise >= 0 else " − ", abs(self.within_noise), "within the bins"),
        )
        text = "".join(f"{sign}{value:.4f} {words}" for sign, value, words in terms if words[0] != "w" or value >= 5e-5)
        return f"the Brier score of {self.predicted_event}, {self.brier:.4f}, is {text}"

    @property
    def error_expected_by_chance(self) -> float:
        """The error that probabilities which are right exceed in one of twenty such samples (Bröcker and Smith, 2007).

        The error is a mean of sizes, so few rows never give 0.
        """
        counts = np.array([item.count for item in self.bins])
        predicted_probability = np.array([item.predicted_probability for item in self.bins])
        drawn = np.random.default_rng(0).binomial(counts, np.clip(predicted_probability, 0, 1), (DRAWS, len(counts)))
        return float(np.quantile(np.abs(drawn - counts * predicted_probability).sum(axis=1) / self.rows, 0.95))


def calibration(
    codes: npt.ArrayLike, probabilities: npt.ArrayLike, bins: int = BINS, predicted_event: str = ""
) -> CalibrationResult:
    """Compare probabilities with what happened.

    For two classes the probability of the second is judged, for more that of the predicted class.

    Parameters
    ----------
    codes : array of int, shape (rows,)
        Number of each true class. Rows of −1, a class that the model does not know, are left out.
    probabilities : array of shape (rows, classes)
    bins : int
        Bins of one width from 0 to 1.
    predicted_event : str
        What the probability is of, for display.

    Returns
    -------
    Calibration

    Raises
    ------
    InputError
        If no row is left.

    Examples
    --------
    >>> found = calibration([1, 1, 0, 1], [[0.2, 0.8]] * 4)
    >>> round(found.expected_calibration_error, 3), round(found.brier, 4)
    (0.05, 0.19)
    >>> brier_decomposition = found.reliability - found.resolution + found.uncertainty + found.within_noise
    >>> bool(np.isclose(brier_decomposition, found.brier))
    True
    """
    known = np.asarray(codes) >= 0
    true, p = np.asarray(codes)[known], np.asarray(probabilities, dtype=np.float64)[known]
    if not len(true):
        raise InputError("no row is of a class that the model knows", "give rows that are")
    binary = p.shape[1] == 2
    predicted_probability = p[:, 1] if binary else p.max(axis=1)
    happened = (true == (1 if binary else p.argmax(axis=1))).astype(np.float64)
    index = np.clip((predicted_probability * bins).astype(np.int64), 0, bins - 1)
    result = [
        _bin(predicted_probability[index == item], happened[index == item], item, bins) for item in np.unique(index)
    ]
    rows, base = len(true), float(happened.mean())
    fractions = np.array([item.count for item in result]) / rows
    gaps = np.array([item.predicted_probability - item.observed_frequency for item in result])
    observed_frequency = np.array([item.observed_frequency for item in result])
    reliability, resolution = float(fractions @ gaps**2), float(fractions @ (observed_frequency - base) ** 2)
    brier, uncertainty = float(((predicted_probability - happened) ** 2).mean()), base * (1 - base)
    return CalibrationResult(
        predicted_event or ("the second class" if binary else "the predicted class"),
        rows,
        tuple(result),
        float(fractions @ np.abs(gaps)),
        brier,
        reliability,
        resolution,
        uncertainty,
        brier - (reliability - resolution + uncertainty),
    )


def calibration_from(facts: Mapping[str, Any]) -> CalibrationResult:
    """The calibration that `Calibration.to_dict` took apart."""
    return CalibrationResult(**{**facts, "bins": tuple(CalibrationBin(**item) for item in facts["bins"])})


def _bin(predicted_probability: Array, happened: Array, index: int, bins: int) -> CalibrationBin:
    from tidynet.evaluation.coverage import binomial_interval

    count, hits = len(predicted_probability), int(happened.sum())
    min_count, max_count = binomial_interval(hits, count)
    return CalibrationBin(
        index / bins, (index + 1) / bins, count, float(predicted_probability.mean()), hits / count, min_count, max_count
    )


def reliability_diagram(after: CalibrationResult, before: CalibrationResult | None = None) -> Figure:
    """What was stated beside what happened, with exact 95% intervals, and the rows of each bin below.

    Parameters
    ----------
    after : Calibration
    before : Calibration, optional
        Of the same rows without scaling, drawn paler.

    Returns
    -------
    matplotlib Figure
    """
    from tidynet.plot.theme import BASE, MUTED, SECOND, finish_figure, legend, new_figure

    drawn = new_figure(height=5.0)
    upper, lower = drawn.subplots(2, 1, sharex=True, height_ratios=(4, 1))
    upper.plot([0, 1], [0, 1], color=MUTED, linewidth=1, linestyle="--", label="as stated")
    if before is not None:
        upper.plot(*_points(before), "o-", color=SECOND, linewidth=1, markersize=4, label="before scaling")
    errors = [
        [item.observed_frequency - item.least for item in after.bins],
        [item.most - item.observed_frequency for item in after.bins],
    ]
    label = "network" if before is None else "after scaling"
    upper.errorbar(
        *_points(after), yerr=errors, fmt="o-", color=BASE, markersize=5, capsize=2, label=label, clip_on=False
    )
    upper.set(xlim=(0, 1), ylim=(0, 1), ylabel="share that came true")
    middles, widths = (
        [(item.low + item.high) / 2 for item in after.bins],
        [0.94 * (item.high - item.low) for item in after.bins],
    )
    lower.bar(middles, [item.count for item in after.bins], width=widths, color=BASE)
    for middle, item in zip(middles, after.bins, strict=True):
        where = {"textcoords": "offset points", "ha": "center", "color": MUTED, "fontsize": 8}
        lower.annotate(f"{item.count:,}", (middle, item.count), (0, 2), **where)
    lower.set(xlabel=f"stated probability of {after.predicted_event}", ylabel="rows")
    lower.margins(y=0.3)
    finish_figure(upper, grid="both")
    finish_figure(lower, grid="")
    lower.set_yticks([])
    legend(upper)
    return drawn


def _points(result: CalibrationResult) -> tuple[list[float], list[float]]:
    return [item.predicted_probability for item in result.bins], [item.observed_frequency for item in result.bins]
