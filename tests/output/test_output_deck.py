"""Slides: at most twenty, one sentence and one picture each."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tidynet.core.notebook_cell import NotebookCell, code, slide
from tidynet.output.notebook.convert import convert
from tidynet.output.notebook.deck import MAX_SLIDES, short_deck
from tidynet.output.notebook.file import make_notebook

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()


def sections(*texts: str, pictures: bool = True) -> list[list[Any]]:
    from nbformat.v4 import new_output

    cells: list[NotebookCell] = [slide("# Birds\n\nThe network is better. 300 rows.")]
    for text in texts:
        cells += [slide(text), code("draw()")]
    notebook = make_notebook(cells)
    for cell in notebook.cells:
        if cell.cell_type == "code" and pictures:
            data = {"image/png": PNG, "text/plain": "<Figure>"}
            cell.outputs = [new_output("stream", text="words"), *(new_output("display_data", data=data) for _ in "ab")]
    return [[notebook.cells[0]], *([a, b] for a, b in zip(notebook.cells[1::2], notebook.cells[2::2], strict=True))]


def test_a_slide_has_one_sentence_and_one_picture() -> None:
    deck = short_deck(
        sections("## Mass\n\nMedian 3.5, n = 40. More text.\n\nA paragraph.", "## List\n\n- one. Two.\n- three")
    )
    assert [part[0].source for part in deck] == [
        "# Birds\n\nThe network is better.", "## Mass\n\nMedian 3.5, n = 40.", "## List\n\none.",
    ]  # fmt: skip
    assert [len(part) for part in deck] == [1, 2, 2]
    assert [list(output.data) for part in deck[1:] for output in part[1].outputs] == [["image/png"]] * 2


@pytest.mark.parametrize(("before", "after"), [(40, 40), (3, 40), (40, 3), (5, 4), (0, 30)])
def test_at_most_twenty_slides_of_table_and_model(before: int, after: int) -> None:
    texts = [f"### Column {n}\n\nText." for n in range(before)] + ["## Model\n\nText."]
    texts += [f"### Result {n}\n\nText." for n in range(after)]
    deck = [part[0].source for part in short_deck(sections(*texts))]
    assert len(deck) == min(MAX_SLIDES, 2 + before + after)
    assert sum("Result" in text for text in deck) >= min(after, 9)


def test_slides_without_any_picture_keep_their_texts() -> None:
    parts = sections("## Mass\n\nOne. Two.", pictures=False)
    assert short_deck(parts) == parts


def test_the_page_has_the_short_deck() -> None:
    notebook = make_notebook([slide("# Birds")])
    (page,) = convert(notebook, "slides", "birds").values()
    assert page.count(b'class="slide"') == 1
