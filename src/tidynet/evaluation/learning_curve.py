"""Learning curve: the loss of networks trained on more and more rows, and its projection to twice as many.

L(n) = a + b·n^(−c) with a, b ≥ 0: for each c of a grid the best a and b have a closed form, and resamples of the test
rows give the intervals. Sizes at which networks are no better than a constant prediction are not fitted.

Source: J. Hestness et al., Deep learning scaling is predictable, empirically (2017), arXiv:1712.00409.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
import numpy.typing as npt

from tidynet.core.errors import InputError
from tidynet.core.text import pluralize
from tidynet.estimators.fitted_model import FittedModel, Predictor
from tidynet.evaluation.bootstrap import Values, percentile_interval
from tidynet.evaluation.refitting import LabeledData, RefitJob, make_labeled_data, predict_labeled_rows, refit

Rows = npt.NDArray[np.int64]

MIN_ROWS = 100
MIN_TRAINING_ROWS = 20
FRACTIONS = (1 / 16, 1 / 8, 1 / 4, 1 / 2, 1)
TEST_FRACTION = 0.2
RESAMPLES = 500
EXPONENTS = np.linspace(0.05, 2.0, 40)
MIN_SIZES = 3
MIN_GROUPS = 10
# The smallest reduction of the loss that justifies twice the rows.
MIN_GAIN = 0.02


class MoreRows(Enum):
    """The effect of twice as many rows."""

    HELP = "help"
    HELP_LITTLE = "help little"
    NOT_SIGNIFICANT = "not significant"
    NO_FIT = "no fit"


@dataclass(frozen=True)
class LearningCurve:
    """Losses by number of training rows, and the projection to twice as many; plain data."""

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
    n_excluded: int = 0  # of the smallest sizes

    @property
    def fits_largest_size(self) -> bool:
        """Whether the curve passes through the interval of the largest size."""
        return self.lows[-1] <= self.a + self.b <= self.highs[-1]

    @property
    def verdict(self) -> MoreRows:
        """The effect of more rows."""
        if not self.fits_largest_size:
            return MoreRows.NO_FIT
        if self.gain_low >= MIN_GAIN:
            return MoreRows.HELP
        return MoreRows.HELP_LITTLE if self.gain_high < MIN_GAIN else MoreRows.NOT_SIGNIFICANT


def learning_curve(
    model: Predictor,
    table: Any,
    target: str | None = None,
    *,
    draws: int = 3,
    seed: int = 0,
    groups: npt.ArrayLike | None = None,
    order: npt.ArrayLike | None = None,
    on_event: Callable[[int, int], None] | None = None,
) -> LearningCurve:
    """Train on a sixteenth of the rows to all of them, and project the losses to twice as many."""
    # A fifth of the table is the test set of all sizes of a draw; smaller training sets are parts of larger ones.
    data = make_labeled_data(model, table, target, groups, order)
    if data.rows < MIN_ROWS:
        raise InputError(
            f"a learning curve of {pluralize(data.rows, 'row')} is not possible, expected at least {MIN_ROWS} rows",
            "give more rows",
        )
    random = np.random.default_rng(seed)
    n_test = round(TEST_FRACTION * data.rows)
    draws_of_rows = [_nested_subsets(data, n_test, random) for _ in range(draws)]
    max_count = min(len(pool) for _, pool in draws_of_rows)
    sizes = sorted({max(MIN_TRAINING_ROWS, round(fraction * max_count)) for fraction in FRACTIONS})
    jobs = [RefitJob(np.sort(pool[:size]), test) for test, pool in draws_of_rows for size in sizes]
    networks = refit(model, data, jobs, seed, on_event)
    result = np.array([_losses(network, data, job) for network, job in zip(networks, jobs, strict=True)])
    return fit_curve(result.reshape(draws, len(sizes), n_test), tuple(sizes), _constant_loss(data), random)


def _nested_subsets(data: LabeledData, n_test: int, random: np.random.Generator) -> tuple[Rows, Rows]:
    """Test rows, and the other rows in an order whose first rows are the smaller training sets."""
    if data.order is not None:
        in_time = np.argsort(data.order, kind="stable")
        return in_time[-n_test:], _by_class(in_time[:-n_test], data.strata, random)
    if data.groups is None:
        order = _by_class(np.arange(data.rows), data.strata, random)
        return order[:n_test], order[n_test:]
    known = np.unique(data.groups)
    if len(known) < MIN_GROUPS:
        raise InputError(f"the table has {len(known)} groups, expected at least {MIN_GROUPS} for a learning curve")
    group_order = random.permutation(len(known))
    order = np.argsort(group_order[np.searchsorted(known, data.groups)], kind="stable")
    test = order[:n_test]
    # A group on both sides of the cut is only tested.
    pool = order[n_test:]
    return test, _by_class(pool[data.groups[pool] != data.groups[test[-1]]], data.strata, random)


def _by_class(rows: Rows, strata: Rows | None, random: np.random.Generator) -> Rows:
    """Rows in an order whose first rows always have about the class frequencies of all."""
    shuffled = random.permutation(rows)
    if strata is None:
        return shuffled
    indices = np.empty(len(rows))
    for code in np.unique(strata[rows]):
        of_class = np.flatnonzero(strata[shuffled] == code)
        indices[of_class] = (np.arange(len(of_class)) + random.random()) / len(of_class)
    return shuffled[np.argsort(indices, kind="stable")]


def _losses(network: FittedModel, data: LabeledData, job: RefitJob) -> Values:
    """−ln of the true class's probability, or the squared error, of each test row."""
    prediction, probability = predict_labeled_rows(network, data, job.test)
    strata = data.strata
    if strata is None:
        return np.asarray((data.y_true[job.test] - np.asarray(prediction)) ** 2, dtype=np.float64)
    eps = np.finfo(np.float64).eps
    true = np.asarray(probability)[np.arange(len(job.test)), strata[job.test]]
    return np.asarray(-np.log(np.clip(true, eps, 1.0)), dtype=np.float64)


