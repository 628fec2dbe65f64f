"""The deck as a speaker uses it: keys, the window's size, an overview, paper, and nothing asked of the net."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tidynet.core.notebook_cell import NotebookCell, slide
from tidynet.output.notebook.convert import convert
from tidynet.output.notebook.file import make_notebook

CHROMIUM = Path("/usr/bin/chromium")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium at /usr/bin/chromium"),
]
WIDE = "<table border='1'>" + "<tr>" + "<td>a long cell of text</td>" * 14 + "</tr>" + "</table>"


@pytest.fixture(scope="module")
def deck(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from nbformat.v4 import new_output

    lines = "\n".join(f"- line {number}" for number in range(40))
    cells = [
        slide("# Birds"),
        slide("## Wide"),
        NotebookCell("code", "wide"),
        slide(f"## Tall\n\n{lines}"),
        slide("## End"),
    ]
    made = make_notebook(cells)
    made.cells[2].outputs = [new_output("display_data", data={"text/html": WIDE})]
    (page,) = convert(made, "slides", "birds").values()
    path = tmp_path_factory.mktemp("deck") / "birds.slides.html"
    path.write_bytes(page)
    return path


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright comes with axe-playwright-python")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Any, deck: Path) -> Iterator[Any]:
    made = browser.new_page(viewport={"width": 1280, "height": 720})
    messages: list[str] = []
    asked: list[str] = []
    made.on("console", lambda message: messages.append(message.text))
    made.on("pageerror", lambda error: messages.append(str(error)))
    made.on("request", lambda request: asked.append(request.url))
    made.goto(deck.as_uri())
    yield made
    assert not messages
    assert all(url.startswith((deck.as_uri(), "data:", "blob:")) for url in asked)
    made.close()


def place(page: Any) -> int:
    shown = page.evaluate("[...document.querySelectorAll('.slide')].filter(e => e.checkVisibility()).map(e => e.id)")
    assert page.evaluate("location.hash") == f"#{shown[0]}"
    assert len(shown) == 1
    return int(shown[0].removeprefix("slide-"))


def test_keys_turn_the_slides(page: Any) -> None:
    assert place(page) == 1
    for key, expected in (
        ("ArrowRight", 2), ("Space", 3), ("PageDown", 4), ("ArrowDown", 4), ("Shift+Space", 3), ("ArrowLeft", 2),
        ("n", 3), ("p", 2), ("End", 4), ("Home", 1), ("ArrowUp", 1),
    ):  # fmt: skip
        page.keyboard.press(key)
        assert place(page) == expected, key
    page.get_by_label("Next slide").click()
    assert place(page) == 2


def test_all_slides_at_a_glance_and_back(page: Any) -> None:
    page.keyboard.press("Escape")
    visible = "[...document.querySelectorAll('.slide')].filter(e => e.checkVisibility()).length"
    assert page.evaluate(visible) == 4
    page.locator("#slide-3").click()
    assert place(page) == 3
    page.keyboard.press("o")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert place(page) == 4
    page.keyboard.press("?")
    assert page.locator(".keys").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator(".keys").is_visible()


def test_a_slide_is_found_by_its_address_and_a_swipe_turns_it(browser: Any, deck: Path) -> None:
    touched = browser.new_page(viewport={"width": 390, "height": 780}, has_touch=True)
    touched.goto(deck.as_uri() + "#slide-3")
    assert place(touched) == 3
    touched.evaluate(
        """() => {
        const at = (x) => [new Touch({ identifier: 0, target: document.body, clientX: x, clientY: 300 })];
        dispatchEvent(new TouchEvent("touchstart", { touches: at(300), changedTouches: at(300) }));
        dispatchEvent(new TouchEvent("touchend", { touches: [], changedTouches: at(120) }));
    }"""
    )
    assert place(touched) == 4
    touched.close()


@pytest.mark.parametrize("size", [(1280, 720), (390, 780), (1920, 1080)])
def test_no_slide_is_cut_off(page: Any, deck: Path, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    for number in (1, 2, 3, 4):
        page.goto(f"{deck.as_uri()}?{number}#slide-{number}")
        for part in ("h1, h2", "table", "li:last-child"):
            for box in page.locator(f".current :is({part})").evaluate_all(
                "all => all.map(e => e.getBoundingClientRect().toJSON())"
            ):
                assert box["left"] >= 0
                assert box["top"] >= 0
                assert box["right"] <= size[0]
                assert box["bottom"] <= size[1]


def test_each_slide_is_a_page_on_paper(page: Any, deck: Path) -> None:
    printed = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type /Page\b", printed)) == 4
    page.goto(f"{deck.as_uri()}?print-pdf")
    assert page.evaluate("document.documentElement.scrollHeight") == 4 * 720


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_no_fault_in_the_deck(browser: Any, deck: Path, theme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    made = browser.new_page(viewport={"width": 1280, "height": 720}, color_scheme=theme, bypass_csp=True)
    made.goto(deck.as_uri() + "#slide-2")
    faults = axe.Axe().run(made).response["violations"]
    assert [one["id"] for one in faults if one["impact"] in ("serious", "critical")] == []
    made.close()
