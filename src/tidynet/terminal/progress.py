"""How far training is: the networks that are trained side by side, drawn as bars or said in a line."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table as Grid
from rich.text import Text

from tidynet.terminal.words import counted, duration, thousands

if TYPE_CHECKING:
    from tidynet.experiment import EpochEnded
    from tidynet.net.history import EpochRecord, History

__all__ = ["Progress", "training_summary"]

# Plain lines for each network, roughly: few enough to read when several are trained.
PLAIN_LINES_ALONE, PLAIN_LINES_AMONG_OTHERS = 10, 5
# A longer bar says nothing more.
WIDEST_PICTURE = 110
MOST_BARS = 8  # of many networks the latest are shown


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

    def hear(self, event: EpochEnded) -> None:
        """Take note of one epoch."""
        self._latest[event.restart] = event
        if event.record.kept:
            self._best[event.restart] = event.record

    def elapsed(self, now: float) -> float:
        """Seconds since training began."""
        return now - self._started

    def is_round(self, event: EpochEnded) -> bool:
        """Whether an epoch is one of those that plain lines tell of."""
        lines = PLAIN_LINES_ALONE if event.restarts == 1 else PLAIN_LINES_AMONG_OTHERS
        return event.record.epoch % math.ceil(event.max_epochs / lines) == 0

    def line(self, event: EpochEnded, now: float) -> str:
        """One epoch in one line."""
        told = [*self._losses(event), self._pace(event, now)]
        return f"{_name(event)}epoch {event.record.epoch} of {event.max_epochs}: {', '.join(told)}"

    def picture(self, event: EpochEnded, now: float, width: int) -> RenderableType:
        """A bar for each network, and below them the pace of the latest."""
        bars = Grid.grid(padding=(0, 2, 0, 0), pad_edge=False)
        bars.width = min(width, WIDEST_PICTURE)
        bars.add_column(no_wrap=True)
        bars.add_column(ratio=1)
        for _ in range(3):
            bars.add_column(no_wrap=True)
        latest = sorted(self._latest.values(), key=lambda one: one.restart)
        behind = latest[:-MOST_BARS]
        for one in latest[-MOST_BARS:]:
            bars.add_row(
                f"{_name(one, short=True)}epoch {one.record.epoch}/{one.max_epochs}",
                ProgressBar(one.max_epochs, one.record.epoch, complete_style="cyan", finished_style="cyan"),
                *self._losses(one),
            )
        above = [Text(f"{counted(len(behind), 'network')} before these", "dim")] if behind else []
        return Group(*above, bars, Text(self._pace(event, now), "dim"))

    def _losses(self, event: EpochEnded) -> list[str]:
        record, best = event.record, self._best.get(event.restart)
        losses = [f"loss {record.training_loss:.3g}"]
        if record.validation_loss is not None:
            losses.append(f"validation {record.validation_loss:.3g}")
        if best is not None:
            losses.append(f"best at {best.epoch}")
        return losses

    def _pace(self, event: EpochEnded, now: float) -> str:
        record = event.record
        return (
            f"learning rate {record.learning_rate:.3g}, {thousands(record.rows_per_second)} rows/s, "
            f"at most {duration(self._seconds_left(event, now))} left"
        )

    def _seconds_left(self, event: EpochEnded, now: float) -> float:
        if event.restarts == 1:
            return event.record.seconds_left
        done = sum(one.record.epoch for one in self._latest.values())
        return self.elapsed(now) * (event.restarts * event.max_epochs - done) / done


def training_summary(histories: list[History], seconds: float, interrupted: bool) -> str:
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
    kept = ", ".join(map(str, best)) if len(best) <= MOST_BARS else f"{min(best)} to {max(best)}"
    return (
        f"trained {networks}for {epochs} in {duration(seconds)} ({'; '.join(reasons)}); "
        f"kept the weights of {'epoch' if len(histories) == 1 else 'epochs'} {kept}"
    )


def _name(event: EpochEnded, *, short: bool = False) -> str:
    if event.restarts == 1:
        return ""
    of_all = "" if short else f" of {event.restarts}"
    return f"network {event.restart + 1}{of_all}, "
