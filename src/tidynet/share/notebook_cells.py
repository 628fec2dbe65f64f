"""What a notebook says and runs: from findings and scores to cells of words and of plain code.

Nothing here knows the notebook's file format; a cell is plain data. Words state what was seen when the
notebook was written, and the code below them finds the same again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from tidynet.share.explore_words import key_numbers, summary_lines
from tidynet.share.page import count, percentage

if TYPE_CHECKING:
    from tidynet.look.profile import ColumnProfile, Profile
    from tidynet.trust.evaluation import Evaluation

__all__ = ["Cell", "Plan", "cells_of"]

_QUANTITIES = ("continuous", "discrete", "duration")
_LEVELS = ("nominal", "ordinal", "boolean")
_MOST_COLUMNS, _MOST_RELATIONS, _MOST_FINDINGS, _MOST_CORRELATED, _MOST_LEVELS = 8, 4, 8, 12, 12
_MOST_POINTS, _MOST_CLASSES = 5_000, 12
_MARKED = re.compile(r"([\\`*_{}\[\]<>#|$~&!])")


@dataclass(frozen=True)
class Cell:
    """One cell: words (Markdown) or code; `starts` a slide, or is left out of the slides."""

    kind: Literal["words", "code"]
    text: str
    starts: bool = False
    skipped: bool = False


@dataclass(frozen=True)
class Plan:
    """How the notebook gets its table and its network.

    Parameters
    ----------
    source : str
        The table, as ``tidynet.read`` takes it from the notebook's folder.
    target : str
    reading : mapping
        Further arguments of ``tidynet.read``.
    model : str or None
        A model file, as seen from the notebook's folder; None to train one.
    options : mapping
        Arguments of ``tidynet.experiment.Options`` besides the target, where one is trained.
    version : str
        tidynet's.
    """

    source: str
    target: str
    reading: Mapping[str, Any] = field(default_factory=dict)
    model: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    version: str = ""


def cells_of(plan: Plan, profile: Profile, evaluation: Evaluation, settings: Mapping[str, str]) -> list[Cell]:
    """The cells of an analysis, in order.

    Parameters
    ----------
    plan : Plan
    profile : Profile
        What was seen of the table.
    evaluation : Evaluation
        The scores on the test rows.
    settings : mapping of str to str
        The network in words.

    Returns
    -------
    list of Cell
    """
    return [
        *_opening(plan, profile, evaluation),
        *_reading(plan, profile),
        *_looking(profile),
        *_columns(profile),
        *_together(profile),
        *_network(plan, settings),
        *_test(plan, evaluation),
        *_closing(plan),
    ]


def _plain(text: object) -> str:
    """A text of the table's, so that Markdown shows it as it is."""
    return _MARKED.sub(r"\\\1", " ".join(str(text).split()))


def _slide(text: str) -> Cell:
    return Cell("words", text, starts=True)


def _code(text: str, *, skipped: bool = False) -> Cell:
    return Cell("code", text.strip("\n"), skipped=skipped)


def _opening(plan: Plan, profile: Profile, evaluation: Evaluation) -> Iterator[Cell]:
    yield _slide(
        f"# {_plain(profile.name)}: predicting {_plain(plan.target)}\n\n"
        f"{count(profile.rows, 'row')}, {count(len(profile.columns) - 1, 'column')} to learn from. "
        f"{_plain(evaluation.sentence)}"
    )
    yield _code(
        "%matplotlib inline\n"
        "import matplotlib.pyplot as plt\nimport numpy as np\nimport pandas as pd\nimport seaborn as sns\n\n"
        "import tidynet as tn\n\n"
        'sns.set_theme(style="whitegrid", palette="colorblind", rc={"figure.figsize": (7, 4)})',
        skipped=True,
    )


def _reading(plan: Plan, profile: Profile) -> Iterator[Cell]:
    choices = "".join(f", {name}={value!r}" for name, value in plan.reading.items())
    lines = "\n".join(f"- {_plain(line)}" for line in summary_lines(profile))
    yield _slide(f"## The table\n\n{lines}")
    yield _code(
        f"target = {plan.target!r}\ntable = tn.read({plan.source!r}{choices})\nframe = table.to_pandas()\nframe.head()"
    )
    yield Cell("words", "Missing cells in each column, and its kind.", skipped=True)
    yield _code(
        "kinds = {name: one.kind for name, one in table.judgements.items()}\n"
        'pd.DataFrame({"kind": kinds, "missing": frame.isna().sum(), "distinct": frame.astype(str).nunique()})',
        skipped=True,
    )
    yield Cell("words", "The numbers of each column.", skipped=True)
    yield _code('frame.describe(include="all").T', skipped=True)


