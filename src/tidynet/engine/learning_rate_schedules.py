"""Learning-rate schedules: the factor of the base rate at each step.

A schedule is a function of the step, computed in NumPy for many steps at once and passed to the kernels. Only
`adaptive` depends on the losses; the trainer applies it by `ReduceOnPlateau`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tidynet.engine.registry import find_row

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ScheduleOptions:
    """Numbers of the schedules.

    Attributes
    ----------
    power : float
        Exponent of inverse scaling.
    decay_factor : float
        Factor of one reduction by `step`, `exponential` and `adaptive`, in (0, 1).
    decay_epochs : float
        Epochs between the reductions of `step`.
    warmup_fraction : float
        Fraction of the steps over which `cosine` rises from 0, and `one_cycle` to its peak, in [0, 1).
    rows : float
        How much an epoch counts in `inverse_scaling`: 1, or its rows as in scikit-learn.
    """

    power: float = 0.5
    decay_factor: float = 0.2
    decay_epochs: float = 10.0
    warmup_fraction: float = 0.05
    rows: float = 1.0


Factor = Callable[[Array, int, int, ScheduleOptions], Array]


def _constant(step: Array, steps: int, per_epoch: int, o: ScheduleOptions) -> Array:
    return np.ones_like(step)


def _inverse_scaling(step: Array, steps: int, per_epoch: int, o: ScheduleOptions) -> Array:
    return (np.floor(step / per_epoch) * o.rows + 1.0) ** -o.power


def _step(step: Array, steps: int, per_epoch: int, o: ScheduleOptions) -> Array:
    return o.decay_factor ** np.floor(step / (per_epoch * o.decay_epochs))


def _exponential(step: Array, steps: int, per_epoch: int, o: ScheduleOptions) -> Array:
    return o.decay_factor ** (step / (per_epoch * o.decay_epochs))


def _cosine(step: Array, steps: int, per_epoch: int, o: ScheduleOptions) -> Array:
    rising = np.minimum(1.0, (step + 1) / max(1.0, o.warmup_fraction * steps))
    return rising * 0.5 * (1 + np.cos(np.pi * np.minimum(1.0, step / steps)))


def _one_cycle(step: Array, steps: int, per_epoch: int, o: ScheduleOptions) -> Array:
    # From 1/25 of the peak up to it and down to 1/10,000 of it, along cosines.
    peak = max(1.0, max(o.warmup_fraction, 0.3) * steps)
    up = np.minimum(1.0, step / peak)
    down = np.clip((step - peak) / max(1.0, steps - peak), 0.0, 1.0)
    rise = 0.04 + 0.96 * 0.5 * (1 - np.cos(np.pi * up))
    return np.where(step < peak, rise, 1e-4 + (1 - 1e-4) * 0.5 * (1 + np.cos(np.pi * down)))


SCHEDULES: dict[str, Factor] = {
    "constant": _constant,
    "inverse_scaling": _inverse_scaling,
    "adaptive": _constant,
    "step": _step,
    "exponential": _exponential,
    "cosine": _cosine,  # Loshchilov and Hutter, ICLR 2017; warm-up: Goyal et al., 2017
    "one_cycle": _one_cycle,  # Smith and Topin, 2019
}
_BY_NAME = {**dict(zip(SCHEDULES, SCHEDULES, strict=True)), "invscaling": "inverse_scaling"}


def schedule(name: str) -> str:
    """The name of a schedule without aliases; an error suggests the nearest."""
    return find_row(_BY_NAME, name, "learning-rate schedule")


def schedule_factors(
    name: str, first: int, count: int, steps: int, per_epoch: int, options: ScheduleOptions | None = None
) -> Array:
    """Factor of the base learning rate at each of `count` steps from `first`, shape (count,)."""
    step = np.arange(first, first + count, dtype=np.float64)
    return SCHEDULES[schedule(name)](step, steps, per_epoch, options or ScheduleOptions())


@dataclass
class ReduceOnPlateau:
    """Reduces the rate by `decay_factor` after `patience` epochs without a gain (scikit-learn's `adaptive`)."""

    patience: int = 10
    minimum_gain: float = 1e-4
    decay_factor: float = 0.2
    factor: float = 1.0
    best: float = field(default=np.inf, repr=False)
    epochs_without_improvement: int = field(default=0, repr=False)

    def update(self, value: float) -> bool:
        """Add the loss of one epoch; True if the rate was reduced."""
        improved = value < self.best - self.minimum_gain
        self.epochs_without_improvement = 0 if improved else self.epochs_without_improvement + 1
        self.best = min(self.best, value)
        if self.epochs_without_improvement < self.patience:
            return False
        self.factor *= self.decay_factor
        self.epochs_without_improvement = 0
        return True
