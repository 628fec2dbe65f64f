"""One safe file of arrays and facts: arrays as safetensors, facts as JSON in its metadata.

Reading executes nothing: safetensors holds arrays alone, and JSON is data. A SHA-256 over both detects an altered file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidynet.core.atomic_write import atomic_write
from tidynet.core.errors import FileReadError

Array = NDArray[Any]

FORMAT = 3  # 1: tidynet 0.1; 2: states of 0.2.0 before column formats
SUFFIX = ".tidynet"


def write_model_file(path: str | Path, facts: Mapping[str, Any], arrays: Mapping[str, Array]) -> int:
    """Write facts and arrays to `path`, whole or not at all; returns the bytes written."""
    from safetensors.numpy import save

    text = json.dumps(facts, ensure_ascii=False)  # unsorted: the order of scores and baselines is kept
    whole = {name: np.ascontiguousarray(values) for name, values in arrays.items()}
    metadata = {"tidynet": text, "format": str(FORMAT), "sha256": _digest(text, whole)}
    with atomic_write(path) as temporary:
        # not save_file: its errors lose the number of the system's error, such as a full disk
        Path(temporary).write_bytes(save(whole, metadata=metadata))
    return Path(path).stat().st_size


def read_model_file(path: Path) -> tuple[dict[str, Any], dict[str, Array]]:
    """The facts and arrays of a file that `write_model_file` wrote."""
    metadata, arrays = _read(path)
    if _digest(metadata["tidynet"], arrays) != metadata.get("sha256"):
        raise FileReadError(
            f"the model file '{path}' was changed after it was written", "copy it again, or train again"
        )
    return json.loads(metadata["tidynet"]), arrays


def _read(path: Path) -> tuple[dict[str, str], dict[str, Array]]:
    from safetensors import SafetensorError, safe_open

    if not path.exists():
        raise FileReadError(f"there is no model file '{path}'", _suggest_file(path))
    if path.is_dir():
        raise FileReadError(f"'{path}' is a folder, expected a model file", _suggest_file(path / f"model{SUFFIX}"))
    try:
        with safe_open(path, framework="numpy") as opened:
            metadata = opened.metadata() or {}
            _check_version(path, metadata)
            arrays = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118  (no mapping)
    except FileReadError:
        raise
    except (SafetensorError, OSError, ValueError) as error:
        raise FileReadError(
            f"'{path}' is not a complete model file ({error})", "expected a file that tidynet train wrote"
        ) from error
    if "tidynet" not in metadata:
        raise FileReadError(
            f"'{path}' contains arrays, but no tidynet model", "expected a file that tidynet train wrote"
        )
    return metadata, arrays


def _check_version(path: Path, metadata: Mapping[str, str]) -> None:
    version = int(metadata.get("format", FORMAT))
    if "tidynet" in metadata and version != FORMAT:
        hint = "train the model again" if version < FORMAT else "update tidynet"
        raise FileReadError(f"the model file '{path}' has format {version}, expected {FORMAT}", hint)


def _suggest_file(path: Path) -> str:
    folder = path.parent if path.parent.is_dir() else Path()
    result = sorted(folder.glob(f"*{SUFFIX}")) or sorted(folder.glob(f"*/*{SUFFIX}"))
    return f"there is '{result[0]}'" if result else "train one with tidynet train"


def _digest(facts: str, arrays: Mapping[str, Array]) -> str:
    digest = hashlib.sha256(facts.encode())
    for name in sorted(arrays):
        values = arrays[name]
        digest.update(f"{name} {values.dtype} {values.shape}".encode())
        digest.update(np.ascontiguousarray(values).tobytes())
    return digest.hexdigest()


# Parameters as JSON ------------------------------------------------------------------------------


def to_json_value(value: Any) -> Any:
    """A parameter as JSON can hold it; what it cannot (a generator, arrays) as None or "auto"."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, float) and not np.isfinite(value):
        return str(value)  # JSON has no infinity
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return [[to_json_value(key), to_json_value(item)] for key, item in value.items()]  # JSON's keys are text
    if isinstance(value, (tuple, list)):
        items = [to_json_value(item) for item in value]
        return "auto" if any(item is None for item in items) else items
    return value if isinstance(value, (str, int, float, bool, type(None))) else None


def parameters_from_json(values: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters that `to_json_value` wrote."""
    parameters = {name: _from_json_value(value) for name, value in values.items()}
    weights = parameters.get("class_weight")
    if isinstance(weights, tuple):
        is_multilabel = bool(weights) and bool(weights[0]) and isinstance(weights[0][0], tuple)
        parameters["class_weight"] = [dict(pairs) for pairs in weights] if is_multilabel else dict(weights)
    return parameters


def _from_json_value(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_from_json_value(item) for item in value)
    return float(value) if value in ("inf", "-inf", "nan") else value
