"""A figure shows itself in notebooks."""

from __future__ import annotations

import struct
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from matplotlib.figure import Figure

from tidynet.plot.theme import new_figure


def shell(**type_printers: Any) -> SimpleNamespace:
    formatters = {name: SimpleNamespace(type_printers=printers) for name, printers in type_printers.items()}
    return SimpleNamespace(display_formatter=SimpleNamespace(formatters=formatters))


def test_a_figure_is_a_sharp_png_where_nobody_draws_figures() -> None:
    figure, size = new_figure(3, 2)._repr_png_()  # type: ignore[attr-defined]
    assert struct.unpack(">II", figure[16:24]) == (2 * size["width"], 2 * size["height"])
    assert size["width"] in range(290, 330)


def test_a_heavy_picture_has_as_many_pixels_as_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tidynet.plot.figure.MAX_PNG_BYTES", 10)
    figure, size = new_figure(3, 2)._repr_png_()  # type: ignore[attr-defined]
    assert struct.unpack(">II", figure[16:24]) == (size["width"], size["height"])


@pytest.mark.parametrize(("printers", "is_left"), [({}, False), ({Figure: print}, True)])
def test_a_form_that_the_user_chose_is_the_only_one(
    monkeypatch: pytest.MonkeyPatch, printers: dict[type, Any], is_left: bool
) -> None:
    chosen = SimpleNamespace(get_ipython=lambda: shell(svg=printers))
    monkeypatch.setitem(sys.modules, "IPython", chosen)  # type: ignore[arg-type]
    assert (new_figure(1, 1)._repr_png_() is None) == is_left  # type: ignore[attr-defined]
