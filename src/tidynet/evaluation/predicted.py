"""What a model says of rows: predictions, and for classes their probabilities."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["Predicted", "Quantiles"]

Predicted = tuple[npt.ArrayLike, npt.ArrayLike | None]
# Levels, and the predicted quantile of each row for each of them, (n, levels).
Quantiles = tuple[tuple[float, ...], npt.NDArray[np.float64]]
