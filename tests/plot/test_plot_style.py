"""Figures follow matplotlib's settings and the dark theme, and pyplot shows them."""

from __future__ import annotations

import subprocess
import sys
import warnings
from typing import Any

import matplotlib.style
import numpy as np
import polars as pl
import pytest
from matplotlib.collections import Collection
from matplotlib.colors import to_hex, to_rgb
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Text

import tidynet as tn
from tidynet.plot.chart_registry import CHART_NAMES
from tidynet.plot.svg_file import svg
from tidynet.plot.theme import DARK_PALETTE, PALETTE, TONES
from tidynet.plot.training_curve import plot_training_curve

ROWS = 60
FRAME = pl.DataFrame(
    {
        "v": [float(i % 13) + i / 60 for i in range(ROWS)],
        "w": [float(i % 7) for i in range(ROWS)],
        "k": ["a", "b", "c"] * (ROWS // 3),
        "size": ["small", "large", "medium"] * (ROWS // 3),
        "day": pl.date_range(pl.date(2023, 1, 1), pl.date(2023, 1, 1) + pl.duration(days=ROWS - 1), eager=True),
    }
)
VARIABLES: dict[str, dict[str, Any]] = {
    **{kind: {"x": "k"} for kind in ("bar", "pie", "donut", "waffle")},
    **{kind: {"x": "v"} for kind in ("histogram", "density", "zoom")},
    **{kind: {"x": "k", "y": "v"} for kind in ("box", "violin", "mean", "strip", "ridgeline")},
    **{kind: {"x": "v", "y": "w"} for kind in ("regression", "hist2d", "hexagon", "line")},
    "scatter": {"x": "v", "y": "w", "color": "w"},
    **{kind: {"x": "k", "y": "size"} for kind in ("clustered", "stacked", "heat")},
    **{kind: {"x": "day", "y": "w"} for kind in ("time", "seasons", "calendar")},
    "pairs": {"x": ["v", "w"], "color": "k"},
    "correlation": {"x": ["v", "w"]},
}


def luminance(color: Any) -> float:
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(color)]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: Any, other: Any) -> float:
    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def texts_outside_marks(figure: Any) -> list[Text]:
    """Titles, labels of axes and ticks, legends and notes: text on the background."""
    inside = {id(text) for axes in figure.axes for text in axes.texts}
    hidden = {id(text) for axes in figure.axes if not axes.get_visible() for text in axes.findobj(Text)}
    texts = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text()]
    return [text for text in texts if id(text) not in inside | hidden]


@pytest.mark.parametrize("kind", CHART_NAMES)
@pytest.mark.parametrize("how", ["theme", "style"])
def test_every_chart_is_legible_on_dark(kind: str, how: str) -> None:
    settings = matplotlib.style.context("dark_background" if how == "style" else {})
    with settings:
        figure = tn.plot(FRAME, kind=kind, theme="dark" if how == "theme" else "auto", **VARIABLES[kind])
        figure.draw_without_rendering()
    paper = figure.get_facecolor()
    assert luminance(paper) < 0.02
    assert {luminance(axes.get_facecolor()) < 0.02 for axes in figure.axes} == {True}
    assert [text.get_text() for text in texts_outside_marks(figure) if contrast(text.get_color(), paper) < 4.5] == []
    light = {to_hex(tone[0]) for name, tone in TONES.items() if name != "paper"}
    kinds = (Line2D, Patch)
    marks = [m for m in figure.findobj(lambda a: isinstance(a, kinds)) if m.get_visible()]
    drawn = {to_hex(m.get_color() if isinstance(m, Line2D) else m.get_facecolor()) for m in marks}
    areas = [c for c in figure.findobj(Collection) if c.get_array() is None and len(c.get_facecolor())]
    assert not light & (drawn | {to_hex(area.get_facecolor()[0]) for area in areas})


def test_the_users_colors_stay_on_dark() -> None:
    bars = tn.plot(FRAME, "v", color=PALETTE[0], theme="dark").axes[0].patches
    assert {to_hex(bar.get_facecolor()) for bar in bars} == {PALETTE[0]}
    bars = tn.plot(FRAME, "k", kind="clustered", color="size", theme="dark", palette=list(PALETTE[:3])).axes[0].patches
    assert {to_hex(bar.get_facecolor()) for bar in bars} == set(PALETTE[:3])
    assert all(contrast(color, TONES["paper"][1]) > 4.5 for color in DARK_PALETTE)


