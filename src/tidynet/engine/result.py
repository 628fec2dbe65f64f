"""The result of a training."""

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
    """The weights of a training, its history and last state; `interrupted` if Ctrl-C ended it."""

    theta: Array
    history: History
    state: TrainingState
    interrupted: bool = False
    clock: Array = field(default_factory=lambda: np.zeros(5, np.int64))
