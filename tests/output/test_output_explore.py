"""The explore report: what it tells and in which order, offline, small, and safe whatever the table says."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import polars as pl
import pytest

from tidynet.output.report.explore_html import render_html_fragment
from tidynet.output.report.explore_report import render_profile
from tidynet.output.report.explore_text import key_statistics, summary_lines
from tidynet.profiling.profile import ColumnProfile, Finding, Profile

Made = Callable[..., Profile]

HOSTILE = "<script>alert(1)</script>"
VOID = {"meta", "br", "link", "img", "input", "hr", "wbr"}


class Page(HTMLParser):
    """Text, ids, links and attributes of a page; fails where tags do not nest."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.words: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(name, value or "") for name, value in attrs if tag]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"style", "script"} & set(self.open):
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def values(self, attribute: str) -> list[str]:
        return [value for name, value in self.attributes if name == attribute]


def in_order(text: str, told: list[str]) -> None:
    place = 0
    for words in told:
        assert words in text[place:]
        place = text.index(words, place) + len(words)


def test_the_report_tells_what_matters_first(profile_of: Made) -> None:
    frame = pl.DataFrame(
        {"mass": [1.5, None, 2.5, 9.0] * 9, "height": [1.0, 2.0, 3.0, 4.5] * 9, "sex": ["f", "m"] * 18}
    )
    page = Page(
        render_profile(profile_of(frame, target="sex"), {"version": "1.2.3", "command": "tidynet explore b.csv"})
    )
    in_order(
        page.text,
        [
            "birds", "36 rows × 3 columns", "9 cells are missing (8.3%), in mass", "no row repeats another",
            "target sex (nominal, 2 levels): mass alone tells most about it (50.0% of its entropy)",
            "What deserves attention", "HIGH", "mass: mass is missing in 9 of 36 rows", "missing share", "25.0%",
            "Find out why before filling it in.", 'tidynet.impute(table, "mass")',
            "The target: sex", "mass", "50.0% (40.0% to 60.0%)",
            "3 columns", "mass", "continuous", "9 missing (25.0%)", "median", "2.5", "More about mass",
            "Pairs worth seeing", "mass · height", "association 0.50", "95% noise level 0.08",
            "Missing values", "Columns that are missing together", "9", "25.0%", "mass",
            "How it was looked at", "birds.csv", "tidynet explore b.csv", "1.2.3",
        ],
    )  # fmt: skip


def test_one_script_may_run_and_no_other(profile_of: Made) -> None:
    html = render_profile(profile_of())
    (script,) = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', html)
    assert policy is not None
    assert policy[1].replace("&#39;", "'") == (
        f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-{digest}'"
    )
    page = Page(html)
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert all(link.startswith("#") for link in page.values("href"))
    assert not page.values("src")


def test_every_link_leads_to_an_id_and_ids_are_unique(profile_of: Made) -> None:
    page = Page(render_profile(profile_of(target="species")))
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    assert {link[1:] for link in page.values("href")} <= set(ids)


def test_hostile_names_levels_and_findings_stay_text(profile_of: Made) -> None:
    frame = pl.DataFrame({HOSTILE: [HOSTILE, "b"] * 20, '" onload="x': [None, 1.0] * 20})
    finding = Finding(HOSTILE, "low", 0.1, (HOSTILE,), HOSTILE, {HOSTILE: HOSTILE}, HOSTILE, HOSTILE)
    profile = profile_of(frame, name=HOSTILE, target=HOSTILE, findings=(finding,), notes=(HOSTILE,))
    for html in (render_profile(profile, {"command": HOSTILE}), render_html_fragment(profile)):
        assert HOSTILE not in html
        page = Page(html)
        assert HOSTILE in page.text
        assert "onload" not in [name for name, _ in page.attributes]


