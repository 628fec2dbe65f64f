"""What a training gives back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidynet.engine.history import History
from tidynet.engine.kernels import TrainingState

__all__ = ["TrainingResult"]

Array = NDArray[Any]


@dataclass(frozen=True)
class TrainingResult:
    """Weights and how they came about; `interrupted` if Ctrl-C ended the training."""

    theta: Array
    history: History
    optimizer_state: TrainingState
    interrupted: bool = False
    clock: Array = field(default_factory=lambda: np.zeros(5, np.int64))