def _looking(profile: Profile) -> Iterator[Cell]:
    told = profile.findings[:_MOST_FINDINGS]
    left = len(profile.findings) - len(told)
    words = [f"{number}. {_plain(one.sentence)}. *{_plain(one.advice)}*" for number, one in enumerate(told, 1)]
    words += [f"\n{left:,} more stand in `seen.findings`."] if left else []
    yield _slide("## What deserves attention\n\n" + ("\n".join(words) or "Nothing about the table stands out."))
    yield _code("seen = tn.explore(table, target=target)\nseen", skipped=True)
    if told:
        yield Cell("words", "The evidence behind each finding.", skipped=True)
        yield _code(
            'for finding in seen.findings:\n    print(finding.sentence, dict(finding.evidence), sep="\\n  ")',
            skipped=True,
        )


def _columns(profile: Profile) -> Iterator[Cell]:
    """The target first, then the columns that tell most about it."""
    order = [profile.target or "", *(one.column for one in profile.relations), *(one.name for one in profile.columns)]
    known = {one.name: one for one in profile.columns}
    shown = [known[name] for name in dict.fromkeys(order) if name in known and _drawing(known[name])]
    for column in shown[:_MOST_COLUMNS]:
        numbers = ", ".join(f"{name} {value}" for name, value in key_numbers(column))
        missing = f" {count(column.missing, 'cell')} missing ({percentage(column.missing / column.rows)})."
        yield _slide(
            f"### {_plain(column.name)}{' (the target)' if column.name == profile.target else ''}\n\n"
            f"{column.kind.capitalize()}: {_plain(numbers)}." + (missing if column.missing else "")
        )
        yield _code(_drawing(column))


def _drawing(column: ColumnProfile) -> str:
    if not column.distinct or column.missing == column.rows:
        return ""
    if column.kind in _LEVELS:
        return (
            f"levels = frame[{column.name!r}].astype(object).value_counts().head({_MOST_LEVELS})\n"
            "sns.barplot(x=levels.to_numpy(), y=levels.index.astype(str))\n"
            f'plt.gca().set(xlabel="rows", ylabel={column.name!r})\nplt.show()'
        )
    if column.kind in _QUANTITIES or column.kind == "datetime":
        return f"sns.histplot(frame, x={column.name!r})\nplt.show()"
    return ""


def _together(profile: Profile) -> Iterator[Cell]:
    known = {one.name: one for one in profile.columns}
    quantities = [one.name for one in profile.columns if one.kind in ("continuous", "discrete")]
    if len(quantities) > 1:
        names = quantities[:_MOST_CORRELATED]
        yield _slide(f"## Correlations\n\nPearson's correlation of {count(len(names), 'quantity', 'quantities')}.")
        yield _code(
            f"quantities = {names!r}\n"
            'sns.heatmap(frame[quantities].astype(float).corr(), vmin=-1, vmax=1, cmap="vlag", annot=True, fmt=".2f")\n'
            "plt.show()"
        )
    for relation in profile.relations[:_MOST_RELATIONS]:
        code = _beside(known[relation.column], known[profile.target or ""], profile.rows)
        if relation.low > 0 and code:
            yield _slide(
                f"### {_plain(relation.column)} and {_plain(profile.target)}\n\n"
                f"Alone it removes {percentage(relation.share)} of the target's uncertainty "
                f"(95% interval {percentage(relation.low)} to {percentage(relation.high)})."
            )
            yield _code(code)


def _beside(column: ColumnProfile, target: ColumnProfile, rows: int) -> str:
    """A chart of a column and the target, by their kinds."""
    x, y = column.name, target.name
    qualitative = [one.kind in _LEVELS for one in (column, target)]
    if any(one.kind not in (*_LEVELS, *_QUANTITIES) for one in (column, target)):
        return ""
    if all(qualitative):
        return (
            f'shares = pd.crosstab(frame[{x!r}].astype(object), frame[{y!r}].astype(object), normalize="index")\n'
            f'sns.heatmap(shares.head({_MOST_LEVELS}), vmin=0, vmax=1, cmap="crest", annot=True, fmt=".0%")\nplt.show()'
        )
    if any(qualitative):
        levels, numbers = (x, y) if qualitative[0] else (y, x)
        return (
            f"levels = frame[{levels!r}].astype(object).value_counts().head({_MOST_LEVELS}).index\n"
            f'sns.boxplot(x=frame[{numbers!r}], y=frame[{levels!r}].astype(object), order=levels, orient="h")\n'
            "plt.show()"
        )
    some = f"frame.sample({_MOST_POINTS}, random_state=0)" if rows > _MOST_POINTS else "frame"
    return f"sns.scatterplot({some}, x={x!r}, y={y!r}, s=12, alpha=0.6)\nplt.show()"


