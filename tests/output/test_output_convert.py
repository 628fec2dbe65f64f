"""A notebook's other forms: texts for pictures, Markdown that is text, tables that the keyboard reaches."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from nbformat.v4 import new_output

from tidynet.core.notebook_cell import NotebookCell
from tidynet.output.notebook.convert import convert, with_alt_text
from tidynet.output.notebook.file import make_notebook

CHROMIUM = Path("/usr/bin/chromium")
DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
WIDE = (
    "<div>\n<style scoped>\n  .dataframe tbody {}\n</style>\n<table class='dataframe'><tr><th></th>"
    + "<td>a long cell of text</td>" * 30
    + "</tr></table></div>"
)


@pytest.fixture
def notebook() -> Any:
    cells = [
        NotebookCell("markdown", "# Birds", slide_type=True),
        NotebookCell("markdown", "### a\\_b (the target)\n\nContinuous: from 1 to 2.", slide_type=True),
        NotebookCell("code", "one"),
        NotebookCell("code", "two"),
        NotebookCell("code", "three"),
    ]
    made: Any = make_notebook(cells)
    made.cells[2].outputs = [new_output("display_data", data={"image/png": DOT, "text/plain": "<Figure>"})]
    made.cells[3].outputs = [new_output("display_data", data={"text/html": WIDE, "text/plain": "a frame"})]
    drawn = "<div><svg><text>x</text></svg>3 networks</div>"
    made.cells[4].outputs = [
        new_output("display_data", data={"text/html": drawn, "text/plain": "a model"}),
        new_output("display_data", data={"text/html": drawn * 2, "text/plain": "a profile"}),
    ]
    return with_alt_text(made)


def test_the_alt_text_of_a_figure_is_the_markdown_above_it(notebook: Any) -> None:
    alt = "Chart: a_b (the target). Continuous: from 1 to 2."
    assert notebook.cells[2].outputs[0].metadata["image/png"]["alt"] == alt
    for form in ("html", "slides"):
        (page,) = convert(notebook, form, "birds").values()
        assert f'alt="{alt}"' in page.decode()
    markdown = convert(notebook, "markdown", "birds")
    assert f"![{alt.replace('_', chr(92) + '_')}](birds_files/" in markdown["birds.md"].decode()
    assert len(markdown) == 2


def test_markdown_holds_no_style_and_no_drawing(notebook: Any) -> None:
    text = convert(notebook, "markdown", "birds")["birds.md"].decode()
    for one in ("<style", "<svg", ".dataframe tbody"):
        assert one not in text
    assert "<table" in text
    assert "3 networks" in text
    assert "a profile" in text


@pytest.mark.slow
@pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium at /usr/bin/chromium")
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_no_fault_in_the_page(notebook: Any, tmp_path: Path, theme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    playwright = pytest.importorskip("playwright.sync_api")
    (page,) = convert(notebook, "html", "birds").values()
    path = tmp_path / "birds.html"
    path.write_bytes(page)
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        for width in (1280, 390):
            made = opened.new_page(viewport={"width": width, "height": 720}, color_scheme=theme, bypass_csp=True)
            made.goto(path.as_uri())
            faults = axe.Axe().run(made).response["violations"]
            assert [one["id"] for one in faults if one["impact"] != "moderate"] == []
            made.keyboard.press("Tab")
            assert made.evaluate("document.activeElement.getAttribute('aria-label')") == "a_b (the target), output 1"
        opened.close()
