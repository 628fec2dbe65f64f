"""The report in a real browser: no script but its own runs, nothing is wider than a phone, dark is dark."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from tidynet.output.report.report import write_report

CHROMIUM = Path("/usr/bin/chromium")
HOSTILE = "<script>document.title='taken over'</script><img src=x onerror=\"document.title='taken over'\">"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium at /usr/bin/chromium"),
]

# A frame of a phone's width; the script outside the report measures it from outside.
MEASURE = """<!doctype html><title>-</title>
<iframe id="frame" src="report.html" style="width:360px;height:3000px;border:0"></iframe>
<script>
frame.onload = () => {
  const page = frame.contentDocument;
  const small = [...page.querySelectorAll("p, td, dd, th")].filter(
    e => e.textContent.trim() && parseFloat(getComputedStyle(e).fontSize) < 11);
  document.title = JSON.stringify({
    width: page.documentElement.scrollWidth,
    paper: getComputedStyle(page.documentElement).backgroundColor,
    title: page.title,
    scripts: page.scripts.length,
    images: page.images.length,
    small: small.length,
    narrow: [...page.querySelectorAll("svg")].filter(e => e.checkVisibility() && e.clientWidth < 100).length,
  });
};
</script>"""


def browse(folder: Path, page: str, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--disable-dev-shm-usage", "--enable-logging=stderr", "--allow-file-access-from-files",
            f"--user-data-dir={folder / 'profile'}", "--virtual-time-budget=5000", "--timeout=30000",
            *options, (folder / page).as_uri(),
        ],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip


@pytest.fixture
def hostile_report(training: Callable[..., dict[str, Any]], tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    names = [HOSTILE, "🍎", "محمد علي", "東京都", "a_long_name_without_any_space_" * 5, "b", "c", "d"]
    frame = pl.DataFrame(
        {HOSTILE: rng.choice(names, 80), "x" * 300: rng.normal(size=80), "weight": 10 ** rng.normal(4, 0.7, 80)}
    )
    provenance = {"command": "tidynet train " + "x" * 400, "rows": {"test": 60}, "settings": {HOSTILE: HOSTILE}}
    write_report(
        tmp_path / "report.html",
        **training(frame, name=HOSTILE, source="/a" * 200, classes=names, target=HOSTILE, provenance=provenance),
    )
    (tmp_path / "measure.html").write_text(MEASURE)
    return tmp_path


def measured(folder: Path, *options: str) -> dict[str, Any]:
    import html
    import json
    import re

    dom = browse(folder, "measure.html", "--dump-dom", *options).stdout
    found = re.search(r"<title>(\{.*?\})</title>", dom)
    assert found, dom[:500]
    return dict(json.loads(html.unescape(found[1])))


def test_no_other_script_runs_and_the_console_stays_silent(hostile_report: Path) -> None:
    result = browse(hostile_report, "report.html", "--dump-dom")
    assert "CONSOLE" not in result.stderr
    head = result.stdout[: result.stdout.index("</title>")]
    assert "Predicting" not in head
    assert "taken over" in head  # as text, after the tag's own letters
    assert "&lt;script&gt;document.title" in head
    assert result.stdout.count("<script>") == 1
    assert "<img" not in result.stdout
    assert "Reproduce" in result.stdout


def test_nothing_is_wider_than_a_phone_nor_too_small_to_read(hostile_report: Path) -> None:
    facts = measured(hostile_report)
    assert facts["width"] <= 360
    assert facts["small"] == 0
    assert facts["narrow"] == 0
    assert (facts["scripts"], facts["images"]) == (1, 0)
    assert facts["title"].startswith("<script>document.title=")


def test_dark_readers_get_dark_paper_and_others_light(hostile_report: Path) -> None:
    assert measured(hostile_report)["paper"] == "rgb(255, 255, 255)"
    assert measured(hostile_report, "--blink-settings=preferredColorScheme=0")["paper"] == "rgb(20, 24, 29)"


def test_the_page_can_be_photographed_and_printed(hostile_report: Path) -> None:
    picture, paper = hostile_report / "page.png", hostile_report / "page.pdf"
    browse(hostile_report, "report.html", f"--screenshot={picture}", "--window-size=1280,4000")
    browse(hostile_report, "report.html", f"--print-to-pdf={paper}")
    assert picture.read_bytes()[:4] == b"\x89PNG"
    assert paper.read_bytes()[:5] == b"%PDF-"


# What a reader does: sorts a table, folds a section and all of them, follows a link into a folded one.
USE = """<!doctype html><title>-</title>
<iframe id="frame" src="report.html" style="width:900px;height:300px;border:0"></iframe>
<script>
frame.onload = () => {
  const page = frame.contentDocument, window = frame.contentWindow, facts = {};
  const table = page.querySelector("table.statistics-table");
  const first = () => [...table.tBodies[0].rows].map((row) => row.cells[0].textContent);
  const head = table.querySelector("thead th"), sort = head.querySelector("button");
  sort.click(); facts.ascending = first(); facts.order = head.getAttribute("aria-sort");
  sort.click(); facts.descending = first();
  const title = page.querySelector("#evaluation summary"), seen = () => page.querySelector("#evaluation table").checkVisibility();
  title.click(); facts.folded = !seen();
  page.querySelector("#fold").click(); facts.all = page.querySelectorAll("section > details:not([open])").length;
  window.dispatchEvent(new window.Event("beforeprint"));
  facts.printed = page.querySelectorAll("details:not([open])").length;
  window.dispatchEvent(new window.Event("afterprint"));
  facts.after = page.querySelectorAll("section > details:not([open])").length;
  window.location.hash = "#evaluation";
  facts.requests = window.performance.getEntriesByType("resource").map((entry) => entry.name);
  setTimeout(() => {
    facts.revealed = seen();
    facts.marked = [...page.querySelectorAll("nav [aria-current]")].map((link) => link.hash);
    document.title = JSON.stringify(facts);
  }, 300);
};
</script>"""


def titled(folder: Path, page: str, *options: str) -> dict[str, Any]:
    """The facts that a page writes into its title."""
    import html
    import json
    import re

    dom = browse(folder, page, "--dump-dom", *options).stdout
    found = re.search(r"<title>(\{.*?\})</title>", dom)
    assert found, dom[:500]
    return dict(json.loads(html.unescape(found[1])))


def test_tables_sort_and_sections_fold(training: Callable[..., dict[str, Any]], tmp_path: Path) -> None:
    from tidynet.profiling.profile_table import profile_table

    rng = np.random.default_rng(0)
    mass = rng.normal(4, 1, 120)
    species = pl.Series("species", np.where(mass > 4, "Adelie", "Gentoo"))
    frame = pl.DataFrame({"mass": mass, "Beak": mass + rng.normal(size=120), "age": rng.normal(size=120)})
    given = training(frame.with_columns(species))
    write_report(tmp_path / "report.html", **given, profile=profile_table(given["table"], target="species"))
    (tmp_path / "use.html").write_text(USE)
    facts = titled(tmp_path, "use.html")
    assert facts["ascending"] == ["age", "Beak", "mass", "species"]
    assert facts["descending"] == facts["ascending"][::-1]
    assert (facts["order"], facts["folded"]) == ("ascending", True)
    assert facts["all"] == facts["after"] >= 7
    assert facts["printed"] == 0
    assert facts["revealed"]
    assert facts["marked"] == ["#evaluation"]
    assert facts["requests"] == []


def axe_on(folder: Path, page: str, theme: int) -> dict[str, Any]:
    """What axe finds on a page of which every part is unfolded, in a theme (1 light, 0 dark)."""
    import re

    axe = pytest.importorskip("axe_playwright_python", reason="axe.min.js comes with axe-playwright-python")
    code = (Path(axe.__file__).parent / "axe.min.js").read_text("utf-8")
    text = (folder / page).read_text("utf-8")
    text = re.sub(r"<meta http-equiv=\"Content-Security-Policy\"[^>]*>", "", text)  # it would forbid axe
    run = """document.querySelectorAll("details").forEach((part) => { part.open = true; });
    axe.run().then((found) => { document.title = JSON.stringify({ faults: found.violations.map(
      (one) => [one.id, one.impact, one.nodes.slice(0, 3).map((node) => node.target.join(" "))]),
      checked: found.passes.map((one) => one.id) }); });"""
    (folder / "axe.html").write_text(
        text.replace("</body>", f"<script>{code}</script><script>{run}</script></body>"), "utf-8"
    )
    return titled(folder, "axe.html", f"--blink-settings=preferredColorScheme={theme}")


@pytest.mark.parametrize("theme", [1, 0], ids=["light", "dark"])
@pytest.mark.parametrize("regression", [False, True])
def test_axe_finds_no_fault(
    training: Callable[..., dict[str, Any]], tmp_path: Path, theme: int, regression: bool
) -> None:
    from tidynet.profiling.profile_table import profile_table

    given = training(regression=regression)
    target = "mass" if regression else "species"
    write_report(tmp_path / "report.html", **given, profile=profile_table(given["table"], target=target))
    found = axe_on(tmp_path, "report.html", theme)
    assert found["faults"] == []
    assert "color-contrast" in found["checked"]


@pytest.mark.parametrize("target", ["sex", "species", "body_mass_g"])
def test_axe_finds_no_fault_in_a_whole_training(tmp_path: Path, target: str) -> None:
    from tidynet.workflow import TrainOptions, run

    run("penguins", TrainOptions(target, out=tmp_path / "out", max_epochs=3, effort="fast"))
    text = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert 'id="importance"' in text
    assert 'id="largest-errors"' in text
    assert [axe_on(tmp_path / "out", "report.html", theme)["faults"] for theme in (1, 0)] == [[], []]
