"""A model card in Markdown: what is known from the model's file, and the gaps that only a person can fill.

The sections are those of Mitchell and others, "Model Cards for Model Reporting" (FAT*, 2019).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tidynet.evaluation.result import Evaluation
from tidynet.evaluation.section import CardPlace
from tidynet.evaluation.sections import SPECS
from tidynet.output.notebook.cell import escape_markdown
from tidynet.output.report.report_data import format_scores
from tidynet.preprocessing.encoders import CategoryEncoder

__all__ = ["GAP", "model_card"]

_CHIEF = ("tidynet", "numpy", "scipy", "numba", "polars", "scikit-learn", "safetensors")
GAP = "**To fill in**"

_LISTED = 40  # columns and classes


def model_card(model: Any, file: str = "") -> str:
    """The card of a fitted model.

    Examples
    --------
    >>> import numpy as np, tidynet as tn
    >>> X = np.linspace(-1, 1, 60)[:, None]
    >>> model = tn.MLPRegressor(random_state=0, preset="tidynet", effort="fast", max_iter=3).fit(X, X[:, 0])
    >>> print(model_card(model).splitlines()[0])
    # Model card: prediction of a number
    """
    record: Mapping[str, Any] = getattr(model, "record_", {})
    target = record.get("target")
    what = f"`{_code(target)}`" if target else ("a class" if hasattr(model, "classes_") else "a number")
    sections = {
        "Model details": _details(model, record),
        "Intended use": _use(model, record, file or "model.tidynet"),
        "Factors": _factors(model),
        "Training data": _data(model, record),
        "Evaluation": _evaluation(record),
        "Doubt": _uncertainty_text(model, record),
        "Ethical considerations": iter(
            [
                f"{GAP}: whether rows are about people, which columns describe or stand in for protected groups, who "
                "could be harmed by a wrong prediction, and what was done about it."
            ]
        ),
        "Caveats and recommendations": _caveats(model, record),
        "How to make it again": _provenance_text(record),
    }
    parts = [f"# Model card: prediction of {what}"]
    for title, lines in sections.items():
        parts += [f"## {title}", "\n".join(lines)]
    return "\n\n".join(parts) + "\n"


def _details(model: Any, record: Mapping[str, Any]) -> Iterator[str]:
    provenance, network = record.get("provenance", {}), model.network_
    hidden = "–".join(str(units) for units in network.hidden)
    kinds = ", ".join(dict.fromkeys(network.activations))
    layers = f"hidden layers of {hidden} units ({kinds})" if hidden else "no hidden layer"
    count = len(model.members_)
    yield f"- Kind: {_networks(count)}, {layers}, output {network.output_activation}, loss {network.loss}"
    yield f"- Weights: {network.parameters:,} in each network, {model.dtype_}"
    yield f"- Task: {_task(model, record)}"
    yield f"- Made: {provenance['date'] if 'date' in provenance else GAP + ': when'}"
    yield f"- tidynet: {provenance['version'] if 'version' in provenance else GAP + ': its version'}"
    yield f"- People: {GAP}: who made it, and whom to ask"
    yield f"- Version and licence: {GAP}"


def _networks(count: int) -> str:
    return "one feedforward network" if count == 1 else f"the mean of {count} feedforward networks"


def _task(model: Any, record: Mapping[str, Any]) -> str:
    if not hasattr(model, "classes_"):
        return "regression"
    classes = [str(label) for label in model.classes_.tolist()]
    named = ", ".join(f"`{_code(label)}`" for label in classes[:_LISTED])
    more = f" and {len(classes) - _LISTED} more" if len(classes) > _LISTED else ""
    return f"{record.get('task', 'classification')}: {named}{more}"


def _use(model: Any, record: Mapping[str, Any], file: str) -> Iterator[str]:
    del model
    target = record.get("target")
    yield f"- For: predicting {'`' + _code(target) + '`' if target else 'the target'} from the columns under *Factors*."
    yield f"- Meant for: {GAP}: the decisions that it may support, and the people who may use it."
    yield f"- Not meant for: {GAP}: what it must not be used for."
    yield f"- By: `tidynet predict {_code(file)} new.csv --out predictions.csv`"


def _factors(model: Any) -> Iterator[str]:
    recipe = model.recipe_
    kinds = recipe.variable_types
    yield f"{len(recipe.used_columns):,} columns are looked at:"
    yield ""
    yield "| column | kind | missing values in training |"
    yield "|---|---|---|"
    encoders = (*recipe.numbers, *recipe.categories)
    for encoder in encoders[:_LISTED]:
        kind = kinds.get(encoder.name, "number")
        levels = f", {len(encoder.categories):,} categories" if isinstance(encoder, CategoryEncoder) else ""
        name, gaps = _code(encoder.name, in_table=True), "yes" if encoder.add_indicator else "none"
        yield f"| `{name}` | {kind}{levels} | {gaps} |"
    if len(encoders) > _LISTED:
        yield f"| and {len(encoders) - _LISTED} more | | |"
    aside = list(recipe.excluded_columns.items())
    if aside:
        yield ""
        yield (
            "Not looked at: "
            + "; ".join(f"`{_code(name)}` ({_words(reason)})" for name, reason in aside[:_LISTED])
            + "."
        )
    yield ""
    yield f"{GAP}: groups of rows (people, places, devices, times) for which it may do worse."


def _with_interval(item: Mapping[str, Any]) -> str:
    return f"{item['text']} ({item['interval']})" if item["interval"] else str(item["text"])


def _data(model: Any, record: Mapping[str, Any]) -> Iterator[str]:
    table, rows = record.get("table"), record.get("provenance", {}).get("rows", {})
    if table is None:
        yield f"- Table: {GAP}: its name and source"
        yield f"- Rows: {model.n_training_rows_:,} for training, {model.n_validation_rows_:,} to stop early by"
    else:
        yield f"- Table: `{_code(table['name'])}`, {table['rows']:,} rows, from `{_code(str(table['source']))}`"
        folds = model.n_validation_rows_ if not rows.get("validation") else 0
        kept_back = {"training": f" (each network keeps back a fold of {folds:,} to stop in time)"} if folds else {}
        yield "- Rows: " + ", ".join(
            f"{count:,} {part}{kept_back.get(part, '')}" for part, count in rows.items() if count or part == "test"
        )
    yield f"- How it was gathered, when, from whom, and with what consent: {GAP}"


def _evaluation(record: Mapping[str, Any]) -> Iterator[str]:
    result = record.get("evaluation")
    if not result:
        yield f"{GAP}: the scores on rows that took no part in training (`tidynet evaluate` gives them)."
        return
    rows = record.get("provenance", {}).get("rows", {}).get("test")
    where = f"On {rows:,} test rows, which took no part in training" if rows else "On the test rows"
    split = record.get("provenance", {}).get("split", {})
    if "group" in split:
        where += f"; all rows of one `{_code(split['group'])}` stand on one side"
    elif split:
        where += f"; they are the last by `{_code(split['time'])}`"
    yield f"{where}; 95% bootstrap intervals in brackets."
    yield ""
    yield "| measure | predictor | score |"
    yield "|---|---|---|"
    for measure in format_scores(Evaluation.from_dict(result)):
        arrow = "higher is better" if measure["higher_is_better"] else "lower is better"
        for index, item in enumerate(measure["predictors"]):
            name = f"**{_words(measure['name'])}** ({arrow})" if index == 0 else ""
            yield f"| {name} | {_words(item['name'])} | {_with_interval(item)} |"
    for note in result.get("notes", ()):
        yield ""
        yield _sentence(note)
    for item in _sections_at(record, CardPlace.EVALUATION):
        yield from _section_text(item)


def _section_text(section: Mapping[str, Any]) -> Iterator[str]:
    """A part of the evaluation under a heading of its own: what it says, and its table."""
    yield ""
    yield f"### {_words(section['title'])}"
    yield ""
    yield " ".join(_sentence(text) for text in section["sentences"])
    if section["lines"]:
        yield ""
        for index, line in enumerate([section["header"], *section["lines"]]):
            yield "| " + " | ".join(_words(cell) for cell in line) + " |"
            if index == 0:
                yield "|" + "---|" * len(line)


def _uncertainty_text(model: Any, record: Mapping[str, Any]) -> Iterator[str]:
    calibration = getattr(model, "calibration_", None) if hasattr(model, "classes_") else None
    if calibration and calibration.get("sentence"):
        yield f"- {_sentence(calibration['sentence'])}"
    for sentence in _section_sentences(record, CardPlace.UNCERTAINTY):
        if not calibration or sentence != _sentence(calibration.get("sentence", "")):
            yield f"- {sentence}"
    yield f"- What a wrong prediction costs, and from which doubt on a person decides: {GAP}"


def _sections_at(record: Mapping[str, Any], place: CardPlace) -> Iterator[Mapping[str, Any]]:
    """The sections of the evaluation that this part of the card shows."""
    for item in (record.get("evaluation") or {}).get("sections", ()):
        if SPECS[item["name"]].card_place is place:
            yield item


def _section_sentences(record: Mapping[str, Any], place: CardPlace) -> list[str]:
    """The sentences of these sections, once each."""
    text = (line for item in _sections_at(record, place) for line in item["sentences"])
    return list(dict.fromkeys(_sentence(line) for line in text))


def _caveats(model: Any, record: Mapping[str, Any]) -> Iterator[str]:
    provenance = record.get("provenance", {})
    for note in provenance.get("notes", ()):
        yield f"- {_sentence(note)}"
    for sentence in _section_sentences(record, CardPlace.CAVEATS):
        yield f"- {sentence}"
    if model.interrupted_:
        yield "- Training was interrupted by hand."
    yield (
        "- Levels that were never seen in training add nothing to the prediction; `tidynet predict --novelty` "
        "tells of rows unlike any that were."
    )
    yield f"- Known faults: {GAP}"


def _provenance_text(record: Mapping[str, Any]) -> Iterator[str]:
    provenance = record.get("provenance", {})
    if not provenance:
        yield f"{GAP}: the code or command, the seed and the packages."
        return
    yield f"- Command: `{_code(provenance['command'])}`" if provenance.get("command") else f"- Code or command: {GAP}"
    yield f"- Seed: {provenance.get('seed', GAP)}"
    packages = provenance.get("packages") or _chief_packages(provenance.get("environment"))
    yield "- Packages: " + (", ".join(f"{name} {version}" for name, version in packages.items()) or GAP)


def _chief_packages(environment: Mapping[str, Any] | None) -> dict[str, str]:
    """Of an environment, Python and the packages that a model's numbers depend on."""
    if not environment:
        return {}
    result = environment["packages"]
    return {"python": environment["python"]} | {name: result[name] for name in _CHIEF if name in result}


def _sentence(text: str) -> str:
    return _words(text[:1].upper() + text[1:].rstrip(".")) + "."


def _words(text: object) -> str:
    r"""A text that may hold the user's, in one line, so that Markdown shows it as it is; `code` stays code.

    Examples
    --------
    >>> print(_words("F1 of <i>a|b</i>, see `x_y`"))
    F1 of \<i\>a\|b\</i\>, see `x_y`
    """
    parts = re.split(r"(`[^`]+`)", " ".join(str(text).split()))
    return "".join(part if number % 2 else _range_text(part) for number, part in enumerate(parts))


def _range_text(text: str) -> str:
    return f"{' ' * text.startswith(' ')}{escape_markdown(text)}{' ' * text.endswith(' ')}" if text.strip() else text


def _code(text: object, in_table: bool = False) -> str:
    """A text of the user's between backticks, in one line; in a table a bar would end the cell."""
    line = " ".join(str(text).split()).replace("`", "ʼ")
    return line.replace("|", "\\|") if in_table else line
