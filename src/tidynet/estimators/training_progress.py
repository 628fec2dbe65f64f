"""The progress of a training, of one network or of several side by side, as text."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidynet.core.text import format_duration, format_large_number, pluralize

if TYPE_CHECKING:
    from tidynet.engine.history import EpochRecord, History

LINES_OF_ONE, LINES_OF_EACH = 10, 5  # with --verbose, for the only network and for each of several
MAX_LISTED_EPOCHS = 8


@dataclass(frozen=True)
class EpochEnded:
    """One epoch of one network has ended."""

    record: EpochRecord
    max_epochs: int
    network_index: int = 0
    n_networks: int = 1


class TrainingProgress:
    """The latest and the best epoch of each network."""

    def __init__(self, now: float, first: EpochEnded) -> None:
        self._started = now - first.record.seconds
        self._latest: dict[int, EpochEnded] = {}
        self._best: dict[int, EpochRecord] = {}
        self._silent: dict[int, int] = {}  # epochs of all networks since the last one of each
        self._last = first
        self._lock = threading.Lock()  # events come from one thread per network, drawings from another

    def on_event(self, event: EpochEnded) -> None:
        """Update the progress."""
        with self._lock:
            self._last = self._latest[event.network_index] = event
            for network_index in self._silent:
                self._silent[network_index] += 1
            self._silent[event.network_index] = 0
            if event.record.is_best:
                self._best[event.network_index] = event.record

    def elapsed(self, now: float) -> float:
        """Seconds since training began."""
        return now - self._started

    def is_display_epoch(self, event: EpochEnded) -> bool:
        """Whether this epoch is one of the few that are printed."""
        lines = LINES_OF_ONE if event.n_networks == 1 else LINES_OF_EACH
        return event.record.epoch % math.ceil(event.max_epochs / lines) == 0

    def latest(self) -> list[EpochEnded]:
        """The latest epoch of each started network, in their order."""
        return sorted(self._latest.values(), key=lambda item: item.network_index)

    def line(self, event: EpochEnded, now: float) -> str:
        """One epoch in one line."""
        text = [*self.losses(event), self.pace_text(event, now)]
        return f"{network_name(event)}epoch {event.record.epoch} of {event.max_epochs}: {', '.join(text)}"

    def summary_line(self, now: float) -> str:
        """All networks in one line: the latest epoch, its losses, and the time left."""
        last = self._last
        if last.n_networks == 1:
            return self.line(last, now)
        begun = f"network {len(self._latest)} of {last.n_networks}"
        text = ", ".join([*self.losses(last)[:2], _time_left_text(self.seconds_left(last, now))])
        return f"training {begun}, epoch {last.record.epoch} of at most {last.max_epochs}: {text}"

    def fraction_done(self) -> float:
        """The fraction that is done; a network without an epoch in three rounds of all networks has ended."""
        whole, rounds = self._last, 3 * self._last.n_networks
        with self._lock:
            ended = {network_index for network_index, epochs in self._silent.items() if epochs > rounds}
        done = sum(item.max_epochs if item.network_index in ended else item.record.epoch for item in self.latest())
        return done / (whole.n_networks * whole.max_epochs)

    def losses(self, event: EpochEnded) -> list[str]:
        """The losses of an epoch, and the best epoch so far."""
        record, best = event.record, self._best.get(event.network_index)
        losses = [f"loss {record.training_loss:.3g}"]
        if record.validation_loss is not None:
            losses.append(f"validation {record.validation_loss:.3g}")
        if best is not None:
            losses.append(f"best at {best.epoch}")
        return losses

    def pace_text(self, event: EpochEnded, now: float) -> str:
        """Learning rate, speed, and maximum time left."""
        record = event.record
        return (
            f"learning rate {record.learning_rate:.3g}, {format_large_number(record.rows_per_second)} rows/s, "
            f"{_time_left_text(self.seconds_left(event, now))}"
        )

    def seconds_left(self, event: EpochEnded, now: float) -> float:
        """The time until all networks have trained all their epochs; early stopping makes it shorter."""
        if event.n_networks == 1:
            return event.record.seconds_left
        fraction = self.fraction_done()
        return self.elapsed(now) * (1 - fraction) / fraction


def _time_left_text(seconds: float) -> str:
    return f"at most {format_duration(seconds)} left"


def network_name(event: EpochEnded) -> str:
    """The network of an epoch; empty for a single network."""
    if event.n_networks == 1:
        return ""
    return f"network {event.network_index + 1} of {event.n_networks}, "


def training_summary(histories: Sequence[History], seconds: float, interrupted: bool) -> str:
    """The result of a training in one sentence."""
    reasons = ["interrupted by Ctrl-C"] if interrupted else list(dict.fromkeys(item.stop_text for item in histories))
    lengths = sorted({len(history) for history in histories})
    networks = "" if len(histories) == 1 else f"{len(histories)} networks "
    epochs = (
        pluralize(lengths[0], "epoch") if len(lengths) == 1 else f"{lengths[0]} to {pluralize(lengths[-1], 'epoch')}"
    )
    best = [history.best_epoch for history in histories]
    kept = ", ".join(map(str, best)) if len(best) <= MAX_LISTED_EPOCHS else f"{min(best)} to {max(best)}"
    return (
        f"trained {networks}for {epochs} in {format_duration(seconds)} ({'; '.join(reasons)}); "
        f"kept the weights of {'epoch' if len(histories) == 1 else 'epochs'} {kept}"
    )