def _network(plan: Plan, settings: Mapping[str, str]) -> Iterator[Cell]:
    lines = "\n".join(f"- {name}: {_plain(value)}" for name, value in settings.items())
    if plan.model is not None:
        yield _slide(f"## The network\n\nIt was trained before and is read from its file.\n\n{lines}")
        yield _code(
            f"from tidynet.experiment import held_out\n\nmodel = tn.load({plan.model!r})\n"
            "test = held_out(model, table)\nmodel"
        )
    else:
        choices = "".join(f", {name}={value!r}" for name, value in plan.options.items())
        yield _slide(
            "## The network\n\nPart of the rows is set aside for the test; the network learns from the others. "
            f"One seed gives the same numbers again.\n\n{lines}"
        )
        yield _code(
            "from tidynet.experiment import Options, held_out, learn\n\n"
            f"model = learn(table, Options(target=target{choices})).model\ntest = held_out(model, table)\nmodel"
        )
    yield _slide("### Training\n\nThe loss of each epoch.")
    yield _code(
        "history = pd.DataFrame(\n"
        "    [(one.epoch, one.training_loss, one.validation_loss) for one in model.history_.epochs],\n"
        '    columns=["epoch", "training", "validation"],\n'
        ').dropna(axis=1, how="all")\n'
        'sns.lineplot(history.melt("epoch", var_name="rows", value_name="loss"), x="epoch", y="loss", hue="rows")\n'
        "plt.show()"
    )
    yield _code("print(model.explain_training())")


def _test(plan: Plan, evaluation: Evaluation) -> Iterator[Cell]:
    name, score = next(iter(evaluation.network.items()))
    yield _slide(
        f"## The test\n\n{_plain(evaluation.sentence)}\n\nOn {count(evaluation.rows, 'test row')} the network's "
        f"{_plain(name)} is {_plain(score)}; in brackets the 95% bootstrap interval."
    )
    yield _code("evaluation = tn.evaluate(model, test)\nevaluation")
    as_text = ".astype(str)" if evaluation.classes else ""
    yield Cell("words", "The same from the predictions themselves, in plain pandas.", skipped=True)
    yield _code(
        f'truth = pd.Series(test[target].to_list(), name="true"){as_text}\n'
        f'predicted = pd.Series(model.predict(test.drop(target=target)), name="predicted"){as_text}\n'
        + (
            "(truth == predicted).mean()"
            if evaluation.classes
            else '{"RMSE": np.sqrt(((predicted - truth) ** 2).mean()), "MAE": (predicted - truth).abs().mean()}'
        ),
        skipped=True,
    )
    if not evaluation.classes:
        yield _slide(f"### Predicted against true {_plain(plan.target)}\n\nA perfect network's points lie on the line.")
        yield _code(
            "sns.scatterplot(x=truth, y=predicted, s=12, alpha=0.6)\n"
            'plt.axline((truth.mean(), truth.mean()), slope=1, color="black", linewidth=1)\nplt.show()'
        )
    elif len(evaluation.classes) <= _MOST_CLASSES:
        yield _slide(f"### Which classes are taken for which\n\n{_wrong_words(evaluation)}")
        yield _code('sns.heatmap(pd.crosstab(truth, predicted), annot=True, fmt="d", cmap="crest")\nplt.show()')


def _wrong_words(evaluation: Evaluation) -> str:
    matrix = evaluation.confusion or []
    wrong = {
        (true, taken): rows
        for true, line in enumerate(matrix)
        for taken, rows in enumerate(line)
        if true != taken and rows
    }
    if not wrong:
        return "Every test row was predicted right."
    (true, taken), rows = max(wrong.items(), key=lambda item: item[1])
    names = [_plain(evaluation.classes[place]) for place in (true, taken)]
    return (
        f"{count(sum(wrong.values()), 'test row')} of {evaluation.rows:,} are predicted wrongly; most often "
        f"{names[0]} is taken for {names[1]} ({count(rows, 'row')})."
    )


def _closing(plan: Plan) -> Iterator[Cell]:
    yield Cell(
        "words",
        f"## How this was made\n\nWritten by tidynet {plan.version}. Running all cells from the top in a fresh "
        "kernel gives the same numbers under the same versions.",
        skipped=True,
    )
    yield _code("from tidynet.experiment import package_versions\n\npd.Series(package_versions())", skipped=True)
