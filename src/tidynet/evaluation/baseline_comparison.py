"""The difference between the network and a baseline, with a paired bootstrap interval, and the verdict in words.

Both are scored on the same resamples, and the interval is that of the difference: rows that are hard for both
change both scores alike.

Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapter 16.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Literal

import numpy as np

from tidynet.core.text import decimals_for_difference, format_signed, is_nonzero_width, pluralize
from tidynet.evaluation.bootstrap import Values, percentile_interval
from tidynet.evaluation.scores import ModelScores, Score

# The first of these that all models have is the primary metric.
_PRIMARY_METRICS = ("log loss", "RMSE", "accuracy")
# The bootstrap of fewer rows has too few distinct resamples for a 95% interval.
MIN_ROWS = 10


class Verdict(Enum):
    """The network against all of its baselines."""

    BETTER = "better"
    WORSE = "worse"
    NOT_SIGNIFICANT = "not significant"
    TOO_FEW_ROWS = "too few rows"
    NO_BASELINE = "no baseline"


@dataclass(frozen=True, slots=True)
class BaselineComparison:
    """The difference of one score, network − baseline, with its 95% paired bootstrap interval."""

    baseline: str
    score: str
    difference: float
    low: float
    high: float
    higher_is_better: bool
    rows: int

    @property
    def verdict(self) -> Literal["better", "worse", "unclear"]:
        """Whether the network is significantly better or worse than the baseline."""
        if self.rows < MIN_ROWS or self.low <= 0 <= self.high:
            return "unclear"
        return "better" if (self.low > 0) == self.higher_is_better else "worse"

    @property
    def shortfall(self) -> float:
        """How much the baseline is better; negative where the network is."""
        return -self.difference if self.higher_is_better else self.difference

    @property
    def interval(self) -> str:
        """The limits of the interval, with signs."""
        decimals = decimals_for_difference(self.difference, self.low, self.high)
        return f"{format_signed(self.low, decimals)} to {format_signed(self.high, decimals)}"

    @property
    def text(self) -> str:
        """The difference and its interval, with score and baseline."""
        decimals = decimals_for_difference(self.difference, self.low, self.high)
        interval = f" (95% CI {self.interval})" if is_nonzero_width(self.low, self.high) else ""
        return f"{self.score} difference to {self.baseline} {format_signed(self.difference, decimals)}{interval}"

    def __str__(self) -> str:
        decimals = decimals_for_difference(self.difference, self.low, self.high)
        text = format_signed(self.difference, decimals)
        return f"{text} ({self.interval})" if is_nonzero_width(self.low, self.high) else text


def compare_with_baselines(
    network: ModelScores, baselines: Mapping[str, ModelScores], rows: int
) -> tuple[BaselineComparison, ...]:
    """Compare a network with each baseline on the primary metric."""
    primary = primary_metric([network.scores.keys(), *(item.scores.keys() for item in baselines.values())])
    return tuple(_difference(name, primary, network, baseline, rows) for name, baseline in baselines.items())


def primary_metric(names: Sequence[Collection[str]]) -> str:
    """The first of log loss, RMSE and accuracy that every model has; each task has one of them."""
    return next(name for name in _PRIMARY_METRICS if all(name in model for model in names))


def overall_verdict(comparisons: Sequence[BaselineComparison], rows: int) -> Verdict:
    """The network against all baselines: one that is significantly better decides, then one that may be."""
    if not comparisons:
        return Verdict.NO_BASELINE
    if rows < MIN_ROWS:
        return Verdict.TOO_FEW_ROWS
    verdicts = {item.verdict for item in comparisons}
    if "worse" in verdicts:
        return Verdict.WORSE
    return Verdict.NOT_SIGNIFICANT if "unclear" in verdicts else Verdict.BETTER


def hardest_comparison(comparisons: Sequence[BaselineComparison]) -> BaselineComparison | None:
    """The baseline that decides the verdict: the best of those that beat the network, else of those that may."""
    worse = [item for item in comparisons if item.verdict == "worse"]
    unclear = [item for item in comparisons if item.verdict == "unclear"]
    return max(worse or unclear or comparisons, key=lambda item: item.shortfall, default=None)


def verdict_sentence(
    comparisons: Sequence[BaselineComparison], network: Score, rows: int, *, in_folds: bool = False
) -> str:
    """One sentence: whether the network is significantly better than its baselines."""
    where = f"in cross-validation ({pluralize(rows, 'row')})" if in_folds else f"on {pluralize(rows, 'test row')}"
    hardest = hardest_comparison(comparisons)
    verdict = overall_verdict(comparisons, rows)
    if hardest is None:
        name = network.name[:1].upper() + network.name[1:]
        return f"{name} of the network {network.with_ci} {where}; there is no baseline."
    if verdict is Verdict.TOO_FEW_ROWS:
        noun = pluralize(rows, "row" if in_folds else "test row")
        return f"{noun}: too few to compare the network with baselines (minimum {MIN_ROWS})."
    if verdict is Verdict.WORSE:
        names = [_with_article(item.baseline) for item in comparisons if item.verdict == "worse"]
        verb = "beat" if len(names) > 1 or _is_plural(names[0]) else "beats"
        listed = " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
        return f"{listed[:1].upper()}{listed[1:]} {verb} the network {where}."
    if verdict is Verdict.NOT_SIGNIFICANT:
        return f"No significant difference between the network and {_with_article(hardest.baseline)} {where}."
    return f"The network beats every baseline {where}."


def _with_article(baseline: str) -> str:
    return f"the {baseline}" if baseline in ("most frequent class", "mean") else baseline


def _is_plural(baseline: str) -> bool:
    return baseline.endswith("s") and not baseline.endswith("ss")


def _difference(name: str, primary: str, network: ModelScores, baseline: ModelScores, rows: int) -> BaselineComparison:
    own, other = network.scores[primary], baseline.scores[primary]
    low, high = percentile_interval(_without_rounding(network.values[primary], baseline.values[primary]))
    difference = float(_without_rounding(np.array([own.value]), np.array([other.value]))[0])
    return BaselineComparison(name, primary, difference, low, high, own.higher_is_better, rows)


def _without_rounding(own: Values, other: Values) -> Values:
    """The differences, 0 where equal predictions differ in the last bit."""
    difference = own - other
    return np.where(np.abs(difference) <= 1e-12 * (np.abs(own) + np.abs(other)), 0.0, difference)
