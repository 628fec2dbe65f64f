"""The state of a training in a file, to resume it after an interruption.

One NumPy archive without pickles: θ, the optimizer's state, the clock, and the history as JSON. A crash leaves the
old or the new file complete.
"""

from __future__ import annotations

import json
import zipfile
import zlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidynet.core.atomic_write import atomic_write
from tidynet.core.errors import FileReadError, InputError
from tidynet.engine.history import History
from tidynet.engine.kernels import Data
from tidynet.engine.network import Network
from tidynet.engine.training_config import TrainingConfig

Array = NDArray[Any]


@dataclass(frozen=True)
class Checkpoint:
    """The file of a training's state; it is saved after `epochs` epochs or `seconds` seconds."""

    path: Path
    epochs: int = 10**9
    seconds: float = 30.0


@dataclass(frozen=True)
class CheckpointState:
    """All that the next step depends on; `identity` names network, config and data."""

    arrays: list[Array]
    history: History
    rate_factor: float
    plateau: dict[str, Any]
    identity: str


def training_identity(network: Network, config: TrainingConfig, data: Data, validation: Data, dtype: str) -> str:
    """What a checkpoint must match: network, configuration and checksums of the data."""
    config = replace(config, custom_loss=None, threads=1, time_limit=None)
    parts = [*data.inputs, *data[1:], *validation.inputs, *validation[1:]]
    sums = [zlib.crc32(np.ascontiguousarray(part).data.cast("B")) if part.size else 0 for part in parts]
    return repr((network, config, data.inputs.rows, dtype, sums))


def save_state(path: Path, state: CheckpointState) -> None:
    """Write a state."""
    values = {
        "history": state.history.to_dict(),
        "rate_factor": state.rate_factor,
        "plateau": state.plateau,
        "identity": state.identity,
    }
    text = np.frombuffer(json.dumps(values).encode(), np.uint8)
    with atomic_write(path) as temporary, temporary.open("wb") as file:
        np.savez(file, *state.arrays, values=text)


def load_state(path: Path, identity: str) -> CheckpointState:
    """Read a state; an error if it belongs to another network, config or data."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            values = json.loads(archive["values"].tobytes())
            arrays = [archive[f"arr_{number}"] for number in range(len(archive.files) - 1)]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise FileReadError(f"'{path}' is not a complete checkpoint ({error})", "remove it to start again") from error
    if values["identity"] != identity:
        raise InputError(
            f"the checkpoint '{path}' belongs to another network, configuration or table",
            "remove it, or choose another path",
        )
    history = History.from_dict(values["history"])
    return CheckpointState(arrays, history, values["rate_factor"], values["plateau"], identity)
