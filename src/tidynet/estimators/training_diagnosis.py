"""What happened in a training, in two or three sentences: rules over its numbers, each a row of `RULES`.

A rule reads `TrainingStatistics` and returns a description or nothing. Rules that explain others come first and
override them: a network whose gradients vanish underfits too, but the gradients are the cause.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tidynet.core.text import format_percent, pluralize
from tidynet.engine import ACTIVATIONS, StopReason
from tidynet.estimators.training_statistics import TrainingStatistics, training_statistics

if TYPE_CHECKING:
    from tidynet.estimators.fitted_model import FittedModel

Array = NDArray[np.float64]

MAX_DIAGNOSES = 2
VANISHED = 0.01  # of the output layer's gradient
DEAD = 0.5  # fraction of a layer's units
MAX_GAP = 0.1  # between training and validation loss of the best epoch, in units of the baseline loss
MIN_ROWS = 20  # in a batch whose dead units are counted
SPREAD = 0.1  # between networks, in units of the baseline loss
UNDERFITTED = 0.9  # of the baseline loss


class DiagnosisCode(StrEnum):
    """What can happen in a training."""

    DIVERGING_LOSS = "diverging-loss"
    VANISHING_GRADIENTS = "vanishing-gradients"
    DEAD_UNITS = "dead-units"
    OSCILLATING_LOSS = "oscillating-loss"
    NETWORKS_DISAGREE = "networks-disagree"
    OVERFITTING = "overfitting"
    STILL_IMPROVING = "still-improving"
    UNDERFITTING = "underfitting"


@dataclass(frozen=True)
class TrainingDiagnosis:
    """What a rule found, and what to try next."""

    code: DiagnosisCode
    description: str
    advice: str

    def __str__(self) -> str:
        return f"{self.description} → {self.advice}."


@dataclass(frozen=True)
class DiagnosisRule:
    """One thing that can happen."""

    code: DiagnosisCode
    find: Callable[[TrainingStatistics], str | None]  # statistics → description
    advice: str  # what to try next; {rate} stands for a tenth of the learning rate
    overrides: tuple[DiagnosisCode, ...] = ()  # rules that this one explains


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
        # Noise of batches and dropout raise the loss by a few thousandths; ten times that is the learning rate.
        count += len(steps) >= 8 and len(rises) >= 0.25 * len(steps) and float(np.median(rises)) > 0.02 * facts.scale
    if not count or 2 * count < len(facts.training):
        return None
    return f"The learning rate of {facts.learning_rate:g} is too high: the training loss oscillates"


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
        f"The gradients vanish in {where} ({name}): the gradient of the first layer is {fraction:.1g} times that of "
        "the output layer"
    )


def _has_dead_units(facts: TrainingStatistics) -> str | None:
    if facts.last_batch < MIN_ROWS:
        return None
    fractions = [dead[-5:].min(axis=0) for dead in facts.dead_unit_shares if dead.size]
    if not fractions:
        return None
    typical = np.median(fractions, axis=0)
    layer = int(np.argmax(typical))
    if typical[layer] < DEAD:
        return None
    state = "dead" if ACTIVATIONS[facts.activations[layer]].kind == "rectifier" else "saturated"
    return f"{format_percent(typical[layer])} of the units of hidden layer {layer + 1} are {state}: their gradient is 0"


def _networks_disagree(facts: TrainingStatistics) -> str | None:
    if len(facts.training) < 2:
        return None
    # Where validation rows end each training, only epochs that all networks have are compared.
    has_validation = np.isfinite(facts.kept_validation_losses).all()
    common = min(map(len, facts.training)) if has_validation else max(map(len, facts.training))
    lowest = np.array([np.nanmin(losses[:common]) for losses in facts.training])
    best, worst = float(lowest.min()), float(lowest.max())
    if worst - best <= SPREAD * facts.scale or worst <= 1.25 * best:
        return None
    stuck = int((lowest > best + 0.5 * (worst - best)).sum())
    return (
        f"The {len(lowest)} networks disagree: their training losses range from {best:.3g} to {worst:.3g}, and "
        f"{stuck} of them ended closer to the highest, in a worse minimum"
    )


def _validation_turning_point(facts: TrainingStatistics) -> list[tuple[int, float, float]]:
    """Where validation loss rises beyond its noise while training loss falls: epoch, lowest, last."""
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
    """Whether early stopping ended training, with about the same loss on validation rows."""
    waited = facts.stop_reasons.count(StopReason.NO_IMPROVEMENT)
    difference = float(np.median(facts.kept_validation_losses - facts.kept_training_losses))
    return 2 * waited > len(facts.stop_reasons) and difference <= MAX_GAP * facts.scale


def _overfitted(facts: TrainingStatistics) -> str | None:
    result = _validation_turning_point(facts)
    if not result or _stopped_early(facts):
        return None
    epoch = int(np.median([best for best, _, _ in result]))
    lowest, last = (float(np.median([item[index] for item in result])) for index in (1, 2))
    typical = "about epoch" if len(facts.training) > 1 else "epoch"
    return (
        f"The network overfits from {typical} {epoch} on: the training loss still falls, but the validation loss rises "
        f"from {lowest:.3g} to {last:.3g} (the weights of the best epoch were kept)"
    )


def _underfitted(facts: TrainingStatistics) -> str | None:
    kept = float(np.median(facts.kept_training_losses))
    if not np.isfinite(facts.baseline_loss) or kept < UNDERFITTED * facts.scale:
        return None
    return (
        f"The network underfits: its training loss is {kept:.3g}, that of the best constant prediction "
        f"{facts.baseline_loss:.3g}"
    )


def _still_improving(facts: TrainingStatistics) -> str | None:
    falling = 0
    for training, validation, best, reason in zip(
        facts.training, facts.validation, facts.best, facts.stop_reasons, strict=True
    ):
        losses = validation if np.isfinite(validation).all() else training
        tail = max(2, len(losses) // 5)
        if reason is None or not reason.is_limit or len(losses) < 5 or best < len(losses) - 1:
            continue
        fell, whole = float(losses[-tail] - losses[-1]), float(losses[0] - losses[-1])
        falling += fell > 0.02 * facts.scale or (fell > 0.1 * whole > 0.002 * facts.scale)
    if not falling or 2 * falling < len(facts.training):
        return None
    networks, epochs = len(facts.training), pluralize(len(facts.training[0]), "epoch")
    if networks == 1:
        return f"The network still improved after {epochs}"
    return f"{falling} of {networks} networks still improved after {epochs}"


_C = DiagnosisCode
_CAPACITY = (_C.UNDERFITTING, _C.STILL_IMPROVING)

RULES = (
    DiagnosisRule(_C.DIVERGING_LOSS, _diverged, "try learning_rate_init={rate}",
        (*_CAPACITY, _C.OSCILLATING_LOSS, _C.NETWORKS_DISAGREE, _C.VANISHING_GRADIENTS, _C.DEAD_UNITS)),
    DiagnosisRule(_C.VANISHING_GRADIENTS, _has_vanishing_gradients,
        "try activation='relu' or 'silu' in place of a sigmoid or tanh, or fewer layers", (*_CAPACITY, _C.DEAD_UNITS)),
    DiagnosisRule(_C.DEAD_UNITS, _has_dead_units,
        "try a lower learning_rate_init, activation='leaky_relu' or 'silu', or scaled inputs", (_C.UNDERFITTING,)),
    DiagnosisRule(_C.OSCILLATING_LOSS, _oscillated, "try learning_rate_init={rate}",
        (*_CAPACITY, _C.NETWORKS_DISAGREE)),
    DiagnosisRule(_C.NETWORKS_DISAGREE, _networks_disagree,
        "try ensemble='best', a larger n_networks, or wider layers", (_C.UNDERFITTING,)),
    DiagnosisRule(_C.OVERFITTING, _overfitted, "add rows; else try dropout, a larger alpha, or fewer units"),
    DiagnosisRule(_C.STILL_IMPROVING, _still_improving, "try a larger max_iter, or a higher learning_rate_init",
        (_C.UNDERFITTING,)),
    DiagnosisRule(_C.UNDERFITTING, _underfitted,
        "try more or wider layers, a higher learning_rate_init, or less dropout and alpha; if none helps, these "
        "columns do not predict the target"),
)  # fmt: skip


def diagnose(facts: TrainingStatistics) -> list[TrainingDiagnosis]:
    """What happened, causes first; empty if nothing went wrong."""
    result, overridden = [], set[DiagnosisCode]()
    for rule in RULES:
        description = None if rule.code in overridden else rule.find(facts)
        if description is not None:
            advice = rule.advice.format(rate=f"{facts.learning_rate / 10:g}")
            result.append(TrainingDiagnosis(rule.code, description, advice))
            overridden.update(rule.overrides)
    return result


def explain_training(model: FittedModel) -> str:
    """Two or three sentences on the training of a fitted model."""
    facts = training_statistics(model)
    diagnoses = diagnose(facts)[:MAX_DIAGNOSES]
    return " ".join([_summary(facts), *(map(str, diagnoses) if diagnoses else [_no_problem_text(facts)])])


def _summary(facts: TrainingStatistics) -> str:
    networks = len(facts.training)
    subject = "The network" if networks == 1 else f"The {networks} networks"
    epochs = sorted({len(losses) for losses in facts.training})
    length = pluralize(epochs[-1], "epoch") if len(epochs) == 1 else f"{epochs[0]} to {epochs[-1]} epochs"
    first, kept = (
        float(np.median([losses[0] for losses in facts.training])),
        float(np.median(facts.kept_training_losses)),
    )
    validation = facts.kept_validation_losses
    validation_text = f"; validation loss {np.median(validation):.3g}" if np.isfinite(validation).all() else ""
    return f"{subject} trained for {length}: training loss from {first:.3g} to {kept:.3g}{validation_text}."


def _no_problem_text(facts: TrainingStatistics) -> str:
    if not np.isfinite(facts.kept_validation_losses).all():
        return "No problem found, but overfitting cannot be detected without validation rows → try early_stopping=True."
    overfitting = _validation_turning_point(facts)
    if overfitting:
        epoch = int(np.median([best for best, _, _ in overfitting]))
        typical = "about epoch" if len(facts.training) > 1 else "epoch"
        return (
            f"No problem found: early stopping prevented overfitting after {typical} {epoch} → test the model on "
            "further rows."
        )
    return "No problem found: training and validation loss fell steadily → test the model on further rows."
