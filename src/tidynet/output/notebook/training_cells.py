"""The cells that train a network, or read one, and tell how its training went."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tidynet.estimators.training_statistics import training_statistics
from tidynet.output.notebook.cell import (
    NotebookCell,
    NotebookSpec,
    code,
    escape_markdown,
    hidden_code,
    hidden_markdown,
    markdown_list,
    slide,
)
from tidynet.output.notebook.chart_code import plain_numbers
from tidynet.output.report.html_page import format_count

__all__ = ["training_cells"]


def training_cells(plan: NotebookSpec, model: Any) -> Iterator[NotebookCell]:
    """The network, and its training."""
    yield from _network(plan, model)
    yield from _training(model)


def _network(plan: NotebookSpec, model: Any) -> Iterator[NotebookCell]:
    settings: Mapping[str, str] = model.record_["provenance"]["settings"]
    lines = markdown_list(f"{name}: {value}" for name, value in settings.items())
    if plan.model is not None:
        yield slide(f"## The network\n\nIt was trained before and is read from its file.\n\n{lines}")
        yield code(f"model = tn.load({plan.model!r})\nmodel")
    else:
        choices = "".join(f", {name}={value!r}" for name, value in plan.options.items())
        yield slide(
            "## The network\n\nPart of the rows is set aside for the test; the network learns from the others. "
            f"One seed gives the same numbers again.\n\n{lines}"
        )
        yield code(
            "from tidynet.workflow import Options, learn\n\n"
            f'model = learn({plan.full_table_name}, Options(target=target{choices}, parts="scores")).model\nmodel'
        )
    yield hidden_markdown(f"The rows of each part.{_folds_text(model)}")
    rows = 'pd.Series(model.record_["provenance"]["rows"], name="rows")'
    yield hidden_code(f'{rows}.drop("validation")' if _folds_text(model) else rows)
    left_out = model.recipe_.excluded_columns
    if left_out:
        verb = "column was" if len(left_out) == 1 else "columns were"
        yield hidden_markdown(f"{len(left_out):,} {verb} set aside, and why.")
        yield hidden_code('pd.Series(model.recipe_.excluded_columns, name="set aside because")')


def _folds_text(model: Any) -> str:
    if model.n_validation_rows_ and not model.record_["provenance"]["rows"].get("validation"):
        folds = format_count(model.n_validation_rows_, "of the training rows", "of the training rows")
        return f" Each network keeps back {folds}, another fold each, to stop in time."
    return ""


def _training(model: Any) -> Iterator[NotebookCell]:
    yield slide(f"### Training\n\n{_training_text(model)}")
    columns = '"training", "validation"' if model.n_validation_rows_ else '"training"'
    validation = ", one.validation_loss" if model.n_validation_rows_ else ""
    log = f'plt.yscale("log")\n{plain_numbers("y")}' if _drops_sharply(model) else ""
    others = (
        'others = losses[losses["network"] > 1]\n'
        'sns.lineplot(others, **axes, units="network", estimator=None, linewidth=0.8, alpha=0.35, legend=False)\n'
    )
    yield code(
        "history = pd.DataFrame(\n"
        "    [\n"
        f"        (network, one.epoch, one.training_loss{validation})\n"
        "        for network, history in enumerate(model.histories_, 1)\n"
        "        for one in history.epochs\n"
        "    ],\n"
        f'    columns=["network", "epoch", {columns}],\n'
        ")\n"
        'losses = history.melt(["network", "epoch"], var_name="rows", value_name="loss")\n'
        'axes = {"x": "epoch", "y": "loss", "hue": "rows"}\n'
        + (others if len(model.histories_) > 1 else "")
        + 'sns.lineplot(losses[losses["network"] == 1], **axes, linewidth=2.2)\n'
        'plt.axvline(model.history_.best_epoch, color="black", linewidth=1, linestyle=":")\n'
        f"{log}plt.show()"
    )
    yield hidden_markdown("Which epoch was kept of each network, and why its training ended.")
    yield hidden_code(
        "pd.DataFrame(\n"
        "    [(len(one), one.best_epoch, one.stop_text) for one in model.histories_],\n"
        '    columns=["epochs", "epoch kept", "ended because"],\n'
        "    index=range(1, len(model.histories_) + 1),\n"
        ")"
    )
    yield slide(f"### How the training went\n\n{escape_markdown(model.explain_training())}")
    yield hidden_code("print(model.explain_training())")


def _training_text(model: Any) -> str:
    """What the picture shows: which line is which network, and where the networks ended."""
    watched = model.n_validation_rows_ > 0
    text = "The loss of each epoch on the training rows"
    if watched:
        kept_back = "each network keeps back" if model.settings_.folds else "are kept back"
        text += f" and on the rows that {kept_back}, which decide when to stop"
    text += ". "
    lengths = [len(item) for item in model.histories_]
    first = model.history_.best_epoch
    if len(lengths) > 1:
        epochs = " to ".join(f"{end:,}" for end in sorted({min(lengths), max(lengths)}))
        text += (
            f"{len(lengths):,} networks learnt for {epochs} epochs, and their predictions are averaged: the first is "
            "drawn bold, the others faintly behind. "
        )
    if first:
        whose = "Of the first, the" if len(lengths) > 1 else "The"
        text += f"{whose} weights of epoch {first} of {format_count(lengths[0], 'epoch')} were kept (the dotted line). "
    facts = training_statistics(model)
    stored = f"a training loss of {np.median(facts.best_epoch_index):.3g}"
    if watched:
        stored += f" and a validation loss of {np.median(facts.watched_losses):.3g}"
    middle = ", at the median of the networks," if len(lengths) > 1 else ""
    return f"{text}The epochs kept have{middle} {stored}." if len(lengths) > 1 else f"{text}That epoch has {stored}."


def _drops_sharply(model: Any) -> bool:
    """Whether the losses span so much that a log axis shows them better, as in the report."""
    losses = [
        loss
        for history in model.histories_
        for item in history.epochs
        for loss in (item.training_loss, item.validation_loss)
        if loss is not None and np.isfinite(loss)
    ]
    return bool(losses) and min(losses) > 0 and max(losses) > 20 * min(losses)