def _constant_loss(data: LabeledData) -> tuple[str, float]:
    """The score's name, and the score of a constant prediction: the entropy of the classes, or the deviation."""
    if data.strata is None:
        return "RMSE", float(np.asarray(data.y_true, dtype=np.float64).std())
    fractions = np.bincount(data.strata) / data.rows
    fractions = fractions[fractions > 0]
    return "log loss", float(-(fractions * np.log(fractions)).sum())


def fit_curve(
    result: Values, sizes: tuple[int, ...], constant: tuple[str, float], random: np.random.Generator
) -> LearningCurve:
    """The fitted curve, with intervals from resamples of the draws and of their rows."""
    draws, _, rows = result.shape
    score, constant_loss = constant
    means = [result.mean(axis=2).mean(axis=0)]
    for _ in range(RESAMPLES):
        # One draw fewer: resamples of all three have a third too little variance (Rao and Wu, JASA 83, 1988, 231-241).
        chosen = np.asarray(random.integers(0, draws, max(1, draws - 1)))
        means.append(np.mean([result[item][:, random.integers(0, rows, rows)].mean(axis=1) for item in chosen], axis=0))
    curves = np.sqrt(means) if score == "RMSE" else np.array(means)
    worse = np.flatnonzero(curves[0] >= constant_loss)
    first = min(int(worse[-1]) + 1 if len(worse) else 0, max(len(sizes) - MIN_SIZES, 0))
    a, b, c = power_law(np.array(sizes[first:]) / sizes[-1], curves[:, first:])
    projected_loss = a + b * 2.0**-c
    gains = (a + b - projected_loss) / np.maximum(a + b, 1e-300)
    limits = [percentile_interval(curves[1:, index]) for index in range(len(sizes))]
    low, high = percentile_interval(projected_loss[1:])
    gain_low, gain_high = percentile_interval(gains[1:])
    return LearningCurve(
        score=score,
        sizes=sizes,
        losses=tuple(curves[0].tolist()),
        lows=tuple(limit[0] for limit in limits),
        highs=tuple(limit[1] for limit in limits),
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
        n_excluded=first,
    )


def power_law(sizes: Values, curves: Values) -> tuple[Values, Values, Values]:
    """The a, b ≥ 0 and c of a + b·n^(−c) with the least squared error, for each curve."""
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
