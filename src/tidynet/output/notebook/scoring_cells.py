"""The cells that test the network on the rows kept out: its scores, and its predictions beside the truth."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tidynet.output.notebook.cell import (
    NotebookCell,
    NotebookSpec,
    code,
    escape_markdown,
    hidden_code,
    hidden_markdown,
    slide,
)
from tidynet.output.report.html_page import format_count

if TYPE_CHECKING:
    from tidynet.evaluation.result import Evaluation

__all__ = ["test_cells"]

_MOST_CLASSES, _MAX_POINTS, _MOST_CONFUSED = 12, 5_000, 12


def test_cells(plan: NotebookSpec, evaluation: Evaluation) -> Iterator[NotebookCell]:
    """The scores beside the baselines, and the predictions."""
    yield from _scores(plan, evaluation)
    yield from _rescore_code(evaluation)
    if not evaluation.classes:
        yield from _predicted_vs_actual_cell(plan, evaluation)
    elif evaluation.confusion_matrix is not None:
        yield from _confusions(evaluation)


def _scores(plan: NotebookSpec, evaluation: Evaluation) -> Iterator[NotebookCell]:
    name, score = next(iter(evaluation.network.items()))
    choices = "".join(f", {name}={value!r}" for name, value in plan.extra_arguments.items())
    lines = -(-len(evaluation.network) // 4)
    yield slide(
        f"## The test\n\nOn {format_count(evaluation.rows, 'test row')}, which took no part in training, the network's "
        f"{escape_markdown(name)} is {escape_markdown(score)}; in brackets the 95% bootstrap interval."
    )
    yield code(
        "from tidynet.workflow import examine, held_out\n\n"
        f"test = held_out(model, {plan.full_table_name})\nevaluation = examine(model, {plan.full_table_name}{choices})\nevaluation"
    )
    yield slide("### The network beside the baselines\n\nEach score with its 95% bootstrap interval.")
    yield code(
        "scores = pd.DataFrame(\n"
        "    [\n"
        "        (name, predictor, one.value, one.low, one.high)\n"
        '        for predictor, found in {"network": evaluation.network, **evaluation.baselines}.items()\n'
        "        for name, one in found.items()\n"
        "    ],\n"
        '    columns=["score", "of", "value", "low", "high"],\n'
        ")\n"
        'beside = ["network", *evaluation.baselines]\n'
        f"figure, grid = plt.subplots({lines}, 4, sharey=True, squeeze=False, figsize=(11, {1.9 * lines:.1f}), "
        'layout="constrained")\n'
        'for (name, some), axes in zip(scores.groupby("score", sort=False), grid.flat):\n'
        '    places = some["of"].map(beside.index)\n'
        '    axes.hlines(places, some["low"], some["high"])\n'
        '    axes.plot(some["value"], places, "o")\n'
        "    axes.set_title(name)\n"
        f"for axes in grid.flat[{len(evaluation.network)}:]:\n    axes.remove()\n"
        "grid[0, 0].set(yticks=range(len(beside)), yticklabels=beside, ylim=(len(beside) - 0.5, -0.5))\nplt.show()"
    )
    yield hidden_code('scores.pivot(index="score", columns="of", values="value")')


def _rescore_code(evaluation: Evaluation) -> Iterator[NotebookCell]:
    as_text = ".astype(str)" if evaluation.classes else ""
    point = "predict" if evaluation.classes else "point"
    scores = (
        ['"accuracy": (truth == predicted).mean()']
        if evaluation.classes
        else ['"RMSE": np.sqrt(((predicted - truth) ** 2).mean())', '"MAE": (predicted - truth).abs().mean()']
    )
    yield hidden_markdown("The same from the predictions themselves, in plain pandas.")
    yield hidden_code(
        f'truth = pd.Series(test[target].to_list(), name="true"){as_text}\n'
        f'predicted = pd.Series(model.{point}(test.drop(target=target)), name="predicted"){as_text}\n'
        f"pd.Series({{{', '.join(scores)}}})"
    )


def _predicted_vs_actual_cell(plan: NotebookSpec, evaluation: Evaluation) -> Iterator[NotebookCell]:
    some = f".sample({_MAX_POINTS}, random_state=0)" if evaluation.rows > _MAX_POINTS else ""
    yield slide(
        f"### Predicted against true {escape_markdown(plan.target)}\n\nA perfect network's points lie on the line."
    )
    yield code(
        f"sns.scatterplot(x=truth{some}, y=predicted, s=12, alpha=0.6)\n"
        'plt.axline((truth.mean(), truth.mean()), slope=1, color="black", linewidth=1)\nplt.show()'
    )


def _confusions(evaluation: Evaluation) -> Iterator[NotebookCell]:
    few = len(evaluation.classes) <= _MOST_CLASSES
    yield slide(f"### Which classes are taken for which\n\n{_errors_text(evaluation)}")
    numbered = ', annot=True, fmt="d"' if few else ""
    yield code(
        "labels = sorted(set(truth) | set(predicted))\n"
        "confusion = pd.crosstab(truth, predicted).reindex(index=labels, columns=labels, fill_value=0)\n"
        f'sns.heatmap(confusion{numbered}, cmap="crest")\nplt.show()'
    )
    if not few:
        yield slide("### Most often confused\n\nTest rows by true and predicted class.")
        yield code(
            'pairs = confusion.stack().rename("rows").reset_index()\n'
            f'pairs[pairs["true"] != pairs["predicted"]].nlargest({_MOST_CONFUSED}, "rows")'
        )


def _errors_text(evaluation: Evaluation) -> str:
    matrix = evaluation.confusion_matrix or []
    wrong = {
        (true, taken): rows
        for true, line in enumerate(matrix)
        for taken, rows in enumerate(line)
        if true != taken and rows
    }
    if not wrong:
        return "Every test row was predicted right."
    (true, taken), rows = max(wrong.items(), key=lambda item: item[1])
    names = [escape_markdown(evaluation.classes[index]) for index in (true, taken)]
    return (
        f"{format_count(sum(wrong.values()), 'test row')} of {evaluation.rows:,} are predicted wrongly; most often "
        f"{names[0]} is taken for {names[1]} ({format_count(rows, 'row')})."
    )
