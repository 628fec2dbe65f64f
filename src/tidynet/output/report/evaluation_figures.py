"""The pictures of a part of an evaluation, drawn from its facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from tidynet.output.report.html_page import trusted_markup

if TYPE_CHECKING:
    from markupsafe import Markup
    from matplotlib.figure import Figure

__all__ = ["section_figures"]

_FEWEST_TO_DRAW = 10  # test rows; fewer tell nothing of a column
Drawn = Iterator[tuple["Figure", str, str]]


def section_figures(section: Mapping[str, Any]) -> list[Markup]:
    """What a part of an evaluation looks like, each picture with a word on how to read it.

    Nothing where words and lines say it all.

    Examples
    --------
    >>> section_figures({"name": "errors", "facts": {}})
    []
    """
    draw = {
        "uncertainty": _reliability,
        "importance": _importance,
        "effects": _effects,
        "subgroups": _subgroups,
        "errors": _errors,
        "learning curve": _curve,
    }.get(section["name"])
    if draw is None or not section["facts"]:
        return []
    from markupsafe import Markup

    from tidynet.plot.theme import svg

    captioned = Markup("{}<figcaption>{}</figcaption>")
    drawn = draw(section["facts"])
    return [captioned.format(trusted_markup(svg(figure, alt=alt)), caption) for figure, alt, caption in drawn]


def _reliability(facts: Mapping[str, Any]) -> Drawn:
    if facts.get("calibrated") is None:
        return
    from tidynet.evaluation.calibration import calibration_from, reliability_diagram

    after = calibration_from(facts["calibrated"])
    before = None if facts.get("uncalibrated") is None else calibration_from(facts["uncalibrated"])
    alt = (
        f"Reliability diagram of {after.rows:,} rows: stated probability of {after.predicted_event} against the share that came "
        f"true, in {len(after.bins)} bins. The calibration error is {after.expected_calibration_error:.3f}."
    )
    caption = (
        f"Rows are gathered by the probability that was stated for {after.predicted_event} (across); a point is the share of them "
        "for which it came true (up), with its 95% interval. On the dashed line both agree; below it too much was "
        "stated, above it too little. The bars count the rows."
    )
    yield reliability_diagram(after, before), alt, caption


def _importance(facts: Mapping[str, Any]) -> Drawn:
    if facts["groups"] and facts["rows"] >= _FEWEST_TO_DRAW:
        from tidynet.plot.feature_effects import plot_importance

        caption = (
            "Each column in turn is shuffled among the test rows, so that it tells nothing any more: a dot is how much "
            f"the {facts['score']} rises by that, a line its 95% interval. The further to the right, the more the "
            "network leans on the column; gray ones do not matter beyond chance. Columns that say nearly the same are "
            "shuffled together."
        )
        alt = f"How much the {facts['score']} rises when a column is permuted, the largest first."
        yield plot_importance(facts), alt, caption


def _effects(facts: Mapping[str, Any]) -> Drawn:
    from tidynet.plot.feature_effects import plot_effect, plot_pair_effect

    text: set[str] = set()
    for item in facts["columns"]:
        caption = _effect_text(item)
        yield (
            plot_effect(item),
            f"How the prediction goes with {item['column']}, with the band of {item['members']} nets.",
            f"The same for {item['column']}." if caption in text else caption,
        )
        text.add(caption)
    if facts["pair"] is not None:
        first, second = facts["pair"]["columns"]
        caption = (
            f"Each cell is the mean prediction of {facts['pair']['name']} if every row had these two values; the "
            "deeper its colour, the higher. Where one line of cells does not rise and fall like the next, the two "
            "columns do something together."
        )
        alt = f"The mean prediction for each pair of values of {first} and {second}."
        yield plot_pair_effect(facts["pair"]), alt, caption


def _effect_text(item: Mapping[str, Any]) -> str:
    """How to read what a column does, by what is drawn of it."""
    local = item["is_number"] and item["curves"][0]["ale"]
    rows = f" of {item['rows']:,} test rows" if item.get("rows") else ""
    text = f"{'Left: the' if local else 'The'} mean prediction{rows} if each had the value below and kept the rest "
    text += "(partial dependence)."
    if local:
        text += (
            " Right: how the prediction changes from value to value among rows that really have such values, counted "
            "from its mean (accumulated local effect); it is the one to believe where columns go together."
        )
    if item["members"] > 1:
        bands = "Bands" if item["is_number"] else "Pale bars"
        text += f" {bands} reach from the lowest to the highest of the {item['members']} networks."
    return text + (" Ticks at the foot are values of test rows." if item["rug"] else "")


def _subgroups(facts: Mapping[str, Any]) -> Drawn:
    if facts["found"]:
        from tidynet.plot.feature_effects import plot_subgroups

        alt = f"The {facts['measure']} of weak subgroups beside that of rows elsewhere."
        measure = facts["measure"] if facts["measure"] == "Brier score" else "mean absolute error"
        caption = (
            f"For each group of rows its {measure} (there) and that of all other rows (elsewhere); lower is better."
        )
        yield plot_subgroups(facts), alt, caption


def _errors(facts: Mapping[str, Any]) -> Drawn:
    from tidynet.evaluation.contributions import PredictionExplanation

    for index, item in enumerate(facts.get("why", ())):  # models of earlier versions tell none
        result = PredictionExplanation.from_dict(item)
        caption = f"The same for row {result.row:,}."
        if not index:
            caption = (
                f"From the average prediction (top) to that of row {result.row:,} (foot): each bar is how far one of "
                "the row's values raises (right) or lowers it (left); a thin line on it, how far that may be off."
            )
        yield result.figure(), result.sentence, caption


def _curve(facts: Mapping[str, Any]) -> Drawn:
    from tidynet.plot.learning_curve import plot_learning_curve

    alt = (
        f"{facts['score']} on test rows against the number of training rows, from {facts['sizes'][0]:,} to "
        f"{facts['sizes'][-1]:,}, carried on to {facts['rows_ahead']:,}."
    )
    caption = (
        f"Filled dots are the {facts['score']} (up) of networks trained on so many rows (across), with 95% intervals. "
        "The dashed curve goes through them and on; the open dot is what it expects of more rows."
    )
    yield plot_learning_curve(facts), alt, caption
