"""The figures of an evaluation section with their captions, as HTML."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tidynet.output.report.html_page import trusted_markup

if TYPE_CHECKING:
    from markupsafe import Markup


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
