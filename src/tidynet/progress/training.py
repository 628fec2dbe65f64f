"""How far training is: the networks that are trained side by side, heard epoch by epoch, in words."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidynet.progress.words import counted, duration, thousands

if TYPE_CHECKING:
    from tidynet.net.history import EpochRecord, History

__all__ = ["EpochEnded", "Progress", "name_of", "training_summary"]

# Plain lines for each network, roughly: few enough to read when several are trained.
PLAIN_LINES_ALONE, PLAIN_LINES_AMONG_OTHERS = 10, 5
MOST_EPOCHS_NAMED = 8


@dataclass(frozen=True)
class EpochEnded:
    """One epoch of one restart is done."""

    record: EpochRecord
    max_epochs: int
    restart: int = 0
    restarts: int = 1


class Progress:
    """The latest and the best epoch of each network, heard event by event.

    Parameters
    ----------
    now : float
        The time in seconds.
    first : EpochEnded
        The first epoch of any network.
    """

    def __init__(self, now: float, first: EpochEnded) -> None:
        self._started = now - first.record.seconds
        self._latest: dict[int, EpochEnded] = {}
        self._best: dict[int, EpochRecord] = {}
        self._unheard: dict[int, int] = {}  # epochs of others since the last of each network
        self._last = first
        self._lock = threading.Lock()  # networks speak from their own threads, and who draws asks from another

    def hear(self, event: EpochEnded) -> None:
        """Take note of one epoch."""
        with self._lock:
            self._last = self._latest[event.restart] = event
            for restart in self._unheard:
                self._unheard[restart] += 1
            self._unheard[event.restart] = 0
            if event.record.kept:
                self._best[event.restart] = event.record

    def elapsed(self, now: float) -> float:
        """Seconds since training began."""
        return now - self._started

    def is_round(self, event: EpochEnded) -> bool:
        """Whether an epoch is one of those that plain lines tell of."""
        lines = PLAIN_LINES_ALONE if event.restarts == 1 else PLAIN_LINES_AMONG_OTHERS
        return event.record.epoch % math.ceil(event.max_epochs / lines) == 0

    def latest(self) -> list[EpochEnded]:
        """The last epoch of each network that has begun, in their order."""
        return sorted(self._latest.values(), key=lambda one: one.restart)

    def line(self, event: EpochEnded, now: float) -> str:
        """One epoch in one line."""
        told = [*self.losses(event), self.pace(event, now)]
        return f"{name_of(event)}epoch {event.record.epoch} of {event.max_epochs}: {', '.join(told)}"

    def whole(self, now: float) -> str:
        """All networks in one line: where the last of them is, and the least losses so far."""
        last = self._last
        if last.restarts == 1:
            return self.line(last, now)
        begun = f"network {len(self._latest)} of {last.restarts}"
        told = ", ".join([*self.losses(last)[:2], _left(self.seconds_left(last, now))])
        return f"training {begun}, epoch {last.record.epoch} of at most {last.max_epochs}: {told}"

    def share(self) -> float:
        """How much is done; a network that was not heard of for three rounds of all has ended."""
        whole, rounds = self._last, 3 * self._last.restarts
        with self._lock:
            ended = {restart for restart, epochs in self._unheard.items() if epochs > rounds}
        done = sum(one.max_epochs if one.restart in ended else one.record.epoch for one in self.latest())
        return done / (whole.restarts * whole.max_epochs)

    def losses(self, event: EpochEnded) -> list[str]:
        """What an epoch's losses are, and which epoch was the best so far."""
        record, best = event.record, self._best.get(event.restart)
        losses = [f"loss {record.training_loss:.3g}"]
        if record.validation_loss is not None:
            losses.append(f"validation {record.validation_loss:.3g}")
        if best is not None:
            losses.append(f"best at {best.epoch}")
        return losses

    def pace(self, event: EpochEnded, now: float) -> str:
        """How fast it goes, and how long it takes at most."""
        record = event.record
        return (
            f"learning rate {record.learning_rate:.3g}, {thousands(record.rows_per_second)} rows/s, "
            f"{_left(self.seconds_left(event, now))}"
        )

    def seconds_left(self, event: EpochEnded, now: float) -> float:
        """Until all networks have done all their epochs, which most need not."""
        if event.restarts == 1:
            return event.record.seconds_left
        share = self.share()
        return self.elapsed(now) * (1 - share) / share


def _left(seconds: float) -> str:
    return f"at most {duration(seconds)} left"


def name_of(event: EpochEnded, *, short: bool = False) -> str:
    """Which of several networks an epoch was of."""
    if event.restarts == 1:
        return ""
    of_all = "" if short else f" of {event.restarts}"
    return f"network {event.restart + 1}{of_all}, "


def training_summary(histories: Sequence[History], seconds: float, interrupted: bool) -> str:
    """What training came to, in one sentence.

    Examples
    --------
    >>> from tidynet.net.history import History
    >>> training_summary([History(stopped_because="all 0 epochs done")], 1.5, False)
    'trained for 0 epochs in 1.5 s (all 0 epochs done); kept the weights of epoch 0'
    """
    reasons = ["stopped by Ctrl-C"] if interrupted else list(dict.fromkeys(one.stopped_because for one in histories))
    lengths = sorted({len(history) for history in histories})
    networks = "" if len(histories) == 1 else f"{len(histories)} networks "
    epochs = counted(lengths[0], "epoch") if len(lengths) == 1 else f"{lengths[0]} to {counted(lengths[-1], 'epoch')}"
    best = [history.best_epoch for history in histories]
    kept = ", ".join(map(str, best)) if len(best) <= MOST_EPOCHS_NAMED else f"{min(best)} to {max(best)}"
    return (
        f"trained {networks}for {epochs} in {duration(seconds)} ({'; '.join(reasons)}); "
        f"kept the weights of {'epoch' if len(histories) == 1 else 'epochs'} {kept}"
    )
