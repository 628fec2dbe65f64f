"""The state of a training on disk, so that it can be taken up where it was cut off.

One NumPy archive without pickles: θ, the optimizer's state, the clock, and the history as JSON. It is
written beside the old one and moved into place, so that a crash leaves one of the two whole.
"""

from __future__ import annotations

import json
import os
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidynet.core.errors import FileReadError, InputError, folder_not_found_error
from tidynet.engine.history import History

__all__ = ["Checkpoint", "CheckpointState", "load_state", "save_state"]

Array = NDArray[Any]


@dataclass(frozen=True)
class Checkpoint:
    """Where and how often to save.

    Attributes
    ----------
    path : Path
        The file.
    epochs : int
        Save after so many epochs.
    seconds : float
        Save after so many seconds, in the middle of an epoch too.
    """

    path: Path
    epochs: int = 10**9
    seconds: float = 30.0


@dataclass(frozen=True)
class CheckpointState:
    """Everything that the next step depends on; `identity` names network, config and data."""

    arrays: list[Array]
    history: History
    rate_factor: float
    plateau: dict[str, Any]
    identity: str


def save_state(path: Path, state: CheckpointState) -> None:
    """Write a state, whole or not at all."""
    facts = {
        "history": state.history.to_dict(),
        "rate_factor": state.rate_factor,
        "plateau": state.plateau,
        "identity": state.identity,
    }
    text = np.frombuffer(json.dumps(facts).encode(), np.uint8)
    temporary = path.with_name(f".{path.name}.part")
    try:
        with temporary.open("wb") as file:
            np.savez(file, *state.arrays, facts=text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        if not path.parent.is_dir():
            raise folder_not_found_error(path) from error
        reason = (error.strerror or str(error)).lower()
        raise FileReadError(f"the checkpoint '{path}' cannot be written ({reason})", "choose another place") from error


def load_state(path: Path, identity: str) -> CheckpointState:
    """Read a state that belongs to the same network, config and data."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            facts = json.loads(archive["facts"].tobytes())
            arrays = [archive[f"arr_{number}"] for number in range(len(archive.files) - 1)]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise FileReadError(f"'{path}' is no whole checkpoint ({error})", "remove it to begin anew") from error
    if facts["identity"] != identity:
        raise InputError(
            f"the checkpoint '{path}' is of another network, config or table", "remove it, or choose another path"
        )
    history = History.from_dict(facts["history"])
    return CheckpointState(arrays, history, facts["rate_factor"], facts["plateau"], identity)
