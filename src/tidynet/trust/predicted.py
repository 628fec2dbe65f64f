"""What a model says of rows: predictions, and for classes their probabilities."""

from __future__ import annotations

import numpy.typing as npt

__all__ = ["Predicted"]

Predicted = tuple[npt.ArrayLike, npt.ArrayLike | None]
