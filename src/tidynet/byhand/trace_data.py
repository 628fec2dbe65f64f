"""What a trace holds: one training step, whose it is, and the rows that it was taken on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tidynet.byhand.training_step import TrainingStep
from tidynet.engine import Network, TrainingConfig

__all__ = ["TraceData"]


@dataclass(frozen=True)
class TraceData:
    """One training step of one network, as plain data.

    Attributes
    ----------
    title : str
        Which network, and what it is trained by.
    network : Network
        Its shape.
    plan : Plan
        How it steps.
    step : Step
        All numbers: for each layer inputs, weights, h, a, f′(h), δ, Δw and the new weights.
    rows : list of dict
        The rows as the user gave them, by column.
    outputs : list of str
        Their target as the user gave it.
    loss : str
        Name of the loss.
    own_loss : str
        Name of a loss of the user's own, else empty.
    notes : tuple of str
        What should be known beside the numbers.
    """

    title: str
    network: Network
    plan: TrainingConfig
    step: TrainingStep
    rows: list[dict[str, Any]]
    outputs: list[str]
    loss: str
    own_loss: str = ""
    notes: tuple[str, ...] = ()
