"""What training was like, epoch by epoch, as plain data."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import Any

__all__ = ["EpochRecord", "History"]


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
    kept : bool
        Whether the weights after this epoch were the best so far.
    gradient_norms, update_ratios : tuple of float
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
    kept: bool
    validation_score: float | None = None
    gradient_norms: tuple[float, ...] = ()
    update_ratios: tuple[float, ...] = ()
    dead_units: tuple[float, ...] = ()

    @classmethod
    def from_dict(cls, given: dict[str, Any]) -> EpochRecord:
        """The record that `dataclasses.asdict` took apart, JSON's lists made tuples again."""
        values: dict[str, Any] = {
            name: tuple(_number(one) for one in value) if isinstance(value, list) else _number(value)
            for name, value in given.items()
        }
        return cls(**values)


@dataclass
class History:
    """All epochs of a training, which one was kept, and why it ended.

    Examples
    --------
    >>> History().best_epoch, len(History())
    (0, 0)
    """

    epochs: list[EpochRecord] = field(default_factory=list)
    stopped_because: str = ""
    notes: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.epochs)

    @property
    def best_epoch(self) -> int:
        """The epoch whose weights were kept; 0 before any."""
        kept = [record.epoch for record in self.epochs if record.kept]
        return kept[-1] if kept else 0

    def to_dict(self) -> dict[str, Any]:
        """The history as JSON-ready values."""
        return {
            "epochs": [_finite(asdict(record)) for record in self.epochs],
            "best_epoch": self.best_epoch,
            "stopped_because": self.stopped_because,
            "notes": list(self.notes),
        }

    @classmethod
    def from_dict(cls, given: dict[str, Any]) -> History:
        """The history that `to_dict` described.

        Examples
        --------
        >>> History.from_dict(History(stopped_because="done").to_dict()).stopped_because
        'done'
        """
        return cls(
            [EpochRecord.from_dict(record) for record in given["epochs"]],
            given["stopped_because"],
            list(given["notes"]),
        )


def _finite(value: Any) -> Any:
    """JSON knows no NaN and no infinity: they become words."""
    if isinstance(value, dict):
        return {name: _finite(one) for name, one in value.items()}
    if isinstance(value, tuple):
        return [_finite(one) for one in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _number(value: Any) -> Any:
    """The word turned back."""
    return float(value) if isinstance(value, str) else value
