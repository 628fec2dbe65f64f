"""The report of a training: one HTML file that opens offline, on a phone, in dark mode and on paper.

`report_data` gathers plain data, this module draws the charts and renders the page. The page is complete without
its one script, which only searches, sorts and folds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tidynet.core.text import capitalize
from tidynet.output.report.html_page import render_template, trusted_markup
from tidynet.output.report.profile_sections import make_profile_sections
from tidynet.output.report.report_data import Provenance, make_report_data, restore_report_data, stored_report_data
from tidynet.profiling.profile import Profile

if TYPE_CHECKING:
    from markupsafe import Markup

    from tidynet.estimators.fitted_model import FittedModel
    from tidynet.evaluation.result import Evaluation
    from tidynet.table.table import Table

_MAX_COLUMN_CHARTS = 24  # more columns are first of all a table of statistics, their charts folded
_N_OPEN_SCORES = 8  # the rest, mostly class by class, are folded
_N_SUMMARY_SCORES = 5
_MAX_NUMBERED_CLASSES = 12  # for more classes the confusion matrix is a figure and a list


def write_report(
    path: str | Path,
    *,
    table: Table,
    model: FittedModel,
    evaluation: Evaluation,
    provenance: Provenance | Mapping[str, Any],
    profile: Profile | None = None,
) -> int:
    """Write the report of a training; the model's record keeps its data, so that it can be written again."""
    facts = make_report_data(table, model, evaluation, provenance, profile)
    model.record_["report"] = stored_report_data(facts, model)
    return Path(path).write_bytes(render(facts).encode())


def rewrite_report(model: FittedModel, path: str | Path) -> int:
    """Write the report of a training again, from the model alone; returns its bytes."""
    from tidynet.core.atomic_write import atomic_write

    page = render(restore_report_data(model)).encode()
    with atomic_write(path) as temporary:
        temporary.write_bytes(page)
    return len(page)


def render(facts: Mapping[str, Any]) -> str:
    """The report's HTML from the data of `make_report_data`."""
    return render_template(
        "report.html.jinja",
        "profile.css",
        "report.css",
        script="page.js",
        **{**facts, **make_profile_sections(Profile.from_dict(facts["profile"]))},
        max_column_charts=_MAX_COLUMN_CHARTS,
        n_open_scores=_N_OPEN_SCORES,
        score_summary=_score_summary(facts["scores"][:_N_SUMMARY_SCORES]),
        score_figures=[_score_figures(metric) for metric in facts["scores"]],
        training_figure=_training_figure(facts["history"], facts["other_histories"]),
        result_figure=_result_figure(facts),
        section_links=[(item["name"].replace(" ", "-"), item["title"]) for item in facts["sections"]],
        section_figures=[section_figures(section) for section in facts["sections"]],
    )


def _score_summary(scores: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The first scores: a row for each score, a column for the network, then the baselines, the strongest first."""
    names = list(dict.fromkeys(item["name"] for metric in scores for item in metric["predictors"]))
    names[1:] = names[:0:-1]
    lines = []
    for metric in scores:
        text = {
            item["name"]: f"{item['text']} ({item['interval']})" if item["interval"] else item["text"]
            for item in metric["predictors"]
        }
        lines.append([capitalize(metric["name"]), *(text.get(name, "–") for name in names)])
    return {"header": ["Score (95% CI)", *names], "lines": lines}


def _score_figures(metric: Mapping[str, Any]) -> dict[str, Any]:
    from tidynet.plot.interval_svg import axis_range, small_axis, small_interval

    predictors = metric["predictors"]
    span = axis_range([item[end] for item in predictors for end in ("value", "low", "high")])
    figures = [
        trusted_markup(small_interval(item["value"], item["low"], item["high"], span, strong=index == 0))
        for index, item in enumerate(predictors)
    ]
    return {"predictors": figures, "axis": trusted_markup(small_axis(span))}


def _training_figure(history: Mapping[str, Any], others: Sequence[Mapping[str, Any]]) -> Markup:
    from tidynet.plot.theme import svg
    from tidynet.plot.training_curve import plot_training_curve

    losses = [record["training_loss"] for record in history["epochs"] if record["training_loss"] is not None]
    change = f"Training loss from {losses[0]:.3g} to {losses[-1]:.3g}. " if losses else ""
    n_epochs, best = len(history["epochs"]), history["best_epoch"]
    alt = f"Training and validation loss by epoch ({n_epochs}). {change}Best epoch: {best}."
    return trusted_markup(svg(plot_training_curve(history, others), alt=alt))


def _result_figure(facts: Mapping[str, Any]) -> Markup | None:
    """Predicted by true values of a regression; the confusion matrix of classes too many for a table of numbers."""
    from tidynet.plot import evaluation as charts
    from tidynet.plot.theme import fit_width, svg

    if facts["task"] == "regression":
        rows = facts["predictions"]
        figure = charts.plot_predicted_vs_actual(rows["true_values"], rows["prediction"])
        alt = f"Predicted by true {fit_width(facts['target'], 60)} of {len(rows['true_values']):,} test rows."
        return trusted_markup(svg(figure, alt=alt))
    confusion = facts["confusion"]
    if confusion is None or len(confusion["classes"]) <= _MAX_NUMBERED_CLASSES:
        return None
    correct = sum(line[index] for index, line in enumerate(confusion["matrix"]))
    alt = (
        f"Confusion matrix of {len(confusion['classes'])} classes: {correct:,} correct rows on the diagonal, "
        f"{confusion['wrong']:,} misclassified."
    )
    return trusted_markup(svg(charts.plot_confusion_matrix(confusion["matrix"], confusion["classes"]), alt=alt))


def section_figures(section: Mapping[str, Any]) -> list[Markup]:
    """The figures that the section's file declares; none for a section without facts."""
    from markupsafe import Markup

    from tidynet.evaluation.sections import SPECS
    from tidynet.plot.theme import svg

    if not section["facts"]:
        return []
    captioned = Markup("{}<figcaption>{}</figcaption>")
    return [
        captioned.format(trusted_markup(svg(item.figure, alt=item.alt)), item.caption)
        for item in SPECS[section["name"]].figures(section["facts"])
    ]