def test_figures_follow_fonts_sizes_and_colors_of_matplotlib() -> None:
    with matplotlib.rc_context({"font.size": 15, "font.family": ["STIXGeneral"], "figure.figsize": (7, 3)}):
        figure = tn.plot(FRAME, "v")
        figure.draw_without_rendering()
    assert figure.axes[0].xaxis.label.get_fontsize() == 15
    assert figure.axes[0].get_xticklabels()[0].get_fontsize() == pytest.approx(13.5)
    assert figure.axes[0].xaxis.label.get_fontfamily()[0] == "STIXGeneral"
    assert tuple(figure.get_size_inches()) == (7, 3)
    with matplotlib.rc_context({"axes.labelsize": 17, "xtick.labelsize": 6, "text.color": "#440000"}):
        axes = tn.plot(FRAME, "v").axes[0]
    assert (axes.xaxis.label.get_fontsize(), axes.get_xticklabels()[0].get_fontsize()) == (17, 6)
    assert to_hex(axes.xaxis.label.get_color()) == "#440000"
    with matplotlib.style.context("ggplot"):
        figure = tn.plot(FRAME, "v", "w", color="k", kind="scatter")
    assert to_hex(figure.axes[0].get_facecolor()) == "#e5e5e5"
    assert to_hex(figure.get_facecolor()) == "#ffffff"
    assert [to_hex(c.get_facecolor()[0]) for c in figure.axes[0].collections[:3]] == ["#e24a33", "#348abd", "#988ed5"]
    with matplotlib.style.context("dark_background"):
        assert to_hex(tn.plot(FRAME, "v", theme="light").get_facecolor()) == "#ffffff"


def test_a_page_keeps_its_own_theme_whatever_the_settings() -> None:
    history = {
        "epochs": [{"epoch": e, "training_loss": 1 / e, "validation_loss": None} for e in (1, 2)],
        "best_epoch": 2,
    }
    with matplotlib.style.context("dark_background"):
        figure = plot_training_curve(history)
        assert f"var(--base,{TONES['base'][0]})" in svg(figure, alt="curve")
        figure.draw_without_rendering()
    assert luminance(figure.axes[0].lines[0].get_color()) > 0.3
    dark = svg(tn.plot(FRAME, "v", theme="dark"), alt="dark")
    assert TONES["paper"][1] in dark


SCRIPT = """
import sys
import tidynet as tn
first = tn.plot({"a": [1, 2, 3]}, "a")
assert "matplotlib.pyplot" not in sys.modules
import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
assert plt.get_fignums() == []
second = tn.plot({"a": [1, 2, 3]}, "a")
shown = []
plt.switch_backend("Agg")
assert plt.gcf() is second
plt.title("mine")
assert second.axes[0].get_title() == "mine"
for _ in range(50):
    tn.plot({"a": [1, 2, 3]}, "a")
print(len(plt.get_fignums()) < 21)
plt.close("all")
plt.show = lambda: shown.append(plt.get_fignums())
first.show()
print(shown, plt.gcf() is first, first.get_size_inches().tolist())
"""


def test_pyplot_shows_figures_once_it_is_in_use_and_keeps_few_of_them() -> None:
    result = subprocess.run([sys.executable, "-W", "error", "-c", SCRIPT], capture_output=True, text=True, check=False)
    assert (result.stdout, result.stderr) == ("True\n[[1]] True [6.0, 4.0]\n", "")


def test_a_notebook_shows_a_figure_once(monkeypatch: pytest.MonkeyPatch) -> None:
    import matplotlib.pyplot as plt

    class Shell:
        kernel = True

    monkeypatch.setitem(sys.modules, "IPython", type("Module", (), {"get_ipython": staticmethod(Shell)}))
    before = plt.get_fignums()
    tn.plot(FRAME, "v")
    assert plt.get_fignums() == before


def test_marks_grow_with_the_lines_of_matplotlib() -> None:
    with warnings.catch_warnings(), matplotlib.rc_context({"lines.linewidth": 3.0}):
        warnings.simplefilter("error")
        thick = tn.plot(FRAME, "day", "w").axes[0].lines[0].get_linewidth()
    assert thick == pytest.approx(2 * tn.plot(FRAME, "day", "w").axes[0].lines[0].get_linewidth())
    assert np.isfinite(thick)
