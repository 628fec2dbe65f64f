"""Repeated, stratified cross-validation: every row is predicted by networks that were not trained on it.

Scores of folds that share training rows are correlated, so that their plain standard error is too small. The interval
is that of Nadeau and Bengio: mean ± t · √((1/J + m/n) s²) for J folds with m test and n training rows each, s² the
variance over the folds and t the quantile of Student's distribution with J − 1 degrees of freedom.

Source: C. Nadeau and Y. Bengio, Inference for the generalization error, Machine Learning 52 (2003), 239-281.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tidynet.core.errors import InputError
from tidynet.core.text import pluralize
from tidynet.estimators.fitted_model import FittedModel, Predictor
from tidynet.evaluation.baseline_comparison import (
    BaselineComparison,
    hardest_comparison,
    primary_metric,
    verdict_sentence,
)
from tidynet.evaluation.baselines import fit_all_baselines, predict_baselines
from tidynet.evaluation.boosted_trees import Predicted
from tidynet.evaluation.predictions import predicted_quantiles
from tidynet.evaluation.refitting import LabeledData, RefitJob, make_labeled_data, predict_labeled_rows, refit
from tidynet.evaluation.scores import Score, metrics_for, quantile_metrics

Codes = npt.NDArray[np.int64]

MAX_FOLDS = 100


@dataclass(frozen=True)
class CrossValidation:
    """Scores over all folds; plain data."""

    folds: int
    repeats: int
    rows: int
    scores: dict[str, dict[str, Score]]
    comparisons: tuple[BaselineComparison, ...]
    verdict: str
    training_only_rows: int = 0  # the first rows in time, which no fold tests

    @property
    def comparison(self) -> BaselineComparison | None:
        """The comparison that decides the verdict; None without baselines."""
        return hardest_comparison(self.comparisons)


def cross_validate(
    model: Predictor,
    table: Any,
    target: str | None = None,
    *,
    folds: int = 5,
    repeats: int = 1,
    seed: int = 0,
    groups: npt.ArrayLike | None = None,
    order: npt.ArrayLike | None = None,
    on_event: Callable[[int, int], None] | None = None,
) -> CrossValidation:
    """Evaluate networks with this one's parameters on each fold of a table, trained in parallel on the other folds."""
    check_folds(folds, repeats)
    data = make_labeled_data(model, table, target, groups, order)
    jobs = _random_jobs(data, folds, repeats, seed) if data.order is None else _jobs_in_time(data.order, folds)
    networks = refit(model, data, jobs, seed, on_event)
    result = [_scored(network, data, job, seed) for network, job in zip(networks, jobs, strict=True)]
    ratio = float(np.mean([len(job.test) / len(job.training) for job in jobs]))
    names = list(dict.fromkeys(name for fold in result for name in fold))
    scores = {name: _means([fold[name] for fold in result if name in fold], len(jobs), ratio) for name in names}
    tested = len(np.unique(np.concatenate([job.test for job in jobs])))
    comparisons = _compared(result, names[1:], ratio, tested)
    primary = comparisons[0].score if comparisons else primary_metric([scores["network"]])
    verdict = verdict_sentence(comparisons, scores["network"][primary], tested, in_folds=True)
    return CrossValidation(folds, repeats, tested, scores, comparisons, verdict, data.rows - tested)


def check_folds(folds: int, repeats: int) -> None:
    """Refuse numbers of folds and repeats outside their range."""
    if not folds and repeats != 1:
        raise InputError(f"--repeats is {repeats}, but there are no folds", "add --folds 5")
    if not 2 <= folds <= MAX_FOLDS:
        raise InputError(f"--folds is {folds}, expected a whole number from 2 to {MAX_FOLDS}", "try 5")
    if repeats < 1:
        raise InputError(f"--repeats is {repeats}, expected at least 1", "try 2")


def _random_jobs(data: LabeledData, folds: int, repeats: int, seed: int) -> list[RefitJob]:
    from sklearn.model_selection import RepeatedKFold, RepeatedStratifiedKFold

    strata, rows = data.strata, np.arange(data.rows)
    if data.rows < 2 * folds:
        raise InputError(
            f"the table has {pluralize(data.rows, 'row')}, expected at least {2 * folds}", "give fewer folds"
        )
    if data.groups is not None:
        return _by_group(data.groups, strata, folds, repeats, seed)
    options = {"n_splits": folds, "n_repeats": repeats, "random_state": seed}
    if strata is None or np.bincount(strata).max() < folds:
        return [RefitJob(training, test) for training, test in RepeatedKFold(**options).split(rows)]
    counts = np.bincount(strata)
    # A class of fewer rows than folds cannot be in each: it is merged with the largest, to avoid a warning.
    merged = np.where(counts[strata] < folds, int(counts.argmax()), strata)
    return [RefitJob(training, test) for training, test in RepeatedStratifiedKFold(**options).split(rows, merged)]


