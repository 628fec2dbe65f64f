"""More rows or a better net? The loss of networks learnt from more and more rows, and where it is heading.

L(n) = a + b·n^(−c) with a, b ≥ 0: a is what no number of rows removes. For each c the best a and b are known
in closed form, so c is looked for among a few; the same is done for every resample of the test rows, which
gives the interval of what is read from the curve. Networks that are no better than a constant guess have learnt
nothing yet, and the law does not hold there: such sizes are shown and left out.

Source: J. Hestness et al., Deep learning scaling is predictable, empirically (2017), arXiv:1712.00409.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from tidynet.core.errors import InputError
from tidynet.core.text import decimals_for_interval, format_percent, format_value, format_with_interval
from tidynet.evaluation.bootstrap import Values, percentile_interval
from tidynet.evaluation.refitting import LabeledData, RefitJob, make_labeled_data, predict_rows, refit
from tidynet.evaluation.section import EvaluationSection

Rows = npt.NDArray[np.int64]

__all__ = ["LearningCurve", "curve_of", "learning_curve", "power_law"]

MIN_ROWS = 100
FEWEST_TO_LEARN_FROM = 20
SHARES = (1 / 16, 1 / 8, 1 / 4, 1 / 2, 1)
TEST_SHARE = 0.2
RESAMPLES = 500
EXPONENTS = np.linspace(0.05, 2.0, 40)
FEWEST_SIZES = 3
FEWEST_GROUPS = 10
# Twice the rows for less than this share of the loss is not worth having.
WORTH = 0.02


@dataclass(frozen=True)
class LearningCurve:
    """Losses by number of rows, and what twice as many would give; plain data."""

    score: str
    sizes: tuple[int, ...]
    losses: tuple[float, ...]
    lows: tuple[float, ...]
    highs: tuple[float, ...]
    draws: int
    test_rows: int
    a: float
    b: float
    c: float
    projected_rows: int
    projected_loss: float
    projected_loss_low: float
    projected_loss_high: float
    gain_low: float
    gain_high: float
    left_out: int = 0

    @property
    def fits_largest_size(self) -> bool:
        """Whether the curve passes through the interval of the largest size."""
        return self.lows[-1] <= self.a + self.b <= self.highs[-1]

    @property
    def verdict(self) -> str:
        """What it says: whether to look for more rows, or for something else."""
        if not self.fits_largest_size:
            return "These losses follow no curve that could tell whether more rows would help."
        if self.gain_low >= WORTH:
            return "More rows like these still help."
        if self.gain_high < WORTH:
            return "More rows like these would change little: better columns or another network would do more."
        return "These rows cannot tell whether more of them would help."

    def sentences(self) -> tuple[str, ...]:
        """The verdict, and the numbers behind it."""
        now = self.a + self.b
        article = "an" if self.score == "RMSE" else "a"
        used = len(self.sizes) - self.left_out
        smallest = f"the {self.left_out} smallest sizes" if self.left_out > 1 else "the smallest size"
        aside = (f"With {smallest} networks were no better than a constant guess: left out of the curve.",)
        decimals = decimals_for_interval(self.projected_loss, self.projected_loss_low, self.projected_loss_high)
        return (
            self.verdict,
            f"The curve through {used} sizes goes from {article} {self.score} of {format_value(now, decimals)} at "
            f"{self.sizes[-1]:,} training rows to {format_with_interval(self.projected_loss, self.projected_loss_low, self.projected_loss_high)} at "
            f"{self.projected_rows:,}: {format_percent(self.gain_low)} to {format_percent(self.gain_high)} less (95% intervals), where "
            f"{format_percent(WORTH)} would be worth having.",
            *(aside if self.left_out else ()),
        )

    def section(self) -> EvaluationSection:
        """The same as a part of an evaluation."""
        lines = [
            (f"{size:,}", format_with_interval(loss, low, high))
            for size, loss, low, high in zip(self.sizes, self.losses, self.lows, self.highs, strict=True)
        ]
        lines.append(
            (
                f"{self.projected_rows:,}, expected",
                format_with_interval(self.projected_loss, self.projected_loss_low, self.projected_loss_high),
            )
        )
        header = ("training rows", f"{self.score} (95% interval)")
        return EvaluationSection(
            "learning curve", "More rows or a better net?", self.sentences(), header, tuple(lines), asdict(self)
        )


def learning_curve(
    model: Any,
    table: Any,
    target: str | None = None,
    *,
    draws: int = 3,
    seed: int = 0,
    groups: npt.ArrayLike | None = None,
    order: npt.ArrayLike | None = None,
    on_event: Callable[[int, int], None] | None = None,
) -> LearningCurve:
    """Learn from a sixteenth of the rows to all of them, and carry the curve on to twice as many.

    A fifth of the table is held out each time, and tests all sizes of that draw; smaller sizes are parts of
    larger ones. Everything is learnt anew, with the model's parameters.

    """
    data = make_labeled_data(model, table, target)
    if data.rows < MIN_ROWS:
        raise InputError(
            f"a learning curve of {data.rows:,} rows would say nothing, expected at least {MIN_ROWS}",
            "give more rows",
        )
    random = np.random.default_rng(seed)
    if groups is not None:
        data = replace(data, groups=np.asarray(groups, dtype=np.int64)[data.numbers])
    indices = None if order is None else np.asarray(order, dtype=np.int64)[data.numbers]
    test_data = round(TEST_SHARE * data.rows)
    dealt = [_nested_subsets(data, indices, test_data, random) for _ in range(draws)]
    max_count = min(len(pool) for _, pool in dealt)
    sizes = sorted({max(FEWEST_TO_LEARN_FROM, round(fraction * max_count)) for fraction in SHARES})
    jobs = [RefitJob(np.sort(pool[:size]), test) for test, pool in dealt for size in sizes]
    networks = refit(model, data, jobs, seed, on_event)
    result = np.array([_losses(network, data, job) for network, job in zip(networks, jobs, strict=True)])
    return curve_of(result.reshape(draws, len(sizes), test_data), tuple(sizes), _constant_loss(data), random)


def _nested_subsets(
    data: LabeledData, indices: Rows | None, test_data: int, random: np.random.Generator
) -> tuple[Rows, Rows]:
    """Rows to test on, and the others in an order of which smaller sizes are beginnings."""
    if indices is not None:
        in_time = np.argsort(indices, kind="stable")
        return in_time[-test_data:], _by_class(in_time[:-test_data], data.strata, random)
    if data.groups is None:
        order = _by_class(np.arange(data.rows), data.strata, random)
        return order[:test_data], order[test_data:]
    known = np.unique(data.groups)
    if len(known) < FEWEST_GROUPS:
        raise InputError(f"{len(known)} groups of rows are too few for a learning curve", "leave it out")
    turn = random.permutation(len(known))
    order = np.argsort(turn[np.searchsorted(known, data.groups)], kind="stable")
    test = order[:test_data]
    # The group that the cut goes through is tested only.
    pool = order[test_data:]
    return test, _by_class(pool[data.groups[pool] != data.groups[test[-1]]], data.strata, random)


def _by_class(rows: Rows, strata: Rows | None, random: np.random.Generator) -> Rows:
    """Rows in an order of which every beginning has about the shares of all classes."""
    shuffled = random.permutation(rows)
    if strata is None:
        return shuffled
    indices = np.empty(len(rows))
    for code in np.unique(strata[rows]):
        of_class = np.flatnonzero(strata[shuffled] == code)
        indices[of_class] = (np.arange(len(of_class)) + random.random()) / len(of_class)
    return shuffled[np.argsort(indices, kind="stable")]


def _losses(network: Any, data: LabeledData, job: RefitJob) -> Values:
    """−ln of the true class's probability, or the squared error, of each test row."""
    prediction, probability = predict_rows(network, data, job.test)
    strata = data.strata
    if strata is None:
        return np.asarray((data.y_true[job.test] - np.asarray(prediction)) ** 2, dtype=np.float64)
    eps = np.finfo(np.float64).eps
    true = np.asarray(probability)[np.arange(len(job.test)), strata[job.test]]
    return np.asarray(-np.log(np.clip(true, eps, 1.0)), dtype=np.float64)


