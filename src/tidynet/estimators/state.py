"""A fitted estimator as facts that JSON can hold and arrays by name, which one safe file takes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tidynet.core.environment import current_environment

if TYPE_CHECKING:
    from tidynet.estimators.uncertainty import UncertaintyMixin

__all__ = ["to_json_value", "to_state"]

Array = NDArray[Any]


def to_state(model: UncertaintyMixin) -> tuple[dict[str, Any], dict[str, Array]]:
    """Facts and arrays of a fitted model; `tidynet.load` makes the model of them again."""
    arrays = {f"member.{number}": theta for number, theta in enumerate(model.members_)}
    arrays |= {f"array.{name}": values for name, values in model.arrays_.items()}
    facts, target_arrays = model._target_facts()
    doubt, doubt_arrays = model._uncertainty_state()
    arrays |= {f"doubt.{name}": values for name, values in doubt_arrays.items()}
    if model._novelty_detector is not None:
        arrays |= {f"familiar.{name}": values for name, values in model._novelty_detector.to_arrays().items()}
    return _shared_facts(model) | facts | {"uncertainty": doubt}, arrays | target_arrays


def _shared_facts(model: UncertaintyMixin) -> dict[str, Any]:
    return {
        "estimator": type(model).__name__,
        "parameters": {name: to_json_value(value) for name, value in model.get_params(deep=False).items()},
        "settings": {name: to_json_value(value) for name, value in vars(model.settings_).items()},
        "network": model.network_.to_dict(),
        "recipe": model.recipe_.to_dict(),
        "histories": [history.to_dict() for history in model.histories_],
        "record": _run_record(model),
        "dtype": str(model.dtype_),
        "members": len(model.members_),
        "columns": model.n_features_in_,
        "named": hasattr(model, "feature_names_in_"),
        "rows": [model.n_training_rows_, model.n_validation_rows_],
        "interrupted": model.interrupted_,
        "constant_loss": to_json_value(getattr(model, "constant_loss_", float("nan"))),
    }


def _run_record(model: UncertaintyMixin) -> dict[str, Any]:
    """The model's facts; of one that was fitted in this process the environment, too, which is then kept."""
    made = model.record_.get("provenance")
    if made is not None and made.get("environment", "unknown") is None:
        here = current_environment()
        made |= {"version": here["packages"]["tidynet"], "environment": here}
    return model.record_


def to_json_value(value: Any) -> Any:
    """A parameter as JSON can hold it; what it cannot (a generator, arrays) as None or "auto".

    Examples
    --------
    >>> to_json_value({"a": np.float32(0.5)}), to_json_value(float("inf")), to_json_value([None])
    ([['a', 0.5]], 'inf', 'auto')
    """
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, float) and not np.isfinite(value):
        return str(value)  # JSON knows no infinity; `load` turns the word back
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return [
            [to_json_value(key), to_json_value(item)] for key, item in value.items()
        ]  # JSON's keys would all be text
    if isinstance(value, (tuple, list)):
        listed = [to_json_value(item) for item in value]
        return "auto" if any(item is None for item in listed) else listed
    return value if isinstance(value, (str, int, float, bool, type(None))) else None
