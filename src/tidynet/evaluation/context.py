"""A model with its labeled test rows and their split: the input of all sections of an evaluation."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import polars as pl

from tidynet.estimators.fitted_model import Predictor, predicts_classes
from tidynet.evaluation.evaluation_data import EvaluationData, predict_test_data
from tidynet.evaluation.importance import PermutationImportance, permutation_importance
from tidynet.evaluation.labels import label_codes

if TYPE_CHECKING:
    from tidynet.table.table import Table


@dataclass(frozen=True, eq=False)
class EvaluationContext:
    """A model, its labeled test rows, and how they were split off; `rows` are numbers in the table as it was read."""

    model: Predictor
    features: pl.DataFrame
    y_true: npt.NDArray[Any]
    target: str
    outputs: npt.NDArray[Any]
    rows: npt.NDArray[Any]
    is_random_split: bool
    seed: int = 0
    table: Table | None = None
    training_rows: npt.NDArray[Any] | None = None
    test_rows: npt.NDArray[Any] | None = None
    n_training_rows: int = 0  # 0 if unknown

    @cached_property
    def test_data(self) -> EvaluationData:
        """The rows of classes that the model knows."""
        return predict_test_data(self.model, self.features, self.y_true, self.target, self.rows, self.outputs)

    @cached_property
    def importances(self) -> PermutationImportance:
        """The permutation importance of each column on these rows."""
        return permutation_importance(self.test_data, self.seed)

    @cached_property
    def class_codes(self) -> npt.NDArray[np.int64] | None:
        """The code of each true class, −1 for one that the model does not know; None for numbers."""
        return label_codes(self.y_true, self.model.classes_) if predicts_classes(self.model) else None

    @property
    def accuracy(self) -> float | None:
        """The fraction of rows predicted correctly; None for numbers."""
        codes = self.class_codes
        return None if codes is None else float((self.outputs.argmax(axis=1) == codes).mean())
