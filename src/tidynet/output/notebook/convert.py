"""A notebook as a page, slides, Markdown, a script or a paired text; all of them work offline."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from tidynet.core.notebook_cell import escape_markdown
from tidynet.output.notebook.deck import short_deck
from tidynet.output.report.html_page import render_template, trusted_markup

if TYPE_CHECKING:
    from nbformat import NotebookNode

# Each form and the end of its file name.
FORMS = {"html": ".html", "slides": ".slides.html", "markdown": ".md", "script": ".py", "pair": ".py"}
_MAX_ALT_LENGTH = 240
_STYLES = re.compile(r"<style\b.*?</style>\s*", re.DOTALL)
_SVG = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
_HTML_OUTPUT = re.compile(r'<div class="([^"]*\boutput_html\b[^"]*)">')
# An empty head is no head; inside a region that scrolls no other has to.
_SIMPLER = {"<th></th>": "<td></td>", '<div style="overflow-x:auto">': "<div>"}
_HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)


def figures_folder(stem: str) -> str:
    """The folder of the figures that the Markdown file shows."""
    return f"{stem}_files"


def with_alt_text(notebook: NotebookNode) -> NotebookNode:
    """The notebook, each figure with an alt text: the Markdown above it."""
    text = "Chart"
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            text = _alt_text(cell.source) or text
            continue
        for output in cell.outputs:
            if "image/png" in output.get("data", {}):
                output.metadata["image/png"] = {**output.metadata.get("image/png", {}), "alt": text}
    return notebook


def _alt_text(markdown: str) -> str:
    r"""A heading and the text below it, as one line of plain text."""
    heading = _HEADING.search(markdown)
    below = markdown[heading.end() :] if heading else markdown
    text = " ".join(re.sub(r"^(?:[-*]|\d+\.) ", "", line) for line in below.splitlines())
    text = re.sub(r"\\(.)", r"\1", re.sub(r"(?<!\\)[*`]", "", f"Chart: {heading[1]}. {text}" if heading else text))
    text = " ".join(text.split())
    return text if len(text) <= _MAX_ALT_LENGTH else text[: text.rfind(" ", 0, _MAX_ALT_LENGTH)] + " …"


def convert(notebook: NotebookNode, form: str, stem: str) -> dict[str, bytes]:
    """The files of a notebook in another form."""
    name = stem + FORMS[form]
    if form == "html":
        return {name: _page(notebook, "notebook.html.jinja", "notebook.css", slides=False).encode()}
    if form == "slides":
        page = _page(notebook, "slides.html.jinja", "notebook.css", "slides.css", slides=True, script="slides.js")
        return {name: page.encode()}
    if form == "markdown":
        return _markdown(notebook, name, stem)
    if form == "pair":
        import jupytext

        return {name: jupytext.writes(notebook, fmt="py:percent").encode()}
    return {name: _script(notebook).encode()}


def _page(notebook: NotebookNode, template: str, *styles: str, slides: bool, script: str = "") -> str:
    """One section for each heading, by which it is labeled."""
    parts = list(_sections(notebook, slides=slides))
    sections = [_section(notebook, cells, slides=slides) for cells in (short_deck(parts) if slides else parts)]
    title = sections[0]["heading"] if sections else "notebook"
    return render_template(
        template, *styles, script=script, title=title, sections=sections, colors=trusted_markup(_highlighting())
    )


def _sections(notebook: NotebookNode, *, slides: bool) -> Iterator[list[Any]]:
    section: list[Any] = []
    for cell in notebook.cells:
        slide_type = cell.metadata.get("slideshow", {}).get("slide_type", "-")
        if slides and slide_type == "skip":
            continue
        starts = slide_type == "slide" if slides else cell.cell_type == "markdown" and cell.source.startswith("#")
        if starts and section:
            yield section
            section = []
        section.append(cell)
    if section:
        yield section


def _section(notebook: NotebookNode, cells: list[Any], *, slides: bool) -> dict[str, Any]:
    from nbconvert import HTMLExporter
    from nbformat.v4 import new_notebook

    part: Any = new_notebook(cells=deepcopy(cells), metadata=notebook.metadata)
    exporter: Any = HTMLExporter(
        template_name="basic", exclude_input=slides, exclude_input_prompt=True, exclude_output_prompt=True
    )
    exporter.exclude_anchor_links = True
    body, _ = exporter.from_notebook_node(part)
    result = next((_HEADING.search(cell.source) for cell in cells if cell.cell_type == "markdown"), None)
    heading = re.sub(r"\\(.)", r"\1", result[1]) if result else "notebook"
    return {"heading": heading, "body": trusted_markup(body if slides else _make_tables_focusable(body, heading))}


def _make_tables_focusable(body: str, heading: str) -> str:
    """The page with tables as regions that the keyboard reaches and scrolls."""
    from markupsafe import escape

    numbers = itertools.count(1)

    def focusable(result: re.Match[str]) -> str:
        label = escape(f"{heading}, output {next(numbers)}")
        return f'<div class="{result[1]}" tabindex="0" role="region" aria-label="{label}">'

    for markup, simpler in _SIMPLER.items():
        body = body.replace(markup, simpler)
    return _HTML_OUTPUT.sub(focusable, body)


def _highlighting() -> str:
    """The colors of code, light and dark."""
    from pygments.formatters import HtmlFormatter

    light = HtmlFormatter(style="default").get_style_defs(".highlight")
    dark = HtmlFormatter(style="github-dark").get_style_defs(".highlight")
    return f"{light}\n@media screen and (prefers-color-scheme: dark) {{\n{dark}\n}}"


def _markdown(notebook: NotebookNode, name: str, stem: str) -> dict[str, bytes]:
    from nbconvert import MarkdownExporter

    exporter: Any = MarkdownExporter()
    plain: Any = deepcopy(notebook)
    alt_texts = []
    for cell in plain.cells:
        for output in cell.get("outputs", ()):
            _remove_styles(output)
            if "image/png" in output.get("data", {}):
                alt_texts.append(str(output.metadata.get("image/png", {}).get("alt", "Chart")))
    names = {"output_files_dir": figures_folder(stem), "unique_key": stem}
    body, resources = exporter.from_notebook_node(plain, resources=names)
    figures: Mapping[str, bytes] = resources.get("outputs") or {}
    alts = iter(alt_texts)
    body = re.sub(r"^!\[png\]\(", lambda _: f"![{escape_markdown(next(alts))}](", body, flags=re.MULTILINE)
    return {name: body.encode(), **figures}


def _remove_styles(output: Any) -> None:
    """Remove styles and SVG, which Markdown shows as text; an output of many SVG becomes plain text."""
    data = output.get("data", {})
    markup = data.get("text/html")
    if markup is None:
        return
    if len(_SVG.findall(markup)) > 1 and "text/plain" in data:
        del data["text/html"]
    else:
        data["text/html"] = _SVG.sub("", _STYLES.sub("", markup))


def _script(notebook: NotebookNode) -> str:
    """Plain Python: Markdown as comments, displayed values printed, no IPython magic."""
    blocks = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            blocks.append("\n".join(f"# {line}".rstrip() for line in cell.source.splitlines()))
        else:
            blocks.append(_with_print("\n".join(line for line in cell.source.splitlines() if not line.startswith("%"))))
    return "\n\n".join(blocks) + "\n"


def _with_print(code: str) -> str:
    r"""Code whose last value is printed."""
    last = ast.parse(code).body[-1:]
    value = last[0].value if last and isinstance(last[0], ast.Expr) else None
    text = ast.get_source_segment(code, value) if value is not None else None
    # A figure and a setting are not printed.
    if text is None or text.startswith(
        ("print(", "plt.", "sns.", "for ", "tn.plot.", "reliability_diagram(", "growth(")
    ):
        return code
    return f"{code[: len(code) - len(text)]}print({text})"
