"""Penalties on large weights; biases are never penalised.

    L1   α₁·Σ|w|      sparse weights
    L2   ½·α₂·Σw²     small weights

Both are added to the sum of the records' losses before it is divided by the sum of the record
weights, as scikit-learn does. Decoupled weight decay shrinks w by the factor 1 − η·decay at each
step instead (Loshchilov and Hutter, ICLR 2019); max-norm scales a unit's incoming weights back to
a given length whenever they exceed it (Srebro and Shraibman, 2005).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Penalties"]

Array = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Penalties:
    """How strongly large weights are punished; 0 is not at all.

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
        """W with each unit's incoming weights scaled back to `max_norm` where they are longer."""
        if self.max_norm <= 0:
            return W
        lengths = np.linalg.norm(W, axis=0)
        return W * np.minimum(1.0, self.max_norm / np.maximum(lengths, np.finfo(float).tiny))
