"""The slides of a notebook: at most twenty, with one sentence and one picture each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from copy import deepcopy
from typing import Any

MAX_SLIDES = 20
_MAX_SHARE = 10  # slides before or after the heading of the model
_MODEL = "## Model"
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9‘“(])")
_LIST_SIGN = re.compile(r"^(?:[-*]|\d+\.)\s+")


def short_deck(sections: Sequence[list[Any]]) -> list[list[Any]]:
    """The first section and those with a picture, each cut to heading, first sentence and first picture.

    A notebook without any picture is a deck of its texts, uncut.
    """
    cut = [_one_sentence_and_picture(section) for section in sections]
    drawn = [index for index, section in enumerate(cut) if len(section) > 1]
    if not drawn:
        return list(sections)
    model = next((i for i, section in enumerate(sections) if section[0].source.startswith(_MODEL)), len(sections))
    before = [index for index in drawn if 0 < index < model]
    after = [index for index in drawn if index >= max(model, 1)]
    rest = MAX_SLIDES - 1
    n_after = min(len(after), max(_MAX_SHARE, rest - len(before)))
    return [cut[index] for index in (0, *before[: rest - n_after], *after[:n_after])]


def _one_sentence_and_picture(section: Sequence[Any]) -> list[Any]:
    cells: list[Any] = []
    for cell in section:
        if cell.cell_type == "markdown" and not cells:
            cells.append(_with_first_sentence(cell))
        elif cell.cell_type == "code" and cells and (picture := _first_picture(cell)) is not None:
            return [*cells, picture]
    return cells


def _with_first_sentence(cell: Any) -> Any:
    heading, _, text = cell.source.partition("\n")
    first = next((line for line in text.split("\n") if line.strip()), "")
    sentence = _SENTENCE_END.split(_LIST_SIGN.sub("", first.strip()), maxsplit=1)[0]
    short = deepcopy(cell)
    short.source = f"{heading}\n\n{sentence}" if sentence else heading
    return short


def _first_picture(cell: Any) -> Any | None:
    for output in cell.outputs:
        if "image/png" in output.get("data", {}):
            short = deepcopy(cell)
            alone = deepcopy(output)
            alone.data = {"image/png": output["data"]["image/png"]}
            short.outputs = [alone]
            return short
    return None
