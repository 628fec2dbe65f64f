"""A trace as HTML: formulas in MathML, which browsers typeset offline and without a script."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from tidynet.byhand.trace_lines import Line, Section, sections
from tidynet.byhand.trace_text import row_text
from tidynet.byhand.typeset import as_html, as_mathml

if TYPE_CHECKING:
    from tidynet.byhand.traced import Traced

__all__ = ["fragment", "page"]

_STYLE = """<style>
.tidynet-trace{container-type:inline-size;font:15px/1.5 system-ui,sans-serif;color:inherit;max-width:72rem}
.tidynet-trace h2{font-size:1.25em;margin:0 0 .3em}
.tidynet-trace h3{font-size:1em;margin:1.4em 0 .3em;padding-bottom:.2em;
border-bottom:1px solid color-mix(in srgb,currentColor 25%,transparent)}
.tidynet-trace p{margin:.15em 0;opacity:.78;overflow-wrap:anywhere}
.tidynet-trace table{border-collapse:collapse;margin:0;font-size:1em;background:none}
.tidynet-trace tbody tr:nth-child(n),.tidynet-trace tbody td{background:none;border:0;text-align:left;
vertical-align:baseline}
.tidynet-trace td{padding:.16em .35em .16em 0;font-variant-numeric:tabular-nums}
.tidynet-trace td+td:not(:empty)::before{content:"= ";opacity:.55}
.tidynet-trace td:nth-child(-n+2){white-space:nowrap}
.tidynet-trace td:last-child{font-weight:600;white-space:nowrap}
.tidynet-trace math{font-size:1.08em}
@container (max-width:44rem){
.tidynet-trace table,.tidynet-trace tbody{display:block}
.tidynet-trace tr{display:block;padding:.3em 0 .3em 1.2em;text-indent:-1.2em}
.tidynet-trace td,.tidynet-trace td:nth-child(-n+2){display:inline;padding:0 .3em 0 0;white-space:normal;
overflow-wrap:anywhere}}
</style>"""


def fragment(trace: Traced, most: int) -> str:
    """The trace for a notebook: it takes the colours of the page that it stands in."""
    parts = [_STYLE, '<div class="tidynet-trace">', f"<h2>{html.escape(trace.title)}</h2>"]
    parts += [f"<p>{html.escape(one)}</p>" for one in (*trace.notes, *row_text(trace))]
    parts += [_section(section) for section in sections(trace, most)]
    return "\n".join([*parts, "</div>"])


def _section(section: Section) -> str:
    rows = "".join(_row(line) for line in section.lines)
    table = f"<table><tbody>{rows}</tbody></table>" if rows else ""
    more = f"<p>{html.escape(section.more)}</p>" if section.more else ""
    return f"<h3>{html.escape(section.title)}</h3>{table}{more}"


def _row(line: Line) -> str:
    formula = as_mathml(line.formula) if line.formula else ""
    return (
        f"<tr><td>{as_mathml(line.symbol)}</td><td>{formula}</td>"
        f"<td>{as_html(line.numbers)}</td><td>{as_html(line.value)}</td></tr>"
    )


def page(trace: Traced, most: int) -> str:
    """The trace as a page by itself, light or dark as the reader prefers."""
    from tidynet.plot.theme import css

    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{html.escape(trace.title)}</title>
<style>{css()}
:root{{color-scheme:light dark}}
body{{margin:0;padding:1.5rem;background:var(--paper);color:var(--ink)}}</style>
</head>
<body>
{fragment(trace, most)}
</body>
</html>
"""
