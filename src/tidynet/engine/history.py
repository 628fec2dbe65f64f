"""What training was like, epoch by epoch, as plain data."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import repeat
from typing import Any, NamedTuple

from numpy.typing import NDArray

__all__ = ["EpochRecord", "Epochs", "History"]

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class EpochRecord:
    """One epoch of training.

    Attributes
    ----------
    epoch : int
        Counted from 1.
    training_loss : float
        Mean loss over the records as they were met, dropout included, penalties not.
    validation_loss, validation_score : float or None
        Mean loss of the validation rows after the epoch, and their accuracy or R²; None without
        such rows.
    learning_rate : float
        Of the epoch's last step.
    gradient_norm : float
        Length of the error's gradient at the epoch's last step.
    rows_per_second : float
        Records trained on per second of this epoch.
    seconds, seconds_left : float
        Since training began; until it ends at the latest, at this pace.
    is_best : bool
        Whether the weights after this epoch were the best so far.
    gradient_norms, update_to_weight_ratios : tuple of float
        Per layer, at the last step: length of the gradient; length of the step over that of W.
    dead_units : tuple of float
        Per hidden layer: share of units whose |f′(h)| was under 0.001 for the first 128 records of the last batch.
    """

    epoch: int
    training_loss: float
    validation_loss: float | None
    learning_rate: float
    gradient_norm: float
    rows_per_second: float
    seconds: float
    seconds_left: float
    is_best: bool
    validation_score: float | None = None
    gradient_norms: tuple[float, ...] = ()
    update_to_weight_ratios: tuple[float, ...] = ()
    dead_units: tuple[float, ...] = ()

    @classmethod
    def from_dict(cls, user_value: dict[str, Any]) -> EpochRecord:
        """The record that `dataclasses.asdict` took apart, JSON's lists made tuples again."""
        values: dict[str, Any] = {
            name: tuple(_number(item) for item in value) if isinstance(value, list) else _number(value)
            for name, value in user_value.items()
        }
        return cls(**values)


class Epochs(NamedTuple):
    """Epochs that ended together: the fields of `EpochRecord` in columns, in its order."""

    epoch: Array
    training_loss: Array
    validation_loss: Array | None
    learning_rate: Array
    gradient_norm: Array
    rows_per_second: Array
    seconds: Array
    seconds_left: Array
    is_best: Array
    validation_score: Array | None
    gradient_norms: Array  # (epochs, layers)
    update_to_weight_ratios: Array  # (epochs, layers)
    dead_units: Array  # (epochs, layers − 1)

    def records(self) -> list[EpochRecord]:
        """One record for each epoch."""
        return [EpochRecord(*values) for values in zip(*map(_values, self), strict=False)]


class History:
    """All epochs of a training, which one was kept, and why it ended.

    Parameters
    ----------
    epochs : sequence of EpochRecord
    stopped_because : str
    notes : sequence of str

    Examples
    --------
    >>> History().best_epoch, len(History())
    (0, 0)
    """

    def __init__(
        self, epochs: Sequence[EpochRecord] = (), stopped_because: str = "", notes: Sequence[str] = ()
    ) -> None:
        self._records = list(epochs)
        # Not yet made into records: an object for each epoch would cost more than a small epoch's training.
        self._columns: list[Epochs] = []
        self.stopped_because = stopped_because
        self.notes = list(notes)

    def __len__(self) -> int:
        return len(self._records) + sum(len(columns.epoch) for columns in self._columns)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, History) and self.to_dict() == other.to_dict()

    __hash__ = None  # type: ignore[assignment]  # it grows

    def __repr__(self) -> str:
        return f"History(epochs={self.epochs}, stopped_because={self.stopped_because!r}, notes={self.notes})"

    @property
    def epochs(self) -> list[EpochRecord]:
        """The records of all epochs; the list is the history's own."""
        columns, self._columns = self._columns, []
        for ended in columns:
            self._records.extend(ended.records())
        return self._records

    def add(self, ended: Epochs) -> None:
        """Append epochs by columns."""
        self._columns.append(ended)

    @property
    def best_epoch(self) -> int:
        """The epoch whose weights were kept; 0 before any."""
        for columns in reversed(self._columns):
            if columns.is_best.any():
                return int(columns.epoch[columns.is_best][-1])
        return next((record.epoch for record in reversed(self._records) if record.is_best), 0)

    def to_dict(self) -> dict[str, Any]:
        """The history as JSON-ready values."""
        return {
            "epochs": [_finite(asdict(record)) for record in self.epochs],
            "best_epoch": self.best_epoch,
            "stopped_because": self.stopped_because,
            "notes": list(self.notes),
        }

    @classmethod
    def from_dict(cls, user_value: dict[str, Any]) -> History:
        """The history that `to_dict` described.

        Examples
        --------
        >>> History.from_dict(History(stopped_because="done").to_dict()).stopped_because
        'done'
        """
        return cls(
            [EpochRecord.from_dict(record) for record in user_value["epochs"]],
            user_value["stopped_because"],
            list(user_value["notes"]),
        )


def _values(column: Array | None) -> Iterable[Any]:
    """What a column gives each record: a number, a tuple of a row, or None."""
    if column is None:
        return repeat(None)
    return column.tolist() if column.ndim == 1 else map(tuple, column.tolist())


def _finite(value: Any) -> Any:
    """JSON knows no NaN and no infinity: they become words."""
    if isinstance(value, dict):
        return {name: _finite(item) for name, item in value.items()}
    if isinstance(value, tuple):
        return [_finite(item) for item in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _number(value: Any) -> Any:
    """The word turned back."""
    return float(value) if isinstance(value, str) else value
