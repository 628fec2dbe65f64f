"""One safe file of arrays and facts: weights as safetensors, all else as JSON in its metadata.

Reading executes nothing: safetensors holds arrays alone, and JSON is data. A SHA-256 over both tells
an altered file.
"""

from __future__ import annotations

import errno
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidynet.core.atomic_write import atomic_write
from tidynet.core.errors import FileReadError

__all__ = ["FORMAT", "SUFFIX", "read_container", "write_container"]

Array = NDArray[Any]

FORMAT = 1
SUFFIX = ".tidynet"


def write_container(path: str | Path, facts: Mapping[str, Any], arrays: Mapping[str, Array]) -> int:
    """Write facts and arrays to `path`, whole or not at all; returns the bytes written."""
    from safetensors import SafetensorError
    from safetensors.numpy import save_file

    text = json.dumps(facts, ensure_ascii=False)  # unsorted: scores and baselines have an order of their own
    whole = {name: np.ascontiguousarray(values) for name, values in arrays.items()}
    metadata = {"tidynet": text, "format": str(FORMAT), "sha256": _digest(text, whole)}
    with atomic_write(path) as temporary:
        try:
            save_file(whole, temporary, metadata=metadata)
        except SafetensorError as error:  # it wraps the system's own error in a text
            full = "no space left" in str(error).casefold()
            raise OSError(errno.ENOSPC if full else errno.EIO, str(error)) from error
    return Path(path).stat().st_size


def read_container(path: Path) -> tuple[dict[str, Any], dict[str, Array]]:
    """Read what `write_container` wrote."""
    metadata, arrays = _read(path)
    if _digest(metadata["tidynet"], arrays) != metadata.get("sha256"):
        raise FileReadError(
            f"the model file '{path}' was altered after it was written",
            "copy it again from where it was made, or train again",
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
            f"'{path}' is no model file, or one cut short ({error})", "expected a file that tidynet train wrote"
        ) from error
    if "tidynet" not in metadata:
        raise FileReadError(f"'{path}' holds arrays, but no tidynet model", "expected a file that tidynet train wrote")
    return metadata, arrays


def _check_version(path: Path, metadata: Mapping[str, str]) -> None:
    if "tidynet" in metadata and int(metadata.get("format", FORMAT)) > FORMAT:
        raise FileReadError(
            f"the model file '{path}' has format {metadata['format']}, this tidynet reads up to {FORMAT}",
            "update tidynet",
        )


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
