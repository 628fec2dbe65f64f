"""A fitted model as facts and arrays: its file, its copies, and what a pickle holds."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from tidynet.core.environment import current_environment
from tidynet.core.errors import check_is_path
from tidynet.estimators.encoder import FeatureEncoder, State
from tidynet.estimators.ensemble import Ensemble
from tidynet.estimators.file_format import parameters_from_json, to_json_value, write_model_file
from tidynet.estimators.novelty import NoveltyDetector
from tidynet.estimators.novelty_methods import NoveltyMethods
from tidynet.estimators.training_settings import Settings

Array = NDArray[Any]


class StoredModel(NoveltyMethods):
    """A fitted model that can be written to a file and restored."""

    @abstractmethod
    def _set_task_state(self, facts: Mapping[str, Any], arrays: Mapping[str, Array]) -> None:
        """Restore the target and the uncertainty from the state of a model file."""

    def save(self, path: str | Path) -> int:
        """Write the fitted model to one safe file (`tidynet.load` reads it); returns its size in bytes."""
        check_is_path(path)
        return write_model_file(path, *self.to_state())

    def to_state(self) -> State:
        """The fitted model as facts that JSON can hold, and arrays by name."""
        self._check_fitted()
        provenance = self.record_.get("provenance")
        if provenance is not None and provenance.get("environment", "unknown") is None:
            environment = current_environment()
            provenance |= {"version": environment["packages"]["tidynet"], "environment": environment}
        facts: dict[str, Any] = {
            "estimator": type(self).__name__,
            "parameters": {name: to_json_value(value) for name, value in self.get_params(deep=False).items()},
            "settings": {name: to_json_value(value) for name, value in vars(self.settings_).items()},
            "encoder": self._encoder.to_state(),
            "record": self.record_,
        }
        facts["ensemble"], arrays = self._ensemble.to_state()
        facts["target"], target_arrays = self._target.to_state()
        facts["uncertainty"], uncertainty_arrays = self._uncertainty.to_state()
        arrays |= target_arrays | {f"uncertainty.{name}": values for name, values in uncertainty_arrays.items()}
        if self._novelty is not None:
            arrays |= {f"novelty.{name}": values for name, values in self._novelty.to_arrays().items()}
        return facts, arrays | {f"array.{name}": values for name, values in self.arrays_.items()}

    @classmethod
    def from_state(cls, facts: Mapping[str, Any], arrays: Mapping[str, Array]) -> Self:
        """The fitted model that `to_state` described."""
        model = cls(**parameters_from_json(facts["parameters"]))
        model.settings_ = Settings(**parameters_from_json(facts["settings"]))
        model._encoder = encoder = FeatureEncoder.from_state(facts["encoder"])
        model._ensemble = Ensemble.from_state(facts["ensemble"], arrays)
        model.n_features_in_ = encoder.width
        if encoder.is_named:
            model.feature_names_in_ = np.array(encoder.recipe.columns, dtype=object)
        novelty = select_arrays(arrays, "novelty.")
        model._novelty = NoveltyDetector.from_arrays(novelty) if novelty else None
        model.record_, model.arrays_ = facts["record"], select_arrays(arrays, "array.")
        model._set_task_state(facts, arrays)
        return model

    def __getstate__(self) -> dict[str, Any]:
        whole: Any = super().__getstate__()
        state: dict[str, Any] = dict(whole)
        state.pop("_training_data", None)  # a model that is passed on must not contain the training rows
        return state


def select_arrays(arrays: Mapping[str, Array], prefix: str) -> dict[str, Array]:
    """The arrays whose names begin with a prefix, without it."""
    return {name.removeprefix(prefix): values for name, values in arrays.items() if name.startswith(prefix)}
