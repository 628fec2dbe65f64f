"""A trace as HTML with formulas in MathML, without scripts."""

from __future__ import annotations

import html
from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from tidynet.byhand.math_markup import as_mathml, math_html
from tidynet.byhand.trace_lines import TraceLine, TraceSection, row_label, sections
from tidynet.byhand.trace_text import row_text
from tidynet.core.display import plain_fallback
from tidynet.core.formula_text import number_text
from tidynet.core.text import capitalize, pluralize

if TYPE_CHECKING:
    from tidynet.byhand.training_step import TraceData

MAX_OPEN_LINES = 60  # the sections of a longer trace are collapsed
_MAX_PLAIN_LINES = 200
CORNER = (4, 5)  # rows and columns shown of a matrix

_STYLE = """<style>
.tidynet-trace{container-type:inline-size;font:15px/1.5 system-ui,sans-serif;color:inherit;max-width:72rem}
.tidynet-trace h2{font-size:1.25em;margin:0 0 .3em}
.tidynet-trace summary{cursor:pointer;margin:.9em 0 .3em;padding-bottom:.2em;
border-bottom:1px solid color-mix(in srgb,currentColor 25%,transparent)}
.tidynet-trace summary :is(h3,h4){display:inline;font-size:1em;font-weight:600;margin:0}
.tidynet-trace summary span{opacity:.78;padding-left:.6em}
.tidynet-trace details details{margin-left:1.2em}
@media print{.tidynet-trace details::details-content{content-visibility:visible;block-size:auto}}
.tidynet-trace p{margin:.15em 0;opacity:.78;overflow-wrap:anywhere}
.tidynet-trace table{border-collapse:collapse;margin:0;font-size:1em;background:none}
.tidynet-trace tbody tr:nth-child(n),.tidynet-trace tbody td{background:none;border:0;text-align:left;
vertical-align:baseline}
.tidynet-trace td{padding:.16em .35em .16em 0;font-variant-numeric:tabular-nums}
.tidynet-trace td+td:not(:empty)::before{content:"= ";opacity:.55}
.tidynet-trace td:nth-child(-n+2){white-space:nowrap}
.tidynet-trace td:last-child{font-weight:600;white-space:nowrap}
.tidynet-trace math{font-size:1.08em}
.tidynet-trace table.matrix{margin:.6em 0 0;font-size:.9em}
.tidynet-trace .matrix :is(th,td){padding:.1em .7em .1em 0;text-align:right;font-weight:400}
.tidynet-trace .matrix th{opacity:.78}
.tidynet-trace .matrix td+td:not(:empty)::before{content:none}
@container (max-width:44rem){
.tidynet-trace .lines,.tidynet-trace .lines tbody{display:block}
.tidynet-trace .lines tr{display:block;padding:.3em 0 .3em 1.2em;text-indent:-1.2em}
.tidynet-trace .lines td,.tidynet-trace .lines td:nth-child(-n+2){display:inline;padding:0 .3em 0 0;white-space:normal;
overflow-wrap:anywhere}}
</style>""".replace(".tidynet-trace", ".tidynet-trace" * 4)  # overrides the table styles of notebooks


def to_html_fragment(trace: TraceData, max_units: int) -> str:
    """The trace for a notebook, in the colors of the page."""
    parts = [_STYLE, '<div class="tidynet-trace">', f"<h2>{html.escape(trace.title)}</h2>"]
    parts += [f"<p>{html.escape(item)}</p>" for item in (*trace.notes, *row_text(trace))]
    sections_ = sections(trace, max_units)
    is_open = sum(len(section.lines) for section in sections_) <= MAX_OPEN_LINES
    for row, group in groupby(sections_, key=lambda section: section.row):
        parts.append(_group(trace, row, list(group), is_open))
    from tidynet.byhand.trace_text import text

    plain = text(trace, max_units).split("\n")
    hidden = len(plain) - _MAX_PLAIN_LINES
    more = [f"… and {hidden:,} more lines with print(…)"] if hidden > 0 else []
    return "\n".join([*parts, plain_fallback([*plain[:_MAX_PLAIN_LINES], *more]), "</div>"])


