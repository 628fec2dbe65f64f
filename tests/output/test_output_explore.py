"""The explore report: complete, in order, offline, small, and safe for any text in the table."""

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

from tidynet.output.report.explore_report import render_html_fragment, render_profile
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


def assert_order(text: str, expected: list[str]) -> None:
    position = 0
    for words in expected:
        assert words in text[position:]
        position = text.index(words, position) + len(words)


def test_explore_report_sections_are_in_order(profile_of: Made) -> None:
    frame = pl.DataFrame(
        {"mass": [1.5, None, 2.5, 9.0] * 9, "height": [1.0, 2.0, 3.0, 4.5] * 9, "sex": ["f", "m"] * 18}
    )
    page = Page(
        render_profile(profile_of(frame, target="sex"), {"version": "1.2.3", "command": "tidynet explore b.csv"})
    )
    assert_order(
        page.text,
        [
            "birds", "36 rows × 3 columns", "9 missing cells (8.3%), in mass", "0 duplicate rows",
            "Target sex (nominal, 2 categories): best single column mass (explains 50% of the entropy)",
            "Attention", "HIGH", "mass: mass is missing in 9 of 36 rows", "missing share", "25%",
            "Find out why before filling it in.", 'tidynet.impute(table, "mass")',
            "Target: sex", "mass", "50% (40% to 60%)",
            "Columns (3)", "mass", "continuous", "9 missing (25%)", "median", "2.5", "More about mass",
            "Pairs", "mass · height", "association 0.50", "95% noise level 0.08",
            "Missing values", "Columns with missing values in the same rows", "9", "25%", "mass",
            "Reproduce", "birds.csv", "tidynet explore b.csv", "1.2.3",
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
    assert "700 findings of lower priority omitted" in html
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
    ids=["no rows", "no values", "no names", "many levels", "long and unusual"],
)
def test_odd_tables_make_complete_pages(profile_of: Made, frame: pl.DataFrame) -> None:
    profile = profile_of(frame)
    assert "Reproduce" in Page(render_profile(profile)).text
    Page(render_html_fragment(profile))


def test_html_fragments_have_no_id_are_reproducible_and_style_nothing_else(profile_of: Made) -> None:
    first, second = (render_html_fragment(profile_of(target="species")) for _ in range(2))
    assert first == second
    assert not Page(first).values("id")
    (style,) = re.findall(r"<style>(.*?)</style>", first)
    selectors = re.findall(r"(?:^|[{}])([^{}@]+)\{", re.sub(r"@media[^{]+", "", style))
    assert selectors
    assert all(".tidynet-profile" in selector for selector in selectors)


def test_times_are_written_as_dates() -> None:
    from tidynet.profiling import Histogram

    picture = Histogram((0.0, 86_400e6), (3,), "time", 0.0, 43_200e6)
    time = ColumnProfile("at", "datetime", "", 3, 0, 2, {"min": 0.0, "max": 43_200e6}, chart_counts=picture)
    assert key_statistics(time) == [("distinct", "2"), ("min", "1970-01-01"), ("max", "1970-01-01 12:00")]


def test_the_five_lines_without_target_name_the_strongest_association(profile_of: Made) -> None:
    frame = pl.DataFrame({"a": [1.5, 2.25, 3.0] * 9, "b": [2.5, 1.25, 4.0] * 9})
    lines = summary_lines(profile_of(frame, duplicates=1))
    assert lines[1:] == (
        "variable types: 2 continuous",
        "0 missing cells",
        "1 duplicate row (3.7%)",
        "no target; strongest association: a and b, 0.50 (0 to 1)",
    )


def test_an_association_below_the_noise_level_is_not_significant(profile_of: Made) -> None:
    profile = profile_of(pl.DataFrame({"a": [1.5, 2.25, 3.0] * 9, "b": [2.5, 1.25, 4.0] * 9}))
    pair = profile.pairs[0]
    within = replace(profile, pairs=(replace(pair, noise_level=1.0),))
    assert summary_lines(within)[-1] == "no target; no significant association between columns"


def test_a_comparison_is_complete_and_safe() -> None:
    from tidynet.output.report.compare_report import render_comparison
    from tidynet.profiling.compare import compare_tables

    first = {HOSTILE: [HOSTILE, "b"] * 20, "n": [1.5, 2.5, 3.5, None] * 10, "old": [1, 2] * 20}
    second = {HOSTILE: ["c", "b"] * 20, "n": [9.5, 8.5, 7.5, 4.5] * 10, '" onload="x': [1, 2] * 20}
    html = render_comparison(compare_tables(first, second), {"command": HOSTILE})
    assert HOSTILE not in html
    page = Page(html)
    assert "onload" not in [name for name, _ in page.attributes]
    assert_order(
        page.text, ["2 columns compared", "added", "dropped", "old", "Distribution shifts", "significant", "Smirnov"]
    )
    ids = page.values("id")
    assert len(ids) == len(set(ids))
