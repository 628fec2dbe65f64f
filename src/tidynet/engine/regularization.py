"""Penalties on large weights; biases are never penalized.

    L1   α₁·Σ|w|      sparse weights
    L2   ½·α₂·Σw²     small weights

Both are added to the sum of the losses of the rows before its division by the sum of the row weights, as in
scikit-learn. Decoupled weight decay multiplies w by 1 − η·decay in each step (Loshchilov and Hutter, ICLR 2019).
Max-norm bounds the norm of the incoming weights of a unit (Srebro and Shraibman, 2005).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Penalties:
    """Strengths of the penalties; 0 for none.

    Examples
    --------
    >>> Penalties(l2=2.0).value([np.array([[3.0]])])
    9.0
    >>> Penalties(l1=2.0).gradient(np.array([[-3.0]]))
    array([[-2.]])
    """

    l1: float = 0.0
    l2: float = 0.0
    decay: float = 0.0
    max_norm: float = 0.0

    def value(self, weights: Sequence[Array]) -> float:
        """α₁·Σ|w| + ½·α₂·Σw² over all weight matrices."""
        return float(sum(self.l1 * np.abs(W).sum() + 0.5 * self.l2 * (W * W).sum() for W in weights))

    def gradient(self, W: Array) -> Array:
        """Its derivative at W, the same shape."""
        return self.l1 * np.sign(W) + self.l2 * W

    def clip_norms(self, W: Array) -> Array:
        """W with the incoming weights of each unit scaled to the norm `max_norm` where it is larger."""
        if self.max_norm <= 0:
            return W
        lengths = np.linalg.norm(W, axis=0)
        return W * np.minimum(1.0, self.max_norm / np.maximum(lengths, np.finfo(float).tiny))
