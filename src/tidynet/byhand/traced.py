"""What a trace holds: one training step, whose it is, and the rows that it was taken on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tidynet.byhand.step import Step
from tidynet.net import Network, Plan

__all__ = ["Traced"]


@dataclass(frozen=True)
class Traced:
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
    answers : list of str
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
    plan: Plan
    step: Step
    rows: list[dict[str, Any]]
    answers: list[str]
    loss: str
    own_loss: str = ""
    notes: tuple[str, ...] = ()
