"""The learning curve: the loss by number of training rows, extrapolated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from tidynet.plot.theme import BASE, MUTED, finish_figure, legend, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def plot_learning_curve(facts: Mapping[str, Any]) -> Figure:
    """The loss by number of training rows with intervals, the fitted curve and its extrapolation."""
    figure = new_figure(height=3.4)
    axes = figure.subplots()
    sizes, losses = np.asarray(facts["sizes"], dtype=np.float64), np.asarray(facts["losses"])
    spread = [losses - facts["lows"], np.asarray(facts["highs"]) - losses]
    rows = np.geomspace(sizes[0], facts["projected_rows"], 100)
    line = facts["a"] + facts["b"] * (rows / sizes[-1]) ** -facts["c"]
    axes.plot(rows, line, color=MUTED, linewidth=1, linestyle="--", label="a + b·n⁻ᶜ")
    axes.errorbar(sizes, losses, yerr=np.abs(spread), fmt="o", color=BASE, markersize=5, capsize=2, label="measured")
    loss = facts["projected_loss"]
    spread_ahead = [[loss - facts["projected_loss_low"]], [facts["projected_loss_high"] - loss]]
    axes.errorbar(
        [facts["projected_rows"]], [loss], yerr=np.abs(spread_ahead), fmt="o", color=BASE, markerfacecolor="none",
        markersize=6, capsize=2, label="extrapolated",
    )  # fmt: skip
    axes.set_xscale("log")
    ticks = [*facts["sizes"], facts["projected_rows"]]
    axes.set_xticks(ticks, [f"{tick:,}" for tick in ticks])
    axes.set_xticks([], minor=True)
    axes.set(xlabel="training rows", ylabel=facts["score"])
    axes.set_ylim(bottom=0)
    finish_figure(axes)
    legend(axes)
    return figure
