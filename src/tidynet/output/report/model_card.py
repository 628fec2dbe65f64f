"""A model card in Markdown, from the model file, with entries that a person has to fill in.

The sections are those of Mitchell and others, "Model Cards for Model Reporting" (FAT*, 2019).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tidynet.core.notebook_cell import escape_markdown
from tidynet.core.text import pluralize
from tidynet.estimators.fitted_model import FittedModel, is_classifier
from tidynet.evaluation.result import Evaluation
from tidynet.evaluation.section import CardPlace
from tidynet.evaluation.sections import SPECS
from tidynet.output.report.report_data import format_scores
from tidynet.preprocessing.encoders import CategoryEncoder, NumberEncoder

_MAIN_PACKAGES = ("tidynet", "numpy", "scipy", "numba", "polars", "scikit-learn", "safetensors")
TO_FILL_IN = "**To fill in**"

_MAX_LISTED = 40  # columns and classes


def model_card(model: FittedModel, file: str = "") -> str:
    """The card of a fitted model."""
    record: Mapping[str, Any] = model.record_
    target = record.get("target")
    what = f"`{_code(target)}`" if target else ("a class" if is_classifier(model) else "a number")
    sections = {
        "Model details": _details(model, record),
        "Intended use": _use(record, file or "model.tidynet"),
        "Factors": _factors(model),
        "Training data": _data(model, record),
        "Evaluation": _evaluation(record),
        "Uncertainty": _uncertainty_text(model, record),
        "Ethical considerations": iter(
            [
                f"{TO_FILL_IN}: whether rows describe people, which columns describe protected groups or are "
                "associated with them, who could be harmed by a wrong prediction, and what was done about it."
            ]
        ),
        "Caveats and recommendations": _caveats(model, record),
        "Reproduce": _provenance_text(record),
    }
    parts = [f"# Model card: prediction of {what}"]
    for title, lines in sections.items():
        parts += [f"## {title}", "\n".join(lines)]
    return "\n\n".join(parts) + "\n"


def _details(model: FittedModel, record: Mapping[str, Any]) -> Iterator[str]:
    provenance, network = record.get("provenance", {}), model.network_
    hidden = "–".join(str(units) for units in network.hidden)
    activations = ", ".join(dict.fromkeys(network.activations))
    layers = f"hidden layers of {hidden} units ({activations})" if hidden else "no hidden layer"
    count = len(model.members_)
    yield f"- Architecture: {_networks(count)}, {layers}, output {network.output_activation}, loss {network.loss}"
    yield f"- Weights: {network.parameters:,} in each network, {model.dtype_}"
    yield f"- Task: {_task(model, record)}"
    yield f"- Date: {provenance.get('date', TO_FILL_IN)}"
    yield f"- tidynet version: {provenance.get('version', TO_FILL_IN)}"
    yield f"- People: {TO_FILL_IN}: authors and contact"
    yield f"- Version and license: {TO_FILL_IN}"


def _networks(count: int) -> str:
    return "one feedforward network" if count == 1 else f"the mean of {count} feedforward networks"


def _task(model: FittedModel, record: Mapping[str, Any]) -> str:
    if not is_classifier(model):
        return "regression"
    classes = [str(label) for label in model.classes_.tolist()]
    named = ", ".join(f"`{_code(label)}`" for label in classes[:_MAX_LISTED])
    more = f" and {len(classes) - _MAX_LISTED} more" if len(classes) > _MAX_LISTED else ""
    return f"{record.get('task', 'classification')}: {named}{more}"


def _use(record: Mapping[str, Any], file: str) -> Iterator[str]:
    target = record.get("target")
    what = f"`{_code(target)}`" if target else "the target"
    yield f"- Purpose: predict {what} from the columns under *Factors*."
    yield f"- Intended decisions and users: {TO_FILL_IN}"
    yield f"- Out of scope: {TO_FILL_IN}"
    yield f"- Command: `tidynet predict {_code(file)} new.csv --out predictions.csv`"


def _factors(model: FittedModel) -> Iterator[str]:
    recipe = model.recipe_
    yield f"The model uses {pluralize(len(recipe.used_columns), 'column')}:"
    yield ""
    yield "| column | variable type | missing values in training |"
    yield "|---|---|---|"
    encoders: list[NumberEncoder | CategoryEncoder] = [*recipe.numbers, *recipe.categories]
    for encoder in encoders[:_MAX_LISTED]:
        variable_type = recipe.variable_types.get(encoder.name, "number")
        categories = f", {len(encoder.categories):,} categories" if isinstance(encoder, CategoryEncoder) else ""
        name, missing = _code(encoder.name, in_table=True), "yes" if encoder.add_indicator else "none"
        yield f"| `{name}` | {variable_type}{categories} | {missing} |"
    if len(encoders) > _MAX_LISTED:
        yield f"| and {len(encoders) - _MAX_LISTED} more | | |"
    excluded = list(recipe.excluded_columns.items())
    if excluded:
        yield ""
        yield (
            "Excluded: "
            + "; ".join(f"`{_code(name)}` ({_escaped(reason)})" for name, reason in excluded[:_MAX_LISTED])
            + "."
        )
    yield ""
    yield f"{TO_FILL_IN}: groups of rows (people, places, devices, times) for which predictions may be worse."


def _with_interval(item: Mapping[str, Any]) -> str:
    return f"{item['text']} ({item['interval']})" if item["interval"] else str(item["text"])


def _data(model: FittedModel, record: Mapping[str, Any]) -> Iterator[str]:
    table, rows = record.get("table"), record.get("provenance", {}).get("rows", {})
    if table is None:
        yield f"- Table: {TO_FILL_IN}: its name and source"
        yield f"- Rows: {model.n_training_rows_:,} for training, {model.n_validation_rows_:,} for validation"
    else:
        yield f"- Table: `{_code(table['name'])}`, {table['rows']:,} rows, from `{_code(str(table['source']))}`"
        folds = model.n_validation_rows_ if not rows.get("validation") else 0
        validation = {"training": f" (each network uses a fold of {folds:,} as validation set)"} if folds else {}
        yield "- Rows: " + ", ".join(
            f"{count:,} {part}{validation.get(part, '')}" for part, count in rows.items() if count or part == "test"
        )
    yield f"- Collection (method, time, source, consent): {TO_FILL_IN}"


def _evaluation(record: Mapping[str, Any]) -> Iterator[str]:
    result = record.get("evaluation")
    if not result:
        yield f"{TO_FILL_IN}: the scores on rows outside the training set (`tidynet evaluate` computes them)."
        return
    rows = record.get("provenance", {}).get("rows", {}).get("test")
    where = f"On {pluralize(rows, 'test row')} outside the training set" if rows else "On the test rows"
    split = record.get("provenance", {}).get("split", {})
    if "group" in split:
        where += f"; all rows of one `{_code(split['group'])}` are in one set"
    elif split:
        where += f"; they are the last by `{_code(split['time'])}`"
    yield f"{where}; 95% bootstrap CIs in parentheses."
    yield ""
    yield "| score | model | value (95% CI) |"
    yield "|---|---|---|"
    for score in format_scores(Evaluation.from_dict(result)):
        arrow = "higher is better" if score["higher_is_better"] else "lower is better"
        for index, item in enumerate(score["predictors"]):
            name = f"**{_escaped(score['name'])}** ({arrow})" if index == 0 else ""
            yield f"| {name} | {_escaped(item['name'])} | {_with_interval(item)} |"
    for note in result.get("notes", ()):
        yield ""
        yield _sentence(note)
    for item in _sections_at(record, CardPlace.EVALUATION):
        yield from _section_text(item)


def _section_text(section: Mapping[str, Any]) -> Iterator[str]:
    """A section of the evaluation under a heading: its sentences and its table."""
    yield ""
    yield f"### {_escaped(section['title'])}"
    yield ""
    yield " ".join(_sentence(text) for text in section["sentences"])
    if section["lines"]:
        yield ""
        for index, line in enumerate([section["header"], *section["lines"]]):
            yield "| " + " | ".join(_escaped(cell) for cell in line) + " |"
            if index == 0:
                yield "|" + "---|" * len(line)


def _uncertainty_text(model: FittedModel, record: Mapping[str, Any]) -> Iterator[str]:
    calibration = model.calibration_ if is_classifier(model) else None
    if calibration and calibration.get("sentence"):
        yield f"- {_sentence(calibration['sentence'])}"
    for sentence in _section_sentences(record, CardPlace.UNCERTAINTY):
        if not calibration or sentence != _sentence(calibration.get("sentence", "")):
            yield f"- {sentence}"
    yield f"- Cost of a wrong prediction, and the uncertainty from which on a person decides: {TO_FILL_IN}"


def _sections_at(record: Mapping[str, Any], place: CardPlace) -> Iterator[Mapping[str, Any]]:
    """The sections of the evaluation that this part of the card shows."""
    for item in (record.get("evaluation") or {}).get("sections", ()):
        if SPECS[item["name"]].card_place is place:
            yield item


def _section_sentences(record: Mapping[str, Any], place: CardPlace) -> list[str]:
    """The sentences of these sections, once each."""
    text = (line for item in _sections_at(record, place) for line in item["sentences"])
    return list(dict.fromkeys(_sentence(line) for line in text))


def _caveats(model: FittedModel, record: Mapping[str, Any]) -> Iterator[str]:
    provenance = record.get("provenance", {})
    for note in provenance.get("notes", ()):
        yield f"- {_sentence(note)}"
    for sentence in _section_sentences(record, CardPlace.CAVEATS):
        yield f"- {sentence}"
    if model.interrupted_:
        yield "- Training was interrupted."
    yield (
        "- Categories absent from training add nothing to the prediction; `tidynet predict --novelty` marks rows "
        "unlike the training rows."
    )
    yield f"- Known limitations: {TO_FILL_IN}"


def _provenance_text(record: Mapping[str, Any]) -> Iterator[str]:
    provenance = record.get("provenance", {})
    if not provenance:
        yield f"{TO_FILL_IN}: the code or command, the seed and the packages."
        return
    yield (
        f"- Command: `{_code(provenance['command'])}`"
        if provenance.get("command")
        else f"- Code or command: {TO_FILL_IN}"
    )
    yield f"- Seed: {provenance.get('seed', TO_FILL_IN)}"
    packages = provenance.get("packages") or _main_packages(provenance.get("environment"))
    yield "- Packages: " + (", ".join(f"{name} {version}" for name, version in packages.items()) or TO_FILL_IN)


def _main_packages(environment: Mapping[str, Any] | None) -> dict[str, str]:
    """Python and the packages of an environment that a model's numbers depend on."""
    if not environment:
        return {}
    result = environment["packages"]
    return {"python": environment["python"]} | {name: result[name] for name in _MAIN_PACKAGES if name in result}


def _sentence(text: str) -> str:
    return _escaped(text[:1].upper() + text[1:].rstrip(".")) + "."


def _escaped(text: object) -> str:
    r"""A text on one line, escaped so that Markdown shows it unchanged; `code` stays code."""
    parts = re.split(r"(`[^`]+`)", " ".join(str(text).split()))
    return "".join(part if number % 2 else _escaped_part(part) for number, part in enumerate(parts))


def _escaped_part(text: str) -> str:
    return f"{' ' * text.startswith(' ')}{escape_markdown(text)}{' ' * text.endswith(' ')}" if text.strip() else text


def _code(text: object, in_table: bool = False) -> str:
    """A text for use between backticks, on one line; in a table a bar would end the cell."""
    line = " ".join(str(text).split()).replace("`", "ʼ")
    return line.replace("|", "\\|") if in_table else line
