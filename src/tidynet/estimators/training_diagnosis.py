"""What happened in a training, in two or three sentences: rules over its history, each a row of `RULES`.

A rule looks at plain numbers (`Facts`) and gives a sentence with what to try next, or nothing. Those that
explain others come first and hide them: a network whose gradients vanish underfits, too, but that is not
what to mend.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidynet.engine import ACTIVATIONS, StopReason
from tidynet.estimators.training_statistics import TrainingStatistics, training_statistics

__all__ = [
    "RULES",
    "DiagnosisRule",
    "TrainingDiagnosis",
    "TrainingStatistics",
    "diagnose",
    "explain_history",
    "training_statistics",
]

Array = NDArray[np.float64]

MOST_TOLD = 2
VANISHED = 0.01  # of the output layer's gradient
DEAD = 0.5  # share of a layer's units
GAP = 0.1  # between the training and the validation loss of the kept epoch, of the loss of a constant
LEAST_RECORDS = 20  # in a batch whose silent units are counted
SPREAD = 0.1  # between restarts, of the loss of a constant
UNLEARNT = 0.9  # of the loss of a constant


@dataclass(frozen=True)
class TrainingDiagnosis:
    """What a rule found: its name, what happened, and what to try next."""

    name: str
    description: str
    advice: str

    def __str__(self) -> str:
        return f"{self.description}; {self.advice}."


@dataclass(frozen=True)
class DiagnosisRule:
    """One thing that can happen.

    Attributes
    ----------
    name : str
    find : callable
        Facts → what happened, in words, or None.
    advice : str
        What to try next; ``{rate}`` stands for a tenth of the learning rate.
    overrides : tuple of str
        Rules that this one explains.
    """

    name: str
    find: Callable[[TrainingStatistics], str | None]
    advice: str
    overrides: tuple[str, ...] = ()


def _diverged(facts: TrainingStatistics) -> str | None:
    if not facts.divergences:
        return None
    epoch = facts.divergences[0].epoch
    return f"The learning rate of {facts.learning_rate:g} is too high: the loss diverged in epoch {epoch}"


def _oscillated(facts: TrainingStatistics) -> str | None:
    count = 0
    for losses in facts.training:
        # The first epochs are steep, whatever the rate.
        steps = np.diff(losses[2:])
        rises = steps[steps > 0]
        # A batch's noise and dropout make rises of a few thousandths; ten times that is the rate.
        count += len(steps) >= 8 and len(rises) >= 0.25 * len(steps) and float(np.median(rises)) > 0.02 * facts.scale
    if not count or 2 * count < len(facts.training):
        return None
    return f"The learning rate of {facts.learning_rate:g} is too high: the training loss jumps up and down instead of falling"


def _has_vanishing_gradients(facts: TrainingStatistics) -> str | None:
    """The highest hidden layer whose gradient is a hundredth of the output layer's or less, early in training."""
    layers = []
    for gradients in facts.gradients:
        if gradients.shape[1] < 3:
            continue
        early = np.median(gradients[: max(3, len(gradients) // 3)], axis=0)
        if early[-1] > 0:
            small = np.flatnonzero(early[:-1] < VANISHED * early[-1])
            if len(small):
                layers.append((int(small[-1]) + 1, early[0] / early[-1]))
    if not layers or 2 * len(layers) < len(facts.gradients):
        return None
    layer, fraction = layers[0]
    name = facts.activations[layer - 1]
    where = f"hidden layer {layer}" if layer == 1 else f"hidden layers 1 to {layer}"
    return (
        f"The gradients vanish in {where} ({name}): the first layer's is {fraction:.1g} times the output layer's, "
        "so it hardly learns"
    )


def _has_dead_units(facts: TrainingStatistics) -> str | None:
    if facts.last_batch < LEAST_RECORDS:
        return None
    fractions = [dead[-5:].min(axis=0) for dead in facts.dead_unit_shares if dead.size]
    if not fractions:
        return None
    typical = np.median(fractions, axis=0)
    layer = int(np.argmax(typical))
    if typical[layer] < DEAD:
        return None
    state = "dead" if ACTIVATIONS[facts.activations[layer]].kind == "rectifier" else "saturated"
    return f"{100 * typical[layer]:.0f}% of the units of hidden layer {layer + 1} are {state}: no row moves them"


def _networks_disagree(facts: TrainingStatistics) -> str | None:
    if len(facts.training) < 2:
        return None
    # Where validation rows end each training, only epochs that all of them have had can be compared.
    watched = np.isfinite(facts.watched_losses).all()
    common = min(map(len, facts.training)) if watched else max(map(len, facts.training))
    lowest = np.array([np.nanmin(losses[:common]) for losses in facts.training])
    best, worst = float(lowest.min()), float(lowest.max())
    if worst - best <= SPREAD * facts.scale or worst <= 1.25 * best:
        return None
    stuck = int((lowest > best + 0.5 * (worst - best)).sum())
    return (
        f"The {len(lowest)} restarts disagree: the lowest training loss is {best:.3g}, the highest {worst:.3g}, and "
        f"{stuck} of them ended nearer the latter, in a worse minimum"
    )


def _validation_turning_point(facts: TrainingStatistics) -> list[tuple[int, float, float]]:
    """Where validation loss rises by more than it wavers while the training loss falls: epoch, lowest, last."""
    result = []
    for training, validation, best in zip(facts.training, facts.validation, facts.best, strict=True):
        after = validation[best:]
        if len(after) < 3 or not np.isfinite(validation).all():
            continue
        lowest, last = float(validation[best - 1]), float(np.median(after[-3:]))
        rose = last > 1.05 * lowest and last - lowest > 0.05 * facts.scale
        if rose and float(np.median(training[-3:])) < training[best - 1]:
            result.append((best, lowest, last))
    return result if 2 * len(result) >= len(facts.training) else []


def _stopped_early(facts: TrainingStatistics) -> bool:
    """Early stopping ended the training, and the kept weights do about as well on rows not seen."""
    waited = facts.stop_reasons.count(StopReason.NO_IMPROVEMENT)
    gap = float(np.median(facts.watched_losses - facts.best_epoch_index))
    return 2 * waited > len(facts.stop_reasons) and gap <= GAP * facts.scale


def _overfitted(facts: TrainingStatistics) -> str | None:
    result = _validation_turning_point(facts)
    if not result or _stopped_early(facts):
        return None
    epoch = int(np.median([best for best, _, _ in result]))
    lowest, last = (float(np.median([item[index] for item in result])) for index in (1, 2))
    typical = "about epoch" if len(facts.training) > 1 else "epoch"
    return (
        f"From {typical} {epoch} on it overfits: the training loss goes on falling, but that of the validation rows "
        f"rises from {lowest:.3g} to {last:.3g} (the weights of the best epoch were kept)"
    )


def _underfitted(facts: TrainingStatistics) -> str | None:
    kept = float(np.median(facts.best_epoch_index))
    if not np.isfinite(facts.baseline_loss) or kept < UNLEARNT * facts.scale:
        return None
    return (
        f"It underfits: its training loss of {kept:.3g} is hardly lower than the {facts.baseline_loss:.3g} of always "
        "predicting the same"
    )


def _still_improving(facts: TrainingStatistics) -> str | None:
    falling = 0
    for training, validation, best, reason in zip(
        facts.training, facts.validation, facts.best, facts.stop_reasons, strict=True
    ):
        watched = validation if np.isfinite(validation).all() else training
        tail = max(2, len(watched) // 5)
        if reason is None or not reason.is_limit or len(watched) < 5 or best < len(watched) - 1:
            continue
        fell, whole = float(watched[-tail] - watched[-1]), float(watched[0] - watched[-1])
        falling += fell > 0.02 * facts.scale or (fell > 0.1 * whole > 0.002 * facts.scale)
    if not falling or 2 * falling < len(facts.training):
        return None
    epochs = len(facts.training[0])
    return f"It stopped before it was done: after {epochs} epochs the loss was still falling"


RULES = (
    DiagnosisRule("learning rate too high", _diverged, "try learning_rate_init={rate}",
         ("oscillating", "underfitting", "unfinished", "restarts disagree", "vanishing gradients", "dead units")),
    DiagnosisRule("vanishing gradients", _has_vanishing_gradients,
         "try activation='relu' or 'silu' in place of a squashing one, or fewer layers",
         ("underfitting", "unfinished", "dead units")),
    DiagnosisRule("dead units", _has_dead_units, "try a lower learning_rate_init, activation='leaky_relu' or 'silu', or scaled inputs",
         ("underfitting",)),
    DiagnosisRule("oscillating", _oscillated, "try learning_rate_init={rate}",
         ("underfitting", "restarts disagree", "unfinished")),
    DiagnosisRule("restarts disagree", _networks_disagree, "try combine='best', more restarts, or wider layers", ("underfitting",)),
    DiagnosisRule("overfitting", _overfitted, "more rows would help most; else try dropout, a larger alpha, or fewer units"),
    DiagnosisRule("unfinished", _still_improving, "try a larger max_iter, or a higher learning_rate_init", ("underfitting",)),
    DiagnosisRule("underfitting", _underfitted,
         "try more or wider layers, a higher learning_rate_init or less dropout and alpha; if none helps, these "
         "columns say little about the target"),
)  # fmt: skip


def diagnose(facts: TrainingStatistics) -> list[TrainingDiagnosis]:
    """What happened, the causes first; empty if all went well."""
    result, hidden = [], set[str]()
    for rule in RULES:
        description = None if rule.name in hidden else rule.find(facts)
        if description is not None:
            result.append(
                TrainingDiagnosis(rule.name, description, rule.advice.format(rate=f"{facts.learning_rate / 10:g}"))
            )
            hidden.update(rule.overrides)
    return result


def explain_history(model: Any) -> str:
    """Two or three sentences on the training of a fitted network estimator."""
    facts = training_statistics(model)
    text = diagnose(facts)[:MOST_TOLD]
    sentences = [_summary_sentence(facts), *map(str, text)]
    if not text:
        sentences.append(_no_problem_text(facts))
    return " ".join(sentences)


def _summary_sentence(facts: TrainingStatistics) -> str:
    networks = len(facts.training)
    who = "The network" if networks == 1 else f"The {networks} networks"
    epochs = sorted({len(losses) for losses in facts.training})
    many = f"{epochs[0]}" if len(epochs) == 1 else f"{epochs[0]} to {epochs[-1]}"
    first, kept = float(np.median([losses[0] for losses in facts.training])), float(np.median(facts.best_epoch_index))
    went = f"went from {first:.3g} to {kept:.3g}"
    watched = facts.watched_losses
    held_out = f", and on validation rows it was {np.median(watched):.3g}" if np.isfinite(watched).all() else ""
    return f"{who} trained for {many} {'epoch' if epochs == [1] else 'epochs'}: the training loss {went}{held_out}."


def _no_problem_text(facts: TrainingStatistics) -> str:
    if not np.isfinite(facts.watched_losses).all():
        return (
            "The loss fell smoothly and nothing looks amiss, but no rows were watched, so overfitting cannot be seen; "
            "try early_stopping=True."
        )
    turned = _validation_turning_point(facts)
    if turned:
        epoch = int(np.median([best for best, _, _ in turned]))
        typical = "about epoch" if len(facts.training) > 1 else "epoch"
        return (
            f"After {typical} {epoch} more training would have been overfitting, so it was stopped and the weights "
            "of the best epoch were kept: nothing looks amiss; test it on further rows."
        )
    return "The loss fell smoothly, on rows that it had not seen, too: nothing looks amiss; test it on further rows."
