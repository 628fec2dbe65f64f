"""The result of a training: its epochs as plain data, why it ended, and the weights."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from itertools import repeat
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tidynet.core.display import Displayed, display_text, lines_html
from tidynet.core.text import format_number, pluralize
from tidynet.engine.kernels import epoch
from tidynet.engine.stop_reason import Divergence, StopReason, TrainingStop, describe_divergence, describe_stop

if TYPE_CHECKING:
    from tidynet.engine.kernels import TrainingState

Array = NDArray[Any]


@dataclass(frozen=True, slots=True, repr=False)
class EpochRecord(Displayed):
    """One epoch of training; values per layer are of its last step.

    Attributes
    ----------
    epoch : int
        Counted from 1.
    training_loss : float
        Mean loss during the epoch, with dropout, without penalties.
    validation_loss, validation_score : float or None
        Mean loss of the validation rows after the epoch, and their accuracy or R²; None without such rows.
    learning_rate, gradient_norm : float
        Of the last step.
    rows_per_second : float
    seconds, seconds_left : float
        Since training began; at most until it ends, at this pace.
    is_best : bool
        Whether the weights after this epoch were the best so far.
    gradient_norms, update_to_weight_ratios : tuple of float
        Per layer: norm of the gradient; ‖ΔW‖/‖W‖.
    dead_units : tuple of float
        Per hidden layer: fraction of units with |f′(h)| < 0.001 for the first 128 rows of the batch.
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

    def display_lines(self) -> list[str]:
        """The epoch and its losses."""
        losses = {"training loss": self.training_loss, "validation loss": self.validation_loss}
        losses |= {"validation score": self.validation_score}
        facts = [f"{name} {format_number(value)}" for name, value in losses.items() if value is not None]
        return [f"epoch {self.epoch}: {', '.join(facts)}"]

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> EpochRecord:
        """The record of JSON-ready values."""
        fields: dict[str, Any] = {
            name: tuple(_number(item) for item in value) if isinstance(value, list) else _number(value)
            for name, value in values.items()
        }
        return cls(**fields)


class Epochs(NamedTuple):
    """Epochs of one compiled call: the fields of `EpochRecord` as columns, in its order."""

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
    """All epochs of a training, which one was kept, and why training ended.

    Parameters
    ----------
    epochs : sequence of EpochRecord
    stop : TrainingStop, optional
        Why training ended; None while it runs.
    divergences : sequence of Divergence

    Examples
    --------
    >>> History().best_epoch, len(History())
    (0, 0)
    """

    def __init__(
        self,
        epochs: Sequence[EpochRecord] = (),
        stop: TrainingStop | None = None,
        divergences: Sequence[Divergence] = (),
    ) -> None:
        self._records = list(epochs)
        # Columns are not yet records: an object for each epoch would cost more than training a small epoch.
        self._columns: list[Epochs] = []
        self.stop = stop
        self.divergences = list(divergences)

    def __len__(self) -> int:
        return len(self._records) + sum(len(columns.epoch) for columns in self._columns)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, History) and self.to_dict() == other.to_dict()

    __hash__ = None  # type: ignore[assignment]  # it grows

    def __repr__(self) -> str:
        return display_text(self.display_lines())

    def display_lines(self) -> list[str]:
        """The number of epochs, why training ended, and the losses of the first, the best and the last epoch."""
        epochs, best = self.epochs, self.best_epoch
        end = f": {self.stop_text}" if self.stop_text else ""
        marks = {"first": epochs[:1], "last": epochs[-1:], "best": [item for item in epochs if item.epoch == best]}
        shown = [f"{name} {item.display_lines()[0]}" for name, items in marks.items() for item in items]
        return [f"History of {pluralize(len(epochs), 'epoch')}{end}", *shown, *self.notes]

    def _repr_html_(self) -> str:
        return lines_html(self.display_lines())

    @property
    def stop_reason(self) -> StopReason | None:
        """The code of why training ended; None while it runs."""
        return None if self.stop is None else self.stop.reason

    @property
    def stop_text(self) -> str:
        """Why training ended, as a clause."""
        if self.stop_reason is StopReason.DIVERGED and self.divergences:
            return describe_divergence(self.divergences[-1])
        return "" if self.stop is None else describe_stop(self.stop)

    @property
    def notes(self) -> list[str]:
        """One sentence for each divergence from which training restarted."""
        return [describe_divergence(event) for event in self.divergences if event.restarted_from]

    @property
    def epochs(self) -> list[EpochRecord]:
        """The records of all epochs; changes to the list change the history."""
        columns, self._columns = self._columns, []
        for part in columns:
            self._records.extend(part.records())
        return self._records

    def add(self, columns: Epochs) -> None:
        """Append epochs as columns."""
        self._columns.append(columns)

    @property
    def best_epoch(self) -> int:
        """The epoch whose weights were kept; 0 before any."""
        for columns in reversed(self._columns):
            if columns.is_best.any():
                return int(columns.epoch[columns.is_best][-1])
        return next((record.epoch for record in reversed(self._records) if record.is_best), 0)

    @property
    def seconds(self) -> float:
        """Seconds from the start of training to the end of the last epoch."""
        if self._columns:
            return float(self._columns[-1].seconds[-1])
        return self._records[-1].seconds if self._records else 0.0

    def to_dict(self) -> dict[str, Any]:
        """The history as JSON-ready values."""
        return {
            "epochs": [_finite(asdict(record)) for record in self.epochs],
            "best_epoch": self.best_epoch,
            "stop": None if self.stop is None else _finite(asdict(self.stop)),
            "divergences": [_finite(asdict(event)) for event in self.divergences],
        }

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> History:
        """The history that `to_dict` described.

        Examples
        --------
        >>> stop = TrainingStop(StopReason.MAX_EPOCHS, 3, limit=3)
        >>> History.from_dict(History(stop=stop).to_dict()).stop_text
        'all 3 epochs completed'
        """
        stop = values["stop"]
        return cls(
            [EpochRecord.from_dict(record) for record in values["epochs"]],
            None if stop is None else _stop_from_dict(stop),
            [Divergence(**{**event, **_floats(event, "loss", "limit")}) for event in values["divergences"]],
        )


