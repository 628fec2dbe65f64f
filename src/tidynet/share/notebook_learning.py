"""The cells that train a network, or read one, and tell how its training went."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tidynet.share.notebook_cell import Cell, Plan, aside, code, hidden, listing, plain, slide
from tidynet.share.page import count

__all__ = ["learning_cells"]


def learning_cells(plan: Plan, model: Any) -> Iterator[Cell]:
    """The network, and its training.

    Parameters
    ----------
    plan : Plan
    model : MLPClassifier or MLPRegressor
        As `tidynet.experiment.learn` made it, for the words.

    Yields
    ------
    Cell
    """
    yield from _network(plan, model)
    yield from _training(model)


def _network(plan: Plan, model: Any) -> Iterator[Cell]:
    settings: Mapping[str, str] = model.record_["made"]["settings"]
    lines = listing(f"{name}: {value}" for name, value in settings.items())
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
            "from tidynet.experiment import Options, learn\n\n"
            f'model = learn(table, Options(target=target{choices}, parts="scores")).model\nmodel'
        )
    yield aside("The rows of each part.")
    yield hidden('pd.Series(model.record_["made"]["rows"], name="rows")')
    left_out = model.recipe_.set_aside
    if left_out:
        verb = "column was" if len(left_out) == 1 else "columns were"
        yield aside(f"{len(left_out):,} {verb} set aside, and why.")
        yield hidden('pd.Series(model.recipe_.set_aside, name="set aside because")')


def _training(model: Any) -> Iterator[Cell]:
    first, restarts = model.history_, len(model.histories_)
    said = "The loss of each epoch"
    said += f" of {restarts:,} networks, whose predictions are averaged. " if restarts > 1 else ". "
    if first.best_epoch:
        whose = "Of the first, the" if restarts > 1 else "The"
        said += f"{whose} weights of epoch {first.best_epoch} of {count(len(first), 'epoch')} were kept (the line)."
    yield slide(f"### Training\n\n{said}")
    yield code(
        "history = pd.DataFrame(\n"
        "    [\n"
        "        (network, one.epoch, one.training_loss, one.validation_loss)\n"
        "        for network, history in enumerate(model.histories_, 1)\n"
        "        for one in history.epochs\n"
        "    ],\n"
        '    columns=["network", "epoch", "training", "validation"],\n'
        ').dropna(axis=1, how="all")\n'
        'losses = history.melt(["network", "epoch"], var_name="rows", value_name="loss")\n'
        'sns.lineplot(losses, x="epoch", y="loss", hue="rows", units="network", estimator=None, alpha=0.6)\n'
        'plt.axvline(model.history_.best_epoch, color="black", linewidth=1)\nplt.show()'
    )
    yield aside("Which epoch was kept of each network, and why its training ended.")
    yield hidden(
        "pd.DataFrame(\n"
        "    [(len(one), one.best_epoch, one.stopped_because) for one in model.histories_],\n"
        '    columns=["epochs", "epoch kept", "ended because"],\n'
        "    index=range(1, len(model.histories_) + 1),\n"
        ")"
    )
    yield slide(f"### How the training went\n\n{plain(model.explain_training())}")
    yield hidden("print(model.explain_training())")
