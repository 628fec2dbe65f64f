"""The explore report in a real browser: its script searches, sorts, folds and links; nothing leaves the file."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from test_output_browser import CHROMIUM, HOSTILE, browse

from tidynet.output.report.explore_report import render_html_fragment, render_profile
from tidynet.profiling.profile import Finding, Profile

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium at /usr/bin/chromium"),
]

# The script outside the report uses it as a reader would, in a frame of a phone's width.
USE = """<!doctype html><title>-</title>
<iframe id="frame" src="report.html#column-2" style="width:360px;height:3000px;border:0"></iframe>
<script>
frame.onload = () => {
  const page = frame.contentDocument, window = frame.contentWindow;
  const names = () => [...page.querySelectorAll("#column-list > li")].filter(
    (e) => e.checkVisibility()).map((e) => e.dataset.name);
  const change = (id, value, event) => {
    const field = page.getElementById(id);
    field.value = value;
    field.dispatchEvent(new window.Event(event));
  };
  const facts = { title: page.title, width: page.documentElement.scrollWidth, before: names() };
  change("sort", "name", "change"); facts.by_name = names();
  change("sort", "missing", "change"); facts.by_missing = names();
  change("sort", "findings", "change"); facts.by_findings = names();
  change("sort", "position", "change"); facts.by_position = names();
  change("search", "PEA continuous", "input"); facts.found = names();
  facts.status = page.getElementById("status").textContent;
  change("search", "", "input");
  change("type", "nominal", "change"); facts.of_type = names();
  change("type", "", "change");
  const open = () => page.querySelectorAll("#column-list details[open]").length;
  page.getElementById("unfold").click(); facts.unfolded = open();
  page.getElementById("unfold").click(); facts.folded = open();
  facts.requests = window.performance.getEntriesByType("resource").map((entry) => entry.name);
  facts.small = [...page.querySelectorAll("p, td, dd, th, h3, code")].filter(
    (e) => e.textContent.trim() && parseFloat(window.getComputedStyle(e).fontSize) < 11).length;
  facts.paper = window.getComputedStyle(page.documentElement).backgroundColor;
  facts.unnamed = [...page.querySelectorAll("input, select, button, svg")].filter(
    (e) => !(e.labels?.length || e.textContent.trim() || e.getAttribute("aria-label") || e.ariaHidden)).length;
  document.title = JSON.stringify(facts);
};
</script>"""


@pytest.fixture
def folder(profile_of: Callable[..., Profile], tmp_path: Path) -> Path:
    frame = pl.DataFrame(
        {
            "zebra": [1.5, 2.25, None] * 20,
            "apple": ["x", "y", "x"] * 20,
            "pear": [0.5, 1.75, 7.0] * 20,
            HOSTILE: ["👩‍👩‍👧", None, "محمد"] * 20,
            "a_long_name_without_any_space_" * 5: [None, None, 3.25] * 20,
        }
    )
    finding = Finding("skewed-distribution", "low", 0.1, ("pear",), HOSTILE, {HOSTILE: 1.0}, HOSTILE, "x" * 300)
    profile = profile_of(frame, name=HOSTILE, target="apple", findings=(finding,))
    (tmp_path / "report.html").write_text(render_profile(profile, {"command": "x" * 400}), "utf-8")
    (tmp_path / "use.html").write_text(USE)
    pages = "".join(render_html_fragment(profile) for _ in range(2))
    (tmp_path / "notebook.html").write_text(f'<body data-jp-theme-light="false">{pages}</body>', "utf-8")
    return tmp_path


def used(folder: Path, *options: str) -> dict[str, Any]:
    result = browse(folder, "use.html", "--dump-dom", *options)
    assert "CONSOLE" not in result.stderr
    found = re.search(r"<title>(\{.*?\})</title>", result.stdout)
    assert found, result.stdout[:500]
    return dict(json.loads(html.unescape(found[1])))


def test_search_sort_and_folding_work(folder: Path) -> None:
    facts = used(folder)
    long = "a_long_name_without_any_space_" * 5
    assert facts["before"] == ["zebra", "apple", "pear", HOSTILE, long]
    assert facts["by_name"][-3:] == ["apple", "pear", "zebra"]
    assert facts["by_missing"][0] == long
    assert facts["by_findings"][0] == "pear"
    assert facts["by_position"] == facts["before"]
    assert (facts["found"], facts["status"]) == (["pear"], "1 of 5 columns")
    assert set(facts["of_type"]) == {"apple", HOSTILE}
    assert (facts["unfolded"], facts["folded"]) == (5, 0)


def test_nothing_is_asked_of_any_address_nor_wider_than_a_phone_nor_without_a_name(folder: Path) -> None:
    facts = used(folder)
    assert facts["title"].startswith("<script>document.title=")
    assert facts["requests"] == []
    assert facts["width"] <= 360
    assert facts["small"] == 0
    assert facts["unnamed"] == 0


def test_dark_readers_get_dark_paper_and_others_light(folder: Path) -> None:
    assert used(folder)["paper"] == "rgb(255, 255, 255)"
    assert used(folder, "--blink-settings=preferredColorScheme=0")["paper"] == "rgb(20, 24, 29)"


def test_the_report_reads_whole_without_its_script(folder: Path) -> None:
    # A frame of this kind runs no script, and may be looked into.
    (folder / "still.html").write_text(
        """<title>-</title><iframe id="frame" sandbox="allow-same-origin" src="report.html"></iframe><script>
        frame.onload = () => {
          const page = frame.contentDocument;
          document.title = [page.querySelector(".tools").checkVisibility(), page.querySelector(".copy").checkVisibility(),
            [...page.querySelectorAll("#column-list > li")].length, page.querySelector("#reproduce").checkVisibility()].join();
        };</script>"""
    )
    assert "<title>false,false,5,true</title>" in browse(folder, "still.html", "--dump-dom").stdout


def test_the_notebook_view_follows_the_notebook_and_stays_silent(folder: Path) -> None:
    picture = folder / "notebook.png"
    result = browse(folder, "notebook.html", f"--screenshot={picture}", "--window-size=800,600")
    assert "CONSOLE" not in result.stderr
    assert picture.read_bytes()[:4] == b"\x89PNG"
