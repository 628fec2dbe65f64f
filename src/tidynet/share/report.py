"""The report: one HTML file that opens anywhere, offline, on a phone, in the dark and on paper.

Facts first (`tidynet.share.facts`), then pictures, then the page. The page runs no script and asks no
address for anything; its content policy forbids both.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tidynet.share.facts import Made, report_facts

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

    from tidynet.table.table import Table
    from tidynet.trust.evaluation import Evaluation

__all__ = ["render", "write_report"]

_MOST_NUMBERED_CLASSES = 12  # more than this and a confusion matrix is a picture and a list


def write_report(
    path: str | Path, *, table: Table, model: Any, evaluation: Evaluation, made: Made | Mapping[str, Any]
) -> int:
    """Write the report of one training as a self-contained HTML file.

    Parameters
    ----------
    path : str or Path
        The file to write or replace.
    table : Table
        The table that was read, target included.
    model : MLPClassifier or MLPRegressor
        The fitted model.
    evaluation : Evaluation
        Its result on the test rows.
    made : Made
        How it was made: version, command, seed, date, rows per part, package versions.

    Returns
    -------
    int
        Bytes written.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    page = render(report_facts(table, model, evaluation, made)).encode()
    return Path(path).write_bytes(page)


def render(facts: Mapping[str, Any]) -> str:
    """The report's HTML from the facts that `report_facts` gathered.

    Parameters
    ----------
    facts : mapping
        Plain data; may have travelled through JSON.

    Returns
    -------
    str
        A whole HTML document; every text of the user's is escaped.
    """
    from tidynet.plot.theme import css

    environment = _environment()
    style = css() + (Path(__file__).parent / "templates" / "report.css").read_text("utf-8")
    template = environment.get_template("report.html.jinja")
    return template.render(
        **facts,
        style=_safe(style),
        column_pictures=[_column_picture(column) for column in facts["columns"]],
        score_pictures=[_score_pictures(measure) for measure in facts["scores"]],
        training_picture=_training_picture(facts["history"], facts["restarts"]),
        result_picture=_result_picture(facts),
        numbered=len((facts["confusion"] or {}).get("classes", ())) <= _MOST_NUMBERED_CLASSES,
    )


@functools.lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_without_controls,
    )
    environment.filters.update(count=_count, share=_share, short=_short, moment=_moment)
    return environment


def _without_controls(value: Any) -> Any:
    from markupsafe import Markup

    from tidynet.plot.theme import cleaned

    return cleaned(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _safe(markup: str) -> Markup:
    from markupsafe import Markup

    # Only text that this package wrote, with every foreign part escaped where it was put in.
    return Markup(markup)  # noqa: S704


def _count(number: float, noun: str = "", plural: str = "") -> str:
    text = f"{number:,}"
    return f"{text} {noun if number == 1 else plural or noun + 's'}" if noun else text


def _share(part: float) -> str:
    if 0 < part < 0.001:
        return "< 0.1%"
    if 0.999 < part < 1:
        return "> 99.9%"
    return f"{part:.0%}" if part in (0, 1) else f"{part:.1%}"


def _short(text: str, width: int = 60) -> str:
    from tidynet.plot.theme import shortened

    return shortened(text, width) or "(no name)"


def _moment(iso: str) -> str:
    clock = iso[11:].replace("+00:00", " UTC")
    return f"{iso[:10]} {clock}" if iso[10:11] == "T" else iso


def _column_picture(column: Mapping[str, Any]) -> Markup | None:
    from tidynet.look.counts import from_dict
    from tidynet.plot.small import small_picture

    counts = from_dict(column["picture"])
    return None if counts is None else _safe(small_picture(counts, column["name"]))


def _score_pictures(measure: Mapping[str, Any]) -> dict[str, Any]:
    from tidynet.plot.intervals import small_axis, small_interval, span_of

    predictors = measure["predictors"]
    span = span_of([predictor[end] for predictor in predictors for end in ("value", "low", "high")])
    pictures = [
        _safe(small_interval(one["value"], one["low"], one["high"], span, strong=place == 0))
        for place, one in enumerate(predictors)
    ]
    return {"predictors": pictures, "axis": _safe(small_axis(span))}


def _training_picture(history: Mapping[str, Any], others: Sequence[Mapping[str, Any]]) -> Markup:
    from tidynet.plot.theme import svg
    from tidynet.plot.training import training_curve

    losses = [record["training_loss"] for record in history["epochs"] if record["training_loss"] is not None]
    fall = f"The training loss went from {losses[0]:.3g} to {losses[-1]:.3g}. " if losses else ""
    alt = (
        f"Training and validation loss over {len(history['epochs'])} epochs. {fall}"
        f"Epoch {history['best_epoch']} was kept."
    )
    return _safe(svg(training_curve(history, others), alt=alt))


def _result_picture(facts: Mapping[str, Any]) -> Markup | None:
    """Predicted against true for numbers; shading for classes that are too many for a table of numbers."""
    from tidynet.plot import results
    from tidynet.plot.theme import svg

    if facts["task"] == "regression":
        pairs = facts["predictions"]
        alt = f"Predicted against true {_short(facts['target'])} for {len(pairs['truth']):,} test rows."
        return _safe(svg(results.predicted_against_true(pairs["truth"], pairs["prediction"]), alt=alt))
    confusion = facts["confusion"]
    if confusion is None or len(confusion["classes"]) <= _MOST_NUMBERED_CLASSES:
        return None
    right = sum(line[place] for place, line in enumerate(confusion["matrix"]))
    alt = (
        f"Confusion matrix of {len(confusion['classes'])} classes, shaded: {right:,} rows on the diagonal, "
        f"{confusion['wrong']:,} beside it."
    )
    return _safe(svg(results.confusion_matrix(confusion["matrix"], confusion["classes"]), alt=alt))
