"""The cells on the network: its training, its scores on the test rows, its predictions and the true values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from tidynet.core.notebook_cell import (
    NotebookCell,
    code,
    escape_markdown,
    hidden_code,
    hidden_markdown,
    markdown_list,
    slide,
)
from tidynet.core.text import capitalize, pluralize
from tidynet.estimators.fitted_model import FittedModel
from tidynet.estimators.training_statistics import training_statistics
from tidynet.evaluation.result import Evaluation
from tidynet.output.notebook.chart_code import plain_numbers
from tidynet.output.notebook.notebook_spec import NotebookSpec

_MAX_CLASSES, _MAX_POINTS, _MAX_CONFUSIONS = 12, 5_000, 12

# Training --------------------------------------------------------------------------------------


def training_cells(spec: NotebookSpec, model: FittedModel) -> Iterator[NotebookCell]:
    """The network, its loss curves and their diagnosis."""
    yield from _network(spec, model)
    yield slide(f"### Training\n\n{_training_text(model)}")
    yield code(_loss_code(model))
    yield hidden_markdown("The epoch whose weights each network has, and the reason for its stop.")
    yield hidden_code(
        "pd.DataFrame(\n"
        "    [(len(history), history.best_epoch, history.stop_text) for history in model.histories_],\n"
        '    columns=["epochs", "best epoch", "stop reason"],\n'
        "    index=range(1, len(model.histories_) + 1),\n"
        ")"
    )
    yield slide(f"### Training diagnosis\n\n{escape_markdown(model.explain_training())}")
    yield hidden_code("print(model.explain_training())")


def _network(spec: NotebookSpec, model: FittedModel) -> Iterator[NotebookCell]:
    settings: Mapping[str, str] = model.record_["provenance"]["settings"]
    lines = markdown_list(f"{name}: {value}" for name, value in settings.items())
    if spec.model is not None:
        yield slide(f"## Model\n\nThe model is loaded from its file.\n\n{lines}")
        yield code(f"model = tn.load({spec.model!r})\nmodel")
    else:
        options = "".join(f", {name}={value!r}" for name, value in spec.train_options.items())
        yield slide(
            "## Model\n\nThe rows are split into training and test rows. The same seed gives the same numbers."
            f"\n\n{lines}"
        )
        yield code(
            "from tidynet.workflow import TrainOptions, fit_and_evaluate\n\n"
            f'options = TrainOptions(target=target{options}, sections="scores")\n'
            f"model = fit_and_evaluate({spec.full_table_name}, options).model\nmodel"
        )
    uses_folds = _uses_folds(model)
    folds = (
        f"; {pluralize(model.n_validation_rows_, 'validation row')} per network, another fold each"
        if uses_folds
        else ""
    )
    yield hidden_markdown(f"Rows of each part{folds}.")
    rows = 'pd.Series(model.record_["provenance"]["rows"], name="rows")'
    yield hidden_code(f'{rows}.drop("validation")' if uses_folds else rows)
    excluded = len(model.recipe_.excluded_columns)
    if excluded:
        yield hidden_markdown(f"{pluralize(excluded, 'excluded column')}, and the reason.")
        yield hidden_code('pd.Series(model.recipe_.excluded_columns, name="reason")')


def _uses_folds(model: FittedModel) -> bool:
    return bool(model.n_validation_rows_ and not model.record_["provenance"]["rows"].get("validation"))


def _loss_code(model: FittedModel) -> str:
    is_validated = model.n_validation_rows_ > 0
    columns = '"training", "validation"' if is_validated else '"training"'
    validation = ", record.validation_loss" if is_validated else ""
    log = f'plt.yscale("log")\n{plain_numbers("y")}' if _needs_log_axis(model) else ""
    others = (
        'others = losses[losses["network"] > 1]\n'
        'sns.lineplot(others, **axes, units="network", estimator=None, linewidth=0.8, alpha=0.35, legend=False)\n'
    )
    return (
        "history = pd.DataFrame(\n"
        "    [\n"
        f"        (network, record.epoch, record.training_loss{validation})\n"
        "        for network, history in enumerate(model.histories_, 1)\n"
        "        for record in history.epochs\n"
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


def _training_text(model: FittedModel) -> str:
    """The legend of the loss curves, and the losses at the best epoch."""
    is_validated = model.n_validation_rows_ > 0
    text = "Training loss"
    if is_validated:
        fold = " of one fold for each network" if _uses_folds(model) else ""
        text += f" and validation loss by epoch; early stopping uses the validation loss{fold}. "
    else:
        text += " by epoch. "
    lengths = [len(history) for history in model.histories_]
    several = len(lengths) > 1
    if several:
        epochs = " to ".join(f"{length:,}" for length in sorted({min(lengths), max(lengths)}))
        text += (
            f"{len(lengths):,} networks, {epochs} epochs each; the prediction is their mean. "
            "Bold: network 1; thin: the others. "
        )
    if model.history_.best_epoch:
        network = " of network 1" if several else ""
        best = f"epoch {model.history_.best_epoch} of {lengths[0]:,}"
        text += f"Dotted line: best epoch{network}, {best}. "
    facts = training_statistics(model)
    losses = f"training loss {np.median(facts.kept_training_losses):.3g}"
    if is_validated:
        losses += f", validation loss {np.median(facts.kept_validation_losses):.3g}"
    return f"{text}At the best epoch: {losses}{' (median of the networks)' if several else ''}."


def _needs_log_axis(model: FittedModel) -> bool:
    """Whether the losses span so much that a log axis shows them better, as in the report."""
    losses = [
        loss
        for history in model.histories_
        for record in history.epochs
        for loss in (record.training_loss, record.validation_loss)
        if loss is not None and np.isfinite(loss)
    ]
    return bool(losses) and min(losses) > 0 and max(losses) > 20 * min(losses)


# Test ------------------------------------------------------------------------------------------


def test_cells(spec: NotebookSpec, evaluation: Evaluation) -> Iterator[NotebookCell]:
    """The scores of network and baselines, and the predictions."""
    yield from _scores(spec, evaluation)
    yield from _scores_in_pandas(evaluation)
    if not evaluation.classes:
        yield from _predicted_by_true(spec, evaluation)
    elif evaluation.confusion_matrix is not None:
        yield from _confusion(evaluation)


def _scores(spec: NotebookSpec, evaluation: Evaluation) -> Iterator[NotebookCell]:
    name, score = next(iter(evaluation.network.items()))
    options = "".join(f", {name}={value!r}" for name, value in spec.evaluation_options.items())
    lines = -(-len(evaluation.network) // 4)
    yield slide(
        f"## Evaluation\n\n{escape_markdown(capitalize(name))} of the network on "
        f"{pluralize(evaluation.rows, 'test row')} (95% CI by bootstrap): {escape_markdown(score)}. "
        "The test rows were not used for training."
    )
    yield code(
        "from tidynet.workflow import evaluate_on_test_rows, recover_test_rows\n\n"
        f"test = recover_test_rows(model, {spec.full_table_name})\n"
        f"evaluation = evaluate_on_test_rows(model, {spec.full_table_name}{options})\nevaluation"
    )
    yield slide("### Network and baselines\n\nEach score with its 95% bootstrap interval.")
    yield code(
        "scores = pd.DataFrame(\n"
        "    [\n"
        "        (name, predictor, score.value, score.low, score.high)\n"
        '        for predictor, scores in {"network": evaluation.network, **evaluation.baselines}.items()\n'
        "        for name, score in scores.items()\n"
        "    ],\n"
        '    columns=["score", "predictor", "value", "ci_low", "ci_high"],\n'
        ")\n"
        'predictors = ["network", *evaluation.baselines]\n'
        f"figure, grid = plt.subplots({lines}, 4, sharey=True, squeeze=False, figsize=(11, {1.9 * lines:.1f}), "
        'layout="constrained")\n'
        'for (name, rows), axes in zip(scores.groupby("score", sort=False), grid.flat):\n'
        '    position = rows["predictor"].map(predictors.index)\n'
        '    axes.hlines(position, rows["ci_low"], rows["ci_high"])\n'
        '    axes.plot(rows["value"], position, "o")\n'
        "    axes.set_title(name)\n"
        f"for axes in grid.flat[{len(evaluation.network)}:]:\n    axes.remove()\n"
        "grid[0, 0].set(yticks=range(len(predictors)), yticklabels=predictors, ylim=(len(predictors) - 0.5, -0.5))\n"
        "plt.show()"
    )
    yield hidden_code('scores.pivot(index="score", columns="predictor", values="value")')


def _scores_in_pandas(evaluation: Evaluation) -> Iterator[NotebookCell]:
    as_text = ".astype(str)" if evaluation.classes else ""
    method = "predict" if evaluation.classes else "predict_point"
    scores = (
        ['"accuracy": (y_true == y_pred).mean()']
        if evaluation.classes
        else ['"RMSE": np.sqrt(((y_pred - y_true) ** 2).mean())', '"MAE": (y_pred - y_true).abs().mean()']
    )
    yield hidden_markdown("The same scores from the predictions, in pandas.")
    yield hidden_code(
        f'y_true = pd.Series(test[target].to_list(), name="true"){as_text}\n'
        f'y_pred = pd.Series(model.{method}(test.drop(target=target)), name="predicted"){as_text}\n'
        f"pd.Series({{{', '.join(scores)}}})"
    )


def _predicted_by_true(spec: NotebookSpec, evaluation: Evaluation) -> Iterator[NotebookCell]:
    sample = f".sample({_MAX_POINTS}, random_state=0)" if evaluation.rows > _MAX_POINTS else ""
    yield slide(
        f"### Predicted and true {escape_markdown(spec.target)}\n\nOn the line, predicted and true value are equal."
    )
    yield code(
        f"sns.scatterplot(x=y_true{sample}, y=y_pred, s=12, alpha=0.6)\n"
        'plt.axline((y_true.mean(), y_true.mean()), slope=1, color="black", linewidth=1)\nplt.show()'
    )


def _confusion(evaluation: Evaluation) -> Iterator[NotebookCell]:
    is_small = len(evaluation.classes) <= _MAX_CLASSES
    yield slide(f"### Confusion matrix\n\n{_errors_text(evaluation)}")
    numbers = ', annot=True, fmt="d"' if is_small else ""
    yield code(
        "labels = sorted(set(y_true) | set(y_pred))\n"
        "confusion = pd.crosstab(y_true, y_pred).reindex(index=labels, columns=labels, fill_value=0)\n"
        f'sns.heatmap(confusion{numbers}, cmap="crest")\nplt.show()'
    )
    if not is_small:
        yield slide("### Most frequent errors\n\nTest rows by true and predicted class.")
        yield code(
            'pairs = confusion.stack().rename("rows").reset_index()\n'
            f'pairs[pairs["true"] != pairs["predicted"]].nlargest({_MAX_CONFUSIONS}, "rows")'
        )


def _errors_text(evaluation: Evaluation) -> str:
    wrong = [
        (rows, true, predicted)
        for true, line in enumerate(evaluation.confusion_matrix or ())
        for predicted, rows in enumerate(line)
        if true != predicted and rows
    ]
    text = f"{sum(item[0] for item in wrong):,} of {pluralize(evaluation.rows, 'test row')} misclassified"
    if not wrong:
        return f"{text}."
    rows, true, predicted = max(wrong, key=lambda item: item[0])
    labels = [escape_markdown(evaluation.classes[index]) for index in (true, predicted)]
    return f"{text}; most frequent error: {labels[0]} predicted as {labels[1]} ({pluralize(rows, 'row')})."
