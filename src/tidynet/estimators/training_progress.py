"""How far training is: the networks that are trained side by side, heard epoch by epoch, in words."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidynet.core.text import format_duration, format_large_number, pluralize

if TYPE_CHECKING:
    from tidynet.engine.history import EpochRecord, History

__all__ = ["EpochEnded", "TrainingProgress", "name_of", "training_summary"]

# Plain lines for each network, roughly: few enough to read when several are trained.
PLAIN_LINES_ALONE, PLAIN_LINES_AMONG_OTHERS = 10, 5
MOST_EPOCHS_NAMED = 8


@dataclass(frozen=True)
class EpochEnded:
    """One epoch of one restart is done."""

    record: EpochRecord
    max_epochs: int
    network_index: int = 0
    n_networks: int = 1


class TrainingProgress:
    """The latest and the best epoch of each network, heard event by event."""

    def __init__(self, now: float, first: EpochEnded) -> None:
        self._started = now - first.record.seconds
        self._latest: dict[int, EpochEnded] = {}
        self._best: dict[int, EpochRecord] = {}
        self._unheard: dict[int, int] = {}  # epochs of others since the last of each network
        self._last = first
        self._lock = threading.Lock()  # networks speak from their own threads, and who draws asks from another

    def on_event(self, event: EpochEnded) -> None:
        """Take note of one epoch."""
        with self._lock:
            self._last = self._latest[event.network_index] = event
            for network_index in self._unheard:
                self._unheard[network_index] += 1
            self._unheard[event.network_index] = 0
            if event.record.is_best:
                self._best[event.network_index] = event.record

    def elapsed(self, now: float) -> float:
        """Seconds since training began."""
        return now - self._started

    def is_display_epoch(self, event: EpochEnded) -> bool:
        """Whether an epoch is one of those that plain lines tell of."""
        lines = PLAIN_LINES_ALONE if event.n_networks == 1 else PLAIN_LINES_AMONG_OTHERS
        return event.record.epoch % math.ceil(event.max_epochs / lines) == 0

    def latest(self) -> list[EpochEnded]:
        """The last epoch of each network that has begun, in their order."""
        return sorted(self._latest.values(), key=lambda item: item.network_index)

    def line(self, event: EpochEnded, now: float) -> str:
        """One epoch in one line."""
        text = [*self.losses(event), self.pace_text(event, now)]
        return f"{name_of(event)}epoch {event.record.epoch} of {event.max_epochs}: {', '.join(text)}"

    def summary_line(self, now: float) -> str:
        """All networks in one line: where the last of them is, and the least losses so far."""
        last = self._last
        if last.n_networks == 1:
            return self.line(last, now)
        begun = f"network {len(self._latest)} of {last.n_networks}"
        text = ", ".join([*self.losses(last)[:2], _time_left_text(self.seconds_left(last, now))])
        return f"training {begun}, epoch {last.record.epoch} of at most {last.max_epochs}: {text}"

    def fraction_done(self) -> float:
        """How much is done; a network that was not heard of for three rounds of all has ended."""
        whole, rounds = self._last, 3 * self._last.n_networks
        with self._lock:
            ended = {network_index for network_index, epochs in self._unheard.items() if epochs > rounds}
        done = sum(item.max_epochs if item.network_index in ended else item.record.epoch for item in self.latest())
        return done / (whole.n_networks * whole.max_epochs)

    def losses(self, event: EpochEnded) -> list[str]:
        """What an epoch's losses are, and which epoch was the best so far."""
        record, best = event.record, self._best.get(event.network_index)
        losses = [f"loss {record.training_loss:.3g}"]
        if record.validation_loss is not None:
            losses.append(f"validation {record.validation_loss:.3g}")
        if best is not None:
            losses.append(f"best at {best.epoch}")
        return losses

    def pace_text(self, event: EpochEnded, now: float) -> str:
        """How fast it goes, and how long it takes at most."""
        record = event.record
        return (
            f"learning rate {record.learning_rate:.3g}, {format_large_number(record.rows_per_second)} rows/s, "
            f"{_time_left_text(self.seconds_left(event, now))}"
        )

    def seconds_left(self, event: EpochEnded, now: float) -> float:
        """Until all networks have done all their epochs, which most need not."""
        if event.n_networks == 1:
            return event.record.seconds_left
        fraction = self.fraction_done()
        return self.elapsed(now) * (1 - fraction) / fraction


def _time_left_text(seconds: float) -> str:
    return f"at most {format_duration(seconds)} left"


def name_of(event: EpochEnded, *, short: bool = False) -> str:
    """Which of several networks an epoch was of."""
    if event.n_networks == 1:
        return ""
    of_all = "" if short else f" of {event.n_networks}"
    return f"network {event.network_index + 1}{of_all}, "


def training_summary(histories: Sequence[History], seconds: float, interrupted: bool) -> str:
    """What training came to, in one sentence.

    Examples
    --------
    >>> from tidynet.engine import History, StopReason, TrainingStop
    >>> training_summary([History(stop=TrainingStop(StopReason.MAX_EPOCHS, 0, limit=0))], 1.5, False)
    'trained for 0 epochs in 1.5 s (all 0 epochs completed); kept the weights of epoch 0'
    """
    reasons = ["interrupted by Ctrl-C"] if interrupted else list(dict.fromkeys(item.stop_text for item in histories))
    lengths = sorted({len(history) for history in histories})
    networks = "" if len(histories) == 1 else f"{len(histories)} networks "
    epochs = (
        pluralize(lengths[0], "epoch") if len(lengths) == 1 else f"{lengths[0]} to {pluralize(lengths[-1], 'epoch')}"
    )
    best = [history.best_epoch for history in histories]
    kept = ", ".join(map(str, best)) if len(best) <= MOST_EPOCHS_NAMED else f"{min(best)} to {max(best)}"
    return (
        f"trained {networks}for {epochs} in {format_duration(seconds)} ({'; '.join(reasons)}); "
        f"kept the weights of {'epoch' if len(histories) == 1 else 'epochs'} {kept}"
    )
