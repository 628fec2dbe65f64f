"""A model and its test rows: what the reader of every section gets."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from tidynet.estimators.fitted_model import Predictor, predicts_classes

if TYPE_CHECKING:
    import polars as pl

    from tidynet.evaluation.evaluation_data import EvaluationData
    from tidynet.evaluation.importance import PermutationImportance
    from tidynet.table.table import Table

__all__ = ["EvaluationContext"]


@dataclass(frozen=True, eq=False)
class EvaluationContext:
    """A model, its labeled test rows, and how they were split off; `rows` are numbers in the table as it was read."""

    model: Predictor
    features: pl.DataFrame
    y_true: npt.NDArray[Any]
    target: str
    outputs: npt.NDArray[Any]
    rows: npt.NDArray[Any]
    seed: int = 0
    table: Table | None = None
    training_rows: npt.NDArray[Any] | None = None
    test_rows: npt.NDArray[Any] | None = None
    is_random_split: bool = True
    n_training_rows: int = 0  # 0 if unknown

    @cached_property
    def test_data(self) -> EvaluationData:
        """The rows of classes that the model knows."""
        from tidynet.evaluation.evaluation_data import predict_test_data

        return predict_test_data(self.model, self.features, self.y_true, self.target, self.rows, self.outputs)

    @cached_property
    def importances(self) -> PermutationImportance:
        """The permutation importance of each column on these rows."""
        from tidynet.evaluation.importance import permutation_importance

        return permutation_importance(self.test_data, self.seed)

    @cached_property
    def class_codes(self) -> npt.NDArray[np.int64] | None:
        """The code of each true class, −1 for one that the model does not know; None for numbers."""
        if not predicts_classes(self.model):
            return None
        codes = {label: code for code, label in enumerate(np.asarray(self.model.classes_).tolist())}
        return np.array([codes.get(label, -1) for label in self.y_true.tolist()], dtype=np.int64)

    @property
    def accuracy(self) -> float | None:
        """The fraction of rows predicted correctly; None for numbers."""
        codes = self.class_codes
        return None if codes is None else float((self.outputs.argmax(axis=1) == codes).mean())
