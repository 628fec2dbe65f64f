"""Why a training ended, as a code with its numbers; and the one place that writes it as text."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from tidynet.core.display import Displayed
from tidynet.core.text import pluralize


class StopReason(StrEnum):
    """Why a training ended."""

    MAX_EPOCHS = "max_epochs"
    MAX_EVALUATIONS = "max_evaluations"  # of L-BFGS
    NO_IMPROVEMENT = "no_improvement"
    MIN_LEARNING_RATE = "min_learning_rate"
    ZERO_GRADIENT = "zero_gradient"  # L-BFGS has converged
    DIVERGED = "diverged"
    TIME_LIMIT = "time_limit"
    STOP_REQUESTED = "stop_requested"
    INTERRUPTED = "interrupted"  # by Ctrl-C

    @property
    def is_limit(self) -> bool:
        """Whether training used all epochs or evaluations, so that it may not have converged."""
        return self in (StopReason.MAX_EPOCHS, StopReason.MAX_EVALUATIONS)

    @property
    def is_early_exit(self) -> bool:
        """Whether training was cut short before it could converge."""
        return self in (StopReason.TIME_LIMIT, StopReason.STOP_REQUESTED)


@dataclass(frozen=True, slots=True, repr=False)
class TrainingStop(Displayed):
    """The end of a training: `limit` is the bound that was reached, in the unit of the reason."""

    reason: StopReason
    epoch: int
    seconds: float = 0.0
    limit: float = math.nan
    monitored: str = ""  # of NO_IMPROVEMENT: "training_loss", "validation_loss" or "validation_score"

    def display_lines(self) -> list[str]:
        """Why training ended, and when."""
        return [f"TrainingStop {self.reason.name}: {describe_stop(self)}"]


@dataclass(frozen=True, slots=True)
class Divergence:
    """An epoch whose loss was not finite or above `limit`, and the weights that training restarted from."""

    epoch: int
    loss: float
    limit: float
    restarted_from: str = ""  # "initial" or "best" weights; empty where training ended


def describe_divergence(event: Divergence) -> str:
    """A divergence as a sentence without a full stop."""
    size = f" ({event.loss:.3g}, more than a million times the first)" if event.limit < event.loss < math.inf else ""
    restart = f"; training restarted from the {event.restarted_from} weights with a tenth of it"
    return (
        f"the loss diverged in epoch {event.epoch}{size}: the learning rate is probably too high"
        f"{restart if event.restarted_from else ''}"
    )


def describe_stop(stop: TrainingStop) -> str:
    """Why a training ended, as a clause."""
    return {
        StopReason.MAX_EPOCHS: f"all {pluralize(stop.limit, 'epoch')} completed",
        StopReason.MAX_EVALUATIONS: f"all {pluralize(stop.limit, 'loss evaluation')} used",
        StopReason.NO_IMPROVEMENT: f"the {stop.monitored.replace('_', ' ')} did not improve for "
        f"{pluralize(stop.limit, 'epoch')}",
        StopReason.MIN_LEARNING_RATE: f"the learning rate fell to {stop.limit:g}",
        StopReason.ZERO_GRADIENT: "the gradient is close to 0",
        StopReason.DIVERGED: f"the loss diverged in epoch {stop.epoch}",
        StopReason.TIME_LIMIT: "the time limit was reached",
        StopReason.STOP_REQUESTED: "a stop was requested",
        StopReason.INTERRUPTED: f"interrupted by Ctrl-C after epoch {stop.epoch}",
    }[stop.reason]
