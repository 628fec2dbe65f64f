"""A profile as a compact piece of HTML for a notebook: scoped to itself, light or dark as the notebook is."""

from __future__ import annotations

from tidynet.output.report.explore_text import format_evidence, key_statistics, summary_lines
from tidynet.output.report.html_page import TEMPLATES, environment, trusted_markup
from tidynet.output.report.profile_sections import column_svg
from tidynet.profiling.profile import Profile

__all__ = ["render_html_fragment"]

_FINDINGS, _COLUMNS = 6, 60
_OWN = "tidynet-profile"
_SCOPE = f".{_OWN}" * 4  # goes before the rules of notebooks, of up to three classes
# How the notebooks of today say that they are light or dark; else the reader's system decides.
_SAYS_LIGHT = (
    'body[data-jp-theme-light="true"]',
    "body.vscode-light",
    'html[theme="light"]',
    'html[data-theme="light"]',
)
_SAYS_DARK = ('body[data-jp-theme-light="false"]', "body.vscode-dark", 'html[theme="dark"]', 'html[data-theme="dark"]')


def render_html_fragment(profile: Profile) -> str:
    """The table in five lines, its first findings and its columns, as one ``<div>`` with its own style."""
    style = _theme_css() + _scope_css((TEMPLATES / "explore_embedded.css").read_text("utf-8"))
    return (
        environment()
        .get_template("explore_embedded.html.jinja")
        .render(
            own=_OWN,
            style=trusted_markup(style),
            profile=profile,
            lines=summary_lines(profile),
            findings=[(item, format_evidence(item.evidence)) for item in profile.findings[:_FINDINGS]],
            more_findings=max(0, len(profile.findings) - _FINDINGS),
            columns=[(item, column_svg(item), key_statistics(item)) for item in profile.columns[:_COLUMNS]],
            more_columns=max(0, len(profile.columns) - _COLUMNS),
        )
    )


def _theme_css() -> str:
    from tidynet.plot.theme import TONES

    light, dark = ("".join(f"--{tone}:{pair[shade]};" for tone, pair in TONES.items()) for shade in (0, 1))
    text = [
        (f"{index} {_SCOPE}", tones)
        for indices, tones in ((_SAYS_LIGHT, light), (_SAYS_DARK, dark))
        for index in indices
    ]
    return f"{_SCOPE}{{{light}}}@media screen and (prefers-color-scheme:dark){{{_SCOPE}{{{dark}}}}}" + "".join(
        f"{index}{{{tones}}}" for index, tones in text
    )


def _scope_css(style: str) -> str:
    """Rules of which each line is one, made to hold within the element alone."""
    return "".join(
        f"{_SCOPE} {line}" if not line.startswith("&") else f"{_SCOPE}{line[1:]}" for line in style.splitlines()
    )
