"""One safe model file: weights as safetensors, all else as JSON in its metadata.

Loading executes nothing: safetensors holds arrays alone, and JSON is data. A SHA-256 over both
tells an altered file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tidynet.errors import FileFault
from tidynet.model.atomic import replacing

if TYPE_CHECKING:
    from tidynet.model.estimator import NetworkEstimator

__all__ = ["FORMAT", "load", "save"]

Array = NDArray[Any]

FORMAT = 1
SUFFIX = ".tidynet"


def save(model: NetworkEstimator, path: str | Path) -> int:
    """Write a fitted model to `path`, whole or not at all; returns the bytes written.

    Raises
    ------
    FileFault
        If the file cannot be written.
    """
    from safetensors.numpy import save_file

    arrays = {f"member.{number}": theta for number, theta in enumerate(model.members_)}
    arrays |= {f"array.{name}": np.ascontiguousarray(values) for name, values in model.arrays_.items()}
    arrays |= {f"target.{name}": values for name, values in _target_arrays(model).items()}
    facts = json.dumps(_facts(model), ensure_ascii=False, sort_keys=True)
    metadata = {"tidynet": facts, "format": str(FORMAT), "sha256": _digest(facts, arrays)}
    with replacing(path) as temporary:
        save_file(arrays, temporary, metadata=metadata)
    return Path(path).stat().st_size


def load(path: str | Path) -> NetworkEstimator:
    """Read a model that `save` wrote; its predictions equal the saved model's bit for bit.

    Parameters
    ----------
    path : str or Path
        The model file.

    Returns
    -------
    MLPClassifier or MLPRegressor

    Raises
    ------
    FileFault
        If the file is missing, no model, damaged, or from a newer tidynet.
    """
    metadata, arrays = _read(Path(path))
    facts_text = metadata["tidynet"]
    if _digest(facts_text, arrays) != metadata.get("sha256"):
        raise FileFault(
            f"the model file '{path}' was altered after it was written",
            "copy it again from where it was made, or train again",
        )
    return _rebuilt(json.loads(facts_text), arrays)


def _read(path: Path) -> tuple[dict[str, str], dict[str, Array]]:
    from safetensors import SafetensorError, safe_open

    if not path.exists():
        raise FileFault(f"there is no model file '{path}'", _nearby(path))
    if path.is_dir():
        raise FileFault(f"'{path}' is a folder, expected a model file", _nearby(path / "model.tidynet"))
    try:
        with safe_open(path, framework="numpy") as opened:
            metadata = opened.metadata() or {}
            if metadata and "tidynet" in metadata and int(metadata.get("format", FORMAT)) > FORMAT:
                raise FileFault(
                    f"the model file '{path}' has format {metadata['format']}, this tidynet reads up to {FORMAT}",
                    "update tidynet",
                )
            arrays = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118  (no mapping)
    except (SafetensorError, OSError, ValueError) as error:
        if isinstance(error, FileFault):
            raise
        raise FileFault(
            f"'{path}' is no model file, or one cut short ({error})",
            "expected a file that tidynet train wrote",
        ) from error
    if "tidynet" not in metadata:
        raise FileFault(f"'{path}' holds arrays, but no tidynet model", "expected a file that tidynet train wrote")
    return metadata, arrays


def _nearby(path: Path) -> str:
    folder = path.parent if path.parent.is_dir() else Path()
    found = sorted(str(one) for one in folder.glob(f"*{SUFFIX}")) or sorted(
        str(one) for one in folder.glob(f"*/*{SUFFIX}")
    )
    return f"there is '{found[0]}'" if found else "train one with tidynet train"


def _digest(facts: str, arrays: Mapping[str, Array]) -> str:
    digest = hashlib.sha256(facts.encode())
    for name in sorted(arrays):
        values = arrays[name]
        digest.update(f"{name} {values.dtype} {values.shape}".encode())
        digest.update(np.ascontiguousarray(values).tobytes())
    return digest.hexdigest()


def _target_arrays(model: NetworkEstimator) -> dict[str, Array]:
    if hasattr(model, "classes_"):
        return {}
    return {"mean": model._coder.mean, "deviation": model._coder.deviation}


def _facts(model: NetworkEstimator) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "estimator": type(model).__name__,
        "parameters": {name: _plain(value) for name, value in model.get_params(deep=False).items()},
        "network": model.network_.to_dict(),
        "recipe": model.recipe_.to_dict(),
        "histories": [history.to_dict() for history in model.histories_],
        "record": model.record_,
        "dtype": str(model.dtype_),
        "members": len(model.members_),
        "columns": model.n_features_in_,
        "named": hasattr(model, "feature_names_in_"),
        "rows": [model.n_training_rows_, model.n_validation_rows_],
        "settings": {name: _plain(value) for name, value in vars(model.settings_).items()},
        "interrupted": model.interrupted_,
    }
    if hasattr(model, "classes_"):
        facts["classes"] = {"dtype": model.classes_.dtype.str, "labels": model.classes_.tolist()}
    else:
        facts["column_target"] = model._column_target
    return facts


def _plain(value: Any) -> Any:
    """A parameter as JSON can hold it; what it cannot (a random generator) as None."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, (tuple, list)):
        return [_plain(one) for one in value]
    return value if isinstance(value, (str, int, float, bool, type(None))) else None


def _rebuilt(facts: dict[str, Any], arrays: dict[str, Array]) -> NetworkEstimator:
    from tidynet.model.classifier import MLPClassifier
    from tidynet.model.defaults import Settings
    from tidynet.model.regressor import MLPRegressor
    from tidynet.net import History, Network
    from tidynet.prepare import ClassCoder, NumberCoder, Recipe

    parameters = {
        name: tuple(value) if isinstance(value, list) else value for name, value in facts["parameters"].items()
    }
    model: NetworkEstimator = (MLPClassifier if "classes" in facts else MLPRegressor)(**parameters)
    if "classes" in facts:
        model._coder = ClassCoder(np.array(facts["classes"]["labels"], dtype=facts["classes"]["dtype"]))
        model.classes_ = model._coder.classes
    else:
        model._coder = NumberCoder(arrays["target.mean"], arrays["target.deviation"])
        model.n_outputs_, model._column_target = model._coder.mean.size, facts["column_target"]
    model.network_, model.recipe_ = Network.from_dict(facts["network"]), Recipe.from_dict(facts["recipe"])
    model.histories_ = [History.from_dict(one) for one in facts["histories"]]
    model.members_ = [arrays[f"member.{number}"] for number in range(facts["members"])]
    model.arrays_ = {
        name.removeprefix("array."): values for name, values in arrays.items() if name.startswith("array.")
    }
    model.record_, model.dtype_ = facts["record"], np.dtype(facts["dtype"])
    model.n_features_in_, model.interrupted_ = facts["columns"], facts["interrupted"]
    if facts["named"]:
        model.feature_names_in_ = np.array(model.recipe_.columns, dtype=object)
    model.n_training_rows_, model.n_validation_rows_ = facts["rows"]
    settings = {name: tuple(value) if isinstance(value, list) else value for name, value in facts["settings"].items()}
    model.settings_ = Settings(**settings)
    model.n_iter_ = max(len(history) for history in model.histories_)
    return model