@dataclass(frozen=True, eq=False)
class TrainingResult:
    """The weights of a training, its history and last state; `interrupted` if Ctrl-C ended it."""

    theta: Array
    history: History
    state: TrainingState
    interrupted: bool = False
    clock: Array = field(default_factory=lambda: np.zeros(5, np.int64))


def _stop_from_dict(values: dict[str, Any]) -> TrainingStop:
    return TrainingStop(**{**values, "reason": StopReason(values["reason"]), **_floats(values, "seconds", "limit")})


def _floats(values: dict[str, Any], *names: str) -> dict[str, float]:
    return {name: float(values[name]) for name in names}


def _values(column: Array | None) -> Iterable[Any]:
    """The value of a column for each record: a number, a tuple, or None."""
    if column is None:
        return repeat(None)
    return column.tolist() if column.ndim == 1 else map(tuple, column.tolist())


def _finite(value: Any) -> Any:
    """Values for JSON, which has no NaN and no infinity: they become text."""
    if isinstance(value, dict):
        return {name: _finite(item) for name, item in value.items()}
    if isinstance(value, tuple):
        return [_finite(item) for item in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _number(value: Any) -> Any:
    """A number from the text of `_finite`."""
    return float(value) if isinstance(value, str) else value


def make_epochs(
    records: Array, n_earlier: int, validated: bool, rows_per_second: float, seconds: Array, seconds_left: Array
) -> Epochs:
    """Columns of the epochs after `n_earlier` from their records, one row each."""
    layers = (records.shape[1] - epoch.LAYERS) // 3
    norms, ratios, dead = np.split(records[:, epoch.LAYERS :], (layers, 2 * layers), axis=1)
    return Epochs(
        epoch=n_earlier + np.arange(1, len(records) + 1),
        training_loss=records[:, epoch.TRAINING_LOSS],
        validation_loss=records[:, epoch.VALIDATION_LOSS] if validated else None,
        learning_rate=records[:, epoch.RATE],
        gradient_norm=np.sqrt((norms**2).sum(axis=1)),
        rows_per_second=np.full(len(records), rows_per_second),
        seconds=seconds,
        seconds_left=seconds_left,
        is_best=records[:, epoch.KEPT] > 0,
        validation_score=records[:, epoch.VALIDATION_SCORE] if validated else None,
        gradient_norms=norms,
        update_to_weight_ratios=ratios,
        dead_units=dead[:, :-1],
    )
