"""How far training is, drawn as bars: one for each of the networks that are trained side by side."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table as Grid
from rich.text import Text

from tidynet.core.text import pluralize
from tidynet.estimators.training_progress import EpochEnded, TrainingProgress, name_of

__all__ = ["make_bars"]

# A longer bar says nothing more.
WIDEST_PICTURE = 110
MOST_BARS = 8  # of many networks the latest are shown


def make_bars(progress: TrainingProgress, event: EpochEnded, now: float, width: int) -> RenderableType:
    """A bar for each network, and below them the pace of the latest."""
    bars = Grid.grid(padding=(0, 2, 0, 0), pad_edge=False)
    bars.width = min(width, WIDEST_PICTURE)
    bars.add_column(no_wrap=True)
    bars.add_column(ratio=1)
    for _ in range(3):
        bars.add_column(no_wrap=True)
    latest = progress.latest()
    behind = latest[:-MOST_BARS]
    for item in latest[-MOST_BARS:]:
        bars.add_row(
            f"{name_of(item, short=True)}epoch {item.record.epoch}/{item.max_epochs}",
            ProgressBar(item.max_epochs, item.record.epoch, complete_style="cyan", finished_style="cyan"),
            *progress.losses(item),
        )
    above = [Text(f"{pluralize(len(behind), 'network')} before these", "dim")] if behind else []
    return Group(*above, bars, Text(progress.pace_text(event, now), "dim"))
