"""The parts of an evaluation beyond the scores: which there are, and how each is read from the test rows.

A part that cannot be told says why in one sentence; the others are told all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from tidynet.core.errors import InputError, did_you_mean
from tidynet.core.text import format_number, format_with_interval, join_names
from tidynet.evaluation.largest_errors import RowError, displayed_columns
from tidynet.evaluation.section import EvaluationSection

if TYPE_CHECKING:
    import polars as pl

    from tidynet.evaluation.contributions import PredictionExplanation
    from tidynet.evaluation.evaluation_data import EvaluationData
    from tidynet.evaluation.importance import PermutationImportance
    from tidynet.evaluation.uncertainty import UncertaintyReport
    from tidynet.table.table import Table

__all__ = ["SECTIONS", "EvaluationContext", "Heard", "compute_sections", "select_sections"]

# Called with the title of the part that begins, its number from 0, and how many there are.
Heard = Callable[[str, int, int], None]


@dataclass(frozen=True, eq=False)
class EvaluationContext:
    """A model and the labelled rows that it is tested on."""

    model: Any
    features: pl.DataFrame
    truth: npt.NDArray[Any]
    target: str
    outputs: npt.NDArray[Any]
    rows: npt.NDArray[Any]
    seed: int = 0
    table: Table | None = None
    training_rows: npt.NDArray[Any] | None = None
    test_rows: npt.NDArray[Any] | None = None
    is_random_split: bool = True

    @cached_property
    def test_data(self) -> EvaluationData:
        """The rows of classes that the model knows."""
        from tidynet.evaluation.evaluation_data import predict_test_data

        return predict_test_data(self.model, self.features, self.truth, self.target, self.rows, self.outputs)

    @cached_property
    def importances(self) -> PermutationImportance:
        """What each column is worth to the model on these rows."""
        from tidynet.evaluation.importance import permutation_importance

        return permutation_importance(self.test_data, self.seed)

    def uncertainty(self) -> UncertaintyReport:
        """Its doubt, read on these rows."""
        from tidynet.evaluation.uncertainty import evaluate_uncertainty

        return evaluate_uncertainty(self.model, self.features, self.truth)


def select_sections(sections: str | Iterable[str]) -> tuple[str, ...]:
    """The names of parts, in the order that they are read.

    Examples
    --------
    >>> select_sections("scores"), select_sections("uncertainty")
    ((), ('uncertainty',))
    """
    if sections == "all":
        return tuple(SECTIONS)
    requested = {sections} if isinstance(sections, str) else set(sections)
    for name in sorted(requested - {"scores"} - set(SECTIONS)):
        near = did_you_mean(name, ["all", "scores", *SECTIONS])
        raise InputError(f"there is no part '{name}' of an evaluation", near or f"choose of {join_names(SECTIONS)}")
    return tuple(name for name in SECTIONS if name in requested)


def compute_sections(
    test_rows: EvaluationContext, sections: Iterable[str], on_section: Heard | None = None
) -> tuple[EvaluationSection, ...]:
    """Read some parts from the test rows."""
    names, result = list(sections), []
    for index, name in enumerate(names):
        title, read = SECTIONS[name]
        if on_section is not None:
            on_section(title, index, len(names))
        try:
            result.append(read(test_rows))
        except InputError as error:
            result.append(EvaluationSection(name, title, (f"Nothing can be told of it: {error}.",)))
    return tuple(result)


def _uncertainty_section(test_rows: EvaluationContext) -> EvaluationSection:
    if not hasattr(test_rows.model, "novelty"):
        raise InputError(f"a {type(test_rows.model).__name__} measures no doubt of its own")
    result = test_rows.uncertainty()
    lines = []
    if result.coverage is not None:
        lines.append(("all rows", *_coverage_table_row(result.coverage)))
        lines += [
            (part.description, *_coverage_table_row(part.coverage))
            for part in (*result.classes, *result.parts[:MOST_PARTS])
        ]
    size = "labels in a set" if result.coverage is not None and result.coverage.sizes else "width"
    header = ("", "rows", "held", "95% interval", size) if lines else ()
    return EvaluationSection(
        "uncertainty",
        SECTIONS["uncertainty"][0],
        tuple(_sentence(item) for item in result.sentences()),
        header,
        tuple(lines),
        result.to_dict(),
    )


def _coverage_table_row(result: Any) -> tuple[str, ...]:
    return (
        f"{result.rows:,}",
        f"{result.coverage:.1%}",
        f"{result.low:.1%} to {result.high:.1%}",
        format_number(float(f"{result.size:.3g}")),
    )


def _importance_section(test_rows: EvaluationContext) -> EvaluationSection:
    result = test_rows.importances
    text = result.groups[:MOST_COLUMNS] if result.is_conclusive else ()
    lines = [(" and ".join(item.columns), format_with_interval(item.value, item.low, item.high)) for item in text]
    header = ("columns permuted", f"the {result.score} rises by (95% interval)") if text else ()
    return EvaluationSection(
        "importance", SECTIONS["importance"][0], (result.sentence,), header, tuple(lines), result.to_dict()
    )


def _effects_section(test_rows: EvaluationContext) -> EvaluationSection:
    from tidynet.evaluation.effects import feature_effects
    from tidynet.evaluation.interactions import strongest_interaction

    columns = [name for item in test_rows.importances.groups if item.low > 0 for name in item.columns]
    group = {name: item.columns for item in test_rows.importances.groups for name in item.columns}
    result = [
        replace(item, correlated_columns=tuple(name for name in group[item.column] if name != item.column))
        for item in feature_effects(test_rows.test_data, columns[:MOST_EFFECTS], test_rows.seed)
    ]
    pair = strongest_interaction(test_rows.test_data, columns, test_rows.seed)
    text = [item.sentence for item in result] + ([] if pair is None else [pair.sentence])
    facts = {"columns": [item.to_dict() for item in result], "pair": None if pair is None else pair.to_dict()}
    none = "No column matters enough for its effect to be drawn."
    return EvaluationSection("effects", SECTIONS["effects"][0], tuple(text) or (none,), facts=facts)


def _leakage_section(test_rows: EvaluationContext) -> EvaluationSection:
    from tidynet.evaluation.evaluation_data import used_columns
    from tidynet.evaluation.leakage import find_leakage
    from tidynet.evaluation.training_row_overlap import find_training_rows

    if test_rows.table is None:
        raise InputError("the rows in their own order are not known")
    right, y_true = None, test_rows.truth
    if hasattr(test_rows.model, "classes_"):
        codes = {label: code for code, label in enumerate(np.asarray(test_rows.model.classes_).tolist())}
        y_true = np.array([codes.get(label, -1) for label in test_rows.truth.tolist()])
        right = float((test_rows.outputs.argmax(axis=1) == y_true).mean())
    result = find_leakage(
        test_rows.table,
        test_rows.target,
        training=test_rows.training_rows,
        test=test_rows.test_rows,
        used=used_columns(test_rows.model, test_rows.features),
        at_random=test_rows.is_random_split,
        accuracy=right,
    )
    # Where the training rows are not at hand, the model is asked for those that it keeps.
    training_rows = (
        find_training_rows(test_rows.model, test_rows.features, test_rows.rows, y_true)
        if test_rows.training_rows is None
        else None
    )
    text = tuple(item.text for item in result)
    if training_rows is not None:
        text = (f"{_sentence(training_rows.sentence)} {training_rows.action}", *text)
        result = (training_rows, *result)
    where = "the table and its split" if test_rows.training_rows is not None else "the table"
    none = f"No leak and no trap was found in {where}."
    return EvaluationSection(
        "leakage", SECTIONS["leakage"][0], text or (none,), facts={"findings": [asdict(item) for item in result]}
    )


def _subgroup_section(test_rows: EvaluationContext) -> EvaluationSection:
    from tidynet.evaluation.subgroups import weak_subgroups

    result = weak_subgroups(test_rows.test_data, test_rows.seed)
    return EvaluationSection("subgroups", SECTIONS["subgroups"][0], tuple(result.sentences), facts=result.to_dict())


def _largest_errors_section(test_rows: EvaluationContext) -> EvaluationSection:
    from tidynet.evaluation.largest_errors import largest_errors

    # A class that was predicted right is no error, however unsure the network was of it.
    result = [
        item
        for item in largest_errors(test_rows.test_data)
        if item.probability is None or item.y_true != item.prediction
    ]
    said = [item.sentence for item in result] or ["No test row was predicted wrong."]
    why = (
        [_explanation_text(test_rows, item.row) for item in result[:MOST_ERRORS]]
        if test_rows.test_data.height > 1
        else []
    )
    text = [f"{words} {item.to_short_sentence}" for words, item in zip(said, why, strict=False)] or said[:MOST_ERRORS]
    facts = {"rows": [item.to_dict() for item in result], "sentences": said, "why": [item.to_dict() for item in why]}
    header, lines = _error_lines(test_rows, result) if result else ((), ())
    return EvaluationSection("errors", SECTIONS["errors"][0], tuple(text), header, lines, facts)


def _error_lines(
    test_rows: EvaluationContext, result: Sequence[RowError]
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """The rows themselves: what is true, what was said, and the columns that matter most first."""
    ordered = [name for item in test_rows.importances.groups for name in item.columns][:MOST_VALUES]
    # What is true and what was said are written alike.
    outcomes = displayed_columns([item.y_true for item in result] + [item.prediction for item in result])
    columns = [
        [f"{item.row:,}" for item in result],
        outcomes[: len(result)],
        outcomes[len(result) :],
        *(displayed_columns([item.values[name] for item in result]) for name in ordered),
    ]
    return ("row", test_rows.target, "predicted", *ordered), tuple(zip(*columns, strict=True))


def _explanation_text(test_rows: EvaluationContext, row: int) -> PredictionExplanation:
    """What moves the prediction of a row that has this number in its table."""
    from tidynet.evaluation.shapley import shapley_values

    [index] = np.flatnonzero(test_rows.test_data.rows == row - 1)
    return shapley_values(test_rows.test_data, int(index), seed=test_rows.seed).shortened()


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}" + ("" if text.endswith(".") else ".")


MOST_PARTS, MOST_COLUMNS, MOST_ERRORS, MOST_EFFECTS, MOST_VALUES = 6, 12, 3, 3, 5
# Name: (title, how it is read).
SECTIONS: dict[str, tuple[str, Callable[[EvaluationContext], EvaluationSection]]] = {
    "leakage": ("Leaks and traps", _leakage_section),
    "uncertainty": ("Its doubt: probabilities, sets and intervals", _uncertainty_section),
    "importance": ("What it leans on", _importance_section),
    "effects": ("How predictions go with its columns", _effects_section),
    "subgroups": ("Where it fails", _subgroup_section),
    "errors": ("The largest single errors", _largest_errors_section),
}
