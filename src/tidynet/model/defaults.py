"""What "auto" means: every number of the default network in one place, with its reason.

The recipe is that of `shared/facts/default_network.md`: piecewise-linear numbers beside robustly
scaled ones, two hidden layers of rectifiers, AdamW with a cosine schedule, early stopping, and a few
restarts averaged.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

__all__ = ["Settings", "default_settings", "resolve"]


@dataclass(frozen=True)
class Settings:
    """All that training needs, with nothing left to choose."""

    hidden_layer_sizes: tuple[int, ...]
    solver: str
    learning_rate: str
    learning_rate_init: float
    beta_2: float
    weight_decay: float
    dropout: float | tuple[float, ...]
    batch_size: int
    max_iter: int
    early_stopping: bool
    n_iter_no_change: int
    restarts: int
    bins: int


def default_settings(rows: int) -> Settings:
    """The defaults for a table of so many training rows.

    Examples
    --------
    >>> default_settings(10_000).batch_size, default_settings(300).max_iter
    (128, 150)
    """
    # Small batches give a small table enough steps; large ones fill the matrix products.
    batch_size = 32 if rows < 2_000 else 64 if rows < 5_000 else 128 if rows < 30_000 else 256
    # 40 epochs suffice from some thousand rows on; fewer rows need more passes for 1,500 steps.
    epochs = min(200, max(40, math.ceil(1_500 / max(1, math.ceil(rows / batch_size)))))
    return Settings(
        hidden_layer_sizes=(128, 128),
        solver="adamw",
        learning_rate="cosine",
        learning_rate_init=0.003,  # with a cosine to zero, three times Adam's usual rate
        beta_2=0.95,  # forgets old gradients sooner than .999: RealMLP's largest single gain
        weight_decay=0.02,
        dropout=0.1,
        batch_size=batch_size,
        max_iter=epochs,
        # Under 40 rows a validation set would tell nothing.
        early_stopping=rows >= 40,
        n_iter_no_change=max(8, epochs // 4),
        restarts=4,  # averaging four lowers log loss by more than four times longer training
        bins=16,
    )


def resolve(given: dict[str, Any], rows: int) -> Settings:
    """The settings that a user gave, with the defaults for those left at ``"auto"``.

    Examples
    --------
    >>> resolve({"restarts": 1, "solver": "auto"}, 1_000).restarts
    1
    """
    chosen = default_settings(rows)
    own = {name: value for name, value in given.items() if value != "auto"}
    if "max_iter" in own and "n_iter_no_change" not in own:
        own["n_iter_no_change"] = max(8, int(own["max_iter"]) // 4)
    if "solver" in own and own["solver"] != "adamw":
        # another solver is used with its own textbook settings
        chosen = replace(chosen, learning_rate="constant", learning_rate_init=0.001, beta_2=0.999, weight_decay=0.0)
    return replace(chosen, **own)