def _group(trace: TraceData, row: int | None, group: Sequence[TraceSection], is_open: bool) -> str:
    """The sections of one row of several, collapsed together; else the sections themselves."""
    if row is None or len(trace.step.y) == 1:
        return "".join(_section(trace, item, "h3", is_open) for item in group)
    label = row_label(trace, row)
    inner = "".join(_section(trace, item, "h4", is_open, item.title.replace(label, "")) for item in group)
    target = f"→ {html.escape(trace.targets[row])}, " if row < len(trace.targets) else ""
    summary = f"{target}E = {number_text(trace.step.losses[row])}"
    return _details(capitalize(label.removeprefix(", ")), summary, inner, "h3", is_open or row == 0)


def _section(trace: TraceData, section: TraceSection, level: str, is_open: bool, title: str = "") -> str:
    rows = "".join(_row(line) for line in section.lines)
    table = f'<table class="lines"><tbody>{rows}</tbody></table>' if rows else ""
    more = f"<p>{html.escape(section.more)}</p>" if section.more else ""
    matrix = "" if section.layer is None else _matrix(trace, section.layer)
    if not table:
        return more
    content = table + more + matrix
    return _details(html.escape(title or section.title), _section_summary(section), content, level, is_open)


def _details(title: str, summary: str, content: str, level: str, is_open: bool) -> str:
    text = f"<span>{summary}</span>" if summary else ""
    state = " open" if is_open else ""
    return f"<details{state}><summary><{level}>{title}</{level}>{text}</summary>{content}</details>"


def _section_summary(section: TraceSection) -> str:
    """The last value of a short section, else the range of its symbols."""
    first, last = section.lines[0], section.lines[-1]
    if len(section.lines) <= 2:
        return f"{as_mathml(last.symbol)} = {math_html(last.value)}"
    return f"{as_mathml(first.symbol)} … {as_mathml(last.symbol)}, {pluralize(len(section.lines), 'line')}"


def _matrix(trace: TraceData, number: int) -> str:
    """The new weights of a layer as a matrix, or its corner."""
    layer = trace.step.layers[number]
    weights = layer.weights.after
    rows, columns = (min(size, most) for size, most in zip(weights.shape, CORNER, strict=True))
    is_cut = (rows, columns) != weights.shape
    dots = "<td>…</td>" if columns < weights.shape[1] else ""
    head = "".join(f"<th scope=col>{html.escape(str(item))}</th>" for item in layer.units[:columns])
    head += "<td></td>" if dots else ""
    body = "".join(
        f"<tr><th scope=row>{html.escape(str(layer.inputs[row]))}</th>"
        + "".join(f"<td>{number_text(weights[row, column])}</td>" for column in range(columns))
        + f"{dots}</tr>"
        for row in range(rows)
    )
    note = f"the corner of {weights.shape[0]:,} × {weights.shape[1]:,} new weights" if is_cut else "the new weights"
    where = f"all in <code>.step.layers[{number}].weights.after</code>"
    return f'<table class="matrix"><tbody><tr><th></th>{head}</tr>{body}</tbody></table><p>{note}; {where}</p>'


def _row(line: TraceLine) -> str:
    formula = as_mathml(line.formula) if line.formula else ""
    return (
        f"<tr><td>{as_mathml(line.symbol)}</td><td>{formula}</td>"
        # no line break within a value
        f"<td>{math_html(line.numbers)}</td><td>{math_html(line.value).replace('<wbr>', '')}</td></tr>"
    )


def to_html_page(trace: TraceData, max_units: int) -> str:
    """The trace as a self-contained page with light and dark color scheme."""
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
{to_html_fragment(trace, max_units)}
</body>
</html>
"""
