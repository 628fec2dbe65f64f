"""The predictions of a model at each point of the plane of two columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tidynet.byhand.columns import columns_frame
from tidynet.byhand.feature_plane import FeaturePlane
from tidynet.core.errors import InputError, did_you_mean
from tidynet.core.text import join_names
from tidynet.estimators.fitted_model import (
    ClassPredictor,
    Predictor,
    is_fitted_model,
    predicts_classes,
    predicts_probabilities,
)
from tidynet.plot.theme import BASE, PAPER

Array = NDArray[Any]

MAX_CLASSES: Final = 8  # drawn in one figure


@dataclass(frozen=True)
class GridPredictions:
    """The predictions at each point of a plane: probabilities of classes, or numbers."""

    classes: tuple[Any, ...]  # empty for numbers
    values: Array  # shape (points, points, classes) or (points, points)
    label: str  # of the color bar
    has_probabilities: bool = True

    @property
    def range(self) -> tuple[float, float]:
        """The lowest and the highest value."""
        return (0.0, 1.0) if self.classes else (float(self.values.min()), float(self.values.max()))

    @property
    def color_map(self) -> Any:
        """From white to the base color."""
        from matplotlib.colors import LinearSegmentedColormap

        return LinearSegmentedColormap.from_list("paper to base", [PAPER, "#7fb2d3" if self.classes else BASE])


def predict_on_grid(model: Predictor, plane: FeaturePlane, X: Any, points: int, output: Any = None) -> GridPredictions:
    """The predictions at each point of the plane."""
    rows = columns_frame(X, plane.rows(points))
    if predicts_classes(model):
        return _class_predictions(model, rows, points, output)
    values = np.asarray(model.predict(rows), dtype=np.float64)
    if values.ndim > 1:
        values = values[:, _target_index(output, values.shape[1])]
    return GridPredictions((), values.reshape(points, points), "predicted")


def _class_predictions(model: ClassPredictor, rows: Any, points: int, output: Any) -> GridPredictions:
    classes = tuple(np.asarray(model.classes_).tolist())
    if len(classes) == 1:
        raise InputError(f"the model has one class, {classes[0]!r}, expected two or more")
    if is_fitted_model(model) and model.is_multilabel and output is None:
        raise InputError(f"the model predicts {len(classes)} labels at once", "choose one, as in output=0")
    has_probabilities = predicts_probabilities(model)
    if predicts_probabilities(model):
        values = np.asarray(model.predict_proba(rows), dtype=np.float64)
    else:
        values = (np.asarray(model.predict(rows))[:, None] == np.asarray(classes)[None, :]).astype(np.float64)
    values = values.reshape(points, points, -1)
    if output is not None:
        index = _class_index(output, classes)
        values = np.stack([1 - values[:, :, index], values[:, :, index]], axis=-1)
        classes = (f"not {classes[index]}", classes[index])
    elif len(classes) > MAX_CLASSES:
        raise InputError(
            f"the model has {len(classes)} classes, expected at most {MAX_CLASSES} in one figure",
            f"choose one, as in output={classes[0]!r}",
        )
    label = f"probability of {classes[-1]}" if has_probabilities else "predicted class"
    return GridPredictions(classes, values, label, has_probabilities)


def _target_index(output: Any, targets: int) -> int:
    if output is None and targets > 1:
        raise InputError(f"the model predicts {targets} numbers", "choose one, as in output=0")
    if output is not None and not 0 <= int(output) < targets:
        raise InputError(f"output is {output}, expected a target from 0 to {targets - 1}")
    return int(output or 0)


def _class_index(output: Any, classes: Sequence[Any]) -> int:
    if output not in classes:
        names = [str(name) for name in classes]
        hint = did_you_mean(str(output), names) or f"the classes are {join_names(names)}"
        raise InputError(f"there is no class {output!r}", hint)
    return list(classes).index(output)
