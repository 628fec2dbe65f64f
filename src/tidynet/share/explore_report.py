"""The explore report: a profile as one HTML file that opens anywhere, offline, and can be searched and sorted.

The page reads whole without its one script, which only searches, sorts, folds and copies.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tidynet.look.profile import Profile
from tidynet.share.explore_words import summary_lines
from tidynet.share.look_parts import look_parts
from tidynet.share.page import rendered

__all__ = ["render_profile"]


def render_profile(profile: Profile, made: Mapping[str, Any] | None = None) -> str:
    """The report of a profile.

    Parameters
    ----------
    profile : Profile
        What was seen of a table.
    made : mapping, optional
        How it was made: version, command, date.

    Returns
    -------
    str
        A whole HTML document; every text of the user's is escaped.
    """
    return rendered(
        "explore.html.jinja",
        "look.css",
        "explore.css",
        script="page.js",
        made=made or {},
        lines=summary_lines(profile),
        **look_parts(profile),
    )