def _by_group(groups: Codes, strata: Codes | None, folds: int, repeats: int, seed: int) -> list[RefitJob]:
    """Whole groups in folds: the largest first, to the fold with the fewest rows of their most frequent class."""
    from tidynet.preprocessing import assign_folds

    if len(np.unique(groups)) < folds:
        raise InputError(
            f"the table has {len(np.unique(groups))} groups, expected at least {folds}", "give fewer folds"
        )
    random = np.random.default_rng(seed)
    parts = [fold for _ in range(repeats) for fold in assign_folds(len(groups), folds, random, strata, groups)]
    return [RefitJob(np.setdiff1d(np.arange(len(groups)), fold), fold) for fold in parts]


def _jobs_in_time(order: Codes, folds: int) -> list[RefitJob]:
    """Equal parts in time, each but the first predicted from those before it; equal times are in one part."""
    ranked = np.sort(order)
    edges = np.unique(ranked[[len(ranked) * part // (folds + 1) for part in range(1, folds + 1)]])
    jobs = [
        RefitJob(np.flatnonzero(order < low), np.flatnonzero((order >= low) & (order < high)))
        for low, high in zip(edges, [*edges[1:], ranked[-1] + 1], strict=True)
    ]
    jobs = [job for job in jobs if len(job.training) and len(job.test)]
    if len(jobs) < folds:
        raise InputError(
            f"the rows have {len(jobs) + 1} distinct times, expected at least {folds + 1}", "give fewer folds"
        )
    return jobs


def _scored(network: FittedModel, data: LabeledData, job: RefitJob, seed: int) -> dict[str, dict[str, Score]]:
    """The scores of the network and of the baselines on one fold."""
    predictions: dict[str, Predicted] = {"network": predict_labeled_rows(network, data, job.test)}
    training = network.recipe_.transform(data.features.take(job.training).frame)
    baselines = fit_all_baselines(data.task, training, data.y_true[job.training], data.classes, seed)
    predictions |= predict_baselines(
        baselines, network.recipe_.transform(data.features.take(job.test).frame), data.task, data.classes
    )
    quantiles = predicted_quantiles(network, data.features.take(job.test))
    result = {}
    for name, y_pred in predictions.items():
        metrics, _ = metrics_for(data.task, data.y_true[job.test], *y_pred, classes=data.classes)
        if name == "network" and quantiles is not None:
            y_true = data.y_true[job.test].astype(np.float64)
            metrics = [*metrics, *quantile_metrics(y_true, quantiles[1], quantiles[0])]
        values = [(item, item.value(len(job.test))) for item in metrics]
        result[name] = {item.name: Score(item.name, v, v, v, item.higher_is_better) for item, v in values}
    return result


def _means(result: Sequence[dict[str, Score]], folds: int, ratio: float) -> dict[str, Score]:
    """The mean of each score that every fold has."""
    means = {}
    for name, first in result[0].items():
        values = [fold[name].value for fold in result if name in fold]
        if len(values) == folds:
            mean, low, high = corrected_interval(values, ratio)
            # No score exceeds 1, no loss is below 0.
            limits = (low, min(high, 1.0)) if first.higher_is_better else (max(low, 0.0), high)
            means[name] = Score(name, mean, *limits, first.higher_is_better)
    return means


def _compared(
    result: Sequence[dict[str, dict[str, Score]]], baselines: Sequence[str], ratio: float, rows: int
) -> tuple[BaselineComparison, ...]:
    complete = [name for name in baselines if all(name in fold for fold in result)]
    if not complete:
        return ()
    primary = primary_metric([fold[name] for fold in result for name in ("network", *complete)])
    compared = []
    for name in complete:
        values = [fold["network"][primary].value - fold[name][primary].value for fold in result]
        higher = result[0]["network"][primary].higher_is_better
        compared.append(BaselineComparison(name, primary, *corrected_interval(values, ratio), higher, rows))
    return tuple(compared)


def corrected_interval(values: npt.ArrayLike, ratio: float) -> tuple[float, float, float]:
    """The mean over folds, and its 95% interval for folds that share training rows."""
    from scipy.stats import t

    result = np.asarray(values, dtype=np.float64)
    mean, spread = float(result.mean()), float(result.std(ddof=1))
    half = float(t.ppf(0.975, len(result) - 1)) * spread * float(np.sqrt(1 / len(result) + ratio))
    return mean, mean - half, mean + half
