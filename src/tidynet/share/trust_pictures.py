"""The pictures of a part of an evaluation, drawn from its facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from tidynet.share.page import our_markup

if TYPE_CHECKING:
    from markupsafe import Markup
    from matplotlib.figure import Figure

__all__ = ["section_pictures"]

Drawn = Iterator[tuple["Figure", str]]


def section_pictures(section: Mapping[str, Any]) -> list[Markup]:
    """What a part of an evaluation looks like; nothing where words and lines say it all.

    Parameters
    ----------
    section : mapping
        As `Section.to_dict` gives it; may have travelled through JSON.

    Examples
    --------
    >>> section_pictures({"name": "errors", "facts": {}})
    []
    """
    draw = {
        "doubt": _reliability,
        "importance": _importance,
        "effects": _effects,
        "subgroups": _subgroups,
        "errors": _errors,
        "learning curve": _curve,
    }.get(section["name"])
    if draw is None or not section["facts"]:
        return []
    from tidynet.plot.theme import svg

    return [our_markup(svg(figure, alt=alt)) for figure, alt in draw(section["facts"])]


def _reliability(facts: Mapping[str, Any]) -> Drawn:
    if facts.get("after") is None:
        return
    from tidynet.trust.calibration import calibration_from, reliability_diagram

    after = calibration_from(facts["after"])
    before = None if facts.get("before") is None else calibration_from(facts["before"])
    alt = (
        f"Reliability diagram of {after.rows:,} rows: stated probability of {after.of} against the share that came "
        f"true, in {len(after.bins)} bins. The calibration error is {after.error:.3f}."
    )
    yield reliability_diagram(after, before), alt


def _importance(facts: Mapping[str, Any]) -> Drawn:
    if facts["groups"]:
        from tidynet.plot.leaning import importances

        yield importances(facts), f"How much the {facts['score']} rises when a column is permuted, the largest first."


def _effects(facts: Mapping[str, Any]) -> Drawn:
    from tidynet.plot.leaning import column_effect, pair_of_columns

    for one in facts["columns"]:
        yield (
            column_effect(one),
            f"How the prediction goes with {one['column']}, with the band of {one['members']} nets.",
        )
    if facts["pair"] is not None:
        first, second = facts["pair"]["columns"]
        yield pair_of_columns(facts["pair"]), f"The mean prediction for each pair of values of {first} and {second}."


def _subgroups(facts: Mapping[str, Any]) -> Drawn:
    if facts["found"]:
        from tidynet.plot.leaning import subgroup_losses

        yield subgroup_losses(facts), f"The {facts['measure']} of weak subgroups beside that of rows elsewhere."


def _errors(facts: Mapping[str, Any]) -> Drawn:
    from tidynet.trust.contributions import Contributions

    for one in facts.get("why", ()):  # models of earlier versions tell none
        found = Contributions.from_dict(one)
        yield found.figure(), found.sentence


def _curve(facts: Mapping[str, Any]) -> Drawn:
    from tidynet.plot.growth import growth

    alt = (
        f"{facts['score']} on test rows against the number of training rows, from {facts['sizes'][0]:,} to "
        f"{facts['sizes'][-1]:,}, carried on to {facts['rows_ahead']:,}."
    )
    yield growth(facts), alt
