"""The report: one HTML file that opens anywhere, offline, on a phone, in the dark and on paper.

Facts first (`tidynet.output.report.report_data`), then pictures, then the page. The page reads whole without its one script,
which only searches, sorts and folds; it asks no address for anything, and its content policy forbids both
that and any other script.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tidynet.output.report.evaluation_figures import section_figures
from tidynet.output.report.html_page import render_template, shorten, trusted_markup
from tidynet.output.report.profile_sections import make_profile_sections
from tidynet.output.report.report_data import Provenance, make_report_data, restore_report_data, stored_report_data
from tidynet.profiling.profile import Profile

if TYPE_CHECKING:
    from markupsafe import Markup

    from tidynet.evaluation.result import Evaluation
    from tidynet.table.table import Table

__all__ = ["render", "rewrite_report", "write_report"]

_MANY_COLUMNS = 24  # more than this are first of all a table of numbers, their pictures folded
_FIRST_SCORES = 8  # the rest, mostly class by class, are folded
_MOST_NUMBERED_CLASSES = 12  # more than this and a confusion matrix is a picture and a list


def write_report(
    path: str | Path,
    *,
    table: Table,
    model: Any,
    evaluation: Evaluation,
    provenance: Provenance | Mapping[str, Any],
    profile: Profile | None = None,
) -> int:
    """Write the report of one training as a self-contained HTML file."""
    facts = make_report_data(table, model, evaluation, provenance, profile)
    if hasattr(model, "record_"):
        model.record_["report"] = stored_report_data(facts, model)  # so that the model file can tell it again
    return Path(path).write_bytes(render(facts).encode())


def rewrite_report(model: Any, path: str | Path) -> int:
    """Write the report of a training again, from the model alone; returns its bytes."""
    from tidynet.core.atomic_write import atomic_write

    page = render(restore_report_data(model)).encode()
    with atomic_write(path) as temporary:
        temporary.write_bytes(page)
    return len(page)


def render(facts: Mapping[str, Any]) -> str:
    """The report's HTML from the facts that `report_facts` gathered."""
    return render_template(
        "report.html.jinja",
        "look.css",
        "report.css",
        script="page.js",
        **{**facts, **make_profile_sections(Profile.from_dict(facts["profile"]))},
        many=_MANY_COLUMNS,
        first_scores=_FIRST_SCORES,
        score_pictures=[_score_figures(measure) for measure in facts["scores"]],
        training_picture=_training_figure(facts["history"], facts["other_histories"]),
        result_picture=_result_figure(facts),
        section_pictures=[section_figures(section) for section in facts["sections"]],
        numbered=len((facts["confusion"] or {}).get("classes", ())) <= _MOST_NUMBERED_CLASSES,
    )


def _score_figures(measure: Mapping[str, Any]) -> dict[str, Any]:
    from tidynet.plot.interval_svg import axis_range, small_axis, small_interval

    predictors = measure["predictors"]
    span = axis_range([predictor[end] for predictor in predictors for end in ("value", "low", "high")])
    figures = [
        trusted_markup(small_interval(item["value"], item["low"], item["high"], span, strong=index == 0))
        for index, item in enumerate(predictors)
    ]
    return {"predictors": figures, "axis": trusted_markup(small_axis(span))}


def _training_figure(history: Mapping[str, Any], others: Sequence[Mapping[str, Any]]) -> Markup:
    from tidynet.plot.theme import svg
    from tidynet.plot.training_curve import plot_training_curve

    losses = [record["training_loss"] for record in history["epochs"] if record["training_loss"] is not None]
    fall = f"The training loss went from {losses[0]:.3g} to {losses[-1]:.3g}. " if losses else ""
    alt = (
        f"Training and validation loss over {len(history['epochs'])} epochs. {fall}"
        f"Epoch {history['best_epoch']} was kept."
    )
    return trusted_markup(svg(plot_training_curve(history, others), alt=alt))


def _result_figure(facts: Mapping[str, Any]) -> Markup | None:
    """Predicted against true for numbers; shading for classes that are too many for a table of numbers."""
    from tidynet.plot import evaluation as results
    from tidynet.plot.theme import svg

    if facts["task"] == "regression":
        pairs = facts["predictions"]
        alt = f"Predicted against true {shorten(facts['target'])} for {len(pairs['truth']):,} test rows."
        return trusted_markup(svg(results.plot_predicted_vs_actual(pairs["truth"], pairs["prediction"]), alt=alt))
    confusion = facts["confusion"]
    if confusion is None or len(confusion["classes"]) <= _MOST_NUMBERED_CLASSES:
        return None
    right = sum(line[index] for index, line in enumerate(confusion["matrix"]))
    alt = (
        f"Confusion matrix of {len(confusion['classes'])} classes, shaded: {right:,} rows on the diagonal, "
        f"{confusion['wrong']:,} beside it."
    )
    return trusted_markup(svg(results.plot_confusion_matrix(confusion["matrix"], confusion["classes"]), alt=alt))