def _constant_loss(data: LabeledData) -> tuple[str, float]:
    """The score's name, and what always saying the same would score: the classes' entropy, or the deviation."""
    if data.strata is None:
        return "RMSE", float(np.asarray(data.y_true, dtype=np.float64).std())
    fractions = np.bincount(data.strata) / data.rows
    fractions = fractions[fractions > 0]
    return "log loss", float(-(fractions * np.log(fractions)).sum())


def curve_of(
    result: Values, sizes: tuple[int, ...], constant: tuple[str, float], random: np.random.Generator
) -> LearningCurve:
    """Fit the curve, and again to resamples of the draws and of their rows."""
    draws, _, rows = result.shape
    score, guess = constant
    means = [result.mean(axis=2).mean(axis=0)]
    for _ in range(RESAMPLES):
        # One draw fewer: resamples of all three would vary by a third too little (Rao and Wu, JASA 83, 1988, 231-241).
        again = np.asarray(random.integers(0, draws, max(1, draws - 1)))
        means.append(np.mean([result[item][:, random.integers(0, rows, rows)].mean(axis=1) for item in again], axis=0))
    curves = np.sqrt(means) if score == "RMSE" else np.array(means)
    worse = np.flatnonzero(curves[0] >= guess)
    first = min(int(worse[-1]) + 1 if len(worse) else 0, max(len(sizes) - FEWEST_SIZES, 0))
    a, b, c = power_law(np.array(sizes[first:]) / sizes[-1], curves[:, first:])
    projected_loss = a + b * 2.0**-c
    gains = (a + b - projected_loss) / np.maximum(a + b, 1e-300)
    ends = [percentile_interval(curves[1:, index]) for index in range(len(sizes))]
    low, high = percentile_interval(projected_loss[1:])
    gain_low, gain_high = percentile_interval(gains[1:])
    return LearningCurve(
        score=score,
        sizes=sizes,
        losses=tuple(curves[0].tolist()),
        lows=tuple(end[0] for end in ends),
        highs=tuple(end[1] for end in ends),
        draws=draws,
        test_rows=rows,
        a=float(a[0]),
        b=float(b[0]),
        c=float(c[0]),
        projected_rows=2 * sizes[-1],
        projected_loss=float(projected_loss[0]),
        projected_loss_low=min(low, float(projected_loss[0])),
        projected_loss_high=max(high, float(projected_loss[0])),
        gain_low=gain_low,
        gain_high=gain_high,
        left_out=first,
    )


