"""Section "Largest errors": the test rows with the highest loss, with what contributes to their predictions."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from tidynet.core.notebook_cell import NotebookCell, hidden_code, hidden_markdown
from tidynet.core.text import SCIENTIFIC_FROM, format_number, format_percent, format_value, quote
from tidynet.evaluation.context import EvaluationContext
from tidynet.evaluation.contributions import PredictionExplanation
from tidynet.evaluation.evaluation_data import EvaluationData
from tidynet.evaluation.section import EvaluationSection, Facts, SectionFigure, SectionName, SectionSpec
from tidynet.evaluation.shapley import shapley_values

Plain = str | int | float | bool | None

_MAX_ERRORS, _MAX_VALUES = 3, 5
_FIRST_YEAR, _LAST_YEAR = 1000, 2200


@dataclass(frozen=True)
class RowError:
    """A test row with its prediction and loss; plain data."""

    row: int
    y_true: Plain
    prediction: Plain
    probability: float | None
    loss: float
    values: dict[str, Plain]


def read(context: EvaluationContext) -> EvaluationSection:
    """The rows, with the contributions to the predictions of the first ones."""
    # A class predicted correctly is no error, however low its probability.
    errors = [
        item for item in largest_errors(context.test_data) if item.probability is None or item.y_true != item.prediction
    ]
    sentences = [error_sentence(item) for item in errors] or ["No test row is misclassified."]
    explained = (
        [_explanation(context, item.row) for item in errors[:_MAX_ERRORS]] if context.test_data.height > 1 else []
    )
    text = [f"{first} {item.short_sentence}" for first, item in zip(sentences, explained, strict=False)]
    facts = {
        "rows": [asdict(item) for item in errors],
        "sentences": sentences,
        "explanations": [item.to_dict() for item in explained],
    }
    header, lines = _table(context, errors) if errors else ((), ())
    return SPEC.section(text or sentences[:_MAX_ERRORS], header, lines, facts)


def largest_errors(test_data: EvaluationData, count: int = 10) -> tuple[RowError, ...]:
    """The test rows with the highest loss, highest first."""
    losses = test_data.losses
    worst = np.lexsort((np.arange(test_data.height), -losses))[:count]
    result = []
    for index, values in zip(worst.tolist(), test_data.features[worst].to_dicts(), strict=True):
        outputs = test_data.y_pred[index]
        plain = {name: _plain(value) for name, value in values.items()}
        if test_data.classes:
            true = int(test_data.y_true[index])
            y_true, prediction = _plain(test_data.classes[true]), _plain(test_data.classes[int(outputs.argmax())])
            probability: float | None = float(outputs[true])
        else:
            y_true, prediction, probability = float(test_data.y_true[index]), float(outputs[0]), None
        row = int(test_data.rows[index]) + 1
        result.append(RowError(row, y_true, prediction, probability, float(losses[index]), plain))
    return tuple(result)


def error_sentence(item: RowError) -> str:
    """The true value and the prediction."""
    if item.probability is None:
        return f"Row {item.row:,}: true {_number(item.y_true)}, predicted {_number(item.prediction)}."
    text = f"Row {item.row:,}: true {quote(item.y_true)}, predicted {quote(item.prediction)}; "
    return f"{text}probability of {quote(item.y_true)} {format_percent(item.probability)}."


def _table(
    context: EvaluationContext, errors: Sequence[RowError]
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """The rows: true value, prediction, and the most important columns."""
    names = [name for item in context.importances.groups for name in item.columns][:_MAX_VALUES]
    # True values and predictions have one format.
    outcomes = displayed_columns([item.y_true for item in errors] + [item.prediction for item in errors])
    columns = [
        [f"{item.row:,}" for item in errors],
        outcomes[: len(errors)],
        outcomes[len(errors) :],
        *(displayed_columns([item.values[name] for item in errors]) for name in names),
    ]
    return ("row", context.target, "predicted", *names), tuple(zip(*columns, strict=True))


def _explanation(context: EvaluationContext, row: int) -> PredictionExplanation:
    """The contributions to the prediction of a row, by its number in the table."""
    [index] = np.flatnonzero(context.test_data.rows == row - 1)
    return shapley_values(context.test_data, int(index), seed=context.seed).shortened()


def displayed_columns(values: Sequence[Plain]) -> list[str]:
    """Values of a column for a table: whole numbers with thousands separators unless all can be years."""
    known = [value for value in values if isinstance(value, int) and not isinstance(value, bool)]
    if all(_FIRST_YEAR <= value <= _LAST_YEAR for value in known):
        return [str(value) if isinstance(value, int) else _cell(value) for value in values]
    return [_cell(value) for value in values]


def _cell(value: Plain) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "missing"
    if isinstance(value, int | float) and abs(value) >= SCIENTIFIC_FROM:
        return format_value(value, 0)
    if isinstance(value, float):
        whole = value == round(value) or abs(value) >= 1000
        return (f"{value:,.0f}" if whole else f"{value:.4g}").replace("-", "−", 1)
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}".replace("-", "−")
    return str(value)


def _number(value: Plain) -> str:
    if not isinstance(value, int | float):
        return str(value)
    return format_value(value, 0) if abs(value) >= SCIENTIFIC_FROM else format_number(float(value))


def _plain(value: object) -> Plain:
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def figures(facts: Facts) -> Iterator[SectionFigure]:
    """The contributions to the prediction of each of the first rows."""
    for index, item in enumerate(facts.get("explanations", ())):
        result = PredictionExplanation.from_dict(item)
        caption = f"The same for row {result.row:,}."
        if not index:
            caption = (
                f"From the average prediction (top) to the prediction of row {result.row:,} (bottom): each bar is the "
                "contribution (Shapley value) of one column; a thin line is its 95% CI."
            )
        yield SectionFigure(result.figure(), result.sentence, caption)


def cells(section: EvaluationSection) -> Iterator[NotebookCell]:
    """The rows as tables."""
    if section.facts["rows"]:
        yield hidden_markdown("These rows, their loss and their values in the table; row numbers start at 1.")
        yield hidden_code(
            'worst = pd.DataFrame(largest_errors.facts["rows"]).drop(columns="values").set_index("row")\nworst'
        )
        yield hidden_code("frame.loc[worst.index - 1]")


SPEC = SectionSpec(SectionName.LARGEST_ERRORS, "Largest errors", read, figures=figures, cells=cells)
