"""Repeated, stratified cross-validation: every row is tested by networks that have not learnt from it.

Scores of folds that share training rows hang together, so that their plain spread promises too much. The
interval is that of Nadeau and Bengio: mean ± t · √((1/J + m/n) s²) for J folds with m test and n training
rows each, s² the variance over the folds and t the quantile of Student's distribution with J − 1 degrees.

Source: C. Nadeau and Y. Bengio, Inference for the generalization error, Machine Learning 52 (2003), 239-281.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from tidynet.core.errors import InputError
from tidynet.core.text import pluralize
from tidynet.evaluation.all_baselines import fit_all_baselines, predict_baselines
from tidynet.evaluation.baseline_comparison import BaselineComparison, primary_metric_name, verdict_sentence
from tidynet.evaluation.predict_all import predicted_quantiles
from tidynet.evaluation.predicted import Predicted
from tidynet.evaluation.refitting import LabeledData, RefitJob, make_labeled_data, predict_rows, refit
from tidynet.evaluation.regression_metrics import quantile_metrics
from tidynet.evaluation.scores import Score, metrics_for
from tidynet.evaluation.section import EvaluationSection

__all__ = ["CrossValidation", "check_folds", "corrected_interval", "cross_validate"]

Codes = npt.NDArray[np.int64]

MOST_FOLDS = 100


@dataclass(frozen=True)
class CrossValidation:
    """Scores over all folds; plain data."""

    folds: int
    repeats: int
    rows: int
    scores: dict[str, dict[str, Score]]
    comparisons: tuple[BaselineComparison, ...]
    sentence: str
    learnt_only: int = 0

    def section(self) -> EvaluationSection:
        """The same as a part of an evaluation."""
        header = ("", *self.scores)
        lines = [
            (name, *(str(result.get(name, "")) for result in self.scores.values())) for name in self.scores["network"]
        ]
        if self.comparisons:
            lines.append((f"{self.comparisons[0].score}, network − it", "", *(str(item) for item in self.comparisons)))
        kind = f"{self.folds} folds" + (f", {self.repeats} times" if self.repeats > 1 else "")
        kind += " forward in time" if self.learnt_only else ""
        text = (self.sentence, self._in_time()) if self.learnt_only else (self.sentence,)
        return EvaluationSection(
            "cross-validation", f"Cross-validation ({kind})", text, header, tuple(lines), asdict(self)
        )

    def _in_time(self) -> str:
        return (
            "Folds go forward in time: each is tested by what is learnt from the rows before it. Tested are "
            f"{self.rows:,} of {pluralize(self.rows + self.learnt_only, 'row')}, all but the first {self.learnt_only:,}."
        )


def cross_validate(
    model: Any,
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
    """Test networks with this one's parameters on the rows of a table, each learnt from the other folds.

    Recipe, stopping and calibration are learnt anew from the training rows of each fold, and so are the
    baselines. Folds are dealt out by class, and are trained side by side.

    """
    check_folds(folds, repeats)
    data = make_labeled_data(model, table, target)
    if groups is not None:
        data = replace(data, groups=np.asarray(groups, dtype=np.int64)[data.numbers])
    indices = None if order is None else np.asarray(order, dtype=np.int64)[data.numbers]
    jobs = _jobs(data, folds, repeats, seed) if indices is None else _in_time(indices, folds)
    networks = refit(model, data, jobs, seed, on_event)
    result = [_scored(network, data, job, seed) for network, job in zip(networks, jobs, strict=True)]
    ratio = float(np.mean([len(job.test) / len(job.training) for job in jobs]))
    names = list(dict.fromkeys(name for fold in result for name in fold))
    scores = {name: _means([fold[name] for fold in result if name in fold], len(jobs), ratio) for name in names}
    tested = len(np.unique(np.concatenate([job.test for job in jobs])))
    comparisons = _compared(result, names[1:], ratio, tested)
    decisive = comparisons[0].score if comparisons else primary_metric_name([set(scores["network"])])
    sentence = verdict_sentence(comparisons, scores["network"][decisive], tested, in_folds=True)
    return CrossValidation(folds, repeats, tested, scores, comparisons, sentence, data.rows - tested)


def check_folds(folds: int, repeats: int) -> None:
    """Refuse numbers of folds that make no sense; 0 folds, for none, cannot be repeated.

    Examples
    --------
    >>> check_folds(5, 2)
    """
    if not folds and repeats != 1:
        raise InputError(f"the number of repeats is {repeats}, but there are no folds to deal out", "add --folds 5")
    if not 2 <= folds <= MOST_FOLDS:
        raise InputError(f"the number of folds is {folds}, expected a whole number from 2 to {MOST_FOLDS}", "try 5")
    if repeats < 1:
        raise InputError(f"the number of repeats is {repeats}, expected at least 1", "try 2")


def _jobs(data: LabeledData, folds: int, repeats: int, seed: int) -> list[RefitJob]:
    from sklearn.model_selection import RepeatedKFold, RepeatedStratifiedKFold

    strata, rows = data.strata, np.arange(data.rows)
    if data.rows < 2 * folds:
        raise InputError(f"{data.rows:,} rows are too few for {folds} folds", "give more rows, or fewer folds")
    if data.groups is not None:
        return _by_group(data.groups, strata, folds, repeats, seed)
    text = {"n_splits": folds, "n_repeats": repeats, "random_state": seed}
    if strata is None or np.bincount(strata).max() < folds:
        return [RefitJob(training, test) for training, test in RepeatedKFold(**text).split(rows)]
    counts = np.bincount(strata)
    # A class of fewer rows than folds cannot be in each: dealt out among the others, without a warning.
    merged = np.where(counts[strata] < folds, int(counts.argmax()), strata)
    return [RefitJob(training, test) for training, test in RepeatedStratifiedKFold(**text).split(rows, merged)]


def _by_group(groups: Codes, strata: Codes | None, folds: int, repeats: int, seed: int) -> list[RefitJob]:
    """Whole groups dealt out to folds, the largest first, to where fewest rows of their commonest class are."""
    from tidynet.preprocessing import assign_folds

    if len(np.unique(groups)) < folds:
        raise InputError(f"{len(np.unique(groups))} groups of rows are too few for {folds} folds", "give fewer folds")
    random = np.random.default_rng(seed)
    dealt = [fold for _ in range(repeats) for fold in assign_folds(len(groups), folds, random, strata, groups)]
    return [RefitJob(np.setdiff1d(np.arange(len(groups)), fold), fold) for fold in dealt]


def _in_time(order: Codes, folds: int) -> list[RefitJob]:
    """Equal parts in time, each but the first tested by what is learnt from those before it; one time is one part."""
    ranked = np.sort(order)
    edges = np.unique(ranked[[len(ranked) * part // (folds + 1) for part in range(1, folds + 1)]])
    jobs = [
        RefitJob(np.flatnonzero(order < low), np.flatnonzero((order >= low) & (order < high)))
        for low, high in zip(edges, [*edges[1:], ranked[-1] + 1], strict=True)
    ]
    jobs = [job for job in jobs if len(job.training) and len(job.test)]
    if len(jobs) < folds:
        raise InputError(f"the rows have too few different times for {folds} folds", "give fewer folds")
    return jobs


def _scored(network: Any, data: LabeledData, job: RefitJob, seed: int) -> dict[str, dict[str, Score]]:
    """The scores of the network and of the baselines on one fold."""
    text: dict[str, Predicted] = {"network": predict_rows(network, data, job.test)}
    training = network.recipe_.transform(data.features.take(job.training).frame)
    baselines = fit_all_baselines(data.task, training, data.y_true[job.training], data.classes, seed)
    text |= predict_baselines(
        baselines, network.recipe_.transform(data.features.take(job.test).frame), data.task, data.classes
    )
    quantiles = predicted_quantiles(network, data.features.take(job.test))
    result = {}
    for name, y_pred in text.items():
        measured, _ = metrics_for(data.task, data.y_true[job.test], *y_pred, classes=data.classes)
        if name == "network" and quantiles is not None:
            y_true = data.y_true[job.test].astype(np.float64)
            measured = [*measured, *quantile_metrics(y_true, quantiles[1], quantiles[0])]
        values = [(item, item.value(len(job.test))) for item in measured]
        result[name] = {item.name: Score(item.name, v, v, v, item.higher_is_better) for item, v in values}
    return result


def _means(result: Sequence[dict[str, Score]], folds: int, ratio: float) -> dict[str, Score]:
    """The mean of each score that every fold has."""
    means = {}
    for name, first in result[0].items():
        values = [fold[name].value for fold in result if name in fold]
        if len(values) == folds:
            mean, low, high = corrected_interval(values, ratio)
            # No score is above 1, no loss below 0.
            ends = (low, min(high, 1.0)) if first.higher_is_better else (max(low, 0.0), high)
            means[name] = Score(name, mean, *ends, first.higher_is_better)
    return means


def _compared(
    result: Sequence[dict[str, dict[str, Score]]], baselines: Sequence[str], ratio: float, rows: int
) -> tuple[BaselineComparison, ...]:
    whole = [name for name in baselines if all(name in fold for fold in result)]
    if not whole:
        return ()
    decisive = primary_metric_name([set(fold[name]) for fold in result for name in ("network", *whole)])
    compared = []
    for name in whole:
        values = [fold["network"][decisive].value - fold[name][decisive].value for fold in result]
        higher = result[0]["network"][decisive].higher_is_better
        compared.append(BaselineComparison(name, decisive, *corrected_interval(values, ratio), higher, rows))
    return tuple(compared)


def corrected_interval(values: npt.ArrayLike, ratio: float) -> tuple[float, float, float]:
    """The mean over folds, and its 95% interval for folds that share training rows.

    Examples
    --------
    >>> [round(end, 3) for end in corrected_interval([0.8, 0.9, 0.85, 0.95, 0.9], ratio=0.25)]
    [0.88, 0.774, 0.986]
    """
    from scipy.stats import t

    result = np.asarray(values, dtype=np.float64)
    mean, spread = float(result.mean()), float(result.std(ddof=1))
    half = float(t.ppf(0.975, len(result) - 1)) * spread * float(np.sqrt(1 / len(result) + ratio))
    return mean, mean - half, mean + half
