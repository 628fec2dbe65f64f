"""Hard tables in every picture: no text overlaps another or leaves its picture, on a desktop and on a phone."""

from __future__ import annotations

import html
import itertools
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ugly_tables import TABLES

import tidynet as tn
from tidynet.core.errors import InputError
from tidynet.plot.chart_registry import CHARTS
from tidynet.plot.theme import css, svg
from tidynet.table.read import read

CHROMIUM = Path("/usr/bin/chromium")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium at /usr/bin/chromium"),
]

# The corners of each text, turned or not; two texts overlap if no side of either separates them.
MEASURE = """<script>
const corners = (text) => {
  const box = text.getBBox(), to = text.getScreenCTM(), inset = 0.8;
  const xs = [box.x + inset, box.x + box.width - inset], ys = [box.y + 2 * inset, box.y + box.height - 2 * inset];
  return [[xs[0], ys[0]], [xs[1], ys[0]], [xs[1], ys[1]], [xs[0], ys[1]]].map(([x, y]) =>
    [to.a * x + to.c * y + to.e, to.b * x + to.d * y + to.f]);
};
const apart = (one, other) => [one, other].some((shape) => shape.some((point, i) => {
  const next = shape[(i + 1) % 4], normal = [next[1] - point[1], point[0] - next[0]];
  const along = (points) => points.map(([x, y]) => x * normal[0] + y * normal[1]);
  const [a, b] = [along(one), along(other)];
  return Math.max(...a) <= Math.min(...b) || Math.max(...b) <= Math.min(...a);
}));
addEventListener("load", () => {
  document.querySelectorAll("details").forEach((part) => { part.open = true; });
  const faults = [], width = document.documentElement.clientWidth;
  let texts = 0;
  for (const picture of document.querySelectorAll("svg")) {
    const frame = picture.getBoundingClientRect(), name = picture.getAttribute("aria-label");
    const known = [...picture.querySelectorAll("text")].filter((text) => text.textContent.trim() && text.checkVisibility())
      .map((text) => [text.textContent.trim(), corners(text)]);
    texts += known.length;
    for (const [label, shape] of known)
      for (const [x, y] of shape)
        if (x < Math.max(frame.left - 2, 0) || x > Math.min(frame.right + 2, width) || y < frame.top - 2 || y > frame.bottom + 2) {
          faults.push(["outside", name, label]); break;
        }
    known.forEach(([label, shape], i) => known.slice(i + 1).forEach(([other, second]) => {
      if (!apart(shape, second)) faults.push(["overlap", name, label, other]);
    }));
  }
  if (document.documentElement.scrollWidth > width) faults.push(["page", document.documentElement.scrollWidth]);
  document.title = JSON.stringify({ texts, faults });
});
</script>"""


def faults_of(page: Path, width: int) -> list[list[str]]:
    """The faults that a browser window of this width shows."""
    # A window of headless Chromium is at least 500 wide; a frame may be narrower.
    outer = page.with_suffix(f".{width}.html")
    outer.write_text(
        f'<iframe id="f" src="{page.name}" style="width:{width}px;height:2000px;border:0"></iframe><script>'
        "f.onload = () => setTimeout(() => { document.title = f.contentDocument.title; }, 200);</script>"
    )
    dom = subprocess.run(
        [
            str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
            "--disable-background-networking", "--disable-dev-shm-usage", "--allow-file-access-from-files",
            f"--user-data-dir={page.parent / 'profile'}", "--virtual-time-budget=20000", "--timeout=60000",
            "--window-size=1400,2000", "--dump-dom", outer.as_uri(),
        ],
        capture_output=True, text=True, timeout=180, check=True,
    ).stdout  # fmt: skip
    found = re.search(r"<title>(\{.*?\})</title>", dom, re.DOTALL)
    assert found, dom[:500]
    facts = json.loads(html.unescape(found[1]))
    assert facts["texts"] > 0
    return list(facts["faults"])


@pytest.mark.parametrize("name", TABLES)
def test_texts_of_a_report_are_apart_and_inside(name: str, tmp_path: Path) -> None:
    frame = TABLES[name]()
    page = tmp_path / "page.html"
    tn.explore(frame, target=frame.columns[0] if name in ("many_zeros", "heavy_tails") else None).save(page)
    text = re.sub(r"<meta http-equiv=\"Content-Security-Policy\"[^>]*>", "", page.read_text("utf-8"))
    page.write_text(text.replace("</body>", f"{MEASURE}</body>"), "utf-8")
    assert [faults_of(page, width) for width in (1280, 390)] == [[], []]


def figures(name: str) -> Iterator[tuple[str, Any]]:
    """Two figures of each chart that the columns of a table allow."""
    table = read(TABLES[name]())
    columns = table.columns
    choices = [(x, None) for x in columns] + list(itertools.permutations(columns, 2))
    for kind in CHARTS:
        drawn = 0
        for x, y in choices:
            try:
                figure = tn.plot(table, x, y, kind=kind)
            except InputError:
                continue
            yield f"{kind} of {x} and {y}", figure
            drawn += 1
            if drawn == 2:
                break
    for kind in ("pairs", "correlation"):
        try:
            yield kind, tn.plot(table, kind=kind)
        except InputError:
            continue


@pytest.mark.parametrize("name", TABLES)
def test_texts_of_charts_are_apart_and_inside(name: str, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    body = "".join(f"<div>{svg(figure, alt=alt)}</div>" for alt, figure in figures(name))
    style = f"{css()}body{{font-family:sans-serif}}div{{width:620px}}svg{{width:100%}}"
    page.write_text(f'<!doctype html><meta charset="utf-8"><style>{style}</style><body>{body}{MEASURE}</body>', "utf-8")
    assert faults_of(page, 1280) == []
