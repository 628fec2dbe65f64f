"""Resampling of test rows: how much a score would move on other rows of the same kind.

A resample draws n of the n test rows with replacement. Everything a score needs of it is how
often each row was drawn, so a resample is a row of counts, and a score is a function of counts;
all rows drawn once gives the score itself. Scores read from the same counts are paired.

A score that averages over classes is drawn class by class: a resample without a rare class would be another
score. Three rows then vary too little, as draws from three; and rows that are drawn twice stand together in the
order of an average precision, which raises it. So the interval of such a score is what its resamples lie around
their own mean, made wider, around the score.

Sources: B. Efron and R. J. Tibshirani, An Introduction to the Bootstrap (1993), chapters 6, 8, 13, 16;
J. N. K. Rao and C. F. J. Wu, Resampling inference with complex survey data, JASA 83 (1988), 231-241.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

__all__ = [
    "Codes",
    "Counts",
    "Statistic",
    "Values",
    "bootstrap_interval",
    "bootstrap_replicates",
    "percentile_interval",
    "resample_count",
    "resample_weights",
    "small_sample_factor",
]

Counts = npt.NDArray[np.int32]
Values = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
Statistic = Callable[[Counts], Values]

# So many counts are drawn at a time that they stay in a core's cache (1.3 MB), whatever the table's size.
_CELLS_AT_A_TIME = 320_000


def resample_count(rows: int, classes: int = 1) -> int:
    """How many resamples a table of this size is worth: 1000, and fewer, down to 200, on large ones.

    On 100,000 rows the interval is so narrow that the noise of 200 resamples is not worth removing.

    Examples
    --------
    >>> resample_count(69), resample_count(20_000, classes=5), resample_count(10_000_000)
    (1000, 1000, 200)
    """
    return int(np.clip(100_000_000 // (rows * max(classes, 5)), 200, 1000))


def resample_weights(rows: int, count: int, seed: int = 0, strata: Codes | None = None) -> Iterator[Counts]:
    """Draw resamples as counts, a block at a time so that memory does not grow with their number.

    Examples
    --------
    >>> [block.sum(axis=1).tolist() for block in resample_weights(4, 3)]
    [[4, 4, 4]]
    >>> [block[:, 3].tolist() for block in resample_weights(4, 3, strata=np.array([0, 0, 0, 1]))]
    [[1, 1, 1]]
    """
    random = np.random.default_rng(seed)
    block = max(1, _CELLS_AT_A_TIME // rows)
    parts = None if strata is None else _parts(strata)
    for start in range(0, count, block):
        lines = min(block, count - start)
        if parts is None:
            drawn = random.integers(0, rows, size=(lines, rows), dtype=np.int64)
        else:
            order, begins, sizes = parts
            drawn = order[begins + (random.random((lines, rows)) * sizes).astype(np.int64)]
        drawn += np.arange(lines, dtype=np.int64)[:, np.newaxis] * rows
        counts = np.bincount(drawn.ravel(), minlength=lines * rows)
        yield counts.reshape(lines, rows).astype(np.int32)


def _parts(strata: Codes) -> tuple[Codes, Codes, Codes]:
    """Rows part by part; and for each place among them, where its part begins and how many rows it has."""
    order = np.argsort(strata, kind="stable")
    _, begins, sizes = np.unique(strata[order], return_index=True, return_counts=True)
    return order, np.repeat(begins, sizes), np.repeat(sizes, sizes)


def small_sample_factor(strata: Codes) -> float:
    """How much wider than its resamples a mean over parts scatters: √(Σ 1/n / Σ (n − 1)/n²), with n rows in a part.

    Draws from n rows vary as (n − 1)/n of what they stand for, those from one row not at all.

    Examples
    --------
    >>> small_sample_factor(np.array([0, 0, 1, 1])) ** 2, small_sample_factor(np.array([0, 1]))
    (2.0000000000000004, inf)
    """
    sizes = np.unique(strata, return_counts=True)[1].astype(np.float64)
    seen = float(((sizes - 1) / sizes**2).sum())
    return float(np.sqrt((1 / sizes).sum() / seen)) if seen > 0 else float("inf")


def bootstrap_replicates(
    statistics: Sequence[Statistic], rows: int, count: int, seed: int = 0, strata: Codes | None = None
) -> Values:
    """The value of every statistic on every resample, all read from the same draws.

    Examples
    --------
    >>> bootstrap_replicates([lambda counts: counts.sum(axis=1) / 4.0], rows=4, count=2).tolist()
    [[1.0, 1.0]]
    """
    drawn = resample_weights(rows, count, seed, strata)
    blocks = [np.stack([statistic(counts) for statistic in statistics]) for counts in drawn]
    return np.concatenate(blocks, axis=1)


def percentile_interval(values: Values, level: float = 0.95) -> tuple[float, float]:
    """The interval that holds the middle `level` of the values; undefined (NaN) values are left out.

    Examples
    --------
    >>> low, high = percentile_interval(np.arange(101.0))
    >>> round(low, 6), round(high, 6)
    (2.5, 97.5)
    """
    defined = values[~np.isnan(values)]
    tail = (1.0 - level) / 2.0
    low, high = np.quantile(defined, [tail, 1.0 - tail])
    return float(low), float(high)


def bootstrap_interval(value: float, values: Values, wider: float = 1.0, level: float = 0.95) -> tuple[float, float]:
    """The interval of a share, from 0 to 1: what its resamples lie around their mean, `wider` times, around it.

    Examples
    --------
    >>> low, high = bootstrap_interval(0.5, np.linspace(0.5, 0.7, 101))
    >>> round(low, 6), round(high, 6)
    (0.405, 0.595)
    """
    low, high = percentile_interval(values, level)
    middle = float(np.nanmean(values))
    low, high = value + wider * (low - middle), value + wider * (high - middle)
    return max(0.0, min(low, value)), min(1.0, max(high, value))
