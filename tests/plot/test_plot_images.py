"""A few charts compared with figures of themselves: shapes and colors, whatever the fonts.

Run this file as a script to draw the figures anew, and look at them.
"""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from PIL import Image

import tidynet as tn

IMAGES = Path(__file__).parent / "images"
PENGUINS = {
    "bar": {"x": "species"},
    "histogram": {"x": "body_mass_g"},
    "violin": {"x": "species", "y": "body_mass_g"},
    "regression": {"x": "flipper_length_mm", "y": "body_mass_g"},
    "hist2d": {"x": "flipper_length_mm", "y": "body_mass_g"},
    "stacked": {"x": "species", "y": "island"},
    "waffle": {"x": "species"},
}


def pixels(figure: Figure) -> npt.NDArray[np.float64]:
    """The axes alone, without text and ticks, on a coarse grid."""
    figure.set_layout_engine("none")
    figure.suptitle("")
    figure.supxlabel("")
    for axes in figure.axes:
        axes.set_position((0, 0, 1, 1))
        for part in (*axes.texts, *axes.get_children()):
            if part in axes.texts or isinstance(part, Axis):
                part.set_visible(False)
        if axes.get_legend():
            axes.get_legend().set_visible(False)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=40, facecolor="white")
    with Image.open(buffer) as image:
        return np.asarray(image.convert("RGB").resize((60, 40), Image.Resampling.BOX), dtype=np.float64)


@pytest.mark.parametrize("kind", PENGUINS)
def test_the_chart_looks_as_it_did(kind: str) -> None:
    now = pixels(tn.plot("penguins", kind=kind, **PENGUINS[kind]))
    with Image.open(IMAGES / f"{kind}.png") as image:
        before = np.asarray(image.convert("RGB"), dtype=np.float64)
    assert np.abs(now - before).mean() < 3
    assert (np.abs(now - before).max(axis=2) > 60).mean() < 0.01


def test_another_chart_is_detected() -> None:
    with Image.open(IMAGES / "violin.png") as image:
        violin = np.asarray(image.convert("RGB"), dtype=np.float64)
    box = pixels(tn.plot("penguins", "species", "body_mass_g", kind="box"))
    assert np.abs(box - violin).mean() > 6


if __name__ == "__main__":
    IMAGES.mkdir(exist_ok=True)
    for kind, variables in PENGUINS.items():
        shown = pixels(tn.plot("penguins", kind=kind, **variables))
        Image.fromarray(shown.astype(np.uint8)).save(IMAGES / f"{kind}.png", optimize=True)
