"""The configuration of a training."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from tidynet.core.errors import InputError
from tidynet.engine.custom_loss import CustomLoss
from tidynet.engine.kernels import OptimizerParams
from tidynet.engine.learning_rate_schedules import ScheduleOptions, schedule
from tidynet.engine.optimizers import OptimizerOptions, optimizer
from tidynet.engine.regularization import Penalties


@dataclass(frozen=True)
class TrainingConfig:
    """How to train.

    Attributes
    ----------
    optimizer : str
        A row of `OPTIMIZERS`; ``"gradient_descent"`` and ``"lbfgs"`` use all rows in each step.
    optimizer_options : OptimizerOptions
    learning_rate : float
        Base learning rate η, above 0.
    schedule, schedule_options : str, ScheduleOptions
        A row of `SCHEDULES` and its numbers.
    epochs, batch_size : int
        Maximum of epochs; rows in each step.
    penalties : Penalties
    dropout : tuple of float
        Fraction dropped of the inputs and of each hidden layer; empty for none.
    clip_norm : float
        Maximum norm of the gradient; 0 for no limit.
    ema_decay : float
        Decay of the moving average of the weights, in [0, 1); 0 for none.
    patience : float
        Epochs without improvement before training stops; may be infinite.
    min_delta : float
        Smallest improvement that counts.
    stopping_criterion : str
        ``"loss"`` or ``"score"`` of the validation rows.
    restore_best_weights : bool
        Whether to return the best weights or the last.
    shuffle : bool
        Whether each epoch has a new row order.
    time_limit : float or None
        Seconds until training stops.
    evaluations : int
        Maximum of loss evaluations of L-BFGS.
    custom_loss : CustomLoss or None
        Replaces the loss of the network.
    slices : int
        Parts of each batch of a large network; small networks are not cut.
    threads : int
        Threads for the slices; the result does not depend on it.
    seed : int
        Of row order and dropout.
    """

    optimizer: str = "adam"
    optimizer_options: OptimizerOptions = field(default_factory=OptimizerOptions)
    learning_rate: float = 0.001
    schedule: str = "constant"
    schedule_options: ScheduleOptions = field(default_factory=ScheduleOptions)
    epochs: int = 200
    batch_size: int = 200
    penalties: Penalties = field(default_factory=Penalties)
    dropout: tuple[float, ...] = ()
    clip_norm: float = 0.0
    ema_decay: float = 0.0
    patience: float = 10
    min_delta: float = 0.0
    stopping_criterion: str = "loss"
    restore_best_weights: bool = True
    shuffle: bool = True
    time_limit: float | None = None
    evaluations: int = 15_000
    custom_loss: CustomLoss | None = None
    slices: int = 1
    threads: int = 1
    seed: int = 0

    def __post_init__(self) -> None:
        optimizer(self.optimizer)
        schedule(self.schedule)
        for name in ("learning_rate", "epochs", "batch_size", "patience", "slices", "threads"):
            if not getattr(self, name) > 0:
                raise InputError(f"{name} is {getattr(self, name)}, expected a number above 0")
        for name in ("clip_norm", "min_delta"):
            if not 0 <= getattr(self, name) < math.inf:
                raise InputError(f"{name} is {getattr(self, name)}, expected a number of at least 0")
        if not 0 <= self.ema_decay < 1:
            raise InputError(f"ema_decay is {self.ema_decay}, expected a number from 0 to below 1")
        if self.stopping_criterion not in ("loss", "score"):
            raise InputError(f"stopping_criterion is {self.stopping_criterion!r}, expected 'loss' or 'score'")
        if not all(0 <= fraction < 1 for fraction in self.dropout):
            raise InputError(f"dropout is {list(self.dropout)}, expected fractions from 0 to below 1")


def make_optimizer_params(config: TrainingConfig) -> OptimizerParams:
    """The numbers of optimizer and penalties for the kernels."""
    options, penalties = config.optimizer_options, config.penalties
    return OptimizerParams(
        code=optimizer(config.optimizer).code,
        momentum=float(options.momentum),
        beta_1=float(options.beta_1),
        beta_2=float(options.beta_2),
        epsilon=float(options.epsilon),
        l1=float(penalties.l1),
        l2=float(penalties.l2),
        decay=float(penalties.decay),
        max_norm=float(penalties.max_norm),
        clip_norm=float(config.clip_norm),
        ema_decay=float(config.ema_decay),
    )
