"""The explore report: a profile as one HTML file that opens anywhere, offline, and can be searched and sorted.

The page reads whole without its one script, which only searches, sorts, folds and copies.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tidynet.output.report.explore_text import summary_lines
from tidynet.output.report.html_page import render_template
from tidynet.output.report.profile_sections import make_profile_sections
from tidynet.profiling.profile import Profile

__all__ = ["render_profile"]


def render_profile(profile: Profile, provenance: Mapping[str, Any] | None = None) -> str:
    """The report of a profile."""
    return render_template(
        "explore.html.jinja",
        "look.css",
        "explore.css",
        script="page.js",
        provenance=provenance or {},
        lines=summary_lines(profile),
        **make_profile_sections(profile),
    )
