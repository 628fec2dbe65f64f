"""A profile as a page of its own, or as a piece of HTML for a notebook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tidynet.output.report.explore_text import format_evidence, key_statistics, summary_lines
from tidynet.output.report.html_page import TEMPLATES, environment, render_template, trusted_markup
from tidynet.output.report.profile_sections import column_figure, make_profile_sections
from tidynet.profiling.profile import Profile

_MAX_FINDINGS, _MAX_COLUMNS = 6, 60
_CLASS = "tidynet-profile"
_SCOPE = f".{_CLASS}" * 4  # outranks the rules of notebooks, of up to three classes
# How notebooks mark that they are light or dark; without a mark the system's setting decides.
_LIGHT = ('body[data-jp-theme-light="true"]', "body.vscode-light", 'html[theme="light"]', 'html[data-theme="light"]')
_DARK = ('body[data-jp-theme-light="false"]', "body.vscode-dark", 'html[theme="dark"]', 'html[data-theme="dark"]')


def render_profile(profile: Profile, provenance: Mapping[str, Any] | None = None) -> str:
    """The explore report: one HTML file that opens offline and can be searched and sorted."""
    return render_template(
        "explore.html.jinja",
        "profile.css",
        "explore.css",
        script="page.js",
        provenance=provenance or {},
        lines=summary_lines(profile),
        **make_profile_sections(profile),
    )


def render_html_fragment(profile: Profile) -> str:
    """Five lines, the first findings and the columns, as one ``<div>`` with its own style."""
    style = _theme_css() + _scope_css((TEMPLATES / "explore_embedded.css").read_text("utf-8"))
    columns = [
        {
            "name": item.name,
            "variable_type": item.variable_type,
            "missing": item.missing,
            "figure": column_figure(item),
            "statistics": key_statistics(item),
        }
        for item in profile.columns[:_MAX_COLUMNS]
    ]
    template = environment().get_template("explore_embedded.html.jinja")
    return template.render(
        css_class=_CLASS,
        style=trusted_markup(style),
        name=profile.name,
        lines=summary_lines(profile),
        findings=[(item, format_evidence(item.evidence)) for item in profile.findings[:_MAX_FINDINGS]],
        n_more_findings=max(0, len(profile.findings) - _MAX_FINDINGS),
        columns=columns,
        n_columns=len(profile.columns),
    )


def _theme_css() -> str:
    from tidynet.plot.theme import TONES

    light, dark = ("".join(f"--{tone}:{pair[shade]};" for tone, pair in TONES.items()) for shade in (0, 1))
    marked = "".join(
        f"{mark} {_SCOPE}{{{tones}}}" for marks, tones in ((_LIGHT, light), (_DARK, dark)) for mark in marks
    )
    return f"{_SCOPE}{{{light}}}@media screen and (prefers-color-scheme:dark){{{_SCOPE}{{{dark}}}}}{marked}"


def _scope_css(style: str) -> str:
    """The rules, one on a line, limited to the element."""
    return "".join(f"{_SCOPE}{line[1:]}" if line.startswith("&") else f"{_SCOPE} {line}" for line in style.splitlines())
