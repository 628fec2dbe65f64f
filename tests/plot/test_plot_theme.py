"""Inline SVG from matplotlib: compact, themed, escaped, and leaking nothing into the page."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import matplotlib as mpl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidynet.plot.theme import TONES, clean_svg, css, escape_svg, finish_figure, fit_width, new_figure, svg, write_svg


def simple(label: str = "x") -> str:
    figure = new_figure(3, 2)
    axes = figure.subplots()
    axes.plot([1, 2, 3], [1, 4, 9], color=TONES["base"][0])
    axes.set_xlabel(fit_width(label), parse_math=False)
    finish_figure(axes)
    return svg(figure, alt=f"A line over {label}.")


def test_an_inline_figure_is_one_element_that_follows_the_theme() -> None:
    text = simple()
    root = ElementTree.fromstring(text)
    assert (root.tag, root.attrib["role"], root.attrib["aria-label"]) == ("svg", "img", "A line over x.")
    assert f"var(--base,{TONES['base'][0]})" in text
    assert "<style" not in text
    assert "<?xml" not in text
    assert "<metadata" not in text
    assert "font-family" not in text
    assert len(text) < 12_000


def test_text_stays_text() -> None:
    assert "price in $ of a_1" in simple("price in $ of a_1")
    assert "$x^2$" in simple("$x^2$ & $\\frac{1}{2}$ $")


def test_different_figures_share_no_ids_and_refer_to_their_own() -> None:
    one, other = simple("one"), simple("other")
    ids = [set(re.findall(r' id="([^"]+)"', text)) for text in (one, other)]
    assert ids[0]
    assert not ids[0] & ids[1]
    for text, own in ((one, ids[0]), (other, ids[1])):
        assert set(re.findall(r'url\(#([^)]+)\)|href="#([^"]+)"', text)) <= {(i, "") for i in own} | {
            ("", i) for i in own
        }


def test_the_same_figure_gives_the_same_text_and_settings_are_left_alone() -> None:
    before = dict(mpl.rcParams)
    assert simple() == simple()
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "a & b", "'\"", "\x00\x1b[31m"])
def test_hostile_text_is_escaped_in_text_and_alt(name: str) -> None:
    text = simple(name)
    root = ElementTree.fromstring(text)
    assert "<script" not in text
    assert root.attrib["aria-label"] == f"A line over {clean_svg(name)}."


def test_letters_without_a_glyph_warn_nobody_and_are_the_browsers_own_in_a_page() -> None:
    # U+E123 is in the private use area: no font of ours has it.
    assert "a \ue123 b" in simple("a \ue123 b")
    assert "价格" in simple("价格")


def test_names_are_drawn_as_they_are_written_wherever_they_stand() -> None:
    figure = new_figure(3, 2)
    axes = figure.subplots()
    axes.bar(["$x^2$", "$y$ and $z$"], [1, 2], label="$of$")
    axes.set_title("$cost$ *x*")
    axes.legend(title="$a_1$")
    text = svg(figure, alt="bars")
    for name in ("$x^2$", "$y$ and $z$", "$of$", "$cost$ *x*", "$a_1$"):
        assert name in text


def test_powers_of_ten_stay_powers() -> None:
    figure = new_figure(3, 2)
    figure.subplots().loglog([1, 1e6], [1, 1e6])
    assert "mathdefault" not in svg(figure, alt="powers")


@given(st.text(max_size=60), st.integers(1, 30))
def test_shortened_text_fits_and_is_whole_where_it_can_be(text: str, width: int) -> None:
    short = fit_width(text, width)
    plain = " ".join(clean_svg(text).split())
    assert short == plain or short.endswith("…")
    assert len(short) <= max(len(plain), 1)


@given(st.text())
def test_escaped_text_survives_as_xml(text: str) -> None:
    root = ElementTree.fromstring(f'<a b="{escape_svg(text)}">{escape_svg(text)}</a>')
    assert root.text in (clean_svg(text), None if clean_svg(text) == "" else clean_svg(text))
    assert root.attrib["b"] == clean_svg(text)


def test_a_family_of_emoji_is_not_cut_in_the_middle() -> None:
    assert fit_width("👩‍👩‍👧 and more", 5) == "👩‍👩…"


def test_both_themes_name_every_tone() -> None:
    light, dark = css().split("@media", 1)
    assert all(f"--{tone}:{pair[0]};" in light for tone, pair in TONES.items())
    assert all(f"--{tone}:{pair[1]};" in dark for tone, pair in TONES.items())


@pytest.mark.parametrize("theme", [0, 1])
@pytest.mark.parametrize(("tone", "least"), [("ink", 7.0), ("muted", 4.5), ("base", 4.5), ("second", 3.0)])
def test_tones_contrast_with_the_paper(tone: str, least: float, theme: int) -> None:
    def luminance(color: str) -> float:
        parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    bright, dim = sorted((luminance(TONES[tone][theme]), luminance(TONES["paper"][theme])), reverse=True)
    assert (bright + 0.05) / (dim + 0.05) >= least


def test_a_written_svg_stands_alone(tmp_path: Path) -> None:
    figure = new_figure(3, 2)
    finish_figure(figure.subplots())
    size = write_svg(figure, tmp_path / "figure.svg", alt="nothing > something")
    text = (tmp_path / "figure.svg").read_text("utf-8")
    root = ElementTree.fromstring(text)
    assert size == len(text.encode())
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert "prefers-color-scheme:dark" in text
