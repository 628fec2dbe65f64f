"""Whether probabilities are as often right as they say: the reliability diagram and the parts of the Brier score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from tidynet.errors import InputError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Bin", "Calibration", "calibration", "calibration_from", "reliability_diagram"]

Array = npt.NDArray[Any]

BINS = 10
DRAWS = 2_000  # of rows that come true as often as stated


@dataclass(frozen=True)
class Bin:
    """Rows whose probability lies between `low` and `high`.

    Attributes
    ----------
    low, high : float
    count : int
    stated : float
        Mean probability.
    observed : float
        Share of rows for which it came true.
    least, most : float
        Exact 95% interval of that share.
    """

    low: float
    high: float
    count: int
    stated: float
    observed: float
    least: float
    most: float


@dataclass(frozen=True)
class Calibration:
    """How stated probabilities compare with what happened; plain data.

    Attributes
    ----------
    of : str
        What the probability is of: the second of two classes, or the predicted one of several.
    rows : int
    bins : tuple of Bin
        Bins that hold rows.
    error : float
        Expected calibration error: mean over rows of |stated − observed| of their bin.
    brier : float
        Mean of (p − happened)².
    reliability, resolution, uncertainty : float
        Its parts over the bins (Murphy, 1973): reliability − resolution + uncertainty, and `within`, what the
        bins hide.
    within : float
    """

    of: str
    rows: int
    bins: tuple[Bin, ...]
    error: float
    brier: float
    reliability: float
    resolution: float
    uncertainty: float
    within: float

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
        gap = sum(one.count * (one.stated - one.observed) for one in self.bins) / self.rows
        words = f"probabilities are off by {100 * self.error:.1f} percentage points on the mean"
        if self.error < 0.0005:  # 0.0 points are neither too high nor too low
            return words
        if self.error <= self.by_chance + 1e-9:
            return f"{words}; on {self.rows:,} {'row' if self.rows == 1 else 'rows'} chance alone can do that"
        return words if abs(gap) < 0.5 * self.error else f"{words}: too {'high' if gap > 0 else 'low'}"

    def parts(self) -> str:
        """The Brier score as the sum that it is, in words.

        Examples
        --------
        >>> calibration([1, 1, 0, 1], [[0.2, 0.8]] * 4, of="'yes'").parts()  # doctest: +NORMALIZE_WHITESPACE
        "the Brier score of 'yes', 0.1900, is 0.0025 reliability (stated and true shares apart: 0 is best) −
        0.0000 resolution (shares that differ from bin to bin: the more the better) + 0.1875 uncertainty (of the
        classes, whatever is stated)"
        """
        terms = (
            ("", self.reliability, "reliability (stated and true shares apart: 0 is best)"),
            (" − ", self.resolution, "resolution (shares that differ from bin to bin: the more the better)"),
            (" + ", self.uncertainty, "uncertainty (of the classes, whatever is stated)"),
            (" + " if self.within >= 0 else " − ", abs(self.within), "within the bins"),
        )
        said = "".join(f"{sign}{value:.4f} {words}" for sign, value, words in terms if words[0] != "w" or value >= 5e-5)
        return f"the Brier score of {self.of}, {self.brier:.4f}, is {said}"

    @property
    def by_chance(self) -> float:
        """The error that probabilities which are right exceed in one of twenty such samples (Bröcker and Smith, 2007).

        The error is a mean of sizes, so few rows never give 0.
        """
        counts = np.array([one.count for one in self.bins])
        stated = np.array([one.stated for one in self.bins])
        drawn = np.random.default_rng(0).binomial(counts, np.clip(stated, 0, 1), (DRAWS, len(counts)))
        return float(np.quantile(np.abs(drawn - counts * stated).sum(axis=1) / self.rows, 0.95))


def calibration(codes: npt.ArrayLike, probabilities: npt.ArrayLike, bins: int = BINS, of: str = "") -> Calibration:
    """Compare probabilities with what happened.

    For two classes the probability of the second is judged, for more that of the predicted class.

    Parameters
    ----------
    codes : array of int, shape (rows,)
        Number of each true class. Rows of −1, a class that the model does not know, are left out.
    probabilities : array of shape (rows, classes)
    bins : int
        Bins of one width from 0 to 1.
    of : str
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
    >>> round(found.error, 3), round(found.brier, 4)
    (0.05, 0.19)
    >>> parts = found.reliability - found.resolution + found.uncertainty + found.within
    >>> bool(np.isclose(parts, found.brier))
    True
    """
    known = np.asarray(codes) >= 0
    true, p = np.asarray(codes)[known], np.asarray(probabilities, dtype=np.float64)[known]
    if not len(true):
        raise InputError("no row is of a class that the model knows", "give rows that are")
    binary = p.shape[1] == 2
    stated = p[:, 1] if binary else p.max(axis=1)
    happened = (true == (1 if binary else p.argmax(axis=1))).astype(np.float64)
    place = np.clip((stated * bins).astype(np.int64), 0, bins - 1)
    found = [_bin(stated[place == one], happened[place == one], one, bins) for one in np.unique(place)]
    rows, base = len(true), float(happened.mean())
    shares = np.array([one.count for one in found]) / rows
    gaps = np.array([one.stated - one.observed for one in found])
    observed = np.array([one.observed for one in found])
    reliability, resolution = float(shares @ gaps**2), float(shares @ (observed - base) ** 2)
    brier, uncertainty = float(((stated - happened) ** 2).mean()), base * (1 - base)
    return Calibration(
        of or ("the second class" if binary else "the predicted class"),
        rows,
        tuple(found),
        float(shares @ np.abs(gaps)),
        brier,
        reliability,
        resolution,
        uncertainty,
        brier - (reliability - resolution + uncertainty),
    )


def calibration_from(facts: Mapping[str, Any]) -> Calibration:
    """The calibration that `Calibration.to_dict` took apart."""
    return Calibration(**{**facts, "bins": tuple(Bin(**one) for one in facts["bins"])})


def _bin(stated: Array, happened: Array, place: int, bins: int) -> Bin:
    from tidynet.trust.conformal import binomial_interval

    count, hits = len(stated), int(happened.sum())
    least, most = binomial_interval(hits, count)
    return Bin(place / bins, (place + 1) / bins, count, float(stated.mean()), hits / count, least, most)


def reliability_diagram(after: Calibration, before: Calibration | None = None) -> Figure:
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
    from tidynet.plot.theme import BASE, MUTED, SECOND, figure, finish, legend

    drawn = figure(height=5.0)
    upper, lower = drawn.subplots(2, 1, sharex=True, height_ratios=(4, 1))
    upper.plot([0, 1], [0, 1], color=MUTED, linewidth=1, linestyle="--", label="as stated")
    if before is not None:
        upper.plot(*_points(before), "o-", color=SECOND, linewidth=1, markersize=4, label="before scaling")
    errors = [[one.observed - one.least for one in after.bins], [one.most - one.observed for one in after.bins]]
    label = "network" if before is None else "after scaling"
    upper.errorbar(
        *_points(after), yerr=errors, fmt="o-", color=BASE, markersize=5, capsize=2, label=label, clip_on=False
    )
    upper.set(xlim=(0, 1), ylim=(0, 1), ylabel="share that came true")
    middles, widths = (
        [(one.low + one.high) / 2 for one in after.bins],
        [0.94 * (one.high - one.low) for one in after.bins],
    )
    lower.bar(middles, [one.count for one in after.bins], width=widths, color=BASE)
    for middle, one in zip(middles, after.bins, strict=True):
        where = {"textcoords": "offset points", "ha": "center", "color": MUTED, "fontsize": 8}
        lower.annotate(f"{one.count:,}", (middle, one.count), (0, 2), **where)
    lower.set(xlabel=f"stated probability of {after.of}", ylabel="rows")
    lower.margins(y=0.3)
    finish(upper, grid="both")
    finish(lower, grid="")
    lower.set_yticks([])
    legend(upper)
    return drawn


def _points(found: Calibration) -> tuple[list[float], list[float]]:
    return [one.stated for one in found.bins], [one.observed for one in found.bins]