def test_a_thousand_columns_stay_under_ten_megabytes_and_a_hundred_under_three(profile_of: Made) -> None:
    random = np.random.default_rng(0)
    frame = pl.DataFrame({f"column_number_{n}": np.round(random.lognormal(3, 1, 200), 2) for n in range(1000)})
    profile = profile_of(frame.with_columns(pl.when(pl.all() < 5).then(None).otherwise(pl.all()).name.keep()))
    assert len(profile.findings) == 1000
    html = render_profile(profile)
    assert len(html.encode()) < 10e6
    assert html.count('class="column"') == 1000
    assert "700 further findings" in html
    small = profile_of(frame.select(frame.columns[:100]))
    assert len(render_profile(small).encode()) < 3e6


@pytest.mark.parametrize(
    "frame",
    [
        pl.DataFrame({"a": pl.Series([], dtype=pl.Float64)}),
        pl.DataFrame({"a": [None, None]}),
        pl.DataFrame({"": [1, 2], " ": ["x", "y"]}),
        pl.DataFrame({"a": [str(n) for n in range(10_000)]}),
        pl.DataFrame({"x" * 3000: ["👩‍👩‍👧 خط " * 40, "\x00\x1b[31m"]}),
    ],
    ids=["no rows", "no values", "no names", "many levels", "long and strange"],
)
def test_odd_tables_make_whole_pages(profile_of: Made, frame: pl.DataFrame) -> None:
    profile = profile_of(frame)
    assert "How it was looked at" in Page(render_profile(profile)).text
    Page(render_html_fragment(profile))


def test_embedded_views_have_no_id_come_again_the_same_and_style_nothing_else(profile_of: Made) -> None:
    first, second = (render_html_fragment(profile_of(target="species")) for _ in range(2))
    assert first == second
    assert not Page(first).values("id")
    (style,) = re.findall(r"<style>(.*?)</style>", first)
    selectors = re.findall(r"(?:^|[{}])([^{}@]+)\{", re.sub(r"@media[^{]+", "", style))
    assert selectors
    assert all(".tidynet-profile" in selector for selector in selectors)


def test_times_are_told_as_dates_and_shares_in_percent() -> None:
    from tidynet.profiling import Histogram

    picture = Histogram((0.0, 86_400e6), (3,), "time", 0.0, 43_200e6)
    time = ColumnProfile("at", "datetime", "", 3, 0, 2, {"min": 0.0, "max": 43_200e6}, chart_counts=picture)
    assert key_statistics(time) == [("distinct", "2"), ("min", "1970-01-01"), ("max", "1970-01-01 12:00")]


def test_the_five_lines_without_target_name_the_closest_pair(profile_of: Made) -> None:
    frame = pl.DataFrame({"a": [1.5, 2.25, 3.0] * 9, "b": [2.5, 1.25, 4.0] * 9})
    lines = summary_lines(profile_of(frame, duplicates=1))
    assert lines[1:] == (
        "2 continuous",
        "no cell is missing",
        "1 row repeats an earlier row (3.7%)",
        "closest pair: a and b (0.50 of 1); no target was named",
    )


def test_a_pair_within_chance_is_not_called_close(profile_of: Made) -> None:
    profile = profile_of(pl.DataFrame({"a": [1.5, 2.25, 3.0] * 9, "b": [2.5, 1.25, 4.0] * 9}))
    pair = profile.pairs[0]
    within = replace(profile, pairs=(replace(pair, noise_level=1.0),))
    assert summary_lines(within)[-1] == "no two columns go together more than chance explains; no target was named"


def test_a_comparison_is_whole_and_safe_too() -> None:
    from tidynet.output.report.compare_report import render_comparison
    from tidynet.profiling.compare import compare

    first = {HOSTILE: [HOSTILE, "b"] * 20, "n": [1.5, 2.5, 3.5, None] * 10, "old": [1, 2] * 20}
    second = {HOSTILE: ["c", "b"] * 20, "n": [9.5, 8.5, 7.5, 4.5] * 10, '" onload="x': [1, 2] * 20}
    html = render_comparison(compare(first, second), {"command": HOSTILE})
    assert HOSTILE not in html
    page = Page(html)
    assert "onload" not in [name for name, _ in page.attributes]
    in_order(page.text, ["2 columns compared", "added", "dropped", "old", "What moved, most first", "moved", "Smirnov"])
    ids = page.values("id")
    assert len(ids) == len(set(ids))
