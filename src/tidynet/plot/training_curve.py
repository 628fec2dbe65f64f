"""Training and validation loss by epoch, with the best epoch."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from tidynet.plot.theme import BASE, MUTED, SECOND, WIDTH, finish_figure, legend, new_figure
from tidynet.profiling import axis_scales as scales

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MAX_POINTS = 600  # of more epochs every k-th is drawn


def plot_training_curve(
    history: Mapping[str, Any], others: Sequence[Mapping[str, Any]] = (), *, size: tuple[float, float] = (WIDTH, 3.0)
) -> Figure:
    """Training and validation loss over the epochs, with the best epoch.

    On a log axis where the losses span more than a factor of 20.

    Parameters
    ----------
    history : mapping
        As of `History.to_dict`: ``epochs``, a list of records with ``epoch``, ``training_loss`` and
        ``validation_loss`` (None without a validation set), and ``best_epoch``.
    others : sequence of mapping
        Further networks of the ensemble, drawn faintly behind.
    size : tuple of float
        Width and height in inches.

    Examples
    --------
    >>> records = [{"epoch": e, "training_loss": 1 / e, "validation_loss": None} for e in (1, 2, 3)]
    >>> len(plot_training_curve({"epochs": records, "best_epoch": 3}).axes[0].lines)
    2
    """
    figure = new_figure(*size)
    axes = figure.subplots()
    first, *rest = [_losses(item) for item in (history, *others)]
    for other in rest:
        for losses, color in ((other.training, BASE), (other.validation, SECOND)):
            axes.plot(other.epochs, losses, color=color, linewidth=0.8, alpha=0.3)
    _draw(axes, first.epochs, first.training, BASE, "-", "training")
    if any(map(math.isfinite, first.validation)):
        _draw(axes, first.epochs, first.validation, SECOND, (0, (4, 1.2)), "validation")
    finite = [loss for item in (first, *rest) for loss in item.training + item.validation if math.isfinite(loss)]
    _epoch_axis(axes, [epoch for item in (first, *rest) for epoch in item.epochs])
    _loss_axis(axes, finite)
    if finite:
        _mark_best_epoch(axes, int(history.get("best_epoch") or 0), first.epochs)
        legend(axes)
    else:
        axes.text(0.5, 0.5, "no completed epoch", transform=axes.transAxes, ha="center", color=MUTED)
    finish_figure(axes)
    return figure


class _Losses(NamedTuple):
    epochs: list[int]
    training: list[float]
    validation: list[float]


def _losses(history: Mapping[str, Any]) -> _Losses:
    records: Sequence[Mapping[str, Any]] = history["epochs"]
    stride = max(1, math.ceil(len(records) / _MAX_POINTS))
    records_drawn = [r for i, r in enumerate(records) if i % stride == 0 or r["epoch"] == history.get("best_epoch")]
    if records and records_drawn[-1] is not records[-1]:
        records_drawn.append(records[-1])
    return _Losses(
        [int(record["epoch"]) for record in records_drawn],
        [_number(record["training_loss"]) for record in records_drawn],
        [_number(record.get("validation_loss")) for record in records_drawn],
    )


def _number(loss: float | None) -> float:
    return math.nan if loss is None else float(loss)


def _draw(axes: Axes, epochs: list[int], losses: list[float], color: str, style: Any, label: str) -> None:
    marker = "o" if len(epochs) == 1 else ""
    axes.plot(epochs, losses, color=color, linestyle=style, linewidth=1.6, marker=marker, markersize=4, label=label)


def _epoch_axis(axes: Axes, epochs: list[int]) -> None:
    ticks = scales.linear_ticks(min(epochs, default=0), max(epochs, default=1), 6)
    ticks = [tick for tick in ticks if tick % 1 == 0]
    axes.set_xticks(ticks, scales.natural_labels(ticks))
    axes.set_xlabel("epoch")


def _loss_axis(axes: Axes, losses: list[float]) -> None:
    if losses and min(losses) > 0 and max(losses) > 20 * min(losses):
        axes.set_yscale("log")
        ticks = scales.log_ticks(min(losses), max(losses), 5)
        labels = [scales.format_tick(tick) for tick in ticks]
    elif losses:
        low, high = min(losses), max(losses)
        margin = (high - low) * 0.05 or abs(high) * 0.05 or 1.0
        # The axis starts at 0 if the smallest loss is below half of the largest.
        low = 0.0 if 0 <= low < high / 2 else low - margin
        axes.set_ylim(low, high + margin)
        ticks = scales.linear_ticks(low, high + margin, 5)
        labels = scales.natural_labels(ticks)
    else:
        ticks, labels = [], []
    axes.set_yticks(ticks, labels)
    axes.set_yticks([], minor=True)
    axes.set_ylabel("loss")


def _mark_best_epoch(axes: Axes, best: int, epochs: list[int]) -> None:
    if best in epochs:
        axes.axvline(best, color=MUTED, linewidth=1, linestyle=(0, (1, 1.5)), label=f"best epoch {best}")
