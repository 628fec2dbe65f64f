"""Whether the network is better than a baseline, or only luckier on these rows.

Both are scored on the same resamples, and the interval is that of the difference: rows that are
hard for both move both scores alike and cancel.

Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapter 16.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tidynet.core.text import decimals_for_difference, format_signed, format_value, is_nonzero_width
from tidynet.evaluation.bootstrap import Values, percentile_interval
from tidynet.evaluation.scores import ModelScores, Score

__all__ = ["MIN_ROWS", "BaselineComparison", "compare", "primary_metric", "primary_metric_name", "verdict_sentence"]

# The first of these that all models have decides between them.
_DECIDING = ("log loss", "RMSE", "accuracy")
# Of fewer rows a bootstrap holds too few different resamples for its percentiles to mean 95%.
MIN_ROWS = 10


@dataclass(frozen=True, slots=True)
class BaselineComparison:
    """The difference of one score, network − baseline, with its 95% paired bootstrap interval.

    Examples
    --------
    >>> one = BaselineComparison("logistic regression", "log loss", -0.05, -0.11, 0.01, False, rows=69)
    >>> one.verdict, str(one)
    ('unclear', '−0.05 (−0.11 to +0.01)')
    """

    baseline: str
    score: str
    difference: float
    low: float
    high: float
    higher_is_better: bool
    rows: int

    @property
    def verdict(self) -> Literal["better", "worse", "unclear"]:
        """Whether the network is better or worse than the baseline beyond the interval."""
        if self.rows < MIN_ROWS or self.low <= 0 <= self.high:
            return "unclear"
        return "better" if (self.low > 0) == self.higher_is_better else "worse"

    @property
    def shortfall(self) -> float:
        """By how much the baseline is ahead; below 0 where the network is."""
        return -self.difference if self.higher_is_better else self.difference

    def __str__(self) -> str:
        decimals = decimals_for_difference(self.difference, self.low, self.high)
        display_text = format_signed(self.difference, decimals)
        return f"{display_text} ({self.interval})" if is_nonzero_width(self.low, self.high) else display_text

    @property
    def interval(self) -> str:
        """The two ends in words."""
        decimals = decimals_for_difference(self.difference, self.low, self.high)
        return f"{format_signed(self.low, decimals)} to {format_signed(self.high, decimals)}"


def compare(network: ModelScores, baselines: Mapping[str, ModelScores], rows: int) -> tuple[BaselineComparison, ...]:
    """Compare a network with each baseline on the score that decides: log loss, or RMSE.

    Examples
    --------
    >>> score = Score("RMSE", 2.0, 1.5, 2.5, higher_is_better=False)
    >>> scored = ModelScores({"RMSE": score}, {"RMSE": np.ones(9)})
    >>> [one.verdict for one in compare(scored, {"mean": scored}, rows=50)]
    ['unclear']
    """
    deciding = primary_metric([network, *baselines.values()])
    return tuple(_difference(name, deciding, network, result, rows) for name, result in baselines.items())


def primary_metric(models: Sequence[ModelScores]) -> str:
    """The first of log loss, RMSE and accuracy that all models have; every task has one of them.

    Examples
    --------
    >>> score = Score("RMSE", 2.0, 1.5, 2.5, higher_is_better=False)
    >>> primary_metric([ModelScores({"RMSE": score}, {"RMSE": np.ones(9)})])
    'RMSE'
    """
    return primary_metric_name([set(model.scores) for model in models])


def primary_metric_name(names: Sequence[set[str]]) -> str:
    """The first of log loss, RMSE and accuracy that is among all names.

    Examples
    --------
    >>> primary_metric_name([{"accuracy", "log loss"}, {"accuracy"}])
    'accuracy'
    """
    return next(name for name in _DECIDING if all(name in result for result in names))


def verdict_sentence(
    comparisons: Sequence[BaselineComparison], network: Score, rows: int, *, in_folds: bool = False
) -> str:
    """One plain sentence: whether the network is better than the baselines beyond the 95% interval.

    Examples
    --------
    >>> score = Score("log loss", 0.4, 0.3, 0.5, higher_is_better=False)
    >>> one = BaselineComparison("logistic regression", "log loss", -0.05, -0.11, 0.01, False, rows=69)
    >>> for clause in verdict_sentence([one], score, 69).split(" (", 1):
    ...     print(clause)
    On 69 test rows the network's log loss is 0.05 lower than logistic regression's
    95% interval −0.11 to +0.01): no clear winner.
    """
    on_rows = f"{rows:,} {'' if in_folds else 'test '}{'row' if rows == 1 else 'rows'}"
    on = "over" if in_folds else "on"
    if not comparisons:
        return f"{on.capitalize()} {on_rows} the network's {network.name} is {network}, with no baseline beside it."
    if rows < MIN_ROWS:
        return f"{on_rows} {'is' if rows == 1 else 'are'} too few to tell the network from its baselines."
    lost = [item for item in comparisons if item.verdict == "worse"]
    open_ones = [item for item in comparisons if item.verdict == "unclear"]
    hardest = max(lost or open_ones or comparisons, key=lambda item: item.shortfall)
    finding = f"the network's {hardest.score} is {_comparison_text(hardest)} (95% interval {hardest.interval})"
    if lost:
        names = _joined([_named(item.baseline) for item in lost])
        beats = "beats" if len(lost) == 1 and not _plural(lost[0].baseline) else "beat"
        return f"{names[0].upper()}{names[1:]} {beats} the network: {on} {on_rows} {finding}."
    end = "no clear winner" if open_ones else "it beats every baseline"
    return f"{on.capitalize()} {on_rows} {finding}: {end}."


def _comparison_text(item: BaselineComparison) -> str:
    size = format_value(abs(item.difference), decimals_for_difference(item.difference, item.low, item.high))
    if not any(digit in "123456789" for digit in size):
        return f"about the same as {_possessive(item.baseline)}"
    return f"{size} {'lower' if item.difference < 0 else 'higher'} than {_possessive(item.baseline)}"


def _joined(names: Sequence[str]) -> str:
    """Names with commas, and an "and" before the last."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _named(baseline: str) -> str:
    return f"the {baseline}" if baseline in ("most frequent class", "mean") else baseline


def _possessive(baseline: str) -> str:
    return _named(baseline) + ("'" if _plural(baseline) else "'s")


def _plural(baseline: str) -> bool:
    return baseline.endswith("s") and not baseline.endswith("ss")


def _difference(name: str, deciding: str, network: ModelScores, baseline: ModelScores, rows: int) -> BaselineComparison:
    own_values, reference_values = network.scores[deciding], baseline.scores[deciding]
    values = _unrounded_difference(network.values[deciding], baseline.values[deciding])
    low, high = percentile_interval(values)
    difference = float(_unrounded_difference(np.array([own_values.value]), np.array([reference_values.value]))[0])
    return BaselineComparison(name, deciding, difference, low, high, own_values.higher_is_better, rows)


def _unrounded_difference(own_values: Values, reference_values: Values) -> Values:
    """The differences; equal predictions may differ in their last bit, which is none between models."""
    difference = own_values - reference_values
    return np.where(np.abs(difference) <= 1e-12 * (np.abs(own_values) + np.abs(reference_values)), 0.0, difference)
