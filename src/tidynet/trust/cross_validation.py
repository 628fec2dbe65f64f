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

from tidynet.errors import InputError
from tidynet.look.attention.words import rows_word
from tidynet.trust.comparison import Comparison, deciding_name, verdict_sentence
from tidynet.trust.number_measures import measures_of_quantiles
from tidynet.trust.predicted import Predicted
from tidynet.trust.predictions import predicted_quantiles
from tidynet.trust.refits import Job, Labelled, labelled, refitted, said_of
from tidynet.trust.rivals import fit_rivals, predictions_of
from tidynet.trust.scores import Score, measures
from tidynet.trust.section import Section

__all__ = ["CrossValidation", "check_folds", "corrected_interval", "cross_validate"]

Codes = npt.NDArray[np.int64]

MOST_FOLDS = 100


@dataclass(frozen=True)
class CrossValidation:
    """Scores over all folds; plain data.

    Parameters
    ----------
    folds, repeats : int
    rows : int
        Number of different rows that were tested.
    scores : dict of str to dict of str to Score
        Of the network and of each baseline: the mean over the folds, with its 95% interval.
    comparisons : tuple of Comparison
        Network − baseline, paired within each fold.
    sentence : str
    learnt_only : int
        Rows of the first part in time, which come before every fold and are never tested; 0 of folds at random.
    """

    folds: int
    repeats: int
    rows: int
    scores: dict[str, dict[str, Score]]
    comparisons: tuple[Comparison, ...]
    sentence: str
    learnt_only: int = 0

    def section(self) -> Section:
        """The same as a part of an evaluation."""
        header = ("", *self.scores)
        lines = [
            (name, *(str(found.get(name, "")) for found in self.scores.values())) for name in self.scores["network"]
        ]
        if self.comparisons:
            lines.append((f"{self.comparisons[0].score}, network − it", "", *(str(one) for one in self.comparisons)))
        kind = f"{self.folds} folds" + (f", {self.repeats} times" if self.repeats > 1 else "")
        kind += " forward in time" if self.learnt_only else ""
        said = (self.sentence, self._in_time()) if self.learnt_only else (self.sentence,)
        return Section("cross-validation", f"Cross-validation ({kind})", said, header, tuple(lines), asdict(self))

    def _in_time(self) -> str:
        return (
            "Folds go forward in time: each is tested by what is learnt from the rows before it. Tested are "
            f"{self.rows:,} of {rows_word(self.rows + self.learnt_only)}, all but the first {self.learnt_only:,}."
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
    listen: Callable[[int, int], None] | None = None,
) -> CrossValidation:
    """Test networks with this one's parameters on the rows of a table, each learnt from the other folds.

    Recipe, stopping and calibration are learnt anew from the training rows of each fold, and so are the
    baselines. Folds are dealt out by class, and are trained side by side.

    Parameters
    ----------
    model : MLPClassifier or MLPRegressor
        Fitted; its parameters are used, its weights are not.
    table : whatever `tidynet.read` takes
        Labelled rows.
    target : str, optional
        The one that the model was trained on by default.
    folds, repeats : int
    seed : int
        One seed, one result, whatever the number of threads.
    groups : int array (rows of the table,), optional
        Rows that belong together: whole groups are dealt out.
    order : int array (rows of the table,), optional
        Places in time: each fold is tested by what is learnt from all that came before it, the first part never.
    listen : callable, optional
        Called with (networks trained, all).

    Returns
    -------
    CrossValidation

    Raises
    ------
    InputError
        If there are fewer rows, or fewer rows of each class, than folds.
    """
    check_folds(folds, repeats)
    data = labelled(model, table, target)
    if groups is not None:
        data = replace(data, groups=np.asarray(groups, dtype=np.int64)[data.numbers])
    places = None if order is None else np.asarray(order, dtype=np.int64)[data.numbers]
    jobs = _jobs(data, folds, repeats, seed) if places is None else _in_time(places, folds)
    networks = refitted(model, data, jobs, seed, listen)
    found = [_scored(network, data, job, seed) for network, job in zip(networks, jobs, strict=True)]
    ratio = float(np.mean([len(job.test) / len(job.training) for job in jobs]))
    names = list(dict.fromkeys(name for fold in found for name in fold))
    scores = {name: _means([fold[name] for fold in found if name in fold], len(jobs), ratio) for name in names}
    tested = len(np.unique(np.concatenate([job.test for job in jobs])))
    comparisons = _compared(found, names[1:], ratio, tested)
    decisive = comparisons[0].score if comparisons else deciding_name([set(scores["network"])])
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


def _jobs(data: Labelled, folds: int, repeats: int, seed: int) -> list[Job]:
    from sklearn.model_selection import RepeatedKFold, RepeatedStratifiedKFold

    strata, rows = data.strata, np.arange(data.rows)
    if data.rows < 2 * folds:
        raise InputError(f"{data.rows:,} rows are too few for {folds} folds", "give more rows, or fewer folds")
    if data.groups is not None:
        return _by_group(data.groups, strata, folds, repeats, seed)
    told = {"n_splits": folds, "n_repeats": repeats, "random_state": seed}
    if strata is None or np.bincount(strata).max() < folds:
        return [Job(training, test) for training, test in RepeatedKFold(**told).split(rows)]
    counts = np.bincount(strata)
    # A class of fewer rows than folds cannot be in each: dealt out among the others, without a warning.
    merged = np.where(counts[strata] < folds, int(counts.argmax()), strata)
    return [Job(training, test) for training, test in RepeatedStratifiedKFold(**told).split(rows, merged)]


