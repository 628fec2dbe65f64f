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

from tidynet.trust.bootstrap import Values, percentile_interval
from tidynet.trust.scores import Score, Scored
from tidynet.trust.wording import decimals_of_difference, has_width, plain, signed

__all__ = ["FEWEST_ROWS", "Comparison", "compare", "deciding_name", "deciding_score", "verdict_sentence"]

# The first of these that all models have decides between them.
_DECIDING = ("log loss", "RMSE", "accuracy")
# Of fewer rows a bootstrap holds too few different resamples for its percentiles to mean 95%.
FEWEST_ROWS = 10


@dataclass(frozen=True, slots=True)
class Comparison:
    """The difference of one score, network − baseline, with its 95% paired bootstrap interval.

    Examples
    --------
    >>> one = Comparison("logistic regression", "log loss", -0.05, -0.11, 0.01, False, rows=69)
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
        if self.rows < FEWEST_ROWS or self.low <= 0 <= self.high:
            return "unclear"
        return "better" if (self.low > 0) == self.higher_is_better else "worse"

    @property
    def deficit(self) -> float:
        """By how much the baseline is ahead; below 0 where the network is."""
        return -self.difference if self.higher_is_better else self.difference

    def __str__(self) -> str:
        decimals = decimals_of_difference(self.difference, self.low, self.high)
        shown = signed(self.difference, decimals)
        return f"{shown} ({self.interval})" if has_width(self.low, self.high) else shown

    @property
    def interval(self) -> str:
        """The two ends in words."""
        decimals = decimals_of_difference(self.difference, self.low, self.high)
        return f"{signed(self.low, decimals)} to {signed(self.high, decimals)}"


def compare(network: Scored, baselines: Mapping[str, Scored], rows: int) -> tuple[Comparison, ...]:
    """Compare a network with each baseline on the score that decides: log loss, or RMSE.

    Parameters
    ----------
    network : Scored
    baselines : mapping of str to Scored
        Scored on the same resamples.
    rows : int
        Number of test rows that the score is read on.

    Returns
    -------
    tuple of Comparison

    Examples
    --------
    >>> score = Score("RMSE", 2.0, 1.5, 2.5, higher_is_better=False)
    >>> scored = Scored({"RMSE": score}, {"RMSE": np.ones(9)})
    >>> [one.verdict for one in compare(scored, {"mean": scored}, rows=50)]
    ['unclear']
    """
    deciding = deciding_score([network, *baselines.values()])
    return tuple(_difference(name, deciding, network, found, rows) for name, found in baselines.items())


def deciding_score(models: Sequence[Scored]) -> str:
    """The first of log loss, RMSE and accuracy that all models have; every task has one of them.

    Examples
    --------
    >>> score = Score("RMSE", 2.0, 1.5, 2.5, higher_is_better=False)
    >>> deciding_score([Scored({"RMSE": score}, {"RMSE": np.ones(9)})])
    'RMSE'
    """
    return deciding_name([set(model.scores) for model in models])


def deciding_name(names: Sequence[set[str]]) -> str:
    """The first of log loss, RMSE and accuracy that is among all names.

    Examples
    --------
    >>> deciding_name([{"accuracy", "log loss"}, {"accuracy"}])
    'accuracy'
    """
    return next(name for name in _DECIDING if all(name in found for found in names))


def verdict_sentence(comparisons: Sequence[Comparison], network: Score, rows: int, *, in_folds: bool = False) -> str:
    """One plain sentence: whether the network is better than the baselines beyond the 95% interval.

    Parameters
    ----------
    comparisons : sequence of Comparison
    network : Score
        The score that was compared.
    rows : int
        Number of test rows that the score is read on.
    in_folds : bool
        Whether each of them is tested in a fold.

    Returns
    -------
    str

    Examples
    --------
    >>> score = Score("log loss", 0.4, 0.3, 0.5, higher_is_better=False)
    >>> one = Comparison("logistic regression", "log loss", -0.05, -0.11, 0.01, False, rows=69)
    >>> for clause in verdict_sentence([one], score, 69).split(" (", 1):
    ...     print(clause)
    On 69 test rows the network's log loss is 0.05 lower than logistic regression's
    95% interval −0.11 to +0.01): no clear winner.
    """
    on_rows = f"{rows:,} {'' if in_folds else 'test '}{'row' if rows == 1 else 'rows'}"
    on = "over" if in_folds else "on"
    if not comparisons:
        return f"{on.capitalize()} {on_rows} the network's {network.name} is {network}, with no baseline beside it."
    if rows < FEWEST_ROWS:
        return f"{on_rows} {'is' if rows == 1 else 'are'} too few to tell the network from its baselines."
    lost = [one for one in comparisons if one.verdict == "worse"]
    open_ones = [one for one in comparisons if one.verdict == "unclear"]
    hardest = max(lost or open_ones or comparisons, key=lambda one: one.deficit)
    finding = f"the network's {hardest.score} is {_beside(hardest)} (95% interval {hardest.interval})"
    if lost:
        names = _joined([_named(one.baseline) for one in lost])
        beats = "beats" if len(lost) == 1 and not _plural(lost[0].baseline) else "beat"
        return f"{names[0].upper()}{names[1:]} {beats} the network: {on} {on_rows} {finding}."
    end = "no clear winner" if open_ones else "it beats every baseline"
    return f"{on.capitalize()} {on_rows} {finding}: {end}."


def _beside(one: Comparison) -> str:
    size = plain(abs(one.difference), decimals_of_difference(one.difference, one.low, one.high))
    if not any(digit in "123456789" for digit in size):
        return f"about the same as {_possessive(one.baseline)}"
    return f"{size} {'lower' if one.difference < 0 else 'higher'} than {_possessive(one.baseline)}"


def _joined(names: Sequence[str]) -> str:
    """Names with commas, and an "and" before the last."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _named(baseline: str) -> str:
    return f"the {baseline}" if baseline in ("most frequent class", "mean") else baseline


def _possessive(baseline: str) -> str:
    return _named(baseline) + ("'" if _plural(baseline) else "'s")


def _plural(baseline: str) -> bool:
    return baseline.endswith("s") and not baseline.endswith("ss")


def _difference(name: str, deciding: str, network: Scored, baseline: Scored, rows: int) -> Comparison:
    ours, theirs = network.scores[deciding], baseline.scores[deciding]
    values = _without_rounding(network.values[deciding], baseline.values[deciding])
    low, high = percentile_interval(values)
    difference = float(_without_rounding(np.array([ours.value]), np.array([theirs.value]))[0])
    return Comparison(name, deciding, difference, low, high, ours.higher_is_better, rows)


def _without_rounding(ours: Values, theirs: Values) -> Values:
    """The differences; equal predictions may differ in their last bit, which is none between models."""
    difference = ours - theirs
    return np.where(np.abs(difference) <= 1e-12 * (np.abs(ours) + np.abs(theirs)), 0.0, difference)