def power_law(sizes: Values, curves: Values) -> tuple[Values, Values, Values]:
    """The a, b ≥ 0 and c of a + b·n^(−c) with the least squared error, for each curve.

    Examples
    --------
    >>> n = np.array([0.125, 0.25, 0.5, 1.0])
    >>> [values.round(3).tolist() for values in power_law(n, (0.2 + 0.1 * n**-0.5)[np.newaxis])]
    [[0.2], [0.1], [0.5]]
    """
    best = np.full(len(curves), np.inf)
    result = np.zeros((3, len(curves)))
    means = curves.mean(axis=1)
    for c in EXPONENTS:
        x = sizes**-c
        b = np.maximum(((curves - means[:, np.newaxis]) @ (x - x.mean())) / ((x - x.mean()) ** 2).sum(), 0.0)
        a = means - b * x.mean()
        below = a < 0
        b = np.where(below, np.maximum(curves @ x / (x @ x), 0.0), b)
        a = np.where(below, 0.0, a)
        error = ((curves - a[:, np.newaxis] - b[:, np.newaxis] * x) ** 2).sum(axis=1)
        better = error < best
        best = np.where(better, error, best)
        result[:, better] = np.array([a, b, np.full(len(curves), c)])[:, better]
    return result[0], result[1], result[2]