def _by_group(groups: Codes, strata: Codes | None, folds: int, repeats: int, seed: int) -> list[Job]:
    """Whole groups dealt out to folds, the largest first, to where fewest rows of their commonest class are."""
    from tidynet.model.training_rows import fold_rows

    if len(np.unique(groups)) < folds:
        raise InputError(f"{len(np.unique(groups))} groups of rows are too few for {folds} folds", "give fewer folds")
    random = np.random.default_rng(seed)
    dealt = [fold for _ in range(repeats) for fold in fold_rows(len(groups), folds, random, strata, groups)]
    return [Job(np.setdiff1d(np.arange(len(groups)), fold), fold) for fold in dealt]


def _in_time(order: Codes, folds: int) -> list[Job]:
    """Equal parts in time, each but the first tested by what is learnt from those before it; one time is one part."""
    ranked = np.sort(order)
    edges = np.unique(ranked[[len(ranked) * part // (folds + 1) for part in range(1, folds + 1)]])
    jobs = [
        Job(np.flatnonzero(order < low), np.flatnonzero((order >= low) & (order < high)))
        for low, high in zip(edges, [*edges[1:], ranked[-1] + 1], strict=True)
    ]
    jobs = [job for job in jobs if len(job.training) and len(job.test)]
    if len(jobs) < folds:
        raise InputError(f"the rows have too few different times for {folds} folds", "give fewer folds")
    return jobs


def _scored(network: Any, data: Labelled, job: Job, seed: int) -> dict[str, dict[str, Score]]:
    """The scores of the network and of the baselines on one fold."""
    said: dict[str, Predicted] = {"network": said_of(network, data, job.test)}
    training = network.recipe_.transform(data.features.take(job.training).frame)
    rivals = fit_rivals(data.task, training, data.truth[job.training], data.classes, seed)
    said |= predictions_of(
        rivals, network.recipe_.transform(data.features.take(job.test).frame), data.task, data.classes
    )
    quantiles = predicted_quantiles(network, data.features.take(job.test))
    found = {}
    for name, predicted in said.items():
        measured, _ = measures(data.task, data.truth[job.test], *predicted, classes=data.classes)
        if name == "network" and quantiles is not None:
            truth = data.truth[job.test].astype(np.float64)
            measured = [*measured, *measures_of_quantiles(truth, quantiles[1], quantiles[0])]
        values = [(one, one.value(len(job.test))) for one in measured]
        found[name] = {one.name: Score(one.name, v, v, v, one.higher_is_better) for one, v in values}
    return found


def _means(found: Sequence[dict[str, Score]], folds: int, ratio: float) -> dict[str, Score]:
    """The mean of each score that every fold has."""
    means = {}
    for name, first in found[0].items():
        values = [fold[name].value for fold in found if name in fold]
        if len(values) == folds:
            mean, low, high = corrected_interval(values, ratio)
            # No score is above 1, no loss below 0.
            ends = (low, min(high, 1.0)) if first.higher_is_better else (max(low, 0.0), high)
            means[name] = Score(name, mean, *ends, first.higher_is_better)
    return means


def _compared(
    found: Sequence[dict[str, dict[str, Score]]], rivals: Sequence[str], ratio: float, rows: int
) -> tuple[Comparison, ...]:
    whole = [name for name in rivals if all(name in fold for fold in found)]
    if not whole:
        return ()
    decisive = deciding_name([set(fold[name]) for fold in found for name in ("network", *whole)])
    compared = []
    for name in whole:
        values = [fold["network"][decisive].value - fold[name][decisive].value for fold in found]
        higher = found[0]["network"][decisive].higher_is_better
        compared.append(Comparison(name, decisive, *corrected_interval(values, ratio), higher, rows))
    return tuple(compared)


def corrected_interval(values: npt.ArrayLike, ratio: float) -> tuple[float, float, float]:
    """The mean over folds, and its 95% interval for folds that share training rows.

    Parameters
    ----------
    values : array (J,)
    ratio : float
        Test rows of a fold for each of its training rows.

    Returns
    -------
    tuple of (float, float, float)
        Mean, lower and upper end.

    Examples
    --------
    >>> [round(end, 3) for end in corrected_interval([0.8, 0.9, 0.85, 0.95, 0.9], ratio=0.25)]
    [0.88, 0.774, 0.986]
    """
    from scipy.stats import t

    found = np.asarray(values, dtype=np.float64)
    mean, spread = float(found.mean()), float(found.std(ddof=1))
    half = float(t.ppf(0.975, len(found) - 1)) * spread * float(np.sqrt(1 / len(found) + ratio))
    return mean, mean - half, mean + half
